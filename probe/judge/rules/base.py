"""What a rule is, and what it may look at.

Comes in: one exchange and the context of its run. Goes out: a Case, which answers the questions that
many rules ask. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from propcache.api import cached_property

from probe.catalog.model import Hazard, Operation
from probe.evidence import ControlRole, Exchange, Form, PageView, Response
from probe.judge.context import JSON_KINDS, Context, plan_rank
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.sort import sort
from probe.patterns import Pattern

_JUDGED_TEXT = 1200
_CODE_EDGES = Pattern(r"^(?:e|err|error)_|_(?:exception|error|err|fault)$")
FIRST_ERROR = 400
FIRST_SERVER_ERROR = 500
# What an unmounted route may be answered with; 401, 403 and 5xx pages mean something of their own.
UNMOUNTED_STATUSES = frozenset({0, 200, 404, 405, 410, 501})
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Wall:
    """A page that an operation met and that routes that cannot exist met too, with its name in the run."""

    name: str
    same: tuple[Exchange, ...]

    @cached_property
    def likeness(self) -> str:
        """The first clause of a reason: whose page it is."""
        count = len(self.same)
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        routes = "a route that cannot exist" if count == 1 else f"{number} routes that cannot exist"
        return f"same page as {routes}{f' ({self.name})' if self.name else ''}"


@dataclass(frozen=True)
class Case:
    """One answer with its context, and what it says, in lower case, by where it says it."""

    exchange: Exchange
    context: Context

    @cached_property
    def kind(self) -> Kind:
        """What came back."""
        return sort(self.exchange.outcome)

    @cached_property
    def response(self) -> Response | None:
        """The answer, or None where there is none."""
        outcome = self.exchange.outcome
        return outcome if isinstance(outcome, Response) else None

    @cached_property
    def status(self) -> int:
        """The HTTP status; 0 where none is known."""
        return self.response.status if self.response else 0

    @cached_property
    def operation(self) -> Operation | None:
        """The catalog's operation, if it is one."""
        return self.context.operation(self.exchange)

    @cached_property
    def page(self) -> PageView | None:
        """The web page, if it is one."""
        return self.response.body.page if self.response and self.kind is Kind.HTML_WALL else None

    @cached_property
    def markers(self) -> tuple[str, ...]:
        """The technical marks of the page."""
        return self.page.markers if self.page else ()

    @cached_property
    def headline(self) -> str:
        """The page's title and headings."""
        return f"{self.page.title} | {' | '.join(self.page.headings)}".lower() if self.page else ""

    @cached_property
    def text(self) -> str:
        """Everything that the answer says: a page's text, an error's messages, the start of a text."""
        if self.response is None:
            return ""
        body = self.response.body
        if body.page:
            return f"{self.headline} | {body.page.text}".lower()[:_JUDGED_TEXT]
        if body.json:
            return " | ".join(body.json.messages).lower()[:_JUDGED_TEXT]
        return body.excerpt.lower()[:_JUDGED_TEXT]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The code words of an error, in lower case, with one underscore between words."""
        if self.response is None or self.response.body.json is None:
            return _xml_codes(self.text)
        codes = self.response.body.json.codes
        return tuple(_snake(code) for code in codes if not code.lstrip("-").isdigit())

    @cached_property
    def unmounted_alike(self) -> tuple[Exchange, ...]:
        """The routes that cannot exist that were answered with this very page and status."""
        if self.page is None:
            return ()
        return tuple(
            control
            for control in self.context.unmounted(self.exchange.request.method)
            if self.context.is_same(self.exchange, control) and status_of(control) == self.status
        )

    @cached_property
    def wall(self) -> Wall | None:
        """The wall, if routes that cannot exist, asked with the same method, met the same page."""
        if self.page is None or self.status not in UNMOUNTED_STATUSES or not self.unmounted_alike:
            return None
        return Wall(self.context.wall(self.page), self.unmounted_alike)

    @cached_property
    def unlike_unmounted(self) -> bool:
        """Whether this is an operation's answer, and routes that cannot exist were answered otherwise.

        Then what servers commonly say of such routes is not what this one says.
        """
        if self.exchange.role not in {None, ControlRole.CONFIRMATION} or self.unmounted_alike:
            return False
        return bool(self.context.unmounted(self.exchange.request.method))

    def header(self, name: str) -> str:
        """Return the first header of that name, in lower case, or an empty text."""
        return self._headers.get(name, "")

    @cached_property
    def _headers(self) -> dict[str, str]:
        headers = self.response.headers if self.response else ()
        return {name: value.lower() for name, value in reversed(headers)}  # so that the first one stays

    @cached_property
    def is_json(self) -> bool:
        """Whether the body is JSON, success or not."""
        return self.kind in {Kind.JSON_SUCCESS, Kind.JSON_ERROR}

    @cached_property
    def is_refusal(self) -> bool:
        """Whether this is an error in words that a program is meant to read: JSON, text, XML or nothing."""
        return self.kind is Kind.JSON_ERROR or (self.kind is Kind.OTHER and not 0 < self.status < FIRST_ERROR)

    @cached_property
    def is_guarded_write(self) -> bool:
        """Whether this is a write that was meant to be refused."""
        return self.operation is not None and self.operation.hazard is Hazard.GUARDED

    def has_code(self, pattern: Pattern) -> str:
        """Return the first code word that a pattern matches as a whole, or an empty text.

        `not_found`, `NotFound`, `notFoundException` and `err.not-found` are one code word.
        """
        for code in self.codes:
            bare = _CODE_EDGES.sub("", code)
            if any(pattern.fullmatch(form) for form in (code, bare, bare.replace("_", ""))):
                return code
        return ""

    def says(self, pattern: Pattern) -> str:
        """Return what a pattern finds in everything that the answer says, or an empty text."""
        found = pattern.search(self.text)
        return found[0].strip() if found else ""

    def quoted(self) -> str:
        """Return the start of what the answer says, in quotes, for a reason."""
        if self.response is None:
            return ""
        body = self.response.body
        if body.page:
            said = body.page.title or " ".join(body.page.headings[:1]) or body.page.text
        elif body.json:
            said = " / ".join((*body.json.messages, *(() if body.json.messages else body.json.codes))[:2])
        else:
            said = body.excerpt
        short = said if len(said) <= 120 else said[:119] + "\u2026"  # noqa: PLR2004 - fits a sentence
        return f'"{short}"' if short else ""


def answers_json(exchange: Exchange, case: Case) -> bool:
    """Return whether JSON shows that a route is there: no limit, no refused token, no missing route."""
    status = status_of(exchange)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (exchange.token and status == HTTPStatus.UNAUTHORIZED):
        return False
    return sort(exchange.outcome) in JSON_KINDS and not case.context.same_json_as_unmounted(exchange)


def changed_at(case: Case) -> str:
    """Return when all of the operation's plan stopped to answer and seemed to be gone, or nothing."""
    operation, context = case.operation, case.context
    if operation is None or context.boundary is None or context.catalog is None:
        return ""
    return context.boundary.changed_midway(plan_rank(operation, context.catalog))


def status_of(exchange: Exchange) -> int:
    """Return the HTTP status of an exchange, 0 where it has none."""
    return exchange.outcome.status if isinstance(exchange.outcome, Response) else 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: what it concludes, what it needs to see, where that is founded, and itself."""

    name: str
    causes: tuple[Cause, ...]
    needs: str
    source: str
    decide: Decide


Decide: TypeAlias = Callable[[Case], Diagnosis | None]


def say(
    rule: str,
    cause: Cause,
    confidence: Confidence,
    reason: str,
    *,
    runner_up: str = "",
    settle: str = "",
) -> Diagnosis:
    """Write a diagnosis."""
    return Diagnosis(
        cause=cause, confidence=confidence, rule=rule, reason=reason, runner_up=runner_up, settle=settle
    )


def what(case: Case) -> str:
    """Name an answer in a few words, for a reason: `403 JSON "..."`."""
    if case.response is None:
        return "no answer"
    names = {
        Form.JSON: "JSON", Form.JSON_STREAM: "JSON stream", Form.HTML: "page", Form.XML: "XML",
        Form.TEXT: "text", Form.BINARY: "binary body", Form.EMPTY: "empty body",
    }  # fmt: skip
    status = f"{case.status} " if case.status else ""
    return f"{status}{names[case.response.body.form]} {case.quoted()}".strip()


def _snake(code: str) -> str:
    joined = re.sub(r"[\s./:-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code)).lower()
    return joined.strip("_")


def _xml_codes(text: str) -> tuple[str, ...]:
    return tuple(_snake(code) for code in re.findall(r"<(?:code|errorcode)>([\w.]{1,60})</", text))
