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
_MOST_EARLIER = 8  # runs that are opened to see what was lost since
_THROUGH = frozenset({Cause.OK, Cause.VALIDATION, Cause.MISSING_RESOURCE})


class Meanwhile(Struct, frozen=True, kw_only=True):
    """What was lost, by group and cause, between an earlier run and the one that is compared with.

    `plan` and `server_version` are those of the earlier run.
    """

    lost: frozenset[tuple[str, Cause]]
    plan: str
    server_version: str


class KnownState(Struct, frozen=True, kw_only=True):
    """What is known of an organization: per operation the verdict of the latest run that told it.

    `reason` says why nothing is known, or is empty. `tokens`, `passed` (operation to the names of the
    tokens that got through), `pages` (operation to the page that it met), plan and versions are those
    of the one run that `baseline` names. `operations` are all that its catalog had. `meanwhile` tells,
    by the id of an earlier run that still speaks for some operation, what was lost since then.
    `said_to_be_the_same` is true where the user said that it is the organization that is compared with
    it, whatever the addresses say.
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
    meanwhile: dict[str, Meanwhile] = {}
    said_to_be_the_same: bool = False


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
    return completed(state, history.known_state(base_url), history)


def completed(state: KnownState, known: dict[str, KnownCapability], history: History) -> KnownState:
    """Add what earlier runs told of operations that the one of `state` leaves unknown."""
    earlier = {
        name: item
        for name, item in known.items()
        if name in state.operations and name not in state.capabilities
    }
    capabilities = {**earlier, **state.capabilities}
    speaking = {item.run: item.started_at for item in earlier.values() if item.verdict is Verdict.ALLOWED}
    last = sorted(speaking, key=lambda run: speaking[run], reverse=True)[:_MOST_EARLIER]
    meanwhile = {run: _meanwhile(history.load(run), capabilities) for run in last}
    return replace(state, capabilities=capabilities, meanwhile=meanwhile)


def _meanwhile(report: Report, now: dict[str, KnownCapability]) -> Meanwhile:
    lost = {
        (item.group, now[item.operation].cause)
        for item in report.capabilities
        if item.verdict is Verdict.ALLOWED
        and item.operation in now
        and now[item.operation].verdict is Verdict.BLOCKED
    }
    return Meanwhile(lost=frozenset(lost), plan=plan_of(report), server_version=report.target.server_version)


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
