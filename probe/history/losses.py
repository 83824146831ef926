"""Which capabilities differ between what was known and a report, and which of these count.

Comes in: a KnownState and a Report. Goes out: CapabilityChanges, in the report's order. What was not
measured is never a change. What was only inferred counts only with something of its group that was
asked. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from probe.catalog.model import Hazard
from probe.evidence import ControlRole
from probe.history.model import KnownCapability
from probe.history.state import KnownState, plan_of
from probe.judge.model import Cause, Confidence, Verdict
from probe.report.changes import CapabilityChange, ChangeKind
from probe.report.model import Report, ReportCapability

# The only causes that take something away. Outages, firewalls, logins, limits never do.
LOSS_CAUSES = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION, Cause.SCOPE, Cause.TOKEN})
_EXPOSURE = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION})
# What a change of the plan, or of the server, takes away; a plan's wall may look like a missing route.
_BY_PLAN = frozenset({Cause.PLAN, Cause.ROUTE})
_BY_SERVER = frozenset({Cause.ROUTE, Cause.VERSION})


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


def is_told(change: CapabilityChange, before: KnownState, after: Report) -> bool:
    """Return whether a loss is the rest of one that was told, on a night when it could not be seen.

    That is so where, since the operation was last seen, others of its group were lost, or others by a
    missing scope too; or the plan or the server's version changed, others were lost by that, and it is
    still changed.
    """
    meanwhile = before.meanwhile.get(before.capabilities[change.operation].run)
    if change.kind is not ChangeKind.LOST or meanwhile is None:
        return False
    if (change.group, change.cause_after in _EXPOSURE or change.cause_after) in {
        (group, cause in _EXPOSURE or cause) for group, cause in meanwhile.lost
    }:
        return True
    causes = {cause for _group, cause in meanwhile.lost}
    plan, server = before.baseline.plan, before.server_version
    by_plan = _BY_PLAN if meanwhile.plan not in {plan, plan_of(after)} else frozenset()
    now = after.target.server_version
    by_server = _BY_SERVER if meanwhile.server_version not in {server, now} else frozenset()
    by_scope = frozenset({Cause.SCOPE})
    return any(change.cause_after in why and causes & why for why in (by_plan, by_server, by_scope))


def _times_asked_again(report: Report) -> Counter[str]:
    """Count by operation; with several tokens, a time is one time."""
    pairs = Counter(
        (item.operation, item.token) for item in report.controls if item.role is ControlRole.CONFIRMATION
    )
    times: Counter[str] = Counter()
    for (operation, _token), number in pairs.items():
        times[operation] = max(times[operation], number)
    return times


def hints(before: KnownState, after: Report) -> frozenset[str]:
    """Return the operations of which only a weak answer says that they are, or were, allowed.

    A gateway's own "not found" in JSON looks like one about an id: nothing is lost when it passes.
    """
    now = {item.operation for item in after.capabilities if _is_hint(item)}
    return frozenset({name for name, item in before.capabilities.items() if _is_hint(item)} | now)


def _is_hint(item: KnownCapability | ReportCapability) -> bool:
    return item.verdict is Verdict.ALLOWED and item.confidence is Confidence.WEAK


def that_count(
    changes: Iterable[CapabilityChange],
    after: Report,
    least_asked: int = 0,
    doubted: frozenset[str] = frozenset(),
) -> tuple[tuple[CapabilityChange, ...], tuple[CapabilityChange, ...]]:
    """Return the changes that count, and those to be listed apart.

    A loss of a read counts if it was asked again at least `least_asked` times. A write is never asked
    again: its loss counts if it is certain, or with a read that was lost for the same cause. A loss
    that is a hint (weak) counts only if it was asked again; what was never more than `doubted` counts
    with another that does: a loss of the same cause, a gain of the same group.
    """
    found = tuple(changes)
    writes = {item.operation for item in after.capabilities if item.hazard is not Hazard.READ}
    solid = {
        change.operation
        for change in found
        if not change.inferred and change.operation not in writes | doubted and _is_solid(change, least_asked)
    }
    causes = {
        change.cause_after for change in found if change.operation in solid and change.kind is ChangeKind.LOST
    }
    gains = {
        change.group for change in found if change.operation in solid and change.kind is ChangeKind.GAINED
    }
    solid |= {
        change.operation
        for change in found
        if not change.inferred
        and change.operation in writes | doubted
        and _follows(change, causes, gains, doubted)
        and (change.operation in writes or _is_solid(change, least_asked))
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


def _follows(change: CapabilityChange, causes: set[Cause], gains: set[str], doubted: frozenset[str]) -> bool:
    """Return whether a write, or what is doubted, counts; `causes` and `gains` are of what counts itself."""
    is_doubted = change.operation in doubted
    match change.kind:
        case ChangeKind.LOST:
            return change.cause_after in causes or (
                not is_doubted and change.confidence is Confidence.CERTAIN
            )
        case ChangeKind.GAINED:
            return change.group in gains or not is_doubted
        case ChangeKind.CAUSE:
            return True
        case ChangeKind.ONLY_FIRST | ChangeKind.ONLY_SECOND:  # two organizations: nothing counts
            return False
        case never:
            assert_never(never)
