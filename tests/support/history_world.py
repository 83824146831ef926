"""Runs for the tests of the history: synthetic reports with another time, other verdicts."""

from __future__ import annotations

import msgspec
from synthetic_report import FEW, not_measured_report, synthetic_report

from probe.judge.model import Cause, Verdict
from probe.report.build import summarize

URL = "https://example.retool.com"
OTHER = "https://other.example.com"
_BASE = synthetic_report(names=FEW)
_NOT_MEASURED = not_measured_report()


def run_at(day, *, base_url=URL, measured=True, complete=True, **verdicts):
    """Return a report of that day of November; `verdicts` are `users_list="blocked"` and the like."""
    report = _BASE if measured else _NOT_MEASURED
    said = {name.replace("__", "."): Verdict(verdict) for name, verdict in verdicts.items()}
    capabilities = tuple(_with(item, said.get(item.operation)) for item in report.capabilities)
    return msgspec.structs.replace(
        report,
        started_at=f"2026-11-{day:02d}T06:15:01.250Z",
        finished_at=f"2026-11-{day:02d}T06:16:36.250Z",
        complete=complete,
        target=msgspec.structs.replace(report.target, base_url=base_url),
        capabilities=capabilities,
        summary=summarize(report.findings, capabilities, report.skipped, len(report.walls)),
    )


def _with(item, verdict):
    if verdict is None:
        return item
    causes = {Verdict.ALLOWED: Cause.OK, Verdict.BLOCKED: Cause.PLAN, Verdict.UNKNOWN: Cause.NETWORK}
    return msgspec.structs.replace(item, verdict=verdict, cause=causes[verdict])
