"""The words of a message: a title of one line and a short body of plain lines.

Comes in: a Report and what is told of it. Goes out: text. What a server may have chosen is cut short
and freed of the marks by which chat programs call people or make links.
"""

from __future__ import annotations

from collections import Counter

from probe.notify.model import Event
from probe.report.display import count, moment, one_line
from probe.report.model import Report

_TITLE, _LINE, _MOST_GROUPS = 200, 300, 12
_MARKS = str.maketrans({"<": "(", ">": ")", "@": "(at)", "`": "'", "|": "/"})


def plain(text: str, limit: int = _LINE) -> str:
    """Return text on one line that calls nobody and links nowhere.

    >>> plain("<!channel> mail a@b")
    '(!channel) mail a(at)b'
    """
    return one_line(text.translate(_MARKS), limit)


def title_of(
    report: Report, events: tuple[Event, ...], lost: tuple[str, ...], back: tuple[str, ...], *, in_a_row: int
) -> str:
    """Return the first line: the comparison's own headline where something was lost."""
    if Event.NOT_MEASURED in events:
        return plain(f"not measured {in_a_row} times in a row: {report.target.base_url}", _TITLE)
    headline = report.changes.headline if report.changes else ""
    if Event.LOST in events:
        return plain(headline or f"lost: {count(len(lost), 'operation')}", _TITLE)
    if back:
        return plain(f"recovered: {count(len(back), 'operation')} ({_first_groups(report, back)})", _TITLE)
    return plain(f"measured again: {report.target.base_url}", _TITLE)


def body_of(
    report: Report, lost: tuple[str, ...], back: tuple[str, ...], place: str, *, measured_again: bool
) -> str:
    """Return the lines below the title."""
    lines = [f"Organization: {report.target.base_url}, scanned {moment(report.started_at)}"]
    if not report.measured:
        lines += [f"Why: {plain(report.measured_reason)}", plain(report.advice)]
        return "\n".join(filter(None, [*lines, _report_line(place)]))
    causes = {item.operation: item.cause.value.replace("_", " ") for item in report.capabilities}
    lines += [f"Lost: {line}" for line in _by_group(report, lost, causes)]
    lines += [f"Recovered: {line}" for line in _by_group(report, back, {})]
    if lost and report.changes and report.changes.lost_since:
        lines.append(f"Still allowed: {moment(report.changes.lost_since)}")
    if measured_again:
        lines.append("The scans reach a conclusion again.")
    lines += [f'Token "{token.name}": {token.status.value}' for token in report.tokens]
    title = report.plan_titles.get(report.plan.estimate, report.plan.estimate)
    lines.append(f"Behaves like plan: {plain(title)}")
    return "\n".join(filter(None, [*lines, _report_line(place)]))


def _report_line(place: str) -> str:
    return f"Report: {place}" if place else ""


def _groups(report: Report, operations: tuple[str, ...]) -> Counter[str]:
    group = {item.operation: item.group for item in report.capabilities}
    return Counter(group.get(name, name.partition(".")[0]) for name in operations)


def _first_groups(report: Report, operations: tuple[str, ...]) -> str:
    return ", ".join(f"{name}.*" for name in sorted(_groups(report, operations))[:3])


def _by_group(report: Report, operations: tuple[str, ...], causes: dict[str, str]) -> list[str]:
    """Return a line for each group: how many, and why."""
    group = {item.operation: item.group for item in report.capabilities}
    lines = []
    for name, number in sorted(_groups(report, operations).items()):
        own = [causes[item] for item in operations if group.get(item) == name and item in causes]
        why = f", cause: {', '.join(sorted(set(own)))}" if own else ""
        lines.append(f"{name}.* ({count(number, 'operation')}){why}")
    more = len(lines) - _MOST_GROUPS
    return lines if more <= 0 else [*lines[:_MOST_GROUPS], f"and {count(more, 'more group')}"]
