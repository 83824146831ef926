"""What was asked again because it looked lost: one time that gets through, or is disturbed, is enough.

Comes in: findings, and the judged controls of the role CONFIRMATION. Goes out: findings, with those
that did not stay as they were made unknown; and the answers that got through. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from probe.evidence import ControlRole
from probe.judge.model import Cause, Confidence, Diagnosis, Finding

# What stays shut by itself; anything else that comes back on asking again is a doubt.
_SHUT = frozenset({Cause.PLAN, Cause.ROUTE, Cause.VERSION, Cause.SCOPE, Cause.TOKEN})
_THROUGH = frozenset({Cause.OK, Cause.VALIDATION, Cause.MISSING_RESOURCE})


def confirmations(controls: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the controls that asked something again."""
    return tuple(item for item in controls if item.exchange.role is ControlRole.CONFIRMATION)


def got_through(controls: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the answers that show, on asking again, that the operation is open."""
    return tuple(item for item in confirmations(controls) if item.diagnosis.cause in _THROUGH)


def steady(findings: Iterable[Finding], controls: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings; one that was shut and did not stay so says nothing any more."""
    doubts: dict[tuple[str, str], Finding] = {}
    for item in confirmations(controls):
        if item.diagnosis.cause not in _SHUT:
            doubts.setdefault((item.exchange.operation, item.exchange.token), item)
    return tuple(
        _steady(item, doubts.get((item.exchange.operation, item.exchange.token))) for item in findings
    )


def _steady(finding: Finding, doubt: Finding | None) -> Finding:
    if doubt is None or finding.diagnosis.cause not in _SHUT:
        return finding
    return replace(
        finding,
        diagnosis=Diagnosis(
            cause=Cause.UNKNOWN,
            confidence=Confidence.WEAK,
            rule="asked_again",
            runner_up=finding.diagnosis.rule,
            reason=f"{finding.diagnosis.reason}; but asked again: {doubt.diagnosis.reason}",
        ),
    )
