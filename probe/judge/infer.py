"""From findings to what they mean: capabilities, plan, tokens, claims, guidance, answers.

Comes in: a run, what diagnosis says of it, the catalog. Goes out: a Judgement. Pure: no network, no
clock, no configuration. A run that measured nothing makes no statement about the plan.
"""

from __future__ import annotations

from probe.catalog.model import Catalog
from probe.evidence import ControlRole, Run
from probe.judge.again import got_through
from probe.judge.capabilities import capability, observed
from probe.judge.claims import judge_claims, untested_claims
from probe.judge.guidance import choose_guidance
from probe.judge.model import Capability, Cause, Diagnosed, Finding, Judgement, Kind, TokenVerdict
from probe.judge.plan import estimate_plan, no_estimate
from probe.judge.questions import answer_questions, unanswered
from probe.judge.rulings import unknown
from probe.judge.siblings import Known, inferred
from probe.judge.tokens import judge_tokens


def infer(run: Run, diagnosed: Diagnosed, catalog: Catalog) -> Judgement:
    """Return everything that a run means. Every operation of the catalog has one capability."""
    tokens = judge_tokens(run, diagnosed, catalog)
    if not diagnosed.measured.measured:
        return _not_measured(run, diagnosed, tokens, catalog)
    again = got_through(diagnosed.controls)
    seen = observed((*diagnosed.findings, *_calibration(diagnosed), *again), tokens, catalog)
    known = Known(catalog=catalog, seen=seen, tokens=tokens, server_version=run.target.server_version)
    capabilities = seen | inferred(known)
    plan = estimate_plan(seen, tokens, catalog, _told_the_plan(diagnosed))
    return Judgement(
        measured=diagnosed.measured,
        tokens=tokens,
        controls=diagnosed.controls,
        findings=diagnosed.findings,
        skipped=run.skipped,
        walls=diagnosed.walls,
        capabilities=tuple(capabilities[operation.id] for operation in catalog.operations),
        plan=plan,
        claims=judge_claims(catalog, capabilities, diagnosed.findings, plan),
        guidance=choose_guidance(catalog, capabilities, plan),
        questions=answer_questions(catalog, capabilities),
    )


def _told_the_plan(diagnosed: Diagnosed) -> frozenset[str]:
    """Return the operations of which the API said in words that the plan lacks them."""
    return frozenset(
        finding.exchange.operation
        for finding in diagnosed.findings
        if finding.diagnosis.cause is Cause.PLAN and finding.kind is not Kind.HTML_WALL
    )


def _calibration(diagnosed: Diagnosed) -> tuple[Finding, ...]:
    """Return the calibration read with each real token, where the scan did not ask it as an operation."""
    asked = {finding.exchange.operation for finding in diagnosed.findings}
    return tuple(
        control
        for control in diagnosed.controls
        if control.exchange.role is ControlRole.REAL_TOKEN and control.exchange.operation not in asked
    )


def _not_measured(
    run: Run, diagnosed: Diagnosed, tokens: tuple[TokenVerdict, ...], catalog: Catalog
) -> Judgement:
    reason = f"not measured: {diagnosed.measured.reason}"
    return Judgement(
        measured=diagnosed.measured,
        tokens=tokens,
        controls=diagnosed.controls,
        findings=diagnosed.findings,
        skipped=run.skipped,
        walls=diagnosed.walls,
        capabilities=_all_unknown(diagnosed, catalog, reason),
        plan=no_estimate(catalog, reason),
        claims=untested_claims(catalog, reason),
        guidance=(),
        questions=unanswered(catalog, reason),
    )


def _all_unknown(diagnosed: Diagnosed, catalog: Catalog, reason: str) -> tuple[Capability, ...]:
    cause = Cause.UNKNOWN if diagnosed.measured.cause is Cause.OK else diagnosed.measured.cause
    asked = {finding.exchange.operation for finding in diagnosed.findings}
    return tuple(
        capability(operation, unknown(cause, reason), inferred=operation.id not in asked)
        for operation in catalog.operations
    )
