"""What was known before a run: the side of a comparison that is the past.

Comes in: a report, and what the history says of operations that the report did not tell. Goes out: a
KnownState. Pure, but for `state_in`, which reads the history that it is given. Judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from probe.errors import InputError
from probe.evidence import PageView, Response
from probe.history.model import KnownCapability
from probe.judge.model import Cause, Kind, Verdict
from probe.report.changes import BaselineRef
from probe.report.model import Report, ReportFinding, ReportToken

if TYPE_CHECKING:
    from probe.history.store import History

# Answers that show that the token may use the operation.
_THROUGH = frozenset({Cause.OK, Cause.VALIDATION, Cause.MISSING_RESOURCE})


class KnownState(Struct, frozen=True, kw_only=True):
    """What is known of an organization: per operation the verdict of the latest run that told it.

    `reason` says why nothing is known, or is empty. `tokens`, `passed` (operation to the names of the
    tokens that got through), `pages` (operation to the page that it met), plan and versions are those
    of the one run that `baseline` names. `operations` are all that its catalog had.
    """

    baseline: BaselineRef
    base_url: str
    vendor: str
    reason: str = ""
    capabilities: dict[str, KnownCapability]
    operations: frozenset[str]
    tokens: tuple[ReportToken, ...]
    passed: dict[str, frozenset[str]]
    pages: dict[str, PageView]
    server_version: str
    catalog_version: str


def state_of(report: Report, *, label: str, run: str = "") -> KnownState:
    """Return what one report tells. `label` names it for people; `run` is its id in the history."""
    return KnownState(
        baseline=BaselineRef(label=label, run=run, started_at=report.started_at, plan=plan_of(report)),
        base_url=report.target.base_url,
        vendor=report.target.vendor,
        reason="" if report.measured else f"the earlier run was not measured: {report.measured_reason}",
        capabilities=_told(report, run) if report.measured else {},
        operations=frozenset(item.operation for item in report.capabilities),
        tokens=report.tokens,
        passed=_passed(report),
        pages=pages_met(report),
        server_version=report.target.server_version,
        catalog_version=report.target.catalog_version,
    )


def state_in(history: History, base_url: str) -> KnownState | None:
    """Return what the history knows of an organization, or None where it has no good run.

    What the last good run leaves unknown, an earlier one may have told. Raises HistoryError.
    """
    try:
        last = history.find("last-good", base_url)
    except InputError:
        return None
    state = state_of(history.load(last.id), label="last-good", run=last.id)
    told = {name: item for name, item in history.known_state(base_url).items() if name in state.operations}
    return replace(state, capabilities={**told, **state.capabilities})


def plan_of(report: Report) -> str:
    """Return the id of the plan that a report estimates, or an empty text."""
    known = report.measured and report.plan.estimate in report.plan_titles
    return report.plan.estimate if known else ""


def pages_met(report: Report) -> dict[str, PageView]:
    """Return the web page that each operation met where a wall decided, by operation."""
    found: dict[str, PageView] = {}
    for finding in report.findings if report.measured else ():
        page = _page(finding)
        if page is not None:
            found.setdefault(finding.operation, page)
    return found


def _page(finding: ReportFinding) -> PageView | None:
    outcome = finding.evidence.attempts[-1].outcome
    shut = finding.cause in {Cause.PLAN, Cause.ROUTE, Cause.VERSION}
    if finding.kind is not Kind.HTML_WALL or not shut or not isinstance(outcome, Response):
        return None
    return outcome.body.page


def _told(report: Report, run: str) -> dict[str, KnownCapability]:
    """Return the verdicts that stand; what a run that was cut short only inferred does not."""
    return {
        item.operation: KnownCapability(
            operation=item.operation,
            group=item.group,
            verdict=item.verdict,
            cause=item.cause,
            confidence=item.confidence,
            inferred=item.inferred,
            run=run,
            started_at=report.started_at,
        )
        for item in report.capabilities
        if item.verdict is not Verdict.UNKNOWN and (report.complete or not item.inferred)
    }


def _passed(report: Report) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        if finding.cause in _THROUGH:
            found.setdefault(finding.operation, set()).add(finding.token)
    return {name: frozenset(tokens) for name, tokens in found.items()}
