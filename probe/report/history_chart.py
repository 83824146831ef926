"""The picture of earlier runs: one column per run, told apart by shape as well as by colour.

Comes in: the points of the history, oldest first. Goes out: places for the template's SVG, and the text
that says the same. Allowed is a broad filled bar from the ground, blocked a narrow filled one on it,
unknown an outline above; a run that was not measured is a dashed line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from probe.report.changes import HistoryPoint
from probe.report.display import count

COLUMN = 16
HEIGHT = 96
MOST_COLUMNS = 60
_BROAD, _NARROW = 12, 6


class Bar(NamedTuple):
    """One rectangle: its class and its place in user units."""

    style: str
    x: float
    y: float
    width: float
    height: float


class Column(NamedTuple):
    """One run: its bars, or none where it was not measured; `middle` is where its dashed line stands."""

    title: str
    middle: float
    bars: tuple[Bar, ...]


class Chart(NamedTuple):
    """The picture: its width in user units (the height is `HEIGHT`), its columns, its text alternative."""

    width: int
    columns: tuple[Column, ...]
    text: str


def chart_of(points: Sequence[HistoryPoint]) -> Chart:
    """Return the chart of the latest runs, at most `MOST_COLUMNS` of them."""
    shown = points[-MOST_COLUMNS:]
    most = max((_total(point) for point in shown if point.measured), default=0)
    return Chart(
        width=max(1, len(shown)) * COLUMN,
        columns=tuple(_column(place, point, most) for place, point in enumerate(shown)),
        text=_text(shown),
    )


def _total(point: HistoryPoint) -> int:
    return point.allowed + point.blocked + point.unknown


def _column(place: int, point: HistoryPoint, most: int) -> Column:
    middle = place * COLUMN + COLUMN / 2
    return Column(_title(point), middle, tuple(_bars(middle, point, most)) if point.measured else ())


def _bars(middle: float, point: HistoryPoint, most: int) -> list[Bar]:
    bars: list[Bar] = []
    ground = float(HEIGHT)
    parts = (("fa", point.allowed, _BROAD), ("fb", point.blocked, _NARROW), ("ou", point.unknown, _BROAD - 1))
    for style, number, width in parts:
        height = number / most * (HEIGHT - 2) if most else 0.0
        ground -= height
        if number:
            bars.append(Bar(style, middle - width / 2, round(ground, 2), width, round(height, 2)))
    return bars


def _title(point: HistoryPoint) -> str:
    if not point.measured:
        return f"{point.started_at}: not measured"
    cut = "" if point.complete else "cut short, so far "
    counts = f"{point.allowed} allowed, {point.blocked} blocked, {point.unknown} unknown"
    return f"{point.started_at}: {cut}{counts}"


def _text(points: Sequence[HistoryPoint]) -> str:
    measured = [point for point in points if point.measured and point.complete]
    if not measured:
        return f"{count(len(points), 'run')}, none measured in full"
    first, last = measured[0], measured[-1]
    apart = sum(not point.measured for point in points)
    cut = len(points) - len(measured) - apart
    return (
        f"{count(len(points), 'run')}, {apart} not measured{f', {cut} cut short' if cut else ''}; "
        f"{first.allowed} operations allowed in the first, {last.allowed} in the last"
    )
