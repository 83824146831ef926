"""When did an operation last work, and when did it first fail: one operation over all runs.

Comes in: a connection inside a transaction, globs. Goes out: a Timeline for each operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from probe.history.model import Mark, RunRef, Timeline, TimelineEntry
from probe.history.queries import spellings
from probe.history.schema import CAPABILITIES, RUNS
from probe.judge.model import Cause

if TYPE_CHECKING:
    from sqlalchemy import Connection

    Told = dict[int, tuple[Mark, Cause]]


class _Run(NamedTuple):
    """What is needed of a run: its verdicts' id, its own id, its time, whether it speaks at all."""

    state_id: int
    id: str
    started_at: str
    measured: bool


def timelines(connection: Connection, globs: Iterable[str], base_url: str) -> tuple[Timeline, ...]:
    """Return the timeline of each operation whose id or group fits a glob, sorted by id."""
    patterns = tuple(globs)
    asked = spellings(connection, base_url)
    rows = connection.execute(
        select(RUNS.c.state_id, RUNS.c.id, RUNS.c.started_at, RUNS.c.measured)
        .where(RUNS.c.base_url.in_(asked))
        .order_by(RUNS.c.started_us, RUNS.c.seq)
    )
    runs = [_Run(*row) for row in rows]
    states = select(RUNS.c.state_id).where(RUNS.c.base_url.in_(asked))
    operations = connection.execute(
        select(CAPABILITIES.c.operation, CAPABILITIES.c.group_name)
        .where(CAPABILITIES.c.state_id.in_(states))
        .distinct()
    ).all()
    groups = {
        operation: group
        for operation, group in sorted(operations)
        if any(fnmatchcase(operation, glob) or fnmatchcase(group, glob) for glob in patterns)
    }
    told = _told(connection, list(groups), asked)
    return tuple(_timeline(operation, group, runs, told[operation]) for operation, group in groups.items())


def _told(connection: Connection, operations: list[str], asked: Sequence[str]) -> dict[str, Told]:
    """Return, by operation and state, what was said of it."""
    told: dict[str, Told] = {operation: {} for operation in operations}
    rows = connection.execute(
        select(
            CAPABILITIES.c.operation, CAPABILITIES.c.state_id, CAPABILITIES.c.verdict, CAPABILITIES.c.cause
        ).where(
            CAPABILITIES.c.operation.in_(operations),
            CAPABILITIES.c.state_id.in_(select(RUNS.c.state_id).where(RUNS.c.base_url.in_(asked))),
        )
    )
    for operation, state, verdict, cause in rows:
        told[operation][state] = (Mark(verdict), Cause(cause))
    return told


def _timeline(operation: str, group: str, runs: Iterable[_Run], told: Told) -> Timeline:
    marked = [(_mark(run, told), RunRef(run=run.id, started_at=run.started_at)) for run in runs]
    entries = tuple(_entry(list(same)) for _mark, same in groupby(marked, lambda item: item[0][0]))
    worked = [place for place, entry in enumerate(entries) if entry.mark is Mark.ALLOWED]
    after = entries[worked[-1] + 1 :] if worked else entries
    return Timeline(
        operation=operation,
        group=group,
        entries=entries,
        last_allowed=entries[worked[-1]].last if worked else None,
        first_blocked=next((entry.first for entry in after if entry.mark is Mark.BLOCKED), None),
    )


def _mark(run: _Run, told: Told) -> tuple[Mark, Cause]:
    if not run.measured:
        return Mark.NOT_MEASURED, Cause.UNKNOWN
    return told.get(run.state_id, (Mark.ABSENT, Cause.UNKNOWN))


def _entry(same: list[tuple[tuple[Mark, Cause], RunRef]]) -> TimelineEntry:
    (mark, cause), last = same[-1]
    return TimelineEntry(mark=mark, cause=cause, runs=len(same), first=same[0][1], last=last)
