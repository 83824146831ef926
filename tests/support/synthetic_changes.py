"""A comparison with an earlier run, made by hand, for the tests of the formats."""

from __future__ import annotations

import msgspec

from probe.judge.model import Cause, Confidence, TokenStatus, Verdict
from probe.report.changes import (
    BaselineRef,
    CapabilityChange,
    ChangeKind,
    Changes,
    ExpectationResult,
    ExpectationVerdict,
    HistoryPoint,
    TokenChange,
    WallChange,
)
from probe.report.model import Report


def with_changes(report: Report, text: str = "") -> Report:
    """Return the report with changes, history and expectations; `text` stands wherever a server chooses."""
    return msgspec.structs.replace(report, changes=_changes(report, text), expectations=_expectations(text))


def _changes(report: Report, text: str) -> Changes:
    operations = [item for item in report.capabilities if item.verdict is Verdict.BLOCKED][:3]
    kinds = (ChangeKind.LOST, ChangeKind.GAINED, ChangeKind.CAUSE)
    return Changes(
        baseline=BaselineRef(
            label=f"the last good run{text}", run="r7", started_at="2026-11-20T06:15:01Z", plan="business"
        ),
        comparable=True,
        reason="",
        headline=f"lost: 1 operation (users.*) since 2026-11-20, cause: plan wall{text}",
        capabilities=tuple(
            CapabilityChange(
                operation=item.operation,
                group=item.group,
                kind=kind,
                before=Verdict.ALLOWED if kind is ChangeKind.LOST else Verdict.BLOCKED,
                after=Verdict.ALLOWED if kind is ChangeKind.GAINED else Verdict.BLOCKED,
                cause_before=Cause.OK,
                cause_after=Cause.PLAN,
                confidence=Confidence.LIKELY,
                inferred=kind is ChangeKind.CAUSE,
                asked_again=2,
            )
            for item, kind in zip(operations, kinds, strict=False)
        ),
        apart=tuple(
            CapabilityChange(
                operation=item.operation,
                group=item.group,
                kind=ChangeKind.LOST,
                before=Verdict.ALLOWED,
                after=Verdict.BLOCKED,
                cause_before=Cause.OK,
                cause_after=Cause.ROUTE,
                confidence=Confidence.WEAK,
                inferred=True,
            )
            for item in operations[-1:]
        ),
        tokens=(
            TokenChange(
                name="read-only",
                before=TokenStatus.ACCEPTED,
                after=TokenStatus.REFUSED,
                scopes_lost=("users:read",),
                scopes_gained=(),
                reason=f'token "read-only" is refused now{text}',
                operations=tuple(item.operation for item in operations),
            ),
        ),
        walls=(
            WallChange(
                before="wall-1",
                after="wall-2",
                title_before=f"Retool{text}",
                title_after="",
                operations=tuple(item.operation for item in operations),
            ),
        ),
        plan_before="business",
        plan_after="free",
        server_before=f"3.300.0{text}",
        server_after="3.334.2",
        catalog_before="1",
        catalog_after="1",
        operations_added=("spaces.copy",),
        lost_since="2026-11-20T06:15:01Z",
        history=tuple(_point(night) for night in range(1, 25)),
    )


def _point(night: int) -> HistoryPoint:
    measured = night % 7 != 0
    allowed = 60 if night < 20 else 20
    return HistoryPoint(
        run=f"r{night}",
        started_at=f"2026-11-{night:02}T06:15:01Z",
        measured=measured,
        allowed=allowed if measured else 0,
        blocked=100 - allowed if measured else 0,
        unknown=night % 5 if measured else 0,
        plan="business" if measured and night < 20 else "",
    )


def _expectations(text: str) -> tuple[ExpectationResult, ...]:
    def result(key: str, value: str, verdict: ExpectationVerdict) -> ExpectationResult:
        return ExpectationResult(key=key, value=value, verdict=verdict, reason=f"This is what was seen{text}")

    return (
        result("plan_at_least", "business", ExpectationVerdict.FAILED),
        result("allow", "user_invites.*", ExpectationVerdict.MET),
        result("block", "sso.*", ExpectationVerdict.UNTESTED),
    )
