"""Turns the end of an organization's round into its row.

Comes in: an Organization and its report, or an error. Goes out: a Row. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from probe.errors import ExitCode, ProbeError
from probe.fleet.model import GroupCount, Organization, OrganizationState, Row
from probe.history.state import plan_of
from probe.judge.model import Verdict
from probe.report.changes import ExpectationVerdict
from probe.report.display import one_line
from probe.report.model import Report

_LONGEST = 400


def row_of(
    organization: Organization,
    report: Report,
    *,
    code: ExitCode,
    path: str,
    run: str,
    notes: Iterable[str] = (),
) -> Row:
    """Return the row of an organization that was asked; `path` leads to its report, if there is one."""
    changes = report.changes
    compared = changes is not None and changes.comparable
    counts = _counts(report) if report.measured else {}
    return Row(
        id=organization.id,
        name=organization.name,
        base_url=organization.base_url,
        labels=organization.labels,
        state=OrganizationState.MEASURED if report.measured else OrganizationState.NOT_MEASURED,
        reason="" if report.measured else one_line(report.measured_reason, _LONGEST),
        advice="" if report.measured else one_line(report.advice, _LONGEST),
        plan=report.plan_titles.get(plan_of(report), ""),
        plan_confidence=report.plan.confidence if plan_of(report) else None,
        allowed=sum(item.allowed for item in counts.values()),
        blocked=sum(item.blocked for item in counts.values()),
        unknown=sum(item.unknown for item in counts.values()),
        groups=tuple(counts.values()),
        compared=compared,
        headline=one_line(changes.headline, _LONGEST) if changes is not None else "",
        lost=_lost(report),
        lost_since=changes.lost_since if changes is not None else "",
        gained=tuple(item.operation for item in changes.gained) if compared and changes is not None else (),
        expectations_failed=tuple(
            one_line(f"{item.key} {item.value}", _LONGEST)
            for item in report.expectations
            if item.verdict is ExpectationVerdict.FAILED
        ),
        notes=tuple(one_line(note, _LONGEST) for note in notes if note),
        report=path,
        run=run,
        started_at=report.started_at,
        duration_s=round(report.duration_s, 3),
        requests=sum(report.requests_sent.values()),
        exit_code=code,
    )


def failed_row(organization: Organization, error: Exception) -> Row:
    """Return the row of an organization whose round came to nothing; an error's own words stay out."""
    if isinstance(error, ProbeError):
        reason, advice, code = error.message, error.hint, error.exit_code
    else:
        reason = f"This is a bug in probe ({type(error).__name__})."
        advice = "Scan the organization alone with `probe --debug scan`, and report what it prints."
        code = ExitCode.INTERNAL
    return Row(
        id=organization.id,
        name=organization.name,
        base_url=organization.base_url,
        labels=organization.labels,
        state=OrganizationState.FAILED,
        reason=one_line(reason, _LONGEST),
        advice=one_line(advice, _LONGEST),
        exit_code=code,
    )


def _counts(report: Report) -> dict[str, GroupCount]:
    verdicts: dict[str, list[Verdict]] = {}
    titles: dict[str, str] = {}
    for item in report.capabilities:
        verdicts.setdefault(item.group, []).append(item.verdict)
        titles.setdefault(item.group, item.group_title)
    return {
        group: GroupCount(
            id=group,
            title=titles[group],
            allowed=found.count(Verdict.ALLOWED),
            blocked=found.count(Verdict.BLOCKED),
            unknown=found.count(Verdict.UNKNOWN),
        )
        for group, found in verdicts.items()
    }


def _lost(report: Report) -> tuple[str, ...]:
    changes = report.changes
    if changes is None or not changes.took_away:
        return ()
    names = [item.operation for item in changes.lost]
    names += [name for token in changes.tokens for name in token.operations]
    return tuple(dict.fromkeys(names))
