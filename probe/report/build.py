"""Run and judgement to Report, and a Report back to the Run that it came from.

Comes in: frozen records. Goes out: frozen records. Counts are computed here, from the lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from probe import __version__
from probe.catalog.model import Catalog
from probe.evidence import Exchange, Failure, Response, Run, Skipped, Target, TokenInfo
from probe.judge.model import Capability, Finding, Judgement, Kind, Verdict
from probe.report.coverage import coverage_of
from probe.report.model import (
    SCHEMA_VERSION,
    Evidence,
    Report,
    ReportCapability,
    ReportControl,
    ReportFinding,
    ReportTarget,
    ReportToken,
    Summary,
    Tool,
)
from probe.report.writes import writes_of

TOOL_NAME = "plan-probe"


def build_report(run: Run, judgement: Judgement, catalog: Catalog) -> Report:
    """Return the report of a run and what it means."""
    titles = {group.id: group.title for group in catalog.groups}
    findings = tuple(_finding(finding, catalog) for finding in judgement.findings)
    capabilities = tuple(_capability(capability, catalog, titles) for capability in judgement.capabilities)
    controls = tuple(_control(control, catalog) for control in judgement.controls)
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name=TOOL_NAME, version=__version__),
        complete=run.complete,
        measured=judgement.measured.measured,
        measured_reason=judgement.measured.reason,
        measured_cause=judgement.measured.cause,
        advice=judgement.measured.advice,
        simulated=run.simulated,
        target=_target(run.target, catalog),
        started_at=run.started_at,
        finished_at=run.finished_at,
        duration_s=run.duration_s,
        limits=run.limits,
        requests_sent=run.requests_sent,
        tokens=tuple(
            ReportToken(
                name=token.name,
                declared_scopes=token.declared_scopes,
                status=token.status,
                reason=token.reason,
                scopes_shown=token.scopes_shown,
                scopes_missing=token.scopes_missing,
                scopes_undeclared=token.scopes_undeclared,
                scopes_unused=token.scopes_unused,
                scopes_granted=token.scopes_granted,
                granted_note=token.granted_note,
            )
            for token in judgement.tokens
        ),
        plan=judgement.plan,
        plan_titles={plan.id: plan.title for plan in catalog.plans},
        questions=judgement.questions,
        summary=summarize(findings, capabilities, judgement.skipped, len(judgement.walls)),
        capabilities=capabilities,
        claims=judgement.claims,
        guidance=judgement.guidance,
        walls=judgement.walls,
        controls=controls,
        findings=findings,
        skipped=judgement.skipped,
        writes=writes_of(findings, controls),
    )


def summarize(
    findings: Sequence[ReportFinding],
    capabilities: Iterable[ReportCapability],
    skipped: Sequence[Skipped],
    walls: int,
) -> Summary:
    """Count findings by kind and capabilities by verdict; every kind and verdict is named."""
    kinds = Counter(finding.kind for finding in findings)
    verdicts = Counter(capability.verdict for capability in capabilities)
    return Summary(
        findings=kinds.total(),
        skipped=len(skipped),
        coverage=coverage_of(findings, skipped),
        kinds={kind.value: kinds[kind] for kind in Kind},
        verdicts={verdict.value: verdicts[verdict] for verdict in Verdict},
        walls=walls,
    )


def run_of(report: Report) -> Run:
    """Return the evidence that a report was made from, without any judgement."""
    return Run(
        target=Target(
            base_url=report.target.base_url,
            vendor=report.target.vendor,
            catalog_version=report.target.catalog_version,
            server_version=report.target.server_version,
        ),
        tokens=tuple(
            TokenInfo(name=token.name, declared_scopes=token.declared_scopes) for token in report.tokens
        ),
        limits=report.limits,
        started_at=report.started_at,
        finished_at=report.finished_at,
        duration_s=report.duration_s,
        complete=report.complete,
        simulated=report.simulated,
        controls=tuple(
            Exchange(
                operation=control.operation,
                token=control.token,
                role=control.role,
                request=control.evidence.request,
                attempts=control.evidence.attempts,
            )
            for control in report.controls
        ),
        exchanges=tuple(
            Exchange(
                operation=finding.operation,
                token=finding.token,
                request=finding.evidence.request,
                attempts=finding.evidence.attempts,
                own_scopes=finding.evidence.own_scopes,
            )
            for finding in report.findings
        ),
        skipped=report.skipped,
        requests_sent=report.requests_sent,
    )


def _target(target: Target, catalog: Catalog) -> ReportTarget:
    return ReportTarget(
        base_url=target.base_url,
        vendor=target.vendor,
        vendor_title=catalog.vendor.title,
        catalog_version=target.catalog_version,
        server_version=target.server_version,
    )


def _finding(finding: Finding, catalog: Catalog) -> ReportFinding:
    exchange, diagnosis = finding.exchange, finding.diagnosis
    operation = catalog.by_id[exchange.operation]
    return ReportFinding(
        operation=operation.id,
        method=operation.method,
        path=operation.path,
        group=operation.group,
        token=exchange.token,
        kind=finding.kind,
        cause=diagnosis.cause,
        confidence=diagnosis.confidence,
        rule=diagnosis.rule,
        runner_up=diagnosis.runner_up,
        reason=diagnosis.reason,
        settle=diagnosis.settle,
        wall=finding.wall,
        status=_status(exchange.outcome),
        elapsed_ms=exchange.attempts[-1].elapsed_ms,
        attempts=len(exchange.attempts),
        evidence=Evidence(
            request=exchange.request, attempts=exchange.attempts, own_scopes=exchange.own_scopes
        ),
    )


def _control(control: Finding, catalog: Catalog) -> ReportControl:
    exchange, diagnosis = control.exchange, control.diagnosis
    if exchange.role is None:
        raise ValueError("a control has a role")
    operation = catalog.by_id.get(exchange.operation)
    return ReportControl(
        role=exchange.role,
        operation=exchange.operation,
        method=exchange.request.method,
        path=operation.path if operation else exchange.request.path,
        token=exchange.token,
        kind=control.kind,
        cause=diagnosis.cause,
        confidence=diagnosis.confidence,
        rule=diagnosis.rule,
        reason=diagnosis.reason,
        wall=control.wall,
        status=_status(exchange.outcome),
        elapsed_ms=exchange.attempts[-1].elapsed_ms,
        attempts=len(exchange.attempts),
        evidence=Evidence(request=exchange.request, attempts=exchange.attempts),
    )


def _capability(capability: Capability, catalog: Catalog, titles: dict[str, str]) -> ReportCapability:
    return ReportCapability(
        operation=capability.operation,
        method=capability.method,
        path=capability.path,
        group=capability.group,
        group_title=titles.get(capability.group, capability.group),
        summary=catalog.by_id[capability.operation].summary,
        hazard=capability.hazard,
        scope=capability.scope,
        documented_plan=capability.documented_plan,
        verdict=capability.verdict,
        cause=capability.cause,
        confidence=capability.confidence,
        inferred=capability.inferred,
        reason=capability.reason,
        tokens=capability.tokens,
    )


def _status(outcome: Response | Failure) -> int | None:
    return outcome.status if isinstance(outcome, Response) else None
