"""The few exchanges that a reader must see to follow the verdict.

Comes in: a Report. Goes out: at most five findings and controls, each with why it is shown. Adds no
judgement: it picks by cause, confidence and page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from probe.evidence import ControlRole
from probe.judge.model import Cause, Confidence, Kind
from probe.report.model import Report, ReportControl, ReportFinding
from probe.report.words import CONTROLS

MOST = 5
_MOST_ALIKE = 3

Shown = TypeVar("Shown", ReportControl, ReportFinding)
_SURE = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.WEAK: 2}
# In the order in which they are worth showing. Only the first may speak of the plan.
_BARRED = {
    Cause.PLAN: "What the plan does not include was answered like this",
    Cause.ROUTE: "A route that is not there for this organization was answered like this",
    Cause.VERSION: "What is newer than the server was answered like this",
}


class Decisive(NamedTuple):
    """One exchange and why it is shown."""

    why: str
    exchange: ReportFinding | ReportControl


def decisive(report: Report) -> tuple[Decisive, ...]:
    """Return the exchanges that decide, the blocked one first; of a run without a verdict its controls."""
    chosen = _of_measured(report) if report.measured else _of_unmeasured(report)
    return tuple(chosen)[:MOST]


def _of_measured(report: Report) -> Iterator[Decisive]:
    lost = _lost(report)
    if lost:
        yield Decisive("What was lost since the baseline was answered like this", lost)
    barred = _strongest(report.findings, tuple(_BARRED))
    if barred and barred is not lost:
        yield Decisive(_BARRED[barred.cause], barred)
    if barred:
        yield from _beside(report, barred)
    success = _success(report, barred.token if barred else "")
    if success:
        yield Decisive("The same token got through here", success)
    scope = _strongest(report.findings, (Cause.SCOPE,))
    if scope:
        yield Decisive("A scope that the token lacks was refused like this", scope)
    token = _strongest(report.findings, (Cause.TOKEN,))
    if token and not scope:
        yield Decisive("A token that is not accepted was refused like this", token)


def _lost(report: Report) -> ReportFinding | None:
    if report.changes is None or not report.changes.took_away:
        return None
    lost = {change.operation for change in report.changes.lost}
    return _first(report.findings, lambda item: item.operation in lost and item.cause in _BARRED)


def _beside(report: Report, barred: ReportFinding) -> Iterator[Decisive]:
    """Yield the controls that tell what the answer was: a route that cannot exist, and no token at all.

    Of the routes the one that got the same page, and with the same token, tells most.
    """
    missing = min(
        (
            item
            for item in report.controls
            if item.role is ControlRole.NO_SUCH_ROUTE and item.method == barred.method
        ),
        key=lambda item: (item.wall != barred.wall, item.token != barred.token),
        default=None,
    )
    if missing:
        yield Decisive("A route that cannot exist was answered like this", missing)
    bare = _first(
        report.controls,
        lambda item: item.role is ControlRole.SECOND_LOOK and item.operation == barred.operation,
    )
    if bare:
        yield Decisive("The same request without a token was answered like this", bare)


def _of_unmeasured(report: Report) -> Iterator[Decisive]:
    """Yield the controls that stopped the run: those with a real token first, few that are alike."""
    roles = set()
    alike: Counter[object] = Counter()
    ordered = sorted(
        report.controls,
        key=lambda item: (item.cause is not report.measured_cause, item.role is not ControlRole.REAL_TOKEN),
    )
    for control in ordered:
        answer = (control.status, control.cause)
        if (control.role, *answer) not in roles and alike[answer] < _MOST_ALIKE:
            roles.add((control.role, *answer))
            alike[answer] += 1
            yield Decisive(f"A control ({CONTROLS[control.role].label}) was answered like this", control)


def _strongest(findings: Iterable[ReportFinding], causes: tuple[Cause, ...]) -> ReportFinding | None:
    fitting = [item for item in findings if item.cause in causes]
    return min(fitting, key=lambda item: (causes.index(item.cause), _SURE[item.confidence]), default=None)


def _success(report: Report, token: str) -> ReportFinding | None:
    return _first(
        report.findings, lambda item: item.kind is Kind.JSON_SUCCESS and item.token == token
    ) or _first(report.findings, lambda item: item.kind is Kind.JSON_SUCCESS)


def _first(items: Iterable[Shown], fits: Callable[[Shown], bool]) -> Shown | None:
    return next((item for item in items if fits(item)), None)
