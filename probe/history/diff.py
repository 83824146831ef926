"""A report compared with what was known before: capabilities, not bytes.

Comes in: a KnownState and a Report. Goes out: Changes. A run that was not measured or was cut short
is never compared; what one side does not tell is no change. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from probe.catalog.model import Hazard
from probe.history.headline import headline
from probe.history.losses import differences, hints, is_told, that_count
from probe.history.origins import Kinship, kinship
from probe.history.state import KnownState, plan_of
from probe.history.tokenchanges import token_changes
from probe.history.wallchanges import wall_changes
from probe.judge.model import Cause, TokenStatus, Verdict
from probe.report.changes import (
    CapabilityChange,
    ChangeKind,
    Changes,
    HistoryPoint,
    TokenChange,
)
from probe.report.model import Report

_ENOUGH = 3  # operations that show that a token is refused


def compare(
    before: KnownState, after: Report, *, least_asked: int = 0, history: tuple[HistoryPoint, ...] = ()
) -> Changes:
    """Return what differs.

    A lost read counts only if it was asked again at least `least_asked` times; else it is listed apart.
    """
    reason = why_not(before, after)
    changes = bare(before, after, reason, history)
    if reason:
        changes = replace(changes, tokens=_refused(before, after))
    else:
        changes = _filled(changes, before, after, least_asked)
    return replace(changes, headline=headline(changes, after))


def why_not(before: KnownState, after: Report) -> str:
    """Say why the two cannot be compared, or return an empty text."""
    return before.reason or another_organization(before, after) or why_not_measured(before, after)


def another_organization(before: KnownState, after: Report) -> str:
    """Say that the two are not runs of one organization, or not known to be; else return an empty text."""
    if before.vendor != after.target.vendor:
        return f"the earlier run asked another vendor's API ({before.vendor})"
    if before.said_to_be_the_same:
        return ""
    match kinship(before.base_url, after.target.base_url):
        case Kinship.SAME:
            return ""
        case Kinship.OTHER:
            return f"the earlier run asked another organization ({before.base_url})"
        case Kinship.UNKNOWN:
            return "a run was anonymized, so nothing says whether both are of one organization"
        case never:
            assert_never(never)


def why_not_measured(before: KnownState, after: Report) -> str:
    """Say which of the two tells too little to be compared, or return an empty text."""
    if before.reason:
        return before.reason
    if not after.measured:
        return f"not measured: {after.measured_reason}"
    return "" if after.complete else "the run was cut short"


def bare(before: KnownState, after: Report, reason: str, history: tuple[HistoryPoint, ...]) -> Changes:
    """Return a comparison that says with what it was made, and not yet what differs."""
    now = frozenset(item.operation for item in after.capabilities)
    return Changes(
        baseline=before.baseline,
        comparable=not reason,
        reason=reason or _elsewhere(before, after),
        headline="",
        plan_before=before.baseline.plan,
        plan_after=plan_of(after),
        server_before=before.server_version,
        server_after=after.target.server_version,
        catalog_before=before.catalog_version,
        catalog_after=after.target.catalog_version,
        operations_added=() if reason else tuple(sorted(now - before.operations)),
        operations_removed=() if reason else tuple(sorted(before.operations - now)),
        history=history,
    )


def _elsewhere(before: KnownState, after: Report) -> str:
    same = before.base_url == after.target.base_url
    return "" if same else "the earlier run asked the same organization at another address"


def _filled(changes: Changes, before: KnownState, after: Report, least_asked: int) -> Changes:
    found = differences(before, after)
    late = [item for item in found if is_told(item, before, after)]
    fresh = [item for item in found if item not in late]
    doubted = hints(before, after)
    lost = [item for item in fresh if item.kind is ChangeKind.LOST]
    tokens = tuple(_certain(token, doubted) for token in token_changes(before, after, lost))
    explained = {name for token in tokens for name in token.operations}
    rest = [item for item in fresh if not (item.kind is ChangeKind.LOST and item.operation in explained)]
    counted, apart = that_count(rest, after, least_asked, doubted)
    return replace(
        changes,
        capabilities=counted,
        apart=(*apart, *late),
        tokens=tokens,
        walls=wall_changes(before, after),
        lost_since=_since(before, [item for item in counted if item.kind is ChangeKind.LOST]),
    )


def _certain(token: TokenChange, doubted: frozenset[str]) -> TokenChange:
    """Return the change without operations where it explains only the loss of what was never certain."""
    refused = token.after is TokenStatus.REFUSED
    return token if refused or not doubted.issuperset(token.operations) else replace(token, operations=())


def _since(before: KnownState, lost: list[CapabilityChange]) -> str:
    """Return when all that is lost was still allowed; what was inferred tells it only alone."""
    seen = [item for item in lost if not item.inferred] or lost
    return min((before.capabilities[item.operation].started_at for item in seen), default="")


def _refused(before: KnownState, after: Report) -> tuple[TokenChange, ...]:
    """Name the tokens whose refusal is why a run was not measured."""
    if before.reason or another_organization(before, after):
        return ()
    if after.measured or after.measured_cause is not Cause.TOKEN:
        return ()
    return tuple(token for token in token_changes(before, after, ()) if token.after is TokenStatus.REFUSED)


def suspects(before: KnownState, after: Report) -> tuple[tuple[str, str], ...]:
    """Return the operations and tokens to be asked again before a change counts: reads, asked before.

    A gain too: what got through once by a server's mistake would be lost the night after. For a token
    that is refused, a few operations are enough.
    """
    if why_not(before, after):
        return ()
    changed = {ChangeKind.LOST, ChangeKind.GAINED}
    found = [item for item in differences(before, after) if item.kind in changed and not item.inferred]
    deciding = {item.operation: item.tokens for item in after.capabilities if item.hazard is Hazard.READ}
    asked = {(item.operation, item.token) for item in after.findings}
    pairs = [
        (change.operation, token)
        for change in found
        if change.operation in deciding
        for token in _tokens(change, before, deciding[change.operation])
        if (change.operation, token) in asked
    ]
    return tuple(dict.fromkeys((*pairs, *_refusals(before, after, asked))))


def _tokens(change: CapabilityChange, before: KnownState, deciding: Iterable[str]) -> list[str]:
    passed = before.passed.get(change.operation, ()) if change.kind is ChangeKind.LOST else ()
    return sorted({*deciding, *passed})


def _refusals(before: KnownState, after: Report, asked: set[tuple[str, str]]) -> list[tuple[str, str]]:
    refused = {token.name for token in after.tokens if token.status is TokenStatus.REFUSED}
    then = {token.name for token in before.tokens if token.status is not TokenStatus.REFUSED}
    found: list[tuple[str, str]] = []
    for name in sorted(refused & then):
        told = [
            (item.operation, name)
            for item in after.capabilities
            if item.verdict is Verdict.UNKNOWN
            and item.hazard is Hazard.READ
            and (item.operation, name) in asked
        ]
        found += told[:_ENOUGH]
    return found
