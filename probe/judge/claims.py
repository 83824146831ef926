"""What documents say of a plan, compared with what was seen.

Comes in: the catalog's claims, capabilities, findings, the plan estimate. Goes out: a ClaimVerdict for
each claim. Pure. Only what was observed confirms or contradicts; a claim about other plans than the one
that the organization behaves like is untested.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from probe.catalog.model import Catalog, Claim
from probe.judge.lookup import documented_plan, matching, named, verb
from probe.judge.model import (
    Capability,
    Cause,
    ClaimStatus,
    ClaimVerdict,
    Confidence,
    Finding,
    Kind,
    PlanEstimate,
    Verdict,
)

# The kinds of answer that each operation got, by id.
Kinds: TypeAlias = Mapping[str, Collection[Kind]]

_FORMS = ((Kind.HTML_WALL, " by a web page"), (Kind.JSON_ERROR, " by a JSON error"))
_NOT_SHOWN = {
    "scopes": "what scopes a plan's tokens can be given is not shown by asking",
    "untestable": "asking without changing anything cannot show it",
}
_NOT_EXPOSED = frozenset({Cause.PLAN, Cause.ROUTE})


def judge_claims(
    catalog: Catalog,
    capabilities: Mapping[str, Capability],
    findings: Sequence[Finding],
    plan: PlanEstimate,
) -> tuple[ClaimVerdict, ...]:
    """Return a verdict for each claim, in the catalog's order."""
    kinds = _kinds(findings)
    return tuple(_judge(claim, catalog, capabilities, kinds, plan) for claim in catalog.claims)


def untested_claims(catalog: Catalog, reason: str) -> tuple[ClaimVerdict, ...]:
    """Return every claim as untested, for a run that measured nothing."""
    return tuple(_verdict(claim, ClaimStatus.UNTESTED, reason, ()) for claim in catalog.claims)


def _judge(
    claim: Claim,
    catalog: Catalog,
    capabilities: Mapping[str, Capability],
    kinds: Kinds,
    plan: PlanEstimate,
) -> ClaimVerdict:
    excuse = _does_not_apply(claim, catalog, plan)
    if excuse:
        return _verdict(claim, ClaimStatus.UNTESTED, excuse, ())
    matched = [capabilities[name] for name in matching(catalog, claim.operations)]
    seen = [item for item in matched if _counts(item, catalog)]
    fits = [item for item in seen if _fits(claim.expect, item, kinds) is True]
    against = [item for item in seen if _fits(claim.expect, item, kinds) is False]
    if against:
        beside = f", though {_told(fits, kinds)}" if fits else ""
        return _verdict(claim, ClaimStatus.CONTRADICTED, _told(against, kinds) + beside, against)
    if fits:
        return _verdict(claim, ClaimStatus.CONFIRMED, _told(fits, kinds), fits)
    return _verdict(claim, ClaimStatus.UNTESTED, _why_untested(matched), ())


def _kinds(findings: Sequence[Finding]) -> Kinds:
    """Return the kinds of answer that each operation got."""
    found: dict[str, set[Kind]] = {}
    for finding in findings:
        found.setdefault(finding.exchange.operation, set()).add(finding.kind)
    return found


def _does_not_apply(claim: Claim, catalog: Catalog, plan: PlanEstimate) -> str:
    if claim.expect in _NOT_SHOWN:
        return _NOT_SHOWN[claim.expect]
    if not claim.plans:
        return ""
    titles = {item.id: item.title for item in catalog.plans}
    about = named([titles.get(item, item) for item in claim.plans])
    if plan.estimate not in titles:
        return f"it is about {about}, and this organization's plan is undetermined"
    if plan.estimate not in claim.plans:
        return f"it is about {about}, and this organization behaves like {titles[plan.estimate]}"
    if plan.confidence is Confidence.WEAK:
        return f"it is about {about}, and that this organization has such a plan is only a weak guess"
    return ""


def _counts(seen: Capability, catalog: Catalog) -> bool:
    """Return whether a capability may confirm or contradict: observed, firm, and no mere missing route.

    A route that no vendor document names, or gives to a plan, may be missing for any reason.
    """
    unfounded = documented_plan(catalog.by_id[seen.operation]) is None and seen.cause is Cause.ROUTE
    return not seen.inferred and seen.confidence is not Confidence.WEAK and not unfounded


def _fits(expect: str, seen: Capability, kinds: Kinds) -> bool | None:
    """Return whether what was seen is what the claim says, or None where it says nothing of it."""
    if seen.verdict is Verdict.ALLOWED:
        return expect == "allowed"
    if seen.verdict is not Verdict.BLOCKED or seen.cause not in _NOT_EXPOSED:
        return None
    if expect in {"html_wall", "json_error"}:
        return Kind(expect) in kinds.get(seen.operation, ())
    return expect == "blocked"


def _told(items: Sequence[Capability], kinds: Kinds) -> str:
    """Say what was seen of some operations of one verdict."""
    names = [item.operation for item in items]
    if items[0].verdict is Verdict.ALLOWED:
        return verb(names, "is allowed", "are allowed")
    how = next((words for kind, words in _FORMS if all(kind in kinds.get(name, ()) for name in names)), "")
    return f"{verb(names, 'is', 'are')} blocked ({items[0].cause}){how}"


def _why_untested(matched: Sequence[Capability]) -> str:
    if not matched:
        return "the catalog has no operation that would show it"
    asked = [item for item in matched if not item.inferred]
    if asked:
        return f"{asked[0].operation} does not show it: {asked[0].reason}"
    told = [item for item in matched if item.verdict is not Verdict.UNKNOWN]
    if told:
        return f"nothing that would show it was asked; inferred only: {told[0].operation} {told[0].verdict}"
    return "nothing that would show it was asked"


def _verdict(claim: Claim, status: ClaimStatus, reason: str, deciding: Sequence[Capability]) -> ClaimVerdict:
    return ClaimVerdict(
        id=claim.id,
        text=claim.text,
        source=claim.source,
        url=claim.url,
        date=claim.date,
        status=status,
        reason=reason,
        operations=tuple(item.operation for item in deciding),
    )
