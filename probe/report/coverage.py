"""How much of what was to be asked a run has asked: what a reader of an incomplete run needs first.

Comes in: findings and what was skipped, or a Report. Goes out: counts, and the sentence that every form
begins with where a scan was stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from probe.evidence import Skipped, was_cut_off
from probe.report.display import count
from probe.report.model import Coverage, Report, ReportFinding

NO_TOTALS = "What stands here is what was seen until then, and no count is a total."


def coverage_of(findings: Sequence[ReportFinding], skipped: Sequence[Skipped]) -> Coverage:
    """Return how much was asked; what was left out on purpose is not counted."""
    asked = {finding.operation for finding in findings}
    cut_off = [item for item in skipped if was_cut_off(item)]
    return Coverage(
        operations=len(asked),
        of_operations=len(asked | {item.operation for item in cut_off}),
        probes=len(findings),
        of_probes=len(findings) + len(cut_off),
    )


def so_far(report: Report) -> str:
    """Return what stands before a count that is no total, or an empty text where it is one."""
    return "" if report.complete else "So far, of "


def how_far(report: Report) -> str:
    """Return how far a scan that was stopped got, without a full stop; an empty text where it was not."""
    if report.complete:
        return ""
    found = coverage_of(report.findings, report.skipped)
    return (
        f"{found.operations} of {count(found.of_operations, 'operation')} asked "
        f"({found.probes} of {count(found.of_probes, 'probe')}) before the scan was stopped"
    )
