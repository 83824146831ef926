"""The words of a comparison: of one organization over time, or of two organizations side by side.

Comes in: Changes. Goes out: Terms, by which each format names the sides and its parts, so that nothing
between two organizations is ever called lost or gained.
"""

from __future__ import annotations

from typing import NamedTuple

from probe.report.changes import CapabilityChange, ChangeKind, Changes
from probe.report.display import moment


class Part(NamedTuple):
    """The differences of one kind, under their title."""

    title: str
    changes: tuple[CapabilityChange, ...]


class Terms(NamedTuple):
    """What the two sides are called, and the parts that stand before and after what is said of tokens."""

    before: str
    after: str
    compared: tuple[str, ...]
    first: Part
    rest: tuple[Part, ...]


def terms_of(changes: Changes) -> Terms:
    """Return the words and the parts of a comparison, those without any difference too."""
    return _side_by_side(changes) if changes.organizations else _over_time(changes)


def _over_time(changes: Changes) -> Terms:
    return Terms(
        before="before",
        after="now",
        compared=(f"Compared with {_baseline(changes)}.",),
        first=Part("Lost", _of_kind(changes, ChangeKind.LOST)),
        rest=(
            Part("Gained", _of_kind(changes, ChangeKind.GAINED)),
            Part("Blocked for another cause", _of_kind(changes, ChangeKind.CAUSE)),
            Part("Not counted (inferred, not confirmed, or told before)", changes.apart),
        ),
    )


def _side_by_side(changes: Changes) -> Terms:
    one, other = changes.organizations
    return Terms(
        before="in A",
        after="in B",
        compared=(f"A: {one}, {_baseline(changes)}.", f"B: {other}. Nothing here counts as lost or gained."),
        first=Part("Allowed only in A", _of_kind(changes, ChangeKind.ONLY_FIRST)),
        rest=(
            Part("Allowed only in B", _of_kind(changes, ChangeKind.ONLY_SECOND)),
            Part("Blocked in both, for another cause", _of_kind(changes, ChangeKind.CAUSE)),
        ),
    )


def _of_kind(changes: Changes, kind: ChangeKind) -> tuple[CapabilityChange, ...]:
    return tuple(change for change in changes.capabilities if change.kind is kind)


def _baseline(changes: Changes) -> str:
    label = changes.baseline.label
    run = changes.baseline.run
    name = f"{label} ({run})" if run and run != label else label
    return f"{name}, {moment(changes.baseline.started_at)}"
