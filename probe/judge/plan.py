"""The plan that the organization behaves like: a floor from successes, a ceiling from walls.

Comes in: capabilities that were observed, token verdicts, the catalog. Goes out: a PlanEstimate. Pure.
Too little evidence gives "undetermined", never the lowest plan; contradictions are named, never
averaged away. Operations without a well-founded documented plan say nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from probe.catalog.model import Basis, Catalog, Hazard
from probe.judge.lookup import documented_plan, least, most, named, verb
from probe.judge.model import (
    Capability,
    Cause,
    Confidence,
    PlanAgreement,
    PlanEstimate,
    TokenStatus,
    TokenVerdict,
    Verdict,
)
from probe.judge.votes import Vote, Votes, agreement, count_votes, documented_ranks, misfits

UNDETERMINED = "undetermined"
# So many operations must agree before one of them cannot be an exception that decides.
_ENOUGH = 3
# What pages cannot show, for they say nothing themselves.
_ALIKE = ", though a filter or an outage before just these would look the same"
# In spite of contradictions a plan is preferred only where at most one in ten votes is against it.
_CLEARLY = 10


class Guess(Struct, frozen=True, kw_only=True):
    """The estimate before it is written: a place in the order of plans, or None for undetermined."""

    rank: int | None
    confidence: Confidence
    reason: str
    contradictions: tuple[str, ...] = ()


def estimate_plan(
    seen: Mapping[str, Capability],
    tokens: Sequence[TokenVerdict],
    catalog: Catalog,
    told: Collection[str] = (),
) -> PlanEstimate:
    """Return the plan that the observed capabilities fit. Inferred ones must not be among them.

    `told` are the operations of which the API said in words that the plan lacks them.
    """
    votes = count_votes(seen, catalog, told)
    guess = _guess(votes, tokens, catalog)
    ceiling = votes.ceiling
    return PlanEstimate(
        estimate=UNDETERMINED if guess.rank is None else votes.plans[guess.rank],
        confidence=guess.confidence,
        reason=guess.reason,
        floor=None if votes.floor is None else votes.plans[votes.floor],
        ceiling=None if ceiling is None or ceiling < 0 else votes.plans[ceiling],
        candidates=tuple(agreement(rank, votes) for rank in range(len(votes.plans))),
        contradictions=guess.contradictions,
    )


def no_estimate(catalog: Catalog, reason: str) -> PlanEstimate:
    """Return "undetermined" for a run that makes no statement about the plan."""
    return PlanEstimate(
        estimate=UNDETERMINED,
        confidence=Confidence.WEAK,
        reason=reason,
        floor=None,
        ceiling=None,
        candidates=tuple(
            PlanAgreement(plan=plan.id, agree=0, disagree=(), silent=0) for plan in catalog.plans
        ),
    )


def _guess(votes: Votes, tokens: Sequence[TokenVerdict], catalog: Catalog) -> Guess:
    floor, ceiling = votes.floor, votes.ceiling
    if floor is None:
        return _nothing(_why_nothing(votes, tokens, catalog))
    if ceiling is not None and floor > ceiling:
        return _conflict(votes)
    top = len(votes.plans) - 1
    against = _gone_at_or_below(floor, votes)
    if len(against) > len(_holding(votes)):
        return _outnumbered(floor, against, votes)
    if floor == top:
        return _settle(floor, _floor_confidence(votes), _at_least(votes), votes)
    if ceiling is None:
        return _open_above(floor, votes, catalog)
    return _between(floor, ceiling, votes, catalog)


def _holding(votes: Votes) -> list[Vote]:
    return [vote for vote in votes.successes if vote.rank == votes.floor]


def _gone_at_or_below(floor: int, votes: Votes) -> tuple[str, ...]:
    """Return the operations that this plan should have and that are not exposed, however sure that is."""
    gone = {Cause.PLAN, Cause.ROUTE}
    return tuple(
        vote.name
        for vote in (*votes.walls, *votes.silent)
        if vote.rank <= floor and vote.capability.verdict is Verdict.BLOCKED and vote.capability.cause in gone
    )


def _outnumbered(floor: int, against: tuple[str, ...], votes: Votes) -> Guess:
    """Few successes hold the floor while more routes of that plan are not exposed: no document fits."""
    reason = f"{_at_least(votes)}; yet {verb(against, 'is', 'are')} not exposed: the documents do not fit"
    enough = len(_holding(votes)) >= _ENOUGH
    return Guess(
        rank=floor if enough else None, confidence=Confidence.WEAK, reason=reason, contradictions=against
    )


def _settle(rank: int, confidence: Confidence, reason: str, votes: Votes) -> Guess:
    against = misfits(rank, votes)
    if against:
        confidence = least(confidence, Confidence.LIKELY)
        reason += f"; against it: {named(against)}"
    return Guess(rank=rank, confidence=confidence, reason=reason, contradictions=against)


def _nothing(reason: str) -> Guess:
    return Guess(rank=None, confidence=Confidence.WEAK, reason=reason)


def _floor_confidence(votes: Votes) -> Confidence:
    """Return how firmly the floor stands: certain only on several sure successes with their own documents."""
    holding = [vote for vote in votes.successes if vote.rank == votes.floor]
    best = most(vote.capability.confidence for vote in holding)
    documented = any(vote.basis is Basis.OPERATION for vote in holding)
    return best if len(holding) >= _ENOUGH and documented else least(best, Confidence.LIKELY)


def _at_least(votes: Votes) -> str:
    holding = [vote.name for vote in votes.successes if vote.rank == votes.floor]
    title = votes.titles[votes.floor or 0]
    if len(holding) == 1:
        return f"an operation that needs {title} or more answered ({holding[0]})"
    return f"{len(holding)} operations that need {title} or more answered, such as {holding[0]}"


def _above(votes: Votes) -> str:
    walls = [vote for vote in votes.walls if vote.rank > (votes.floor or 0)]
    titles = [votes.titles[rank] for rank in sorted({vote.rank for vote in walls})]
    alike = "" if any(vote.told for vote in walls) else _ALIKE
    if len(walls) == 1:
        return f"the one that is documented for {named(titles)} did not ({walls[0].name}){alike}"
    return f"all {len(walls)} that are documented for {named(titles)} did not{alike}"


def _between(floor: int, ceiling: int, votes: Votes, catalog: Catalog) -> Guess:
    """Settle where floor and ceiling meet, or where no document tells the plans between them apart."""
    reason = f"{_at_least(votes)}; {_above(votes)}"
    lowest = [vote for vote in votes.walls if vote.rank == ceiling + 1]
    sure = least(Confidence.LIKELY, most(vote.capability.confidence for vote in lowest))
    confidence = least(sure, _floor_confidence(votes))
    if len(lowest) < _needed(ceiling + 1, catalog):
        return _nothing(
            f"{reason}; only {verb([vote.name for vote in lowest], 'speaks', 'speak')} against the next plan"
        )
    if floor == ceiling:
        return _settle(floor, confidence, reason, votes)
    between = range(floor + 1, ceiling + 1)
    if not set(between) & documented_ranks(catalog):
        return _settle(floor, Confidence.WEAK, reason, votes)
    titles = named([votes.titles[rank] for rank in range(floor, ceiling + 1)])
    return _nothing(f"{reason}; what tells {titles} apart gave no clear answer")


def _open_above(floor: int, votes: Votes, catalog: Catalog) -> Guess:
    """Without a wall: the floor, if everything documented above it is known not to be exposed."""
    gone = [
        vote
        for vote in votes.silent
        if vote.rank > floor
        and vote.capability.verdict is Verdict.BLOCKED
        and vote.capability.cause is Cause.ROUTE
    ]
    known = {vote.name for vote in gone}
    open_questions = [vote for vote in votes.silent if vote.rank > floor and vote.name not in known]
    levels = {rank for rank in documented_ranks(catalog) if rank > floor}
    if not open_questions and levels <= {vote.rank for vote in gone}:
        count = f"; {len(gone)} routes of higher plans are not exposed" if gone else ""
        return _settle(floor, Confidence.WEAK, _at_least(votes) + count, votes)
    return _nothing(f"{_at_least(votes)}; nothing above it was clearly allowed or walled")


def _needed(rank: int, catalog: Catalog) -> int:
    """Return how many walls at the lowest walled plan make a ceiling: one may be a feature switched off."""
    reads = [
        operation
        for operation in catalog.operations
        if operation.hazard is Hazard.READ
        and (plan := documented_plan(operation)) is not None
        and catalog.rank[plan] == rank
    ]
    return min(_ENOUGH, max(1, len(reads)))


def _conflict(votes: Votes) -> Guess:
    """Successes above a wall: name what does not fit; prefer a plan only if it explains far more than others.

    A wall before something that the plan has may be a feature switched off; a success that the plan
    does not have leaves only a weak guess.
    """
    against = [misfits(rank, votes) for rank in range(len(votes.plans))]
    wrong = min(against, key=len)
    rank = against.index(wrong)
    total = len(votes.successes) + len(votes.reached) + len(votes.walls)
    rivals = [len(other) for place, other in enumerate(against) if place != rank]
    if len(wrong) * _CLEARLY <= total and all(count >= len(wrong) * _ENOUGH for count in rivals):
        sure = Confidence.LIKELY if rank == votes.floor else Confidence.WEAK
        reason = (
            f"fits {votes.titles[rank]} best, but {named(wrong)} {'do' if len(wrong) > 1 else 'does'} not fit"
        )
        return Guess(rank=rank, confidence=sure, reason=reason, contradictions=wrong)
    below = verb(_walled_below(votes), "was", "were")
    reason = f"{_at_least(votes)}; yet {below} walled: the documents do not fit"
    return Guess(rank=None, confidence=Confidence.WEAK, reason=reason, contradictions=wrong)


def _walled_below(votes: Votes) -> tuple[str, ...]:
    return tuple(vote.name for vote in votes.walls if vote.rank <= (votes.floor or 0))


def _why_nothing(votes: Votes, tokens: Iterable[TokenVerdict], catalog: Catalog) -> str:
    statuses = {token.status for token in tokens}
    if statuses == {TokenStatus.REFUSED}:
        return "every token was refused, so nothing shows the plan"
    if statuses == {TokenStatus.IGNORED}:
        return "the server answers whatever the token, so nothing shows the plan"
    documented = documented_ranks(catalog)
    bare = [title for rank, title in enumerate(votes.titles) if documented and rank < min(documented)]
    if not votes.reached and TokenStatus.ACCEPTED not in statuses and _all_gone(votes):
        fits = f"{' or '.join(bare)} (for which no operation is documented) or " if bare else ""
        if votes.others:
            return (
                f"no operation with a documented plan answered, although {named(votes.others)} did: it fits "
                f"{fits}tokens that are not accepted"
            )
        return f"nothing of the API answered: it fits {fits}a wrong base URL"
    bound = votes.ceiling
    hint = (
        f"; the walls suggest nothing above {votes.titles[bound]}" if bound is not None and bound >= 0 else ""
    )
    return f"no operation with a documented plan answered with success{hint}"


def _all_gone(votes: Votes) -> bool:
    """Return whether every operation asked met a wall (for some of them a scope is missing besides)."""
    gone = {Cause.PLAN, Cause.ROUTE, Cause.VERSION, Cause.SCOPE}
    asked = (*votes.walls, *votes.silent)
    return bool(asked) and all(vote.capability.cause in gone for vote in asked)
