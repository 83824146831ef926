"""A run read in the terminal: operation by operation, or one operation in full.

Comes in: a Report and what to show of it. Goes out: lines of plain text; what a server chose is one
line of visible characters.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import groupby

from msgspec import Struct

from probe.judge.model import Verdict
from probe.report.display import capital, count, milliseconds, one_line
from probe.report.exchange_text import attempts_text, came_back, curl_line, traces
from probe.report.model import Report, ReportCapability, ReportFinding
from probe.report.words import CAUSES, KINDS

_MARKS = {Verdict.ALLOWED: "+", Verdict.BLOCKED: "x", Verdict.UNKNOWN: "?"}
_LONGEST = 1000


class Wanted(Struct, frozen=True, kw_only=True):
    """What to show; empty where all is wanted."""

    only: tuple[str, ...] = ()
    verdict: Verdict | None = None
    token: str = ""


def list_operations(report: Report, wanted: Wanted, width: int) -> Iterator[str]:
    """Yield the operations that fit, group by group, with verdict, cause and the tokens' answers."""
    answers: dict[str, list[ReportFinding]] = {}
    for finding in report.findings:
        if wanted.token in ("", finding.token):
            answers.setdefault(finding.operation, []).append(finding)
    chosen = [
        item
        for item in report.capabilities
        if _fits(item, report, wanted) and (not wanted.token or item.operation in answers)
    ]
    for title, members in groupby(chosen, key=lambda item: item.group_title):
        yield one_line(title)
        for item in members:
            yield from _operation(item, answers.get(item.operation, []), width)
    yield ""
    yield f"{count(len(chosen), 'operation')}. + allowed, x blocked, ? unknown; (i) inferred, not asked."


def show_operation(report: Report, operation: str, token: str, width: int) -> Iterator[str]:
    """Yield everything that is known of one operation; nothing where the run does not have it."""
    for item in report.capabilities:
        if item.operation == operation:
            yield one_line(f"{item.group_title}: {item.summary}")
            how = ", inferred" if item.inferred else ""
            yield one_line(f"{item.operation} ({item.method} {item.path})")
            yield one_line(f"{_MARKS[item.verdict]} {item.verdict}{how}: {CAUSES[item.cause].label}")
            yield from _wrapped(capital(item.reason), width)
            if item.scope:
                yield one_line(f"scope: {' '.join(item.scope)}")
    for finding in report.findings:
        if finding.operation == operation and token in ("", finding.token):
            yield ""
            yield from _finding(report, finding, width)
    for skipped in report.skipped:
        if skipped.operation == operation and token in ("", skipped.token):
            yield ""
            yield from _wrapped(f"token {skipped.token}: {skipped.reason}", width)


def names_any(report: Report, only: tuple[str, ...]) -> bool:
    """Return whether globs name any operation of the report; none at all name every one."""
    return any(_is_named(item, only) for item in report.capabilities) or not only


def _is_named(item: ReportCapability, only: tuple[str, ...]) -> bool:
    return not only or any(fnmatchcase(item.operation, pattern) for pattern in only)


def _fits(item: ReportCapability, report: Report, wanted: Wanted) -> bool:
    if not _is_named(item, wanted.only):
        return False
    return wanted.verdict is None or (report.measured and item.verdict is wanted.verdict)


def _operation(item: ReportCapability, findings: list[ReportFinding], width: int) -> Iterator[str]:
    inferred = " (i)" if item.inferred else ""
    name = f"{item.operation}{inferred} ({item.method} {item.path})"
    line = f"{_MARKS[item.verdict]} {name}: {CAUSES[item.cause].label}"
    yield from _wrapped(line, width, "  ")
    for finding in findings:
        status = "no answer" if finding.status is None else str(finding.status)
        line = f"{finding.token}: {status} {KINDS[finding.kind].label}, {CAUSES[finding.cause].label}"
        yield from _wrapped(line, width, "      ")


def _finding(report: Report, finding: ReportFinding, width: int) -> Iterator[str]:
    request, last = finding.evidence.request, finding.evidence.attempts[-1]
    status = "no answer" if finding.status is None else f"status {finding.status}"
    yield one_line(f"token {finding.token}: {request.method} {request.path}")
    yield f"  {status}, {KINDS[finding.kind].label}, in {milliseconds(finding.elapsed_ms)}, {last.started_at}"
    for line in attempts_text(finding.evidence.attempts):
        yield from _wrapped(line, width, "  ")
    for label, text in came_back(last.outcome):
        yield from _wrapped(f"{label}: {text}", width, "  ")
    for trace in traces(finding):
        yield from _wrapped(f"Request id: {trace}", width, "  ")
    sure = f"{finding.confidence}, rule {finding.rule}"
    yield from _wrapped(f"{capital(CAUSES[finding.cause].label)} ({sure}): {finding.reason}", width, "  ")
    if finding.settle:
        yield from _wrapped(f"To settle it: {finding.settle}", width, "  ")
    yield f"  {one_line(curl_line(request, report.target.base_url, finding.token))}"


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        one_line(text, _LONGEST), width, initial_indent=indent, subsequent_indent=f"{indent}  "
    )
