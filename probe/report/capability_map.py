"""The picture of what a group may do: one mark per operation, told apart by shape, letter-free.

Comes in: capabilities in the order to draw. Goes out: places for the template's SVG, and the text that
says the same. A tick is allowed, a cross blocked, a question mark unknown; a filled mark was seen by
asking, an outlined one inferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.model import Verdict
from probe.report.answer import tallies
from probe.report.model import ReportCapability

CELL = 16
PER_ROW = 18
_SYMBOLS = {Verdict.ALLOWED: "a", Verdict.BLOCKED: "b", Verdict.UNKNOWN: "u"}


class Mark(NamedTuple):
    """One operation's mark: its symbol's name and its place in user units."""

    symbol: str
    x: int
    y: int
    title: str


class Strip(NamedTuple):
    """The picture of one group: its size in user units, its marks, its text alternative."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    text: str


def strip_of(capabilities: Sequence[ReportCapability]) -> Strip:
    """Return the picture of a group, its operations in the order given."""
    columns = min(len(capabilities), PER_ROW)
    rows = -(-len(capabilities) // PER_ROW)
    return Strip(
        width=columns * CELL,
        height=rows * CELL,
        marks=tuple(_mark(place, item) for place, item in enumerate(capabilities)),
        text=_text(tuple(capabilities)),
    )


def _mark(place: int, item: ReportCapability) -> Mark:
    row, column = divmod(place, PER_ROW)
    symbol = f"m-{_SYMBOLS[item.verdict]}{'i' if item.inferred else ''}"
    how = f"{item.verdict}, inferred" if item.inferred else item.verdict.value
    return Mark(symbol, column * CELL, row * CELL, f"{item.operation}: {how}")


def _text(capabilities: tuple[ReportCapability, ...]) -> str:
    parts = [
        f"{tally.total} {tally.verdict}" + (f" ({tally.inferred} inferred)" if tally.inferred else "")
        for tally in tallies(capabilities)
        if tally.total
    ]
    return ", ".join(parts)
