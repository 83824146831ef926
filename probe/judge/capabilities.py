"""What the organization may do with each operation that was asked, over all tokens.

Comes in: findings, token verdicts, the catalog. Goes out: a Capability for each operation asked; the
verdicts are those of `rulings`. Pure. What was not asked is the matter of `siblings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from probe.catalog.model import Catalog, Operation
from probe.judge.lookup import Coverage, coverage
from probe.judge.model import Capability, Cause, Finding, Kind, TokenStatus, TokenVerdict
from probe.judge.rulings import Ruling, Seen, rule, says_scope


def observed(
    findings: Iterable[Finding], tokens: Sequence[TokenVerdict], catalog: Catalog
) -> dict[str, Capability]:
    """Return a capability for each operation that was asked, by id, in the catalog's order."""
    by_operation: dict[str, list[Finding]] = {}
    for finding in findings:
        by_operation.setdefault(finding.exchange.operation, []).append(finding)
    verdicts = {token.name: token for token in tokens}
    telling = frozenset(
        finding.exchange.token for asked in by_operation.values() for finding in asked if says_scope(finding)
    )
    by_operation = {name: [_sober(item, verdicts) for item in asked] for name, asked in by_operation.items()}
    return {
        operation.id: capability(
            operation, rule(_see(operation, by_operation[operation.id], verdicts, telling)), inferred=False
        )
        for operation in catalog.operations
        if operation.id in by_operation
    }


def capability(operation: Operation, ruling: Ruling, *, inferred: bool) -> Capability:
    """Write a ruling into the operation's capability."""
    return Capability(
        operation=operation.id,
        method=operation.method,
        path=operation.path,
        group=operation.group,
        hazard=operation.hazard,
        scope=operation.scopes,
        documented_plan=operation.plan,
        verdict=ruling.verdict,
        cause=ruling.cause,
        confidence=ruling.confidence,
        inferred=inferred,
        reason=ruling.reason,
        tokens=ruling.tokens,
    )


def _see(
    operation: Operation,
    asked: Sequence[Finding],
    tokens: dict[str, TokenVerdict],
    telling: frozenset[str],
) -> Seen:
    working = [item for item in asked if tokens[item.exchange.token].status is not TokenStatus.REFUSED]
    covering = {
        name
        for name, token in tokens.items()
        if coverage(operation, token.scopes, incomplete=token.incomplete) is not Coverage.ABSENT
        and token.status is not TokenStatus.REFUSED
    }
    names = {item.exchange.token for item in asked}
    return Seen(
        operation=operation,
        tokens=tokens,
        covering=tuple(item for item in working if item.exchange.token in covering),
        others=tuple(item for item in working if item.exchange.token not in covering),
        refused=tuple(item for item in asked if item not in working),
        unasked=tuple(name for name in tokens if name in covering - names),
        telling=telling,
    )


def _sober(finding: Finding, tokens: dict[str, TokenVerdict]) -> Finding:
    """Take a page for a missing route only, where nothing shows that the server knows the token at all.

    A wrong base URL answers every route with one page too: then the plan has no part in it.
    """
    known = tokens[finding.exchange.token].status is TokenStatus.ACCEPTED
    if known or finding.kind is not Kind.HTML_WALL or finding.diagnosis.cause is not Cause.PLAN:
        return finding
    reason = (
        f"{finding.diagnosis.reason}; but nothing shows that the server knows this token, so not the plan"
    )
    return replace(finding, diagnosis=replace(finding.diagnosis, cause=Cause.ROUTE, reason=reason))
