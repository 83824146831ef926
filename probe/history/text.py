"""Runs and timelines as lines of text that fit a terminal and say the same without colour.

Comes in: records of `model`, a width. Goes out: lines. Prints nothing; touches no database.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, repeat

from probe.history.model import Mark, RunRef, StoredRun, Timeline
from probe.report.display import count, one_line

ID_SHOWN = 10
LEGEND = "+ allowed  x blocked  ~ both  ? unknown  - not measured  . not in the catalog"
_SIGNS = {
    Mark.ALLOWED: "+",
    Mark.BLOCKED: "x",
    Mark.UNKNOWN: "?",
    Mark.NOT_MEASURED: "-",
    Mark.ABSENT: ".",
}
_BOTH = "~"
# What several runs in one column show: what was told before what was not.
_FIRST_SHOWN = (Mark.BLOCKED, Mark.ALLOWED, Mark.UNKNOWN, Mark.NOT_MEASURED, Mark.ABSENT)
_INDENT = "  "
_LONGEST = 24
_TABLE_WIDTH = 75
_NARROWEST = 20


def run_lines(
    runs: Iterable[StoredRun], pins: frozenset[str] = frozenset(), width: int = 80
) -> Iterator[str]:
    """Yield a table of runs, a part for each organization; `pins` are ids.

    The table is at most 80 columns wide; where there is no room for it, each run is an item of a list.
    """
    listed = width < _TABLE_WIDTH
    ordered = sorted(runs, key=lambda run: run.base_url)
    for number, (base_url, group) in enumerate(groupby(ordered, key=lambda run: run.base_url)):
        if number:
            yield ""
        yield one_line(base_url)
        if not listed:
            yield f"{'run':<{ID_SHOWN}}  {'started (UTC)':<16}  {'plan':<18}  allowed  blocked  unknown"
        for run in group:
            yield from _item(run, run.id in pins, width) if listed else _row(run, run.id in pins)


def _row(run: StoredRun, pinned: bool) -> Iterator[str]:
    counts = (run.allowed, run.blocked, run.unknown) if run.measured else ("-", "-", "-")
    numbers = "  ".join(f"{number:>7}" for number in counts)
    yield f"{run.id[:ID_SHOWN]}  {short(run.started_at):<16}  {_plan(run):<18}  {numbers}"
    if notes := _notes(run, pinned):
        yield f"{' ' * ID_SHOWN}  {'; '.join(notes)}"


def _item(run: StoredRun, pinned: bool, width: int) -> Iterator[str]:
    counts = f"{run.allowed} allowed, {run.blocked} blocked, {run.unknown} unknown" if run.measured else ""
    said = "; ".join(filter(None, (_plan(run), counts, *_notes(run, pinned))))
    text = f"{run.id[:ID_SHOWN]}, {short(run.started_at)} UTC: {said}"
    yield from textwrap.wrap(text, max(width, _NARROWEST), initial_indent="- ", subsequent_indent=_INDENT)


def _plan(run: StoredRun) -> str:
    return one_line(run.plan, 18) or "undetermined" if run.measured else "not measured"


def _notes(run: StoredRun, pinned: bool) -> list[str]:
    notes = [
        "pinned as the baseline" if pinned else "",
        "" if run.complete else "cut short",
        "a simulation" if run.simulated else "",
        one_line(run.label, _LONGEST),
    ]
    return [note for note in notes if note]


def timeline_lines(timelines: Iterable[Timeline], width: int) -> Iterator[str]:
    """Yield, by operation, when it last worked and first failed, and a strip of the runs."""
    columns = max(width - len(_INDENT), 10)
    most = 0
    for timeline in timelines:
        marks = list(chain.from_iterable(repeat(entry.mark, entry.runs) for entry in timeline.entries))
        most = max(most, -(-len(marks) // columns))
        yield one_line(timeline.operation)
        yield f"{_INDENT}last worked   {_when(timeline.last_allowed, 'in no run of the history')}"
        yield f"{_INDENT}first failed  {_when(timeline.first_blocked, _not_failed(timeline))}"
        yield f"{_INDENT}{strip(marks, columns)}"
        yield ""
    if most:
        yield LEGEND
        each = "one run" if most == 1 else f"up to {count(most, 'run')}"
        yield f"Each column is {each}, the oldest first. Times are UTC."


def _not_failed(timeline: Timeline) -> str:
    return "not since then" if timeline.last_allowed else "in no run of the history"


def _when(run: RunRef | None, otherwise: str) -> str:
    return otherwise if run is None else f"{short(run.started_at)}  run {run.run[:ID_SHOWN]}"


def strip(marks: list[Mark], columns: int) -> str:
    """Return one sign per run or, where there is not room enough, per as many runs as it takes.

    >>> strip([Mark.ALLOWED, Mark.ALLOWED, Mark.BLOCKED], 10)
    '++x'
    """
    each = max(1, -(-len(marks) // columns))
    return "".join(_sign(set(marks[start : start + each])) for start in range(0, len(marks), each))


def _sign(marks: set[Mark]) -> str:
    if {Mark.ALLOWED, Mark.BLOCKED} <= marks:
        return _BOTH
    return next(_SIGNS[mark] for mark in _FIRST_SHOWN if mark in marks)


def short(time: str) -> str:
    """Return an RFC 3339 time in UTC to the minute.

    >>> short("2026-11-24T06:15:01.123Z")
    '2026-11-24 06:15'
    """
    return one_line(time[:16].replace("T", " "))
