"""How a run stands: the worst that its report says, and each thing that a reader must not miss.

Comes in: a Report. Goes out: a Standing. The colour of a page follows its level, and each level is told by a
word and a mark besides. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from probe.judge.model import TokenStatus
from probe.report.changes import ExpectationVerdict
from probe.report.coverage import NO_TOTALS, how_far
from probe.report.display import count, day
from probe.report.model import Report
from probe.report.writes import not_refused, writes_in


class Level(StrEnum):
    """From the best to the worst: all is well, something is open, something is wrong."""

    GOOD = "good"
    DOUBT = "doubt"
    BAD = "bad"


class Point(NamedTuple):
    """One thing to know first: its level, a word for it, a sentence; `anchor` is where more of it stands."""

    level: Level
    label: str
    text: str
    anchor: str = ""


class Standing(NamedTuple):
    """The level of the whole, and its points, the worst first: one at least."""

    level: Level
    points: tuple[Point, ...]


def standing_of(report: Report) -> Standing:
    """Return how a run stands."""
    return stand([*_incomplete(report), *_wrong(report), *_open(report)] or [_well(report)])


def stand(points: Iterable[Point]) -> Standing:
    """Return a standing of these points; those of one level keep their order."""
    order = list(Level)
    ordered = sorted(points, key=lambda point: -order.index(point.level))
    return Standing(ordered[0].level, tuple(ordered))


def _incomplete(report: Report) -> Iterator[Point]:
    if not report.complete:
        yield Point(Level.DOUBT, "Incomplete", f"{how_far(report)}. {NO_TOTALS}", "method")


def _wrong(report: Report) -> Iterator[Point]:
    changes = report.changes
    if changes is not None and changes.took_away:
        yield Point(Level.BAD, "Lost", changes.headline.removeprefix("lost: "), "changes")
    failed = sum(item.verdict is ExpectationVerdict.FAILED for item in report.expectations)
    if failed:
        yield Point(Level.BAD, "Not as expected", f"{count(failed, 'expectation')} failed", "expectations")
    passed = len(not_refused(writes_in(report)))
    if passed:
        said = f"{count(passed, 'write')} got an answer of success, look at what it did"
        yield Point(Level.BAD, "Not refused", said, "writes")


def _open(report: Report) -> Iterator[Point]:
    if not report.measured:
        yield Point(Level.DOUBT, "Not measured", "this run makes no statement about the plan")
    elif report.plan.estimate not in report.plan_titles:
        yield Point(Level.DOUBT, "Undetermined", "the answers do not settle which plan it is")
    refused = [token.name for token in report.tokens if token.status is TokenStatus.REFUSED]
    if refused:
        said = f"{count(len(refused), 'token')} not accepted: {', '.join(refused)}"
        yield Point(Level.DOUBT, "Refused", said, "method")
    yield from _compared(report)


def _compared(report: Report) -> Iterator[Point]:
    changes = report.changes
    if changes is None or changes.took_away:
        return
    if not changes.comparable:
        yield Point(Level.DOUBT, "Not compared", changes.reason, "changes")
    elif changes.tokens:
        yield Point(Level.DOUBT, "Changed", changes.headline, "changes")


def _well(report: Report) -> Point:
    changes = report.changes
    compared = f"; nothing lost since {day(changes.baseline.started_at)}" if changes else ""
    return Point(Level.GOOD, "Measured", f"everything that was to be asked was asked{compared}")
