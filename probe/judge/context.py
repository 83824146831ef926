"""What the rules may know beside one answer: the controls, the rest of the run, the catalog.

Comes in: a run's evidence, or a single exchange with its controls. Goes out: answers to the questions
that rules ask, prepared once for a run. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from probe.catalog.model import Catalog, Operation
from probe.evidence import ControlRole, Exchange, Failure, PageView, Response, TokenInfo
from probe.judge.model import Kind
from probe.judge.sort import sort
from probe.judge.standins import StandIns
from probe.judge.walls import Pages, page_in, page_of, wall_names
from probe.reading.pages import words_of

if TYPE_CHECKING:
    from probe.judge.boundary import Boundary

JSON_KINDS = frozenset({Kind.JSON_SUCCESS, Kind.JSON_ERROR})
# The number of what a route that cannot exist is told in JSON, among those of pages.
UNMOUNTED_JSON = -1
_VERSION_PART = re.compile(r"\d+")
# A refusal in JSON: its status, its words, its codes.
Said: TypeAlias = tuple[int, frozenset[int], tuple[str, ...]]
# Of a group: what answered, and what met the same page.
Mates: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]


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
        self._said_unmounted: dict[str, frozenset[Said | None]] = {}
        self._mates: dict[tuple[str, int | None, int], Mates] = {}
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
    def blind_to_routes(self) -> bool:
        """Whether that is so although something that a plan is documented for answers a token."""
        return self.anonymous_meets_pages and any(
            self._is_answer(exchange, exchange.outcome) and not _is_refused_token(exchange)
            for exchange in (*self.by_role(ControlRole.REAL_TOKEN), *self.exchanges)
            if isinstance(exchange.outcome, Response) and self._is_documented(exchange)
        )

    def _is_documented(self, exchange: Exchange) -> bool:
        return self._rank(exchange) >= 0

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
        return self._is_unmounted_json(exchange, exchange.outcome)

    def _is_unmounted_json(self, exchange: Exchange, outcome: Response | Failure) -> bool:
        method = exchange.request.method
        if method not in self._said_unmounted:
            said = {_said(other.outcome) for other in self.unmounted(method)}
            self._said_unmounted[method] = frozenset(said - {None})
        unmounted = self._said_unmounted[method]
        return bool(unmounted) and _said(outcome) in unmounted

    @cached_property
    def stand_ins(self) -> StandIns:
        """The pages that came in the place of operations that were answered at another time."""
        roles = (ControlRole.STABILITY, ControlRole.CONFIRMATION)
        again = (exchange for role in roles for exchange in self.by_role(role))
        return StandIns((*self.exchanges, *again), self._page_number, self._is_answer)

    @cached_property
    def newer_answered(self) -> bool:
        """Whether something answered that came after the server's stated version."""
        server = version_numbers(self.server_version)
        return any(
            version_numbers(since_in(operation, self)) > server
            for exchange in self.exchanges
            if (operation := self.operation(exchange)) is not None
            and isinstance(exchange.outcome, Response)
            and self._is_answer(exchange, exchange.outcome)
            and not _is_refused_token(exchange)
        )

    @cached_property
    def _by_group(self) -> dict[str, list[Exchange]]:
        """The exchanges without a made-up id of each group."""
        found: dict[str, list[Exchange]] = {}
        for exchange in self.exchanges:
            if not made_up_ids(exchange):
                found.setdefault(self._group(exchange), []).append(exchange)
        return found

    def mates(self, exchange: Exchange) -> Mates:
        """Return what of its group, asked without a made-up id, answered JSON, and what met the same page.

        A page before what needs a higher plan says nothing of it.
        """
        outcome = exchange.outcome
        page = self._page_number(exchange, outcome) if isinstance(outcome, Response) else None
        key = self._group(exchange), page, self._rank(exchange)
        if key not in self._mates:
            self._mates[key] = self._find_mates(*key)
        return self._mates[key]

    def _find_mates(self, group: str, page: int | None, rank: int) -> Mates:
        answered, walled = set[str](), set[str]()
        for other in self._by_group.get(group, ()):
            if not isinstance(other.outcome, Response):
                continue
            if self._is_answer(other, other.outcome) and not _is_refused_token(other):
                answered.add(other.operation)
            elif page is not None and self._page_number(other, other.outcome) == page:
                needs_more = 0 <= rank < self._rank(other)
                walled |= set() if needs_more else {other.operation}
        return tuple(sorted(answered)), tuple(sorted(walled - answered))

    def _rank(self, exchange: Exchange) -> int:
        """Return the place of the plan that an operation is documented for, -1 where there is none."""
        operation = self.operation(exchange)
        return -1 if operation is None or self.catalog is None else plan_rank(operation, self.catalog)

    def _page_number(self, exchange: Exchange, outcome: Response) -> int | None:
        page = page_in(outcome)
        if page is not None:
            return self.pages.number(page)
        return UNMOUNTED_JSON if self._is_unmounted_json(exchange, outcome) else None

    def _is_answer(self, exchange: Exchange, outcome: Response) -> bool:
        return sort(outcome) in JSON_KINDS and not self._is_unmounted_json(exchange, outcome)


def since_in(operation: Operation, context: Context) -> str:
    """Return the version that the whole operation came with, in the numbering of the server's version."""
    if context.catalog is None:
        return ""
    product = context.catalog.vendor.product_of(context.server_version)
    found = [
        item.version
        for item in operation.since
        if item.product == product and not item.part and not item.channel
    ]
    return min(found, key=version_numbers, default="")


def made_up_ids(exchange: Exchange) -> tuple[str, ...]:
    """Return the names of the path ids that were made up, not found with the server."""
    return tuple(name for name, origin in exchange.request.ids.items() if origin.startswith("sentinel"))


def plan_rank(operation: Operation, catalog: Catalog) -> int:
    """Return the place of the plan that documents give an operation to, -1 where none does."""
    from probe.judge.lookup import documented_plan

    plan = documented_plan(operation)
    return catalog.rank.get(plan, -1) if plan else -1


def _is_refused_token(exchange: Exchange) -> bool:
    return isinstance(exchange.outcome, Response) and exchange.outcome.status == HTTPStatus.UNAUTHORIZED


def _said(outcome: Response | Failure) -> Said | None:
    if not isinstance(outcome, Response) or sort(outcome) is not Kind.JSON_ERROR or outcome.body.json is None:
        return None
    view = outcome.body.json
    return outcome.status, words_of(" ".join(view.messages)), view.codes


@lru_cache(maxsize=512)  # the catalog's versions, and one server's
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


__all__ = [
    "JSON_KINDS",
    "UNMOUNTED_JSON",
    "Context",
    "Pages",
    "made_up_ids",
    "plan_rank",
    "since_in",
    "version_numbers",
]
