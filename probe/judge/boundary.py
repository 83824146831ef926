"""What a first judgement of a run says of the plans: which operations are there, and which met pages.

Comes in: findings and their context. Goes out: answers to the questions that decide whether pages lie on
a plan's boundary. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from probe.judge.context import JSON_KINDS, Context, plan_rank
from probe.judge.model import Cause, Finding, Kind

# So many on each side, and so few on the wrong one, show that answers and pages follow one another in time.
_ENOUGH_TO_ORDER = 5
_MOST_OUT_OF_ORDER = 0.2


class Boundary:
    """What a first judgement of the run says of the plans: which operations are there, which walled."""

    def __init__(self, findings: Iterable[Finding], context: Context) -> None:
        self._context = context
        self._mounted: dict[str, set[str]] = {}
        self._walled: dict[str, set[str]] = {}
        self._gone: set[str] = set()
        self._times: dict[str, str] = {}
        self._turns: dict[int, str] = {}
        for finding in findings:
            exchange = finding.exchange
            self._times.setdefault(exchange.operation, exchange.attempts[-1].started_at)
            if _shows_mounted(finding, context):
                self._mounted.setdefault(exchange.operation, set()).add(exchange.token)
            elif finding.diagnosis.cause is Cause.ROUTE:
                self._gone.add(exchange.operation)
                if finding.kind is Kind.HTML_WALL:
                    self._walled.setdefault(exchange.operation, set()).add(exchange.token)

    def contradictions(self, rank: int) -> tuple[str, ...]:
        """Return operations documented for this plan or a higher one that are there all the same."""
        return tuple(name for name, own in self._mounted_ranks if own >= rank)

    def walled(self, rank: int) -> tuple[str, ...]:
        """Return the walled operations documented for this plan or a higher one."""
        return tuple(name for name, own in self._walled_ranks if own >= rank)

    def walled_below(self, rank: int) -> tuple[str, ...]:
        """Return walled operations of lower plans, of which another one as high, or higher, is there."""
        floor = max((own for _name, own in self._mounted_ranks if own < rank), default=-1)
        return tuple(
            name for name, own in self._walled_ranks if 0 <= own <= floor and name not in self._mounted
        )

    def changed_midway(self, rank: int) -> str:
        """Return when all of this plan or a higher one stopped to answer and seemed to be gone, or nothing.

        Answers that were on their way at that time may lie on the other side.
        """
        if rank not in self._turns:
            self._turns[rank] = self._turn(rank)
        return self._turns[rank]

    def _turn(self, rank: int) -> str:
        answered = sorted(self._times[name] for name, own in self._mounted_ranks if own >= rank)
        gone = sorted(
            self._times[name] for name in self._gone - self._mounted.keys() if self._rank(name) >= rank
        )
        least = min(len(answered), len(gone))
        if least < _ENOUGH_TO_ORDER or rank < 0:
            return ""
        turn = sorted((*answered, *gone))[len(answered)]
        late = sum(time >= turn for time in answered)
        return turn if late <= _MOST_OUT_OF_ORDER * least else ""

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


def _shows_mounted(finding: Finding, context: Context) -> bool:
    """Return whether an answer shows that the route is there, whatever it says of the request."""
    shown = {Cause.OK, Cause.VALIDATION, Cause.MISSING_RESOURCE, Cause.SCOPE}
    if finding.kind not in JSON_KINDS or finding.diagnosis.cause not in shown:
        return False
    return not context.same_json_as_unmounted(finding.exchange)
