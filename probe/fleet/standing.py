"""How a fleet stands: the worst that its page says, and each thing that a reader must not miss.

Comes in: the head of a fleet run. Goes out: a Standing, as a single report has one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from probe.fleet.model import FleetHead, FleetSummary
from probe.report.display import count
from probe.report.standing import Level, Point, Standing, stand

UNDETERMINED = "undetermined"


def fleet_standing(head: FleetHead) -> Standing:
    """Return how a fleet run stands."""
    return stand([*_not_finished(head), *_wrong(head.summary), *_open(head.summary)] or [_well(head.summary)])


def _not_finished(head: FleetHead) -> Iterator[Point]:
    if head.summary.waiting:
        said = "not asked yet, so no count here is a total. The same command with --resume goes on"
        yield Point(Level.DOUBT, "Not finished", f"{_of(head.summary.waiting, head.summary)} {said}")


def _wrong(summary: FleetSummary) -> Iterator[Point]:
    if summary.lost:
        yield Point(Level.BAD, "Lost", f"{_of(summary.lost, summary)} lost something", "lost")
    if summary.expectations_failed:
        said = f"{_of(summary.expectations_failed, summary)}: an expectation failed"
        yield Point(Level.BAD, "Not as expected", said, "all")


def _open(summary: FleetSummary) -> Iterator[Point]:
    undetermined = summary.plans.get(UNDETERMINED, 0)
    if summary.not_measured:
        said = f"{_of(summary.not_measured, summary)}: nothing is known of what they may do"
        yield Point(Level.DOUBT, "Not measured", said, "not-measured")
    if summary.failed:
        said = f"{_of(summary.failed, summary)}, or what they answered was not kept"
        yield Point(Level.DOUBT, "Not asked", said, "failed")
    if summary.bad_entries:
        said = f"{count(summary.bad_entries, 'entry', 'entries')} of the list could not be used"
        yield Point(Level.DOUBT, "Left out", said, "bad")
    if undetermined:
        yield Point(Level.DOUBT, "Undetermined", f"{_of(undetermined, summary)}: the plan is open", "all")


def _well(summary: FleetSummary) -> Point:
    measured = f"{_of(summary.measured, summary)} measured"
    compared = f"{summary.compared} compared with a run before, nothing lost"
    return Point(
        Level.GOOD, "Measured", f"{measured}; {compared if summary.compared else 'none compared yet'}"
    )


def _of(number: int, summary: FleetSummary) -> str:
    return f"{number} of {count(summary.organizations, 'organization')}"
