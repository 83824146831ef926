"""Two organizations side by side: what only one of them allows. Between them nothing is lost or gained.

Comes in: what one run tells, and the report of another organization. Goes out: Changes whose kinds say
which of the two allows an operation. Tokens and pages are not compared, as each organization has its own.
Pure.
"""

from __future__ import annotations

from msgspec.structs import replace

from probe.history.diff import bare, why_not_measured
from probe.history.headline import amount, patterns
from probe.history.losses import differences
from probe.history.state import KnownState
from probe.report.changes import CapabilityChange, ChangeKind, Changes
from probe.report.model import Report

_KINDS = {ChangeKind.LOST: ChangeKind.ONLY_FIRST, ChangeKind.GAINED: ChangeKind.ONLY_SECOND}


def set_side_by_side(first: KnownState, second: Report) -> Changes:
    """Return what differs between two organizations; both have to be measured and complete."""
    reason = why_not_measured(first, second)
    changes = replace(
        bare(first, second, reason, ()),
        reason=reason,
        organizations=(first.base_url, second.target.base_url),
        capabilities=() if reason else tuple(map(_one_sided, differences(first, second))),
    )
    return replace(changes, headline=_headline(changes))


def _one_sided(change: CapabilityChange) -> CapabilityChange:
    return replace(change, kind=_KINDS.get(change.kind, change.kind))


def _headline(changes: Changes) -> str:
    if not changes.comparable:
        return f"two organizations, not compared: {changes.reason}"
    first, second = (_only(changes, kind) for kind in (ChangeKind.ONLY_FIRST, ChangeKind.ONLY_SECOND))
    one, other = changes.organizations
    return (
        f"two organizations compared: {first} allowed only in A, {second} only in B; A is {one}, B is {other}"
    )


def _only(changes: Changes, kind: ChangeKind) -> str:
    operations = [change.operation for change in changes.capabilities if change.kind is kind]
    return f"{amount(operations)} ({patterns(operations)})" if operations else amount(operations)
