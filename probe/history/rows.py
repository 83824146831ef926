"""A report as rows of the tables, and rows as records.

Comes in: a Report, or rows. Goes out: the other side. Pure: touches no database.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from probe.errors import InputError
from probe.history.model import StoredRun
from probe.jsonbytes import encoded
from probe.judge.model import Confidence
from probe.report.jsonfile import parse_report
from probe.report.model import Report

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

_ID_DIGITS = 16
_UNDETERMINED = "undetermined"
_FIELDS = tuple(field.name for field in msgspec.structs.fields(StoredRun))


def run_values(report: Report, body: bytes, key: str, label: str) -> dict[str, Any]:
    """Return the row of a run, without its state. Raises InputError for a time that is none."""
    counts = report.summary.verdicts
    plan = report.plan.estimate if report.measured else ""
    values = {
        "id": run_id(body, key),
        "run_key": key or None,
        "label": label,
        "base_url": report.target.base_url,
        "vendor": report.target.vendor,
        "catalog_version": report.target.catalog_version,
        "server_version": report.target.server_version,
        "tool_version": report.tool.version,
        "started_at": report.started_at,
        "started_us": microseconds(report.started_at),
        "finished_at": report.finished_at,
        "duration_s": report.duration_s,
        "measured": report.measured,
        "complete": report.complete,
        "simulated": report.simulated,
        "plan": "" if plan == _UNDETERMINED else plan,
        "plan_confidence": report.plan.confidence.value,
        "allowed": counts.get("allowed", 0),
        "blocked": counts.get("blocked", 0),
        "unknown": counts.get("unknown", 0),
    }
    return {name: _storable(value) for name, value in values.items()}


def _storable(value: object) -> object:
    """Return a text without what a database cannot hold: a zero, half a surrogate pair."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "")


def capability_values(report: Report) -> list[dict[str, Any]]:
    """Return a row for each capability, sorted, each operation once."""
    rows = {
        item.operation: {
            "operation": _storable(item.operation),
            "group_name": _storable(item.group),
            "verdict": item.verdict.value,
            "cause": item.cause.value,
            "confidence": item.confidence.value,
            "inferred": item.inferred,
        }
        for item in report.capabilities
    }
    return [rows[operation] for operation in sorted(rows)]


def digest_of(rows: list[dict[str, Any]]) -> str:
    """Return the name of a set of verdicts: the same rows, the same name."""
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def run_id(body: bytes, key: str) -> str:
    """Return the id of a run: of its report's JSON and its key, and of nothing else."""
    return hashlib.sha256(key.encode("utf-8", "backslashreplace") + b"\0" + body).hexdigest()[:_ID_DIGITS]


def pack(report: Report) -> tuple[bytes, bytes]:
    """Return a report as JSON, and that deflated."""
    body = encoded(report)
    return body, zlib.compress(body, 9)


def unpack(packed: bytes, run: str) -> str:
    """Return the JSON text of a stored report. Raises InputError where it is damaged."""
    try:
        return zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError):
        raise InputError(
            f"The report of run {run} is damaged in the history.", "`probe history list` shows the others."
        ) from None


def report_of(packed: bytes, run: str) -> Report:
    """Return a stored report, upgraded from an older version. Raises InputError."""
    return parse_report(unpack(packed, run))


def stored_run(row: RowMapping) -> StoredRun:
    """Return the record of a run's row."""
    values = {name: row[name] for name in _FIELDS if name in row}
    values["plan_confidence"] = Confidence(row["plan_confidence"])
    return StoredRun(key=row["run_key"] or "", **values)


def microseconds(time: str) -> int:
    """Return an RFC 3339 time in microseconds since 1970. Raises InputError."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise InputError(
            "The run is damaged or was edited: its start is no time.",
            "Give the report.json that a scan wrote.",
        ) from None
    return microseconds_of(moment)


def microseconds_of(moment: datetime) -> int:
    """Return a time in microseconds since 1970; without a zone it is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
