"""Diagnosis: why each answer came back, by an ordered table of rules; and whether the run is measured.

Comes in: a run and the catalog. Goes out: findings for every exchange and control, the walls, and
Measured. Two passes: what a first judgement says of the whole run tells the second whether the pages
lie on a plan's boundary. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from probe.catalog.model import Catalog
from probe.evidence import ControlRole, Exchange, Run
from probe.judge.again import steady
from probe.judge.boundary import Boundary
from probe.judge.context import Context
from probe.judge.measured import judge_controls
from probe.judge.model import Cause, Confidence, Diagnosed, Diagnosis, Finding, Kind
from probe.judge.rules import RULES, SAME_JSON, Case
from probe.judge.walls import build_walls, with_wall


def diagnose(exchange: Exchange, context: Context) -> Finding:
    """Return what one exchange means in its context: the first rule that answers decides."""
    return _decided(Case(exchange, context))


def _decided(case: Case) -> Finding:
    for rule in RULES:
        found = rule.decide(case)
        if found is not None:
            return Finding(exchange=case.exchange, kind=case.kind, diagnosis=found)
    return Finding(exchange=case.exchange, kind=case.kind, diagnosis=_no_rule())


def diagnose_run(run: Run, catalog: Catalog) -> Diagnosed:
    """Return what every exchange of a run means, and whether its controls let it speak of the plan."""
    context = Context(
        controls=run.controls,
        exchanges=run.exchanges,
        tokens=run.tokens,
        catalog=catalog,
        server_version=run.target.server_version,
    )
    cases = [Case(exchange, context) for exchange in run.exchanges]
    controls = _named(run.controls, context)
    first = steady(map(_decided, cases), controls)
    measured = judge_controls(controls, first, context, complete=run.complete)
    if measured.measured:
        context.boundary = Boundary(first, context)
        controls = tuple(_asked_again(control, context) for control in controls)
        first = steady(map(_again, first, cases), controls)
    findings = tuple(with_wall(finding, context.pages, context.wall_names) for finding in first)
    if not measured.measured:
        findings = tuple(_without_plan(finding) for finding in findings)
    return Diagnosed(
        measured=measured, controls=controls, findings=findings, walls=build_walls(controls, findings)
    )


def _named(exchanges: Iterable[Exchange], context: Context) -> tuple[Finding, ...]:
    found = (diagnose(exchange, context) for exchange in exchanges)
    return tuple(with_wall(finding, context.pages, context.wall_names) for finding in found)


def _again(finding: Finding, case: Case) -> Finding:
    """Judge a page again, or JSON that says the same, now that the rest of the run is known."""
    return _decided(case) if _is_like_missing(finding) else finding


def _is_like_missing(finding: Finding) -> bool:
    return finding.kind is Kind.HTML_WALL or finding.diagnosis.rule == SAME_JSON


def _asked_again(control: Finding, context: Context) -> Finding:
    """Judge an operation that was asked again like the operation itself."""
    if control.exchange.role is not ControlRole.CONFIRMATION:
        return control
    again = _again(control, Case(control.exchange, context))
    return with_wall(again, context.pages, context.wall_names)


def _without_plan(finding: Finding) -> Finding:
    """In a run that is not measured, a page, or JSON that says the same, says nothing about routes either."""
    if not _is_like_missing(finding) or finding.diagnosis.cause not in {Cause.ROUTE, Cause.VERSION}:
        return finding
    said = finding.diagnosis
    return replace(
        finding,
        diagnosis=replace(
            said,
            cause=Cause.UNKNOWN,
            confidence=Confidence.WEAK,
            reason=f"{said.reason}; but the run is not measured",
        ),
    )


def _no_rule() -> Diagnosis:
    return Diagnosis(
        cause=Cause.UNKNOWN, confidence=Confidence.WEAK, rule="none", reason="no rule knows this answer"
    )
