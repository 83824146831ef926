"""The report as a table (CSV, RFC 4180): a row for each finding, each probe not asked, each control.

Comes in: a Report. Goes out: lines, one by one. What a spreadsheet would take for a formula gets an
apostrophe, also where a spreadsheet splits the line at another mark than a comma. The mark at the start
tells a spreadsheet that the text is UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from probe.report.display import one_line
from probe.report.exchange_text import came_back, traces
from probe.report.model import Report, ReportControl, ReportFinding
from probe.report.writes import went_out

COLUMNS = (
    "operation",
    "method",
    "path",
    "group",
    "group_title",
    "token",
    "asked",
    "status",
    "kind",
    "cause",
    "confidence",
    "rule",
    "reason",
    "verdict",
    "verdict_inferred",
    "documented_plan",
    "scope",
    "attempts",
    "elapsed_ms",
    "started_at",
    "wall",
    "came_back",
    "request_ids",
    "control",
    "sent",
)
# At the start of a cell, or after what another spreadsheet splits cells at; the last four are wide forms.
_FORMULA = re.compile(r"(^|[;,|\t\"])(\s*)(?=[=+\-@%\uff1d\uff0b\uff0d\uff20])")
# Most cells are a word of ours: no mark, no space to fold.
_HARMLESS = re.compile(r"[A-Za-z0-9_./{}]*(?: [A-Za-z0-9_./{}]+)*").fullmatch
_SPLITTING = ("\t", "\r", "|")
_MARK = "\ufeff"
_LONGEST = 2000


def stream_csv(report: Report) -> Iterator[str]:
    """Yield the header and each row, ended as RFC 4180 says."""
    capabilities = {item.operation: item for item in report.capabilities}

    def of_operation(operation: str) -> dict[str, object]:
        item = capabilities.get(operation)
        if item is None:  # a run that was edited by hand; its rows are worth keeping
            return {"operation": operation}
        return {
            "operation": item.operation,
            "method": item.method,
            "path": item.path,
            "group": item.group,
            "group_title": item.group_title,
            "verdict": item.verdict if report.measured else "not measured",
            "verdict_inferred": _yes(item.inferred),
            "documented_plan": item.documented_plan or "",
            "scope": " ".join(item.scope),
        }

    yield _MARK + _line(COLUMNS)
    for finding in report.findings:
        yield _row({**of_operation(finding.operation), **_finding(finding)})
    for skipped in report.skipped:
        row = {"token": skipped.token, "asked": "no", "reason": skipped.reason}
        yield _row({**of_operation(skipped.operation), **row})
    for control in report.controls:
        yield _row({**_control(control), "operation": control.operation})


def guarded(cell: object) -> str:
    """Return a cell's text on one line, which no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded(-5), guarded("a;=1")
    ("'=1+1", '-5', "a;'=1")
    """
    if isinstance(cell, int):
        return str(cell)
    raw = str(cell)
    if _HARMLESS(raw) and len(raw) <= _LONGEST:
        return raw
    text = one_line(raw, _LONGEST)
    text = _FORMULA.sub(r"\1\2'", text)
    return f"'{text}" if raw.startswith(_SPLITTING) and not text.startswith("'") else text


def _finding(finding: ReportFinding) -> dict[str, object]:
    return {**_exchange(finding), "group": finding.group}


def _control(control: ReportControl) -> dict[str, object]:
    return {**_exchange(control), "control": control.role}


def _exchange(item: ReportFinding | ReportControl) -> dict[str, object]:
    last, sent = item.evidence.attempts[-1], went_out(item)
    return {
        "method": item.method,
        "path": item.path,
        "token": item.token,
        "asked": "yes",
        "status": "" if item.status is None else item.status,
        "kind": item.kind,
        "cause": item.cause,
        "confidence": item.confidence,
        "rule": item.rule,
        "reason": item.reason,
        "attempts": item.attempts if sent else 0,
        "elapsed_ms": item.elapsed_ms,
        "started_at": last.started_at,
        "wall": item.wall,
        "came_back": "; ".join(f"{label}: {text}" for label, text in came_back(last.outcome)),
        "request_ids": "; ".join(traces(item)),
        "sent": item.evidence.request.path if sent else "",
    }


def _row(cells: dict[str, object]) -> str:
    return _line(cells.get(column, "") for column in COLUMNS)


def _line(cells: Iterable[object]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([guarded(cell) for cell in cells])
    return file.getvalue()


def _yes(value: bool) -> str:
    return "yes" if value else "no"
