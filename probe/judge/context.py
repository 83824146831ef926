"""What the rules may know beside one answer: the controls, the rest of the run, the catalog.

Comes in: a run's evidence, or a single exchange with its controls. Goes out: answers to the questions
that rules ask, prepared once for a run. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from http import HTTPStatus

from probe.catalog.model import Catalog, Operation
from probe.evidence import ControlRole, Exchange, PageView, Response, TokenInfo
from probe.judge.model import Cause, Finding, Kind
from probe.judge.sort import sort
from probe.judge.walls import Pages, page_of, wall_names
from probe.reading.pages import words_of

JSON_KINDS = frozenset({Kind.JSON_SUCCESS, Kind.JSON_ERROR})
_VERSION_PART = re.compile(r"\d+")


class Context:
    """The controls and the run around an answer.

    `boundary` is what a first judgement of the whole run says of the plans, or None in that first
    judgement itself: without it no rule says that a page is a plan's.
    """

    def __init__(
        self,
        *,
        controls: Iterable[Exchange] = (),
        exchanges: Iterable[Exchange] = (),
        tokens: Iterable[TokenInfo] = (),
        catalog: Catalog | None = None,
        server_version: str = "",
    ) -> None:
        self.controls = tuple(controls)
        self.exchanges = tuple(exchanges)
        self.catalog = catalog
        self.server_version = server_version
        self.boundary: Boundary | None = None
        self._json_with: dict[tuple[str, str], tuple[Exchange, ...]] = {}
        self._scopes = {token.name: token.declared_scopes for token in tokens}
        self.pages, self._wall_names = wall_names(self.controls, self.exchanges)

    def operation(self, exchange: Exchange) -> Operation | None:
        """Return the catalog's operation of an exchange, or None."""
        return self.catalog.by_id.get(exchange.operation) if self.catalog and exchange.operation else None

    def declared_scopes(self, token: str) -> tuple[str, ...]:
        """Return the scopes that a token's owner declared."""
        return self._scopes.get(token, ())

    def by_role(self, role: ControlRole) -> tuple[Exchange, ...]:
        """Return the controls of a role, in their order."""
        return self._roles.get(role, ())

    @cached_property
    def _roles(self) -> dict[ControlRole, tuple[Exchange, ...]]:
        found: dict[ControlRole, tuple[Exchange, ...]] = {}
        for exchange in self.controls:
            if exchange.role is not None:
                found[exchange.role] = (*found.get(exchange.role, ()), exchange)
        return found

    def wall(self, page: PageView) -> str:
        """Return the name of a page of this run."""
        return self._wall_names.get(self.pages.number(page), "")

    @property
    def wall_names(self) -> dict[int, str]:
        """The names of the pages by their numbers."""
        return self._wall_names

    def is_same(self, a: Exchange, b: Exchange) -> bool:
        """Return whether two answers are the same page."""
        ours, theirs = page_of(a), page_of(b)
        if ours is None or theirs is None:
            return False
        return self.pages.number(ours) == self.pages.number(theirs)

    def unmounted(self, method: str) -> tuple[Exchange, ...]:
        """Return the answers to routes that cannot exist, asked with a method."""
        return tuple(
            exchange
            for exchange in self.by_role(ControlRole.NO_SUCH_ROUTE)
            if exchange.request.method == method and isinstance(exchange.outcome, Response)
        )

    def second_look(self, operation: str) -> Exchange | None:
        """Return what the operation answered without a token, if it was asked again so."""
        return self._looks.get((ControlRole.SECOND_LOOK, operation))

    def stability(self, operation: str) -> Exchange | None:
        """Return what the operation answered later in the run, if it was asked again."""
        return self._looks.get((ControlRole.STABILITY, operation))

    @cached_property
    def _looks(self) -> dict[tuple[ControlRole, str], Exchange]:
        roles = (ControlRole.SECOND_LOOK, ControlRole.STABILITY)
        return {
            (role, exchange.operation): exchange
            for role in roles
            for exchange in reversed(self.by_role(role))
        }

    @cached_property
    def auth_before_routing(self) -> bool:
        """Whether a route that cannot exist is refused without a token just as a real one would be."""
        return any(
            isinstance(exchange.outcome, Response)
            and exchange.outcome.status in {401, 403}
            and sort(exchange.outcome) is Kind.JSON_ERROR
            for exchange in self.by_role(ControlRole.NO_SUCH_ROUTE)
            if not exchange.token
        )

    @cached_property
    def anonymous_meets_pages(self) -> bool:
        """Whether a caller without a token meets the page of a route that cannot exist everywhere.

        Then a look without a token shows nothing: even a route that is there answers it so.
        """
        return any(
            self.is_same(exchange, other)
            for exchange in self.by_role(ControlRole.ANONYMOUS)
            for other in self.by_role(ControlRole.NO_SUCH_ROUTE)
        )

    @cached_property
    def token_ignored(self) -> str:
        """Say who got a success without a valid token on the calibration read, or nothing."""
        for role, who in (
            (ControlRole.GARBAGE_TOKEN, "a made-up token"),
            (ControlRole.ANONYMOUS, "no token"),
        ):
            if any(sort(exchange.outcome) is Kind.JSON_SUCCESS for exchange in self.by_role(role)):
                return who
        return ""

    @cached_property
    def _answers(self) -> dict[str, list[Exchange]]:
        """The exchanges of each operation."""
        found: dict[str, list[Exchange]] = {}
        for exchange in self.exchanges:
            found.setdefault(exchange.operation, []).append(exchange)
        return found

    def others(self, exchange: Exchange) -> tuple[Exchange, ...]:
        """Return what the same operation answered to other tokens."""
        return tuple(
            other for other in self._answers.get(exchange.operation, ()) if other.token != exchange.token
        )

    @cached_property
    def _json_by_token(self) -> dict[str, tuple[Exchange, ...]]:
        found: dict[str, tuple[Exchange, ...]] = {}
        real = self.by_role(ControlRole.REAL_TOKEN)
        for exchange in (*self.exchanges, *real):
            if sort(exchange.outcome) in JSON_KINDS and not _is_refused_token(exchange):
                found[exchange.token] = (*found.get(exchange.token, ()), exchange)
        return found

    def json_with(self, token: str, group: str = "") -> tuple[Exchange, ...]:
        """Return what answered JSON to a token: successes first, those of the group before others.

        A refusal of the token itself does not count.
        """
        if (token, group) not in self._json_with:
            self._json_with[token, group] = tuple(
                sorted(
                    self._json_by_token.get(token, ()),
                    key=lambda exchange: (not self._is_success(exchange), self._group(exchange) != group),
                )
            )
        return self._json_with[token, group]

    def _is_success(self, exchange: Exchange) -> bool:
        return sort(exchange.outcome) is Kind.JSON_SUCCESS

    def _group(self, exchange: Exchange) -> str:
        operation = self.operation(exchange)
        return operation.group if operation else ""

    def same_json_as_unmounted(self, exchange: Exchange) -> bool:
        """Return whether a JSON refusal says the same as the answer to a route that cannot exist."""
        ours = _said(exchange)
        return ours is not None and any(
            ours == _said(other) for other in self.unmounted(exchange.request.method)
        )


class Boundary:
    """What a first judgement of the run says of the plans: which operations are there, which walled."""

    def __init__(self, findings: Iterable[Finding], context: Context) -> None:
        self._context = context
        self._mounted: dict[str, set[str]] = {}
        self._walled: dict[str, set[str]] = {}
        for finding in findings:
            exchange = finding.exchange
            if _shows_mounted(finding, context):
                self._mounted.setdefault(exchange.operation, set()).add(exchange.token)
            elif finding.kind is Kind.HTML_WALL and finding.diagnosis.cause is Cause.ROUTE:
                self._walled.setdefault(exchange.operation, set()).add(exchange.token)

    def contradictions(self, rank: int) -> tuple[str, ...]:
        """Return operations documented for this plan or a higher one that are there all the same."""
        return tuple(name for name, own in self._mounted_ranks if own >= rank)

    def walled(self, rank: int) -> tuple[str, ...]:
        """Return the walled operations documented for this plan or a higher one."""
        return tuple(name for name, own in self._walled_ranks if own >= rank)

    def answered_below(self, rank: int, token: str) -> tuple[str, ...]:
        """Return operations documented for a lower plan that answered JSON to the token."""
        return tuple(
            name for name, own in self._mounted_ranks if 0 <= own < rank and token in self._mounted[name]
        )

    def is_walled(self, operation: str) -> bool:
        """Return whether an operation met the page of a route that cannot exist."""
        return operation in self._walled and operation not in self._mounted

    @cached_property
    def _mounted_ranks(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, self._rank(name)) for name in sorted(self._mounted))

    @cached_property
    def _walled_ranks(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, self._rank(name)) for name in sorted(self._walled))

    def _rank(self, operation: str) -> int:
        catalog = self._context.catalog
        found = catalog.by_id.get(operation) if catalog else None
        return -1 if catalog is None or found is None else plan_rank(found, catalog)


def plan_rank(operation: Operation, catalog: Catalog) -> int:
    """Return the place of the plan that documents give an operation to, -1 where none does."""
    from probe.judge.lookup import documented_plan

    plan = documented_plan(operation)
    return catalog.rank.get(plan, -1) if plan else -1


def _shows_mounted(finding: Finding, context: Context) -> bool:
    """Return whether an answer shows that the route is there, whatever it says of the request."""
    shown = {Cause.OK, Cause.VALIDATION, Cause.MISSING_RESOURCE, Cause.SCOPE}
    if finding.kind not in JSON_KINDS or finding.diagnosis.cause not in shown:
        return False
    return not context.same_json_as_unmounted(finding.exchange)


def _is_refused_token(exchange: Exchange) -> bool:
    return isinstance(exchange.outcome, Response) and exchange.outcome.status == HTTPStatus.UNAUTHORIZED


def _said(exchange: Exchange) -> tuple[int, frozenset[int], tuple[str, ...]] | None:
    outcome = exchange.outcome
    if not isinstance(outcome, Response) or sort(outcome) is not Kind.JSON_ERROR or outcome.body.json is None:
        return None
    view = outcome.body.json
    return outcome.status, words_of(" ".join(view.messages)), view.codes


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for comparison.

    >>> version_numbers("3.334.0-stable") < version_numbers("3.373")
    True
    """
    core = re.split(r"[-+]", version.strip().lstrip("v"), maxsplit=1)[0]
    numbers = [int(part) for part in _VERSION_PART.findall(core)[:6]]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


__all__ = ["JSON_KINDS", "Boundary", "Context", "Pages", "plan_rank", "version_numbers"]
