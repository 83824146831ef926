"""Runs as lines of JSON: how they leave one history and enter another.

Comes in: runs with their reports, or lines. Goes out: the other. One run per line, so that neither
side ever holds more than one. Touches no database.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from probe.errors import InputError
from probe.history.model import StoredRun
from probe.report.jsonfile import parse_report
from probe.report.model import Report

FORMAT = 1
_NEXT = "Give what `probe history export` wrote, or the report.json of a scan."


class Line(Struct, frozen=True, kw_only=True):
    """One exported run. `id` is empty where the line was only a report."""

    probe_history: int
    id: str = ""
    key: str = ""
    label: str = ""
    pinned: bool = False
    report: msgspec.Raw


def line_of(run: StoredRun, report_json: str, *, pinned: bool) -> str:
    """Return the line of a run, without an end of line."""
    line = Line(
        probe_history=FORMAT,
        id=run.id,
        key=run.key,
        label=run.label,
        pinned=pinned,
        report=msgspec.Raw(report_json.encode()),
    )
    return msgspec.json.encode(line).decode()


def read_line(text: str, number: int) -> tuple[Line, Report]:
    """Return what a line holds. Raises InputError that names its number."""
    try:
        line = msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=Line)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise InputError(f"Line {number} is no exported run.", _NEXT) from None
    if line.probe_history != FORMAT:
        raise InputError(
            f"Line {number} was exported by a newer version of probe.", "Import it with that version."
        )
    try:
        return line, parse_report(bytes(line.report).decode())
    except InputError as error:
        raise InputError(f"Line {number}: {error.message}", error.hint) from None
