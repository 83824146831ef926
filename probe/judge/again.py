"""What was asked again because it looked lost or gained: what did not stay so says nothing.

Comes in: findings, and the judged controls of the role CONFIRMATION. Goes out: findings, with those
that did not stay as they were made unknown; and the answers that got through. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from probe.evidence import ControlRole
from probe.judge.model import Cause, Confidence, Diagnosis, Finding
from probe.judge.rules.doubts import COMES_AND_GOES

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
    """Return the findings; one that did not stay as it was says nothing any more.

    What was shut is in doubt when one time is not; what got through, when it is shut every time after.
    """
    again: dict[tuple[str, str], list[Finding]] = {}
    for item in confirmations(controls):
        again.setdefault((item.exchange.operation, item.exchange.token), []).append(item)
    return tuple(
        _steady(item, again.get((item.exchange.operation, item.exchange.token))) for item in findings
    )


def _steady(finding: Finding, again: list[Finding] | None) -> Finding:
    if not again:
        return finding
    if finding.diagnosis.cause in _SHUT:
        doubt = next((item for item in again if item.diagnosis.cause not in _SHUT), None)
        return finding if doubt is None else _doubted(finding, doubt)
    shut = finding.diagnosis.cause in _THROUGH and all(map(_met_no_route, again))
    return _doubted(finding, again[0]) if shut else finding


def _met_no_route(finding: Finding) -> bool:
    """Return whether an answer is shut, or the page of a missing route that came where answers had come."""
    return finding.diagnosis.cause in _SHUT or finding.diagnosis.rule in COMES_AND_GOES


def _doubted(finding: Finding, doubt: Finding) -> Finding:
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
