"""Which capabilities differ between what was known and a report, and which of these count.

Comes in: a KnownState and a Report. Goes out: CapabilityChanges, in the report's order. What was not
measured is never a change. What was only inferred counts only with something of its group that was
asked. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from probe.catalog.model import Hazard
from probe.evidence import ControlRole
from probe.history.model import KnownCapability
from probe.history.state import KnownState
from probe.judge.model import Cause, Confidence, Verdict
from probe.report.changes import CapabilityChange, ChangeKind
from probe.report.model import Report, ReportCapability

# The only causes that take something away. Outages, firewalls, logins, limits never do.
LOSS_CAUSES = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION, Cause.SCOPE, Cause.TOKEN})


def differences(before: KnownState, after: Report) -> tuple[CapabilityChange, ...]:
    """Return every capability that both sides tell and that differs."""
    again = _times_asked_again(after)
    found = (
        _difference(before.capabilities[item.operation], item, again[item.operation])
        for item in after.capabilities
        if item.operation in before.capabilities
    )
    return tuple(change for change in found if change is not None)


def _difference(before: KnownCapability, after: ReportCapability, again: int) -> CapabilityChange | None:
    kind = _kind(before, after)
    if kind is None:
        return None
    return CapabilityChange(
        operation=after.operation,
        group=after.group,
        kind=kind,
        before=before.verdict,
        after=after.verdict,
        cause_before=before.cause,
        cause_after=after.cause,
        confidence=after.confidence,
        inferred=before.inferred or after.inferred,
        asked_again=again,
    )


def _kind(before: KnownCapability, after: ReportCapability) -> ChangeKind | None:
    match before.verdict, after.verdict:
        case Verdict.ALLOWED, Verdict.BLOCKED:
            return ChangeKind.LOST if after.cause in LOSS_CAUSES else None
        case Verdict.BLOCKED, Verdict.ALLOWED:
            return ChangeKind.GAINED
        case Verdict.BLOCKED, Verdict.BLOCKED:
            return ChangeKind.CAUSE if before.cause is not after.cause else None
        case _:
            return None


def _times_asked_again(report: Report) -> Counter[str]:
    """Count by operation; with several tokens, a time is one time."""
    pairs = Counter(
        (item.operation, item.token) for item in report.controls if item.role is ControlRole.CONFIRMATION
    )
    times: Counter[str] = Counter()
    for (operation, _token), number in pairs.items():
        times[operation] = max(times[operation], number)
    return times


def that_count(
    changes: Iterable[CapabilityChange], after: Report, least_asked: int = 0
) -> tuple[tuple[CapabilityChange, ...], tuple[CapabilityChange, ...]]:
    """Return the changes that count, and those to be listed apart.

    A loss of a read counts if it was asked again at least `least_asked` times. A write is never asked
    again: its loss counts if it is certain, or with a read that was lost for the same cause. A hint
    (weak) counts only if it was asked again.
    """
    found = tuple(changes)
    writes = {item.operation for item in after.capabilities if item.hazard is not Hazard.READ}
    solid = {
        change.operation
        for change in found
        if not change.inferred and change.operation not in writes and _is_solid(change, least_asked)
    }
    causes = {
        change.cause_after for change in found if change.operation in solid and change.kind is ChangeKind.LOST
    }
    solid |= {
        change.operation
        for change in found
        if not change.inferred and change.operation in writes and _write_counts(change, causes)
    }
    groups = {(change.group, change.kind) for change in found if change.operation in solid}
    counted = solid | {
        change.operation
        for change in found
        if change.inferred and (change.group, change.kind) in groups and change.kind is not ChangeKind.CAUSE
    }
    return (
        tuple(change for change in found if change.operation in counted),
        tuple(change for change in found if change.operation not in counted),
    )


def _is_solid(change: CapabilityChange, least_asked: int) -> bool:
    if change.kind is not ChangeKind.LOST:
        return True
    weak = change.confidence is Confidence.WEAK
    return change.asked_again >= max(least_asked, 1 if weak else 0)


def _write_counts(change: CapabilityChange, causes: set[Cause]) -> bool:
    if change.kind is not ChangeKind.LOST:
        return True
    return change.confidence is Confidence.CERTAIN or change.cause_after in causes
