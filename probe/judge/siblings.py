"""What is inferred of operations that were not asked, from those that were.

Comes in: capabilities that were observed, token verdicts, the catalog. Goes out: an inferred
Capability for each operation that was not asked. Pure. Never certain: an inference is no observation.

First the route: do asked siblings say whether it is there? Then the scope: does a token declare it?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from probe.catalog.model import Catalog, Hazard, Operation
from probe.judge.capabilities import capability
from probe.judge.context import version_numbers
from probe.judge.lookup import (
    Coverage,
    coverage,
    documented_plan,
    held_words,
    least,
    most,
    named,
    resources,
    scope_words,
    verb,
)
from probe.judge.model import Capability, Cause, Confidence, TokenStatus, TokenVerdict, Verdict
from probe.judge.rulings import Ruling, add_scope, allowed, blocked, unknown

_EXPOSURE = frozenset({Cause.PLAN, Cause.ROUTE})


class Known(Struct, frozen=True, kw_only=True, dict=True):
    """All that an inference may read."""

    catalog: Catalog
    seen: Mapping[str, Capability]
    tokens: tuple[TokenVerdict, ...]
    server_version: str = ""

    @cached_property
    def speaking(self) -> tuple[Capability, ...]:
        """The observed capabilities that say whether a route is there."""
        return tuple(
            seen
            for seen in self.seen.values()
            if not self.catalog.by_id[seen.operation].reported_only
            and (
                seen.verdict is Verdict.ALLOWED
                or (seen.verdict is Verdict.BLOCKED and seen.cause in _EXPOSURE)
            )
        )

    @cached_property
    def counts_otherwise(self) -> bool:
        """Whether something answered that should be newer than the server: the numbers do not compare."""
        answered = (vote for vote in self.speaking if vote.verdict is Verdict.ALLOWED)
        return any(_bound_above(self.catalog.by_id[vote.operation], self) for vote in answered)


class Sign(Struct, frozen=True, kw_only=True):
    """The asked operations that speak for an unasked one, how they are related, and how far that carries."""

    votes: tuple[Capability, ...]
    relation: str
    cap: Confidence


def inferred(known: Known) -> dict[str, Capability]:
    """Return a capability for each operation that was not asked, by id, in the catalog's order."""
    found = {
        operation.id: capability(operation, _rule(operation, known), inferred=True)
        for operation in known.catalog.operations
        if operation.id not in known.seen
    }
    return {name: _taken_over(name, found, known) for name in found}


def _taken_over(name: str, found: Mapping[str, Capability], known: Known) -> Capability:
    """Return the verdict of the operation that this one repeats, if it does."""
    operation = known.catalog.by_id[name]
    original = known.seen.get(operation.same_as) or found.get(operation.same_as)
    if original is None or original.operation == name:
        return found[name]
    confidence = least(original.confidence, Confidence.LIKELY)
    reason = f"the same operation as {original.operation}: {original.reason}"
    ruling = Ruling(
        verdict=original.verdict,
        cause=original.cause,
        confidence=confidence,
        reason=reason,
        tokens=original.tokens,
    )
    return capability(operation, ruling, inferred=True)


def _rule(operation: Operation, known: Known) -> Ruling:
    if operation.reported_only:
        return unknown(Cause.UNKNOWN, "not asked, and no vendor document names it: nothing can be inferred")
    sign = _sign(operation, known)
    if sign is None:
        return _without_sign(operation, known)
    if len({vote.verdict for vote in sign.votes}) > 1:
        return unknown(Cause.UNKNOWN, f"not asked, and what is like it disagrees: {_told(sign.votes)}")
    if sign.votes[0].verdict is Verdict.ALLOWED:
        return _exposed(operation, sign, known)
    return _not_exposed(sign)


def _sign(operation: Operation, known: Known) -> Sign | None:
    """Return the closest asked relatives that say whether the route is there."""
    mates = [vote for vote in known.speaking if vote.group == operation.group]
    close = [vote for vote in mates if _is_close(operation, vote, known)]
    if close:
        return Sign(votes=tuple(close), relation="of the same group, scope and plan", cap=Confidence.LIKELY)
    loose = [vote for vote in mates if _plan_carries(operation, vote, known)]
    if loose:
        return Sign(votes=tuple(loose), relation="of the same group", cap=Confidence.WEAK)
    kin = [vote for vote in known.speaking if _is_close(operation, vote, known) and operation.scopes]
    if kin:
        return Sign(
            votes=tuple(kin), relation="of the same scope and plan in another group", cap=Confidence.WEAK
        )
    return _plan_sign(operation, known)


def _plan_sign(operation: Operation, known: Known) -> Sign | None:
    """Return successes that need the operation's plan or a higher one, for a group without any read."""
    mates = [other for other in known.catalog.operations if other.group == operation.group]
    plan = documented_plan(operation)
    if plan is None or any(mate.hazard is Hazard.READ and not mate.reported_only for mate in mates):
        return None
    rank = known.catalog.rank
    votes = [
        vote
        for vote in known.speaking
        if vote.verdict is Verdict.ALLOWED and vote.cause is Cause.OK and _rank(vote, known) >= rank[plan]
    ]
    relation = "documented for the same plan or a higher one"
    return Sign(votes=tuple(votes), relation=relation, cap=Confidence.WEAK) if votes else None


def _is_close(operation: Operation, vote: Capability, known: Known) -> bool:
    other = known.catalog.by_id[vote.operation]
    return (
        documented_plan(operation) is not None
        and documented_plan(operation) == documented_plan(other)
        and (bool(resources(operation) & resources(other)) or operation.scopes == other.scopes)
    )


def _plan_carries(operation: Operation, vote: Capability, known: Known) -> bool:
    """Return whether a verdict carries over between plans: allowed downwards, blocked by plan upwards."""
    plan, rank = documented_plan(operation), known.catalog.rank
    if plan is None and vote.cause is Cause.PLAN and _rank(vote, known) >= 0:
        return False  # no document says which plan this one needs
    if plan is None or _rank(vote, known) < 0:
        return True
    match vote.verdict, vote.cause:
        case Verdict.ALLOWED, _:
            return rank[plan] <= _rank(vote, known)
        case Verdict.BLOCKED, Cause.PLAN:
            return rank[plan] >= _rank(vote, known)
        case _:
            return rank[plan] == _rank(vote, known)


def _rank(vote: Capability, known: Known) -> int:
    plan = documented_plan(known.catalog.by_id[vote.operation])
    return -1 if plan is None else known.catalog.rank[plan]


def _not_exposed(sign: Sign) -> Ruling:
    """Rule that siblings' wall stands before this operation too; by the weaker cause where they differ."""
    causes = {vote.cause for vote in sign.votes}
    cause = Cause.PLAN if causes == {Cause.PLAN} else Cause.ROUTE
    confidence = least(sign.cap, most(vote.confidence for vote in sign.votes))
    what = "blocked by the plan" if cause is Cause.PLAN else "not exposed"
    return blocked(cause, confidence, f"not asked; {_who(sign)} {_number(sign, 'is', 'are')} {what}")


def _exposed(operation: Operation, sign: Sign, known: Known) -> Ruling:
    """Rule on a route that seems to be there: is the server new enough, and does a token carry the scope."""
    newer = newer_than(operation, known)
    if newer:
        return unknown(Cause.VERSION, f"not asked; it appeared in {newer}, after {known.server_version}")
    there = f"not asked; {_who(sign)} {_number(sign, 'works', 'work')}"
    states = {token.name: _coverage(operation, token) for token in known.tokens}
    usable = [token for token in known.tokens if token.status is TokenStatus.ACCEPTED]
    stated = tuple(token.name for token in usable if states[token.name] is Coverage.STATED)
    confidence = least(sign.cap, most(vote.confidence for vote in sign.votes))
    if stated:
        held = held_words(operation, _declared(stated[0], known))
        holding = f", and {verb(stated, 'declares', 'declare')} {held}" if operation.scopes else ""
        return allowed(Cause.OK, confidence, there + holding, stated)
    if any(states[token.name] is Coverage.PRESUMED for token in usable):
        # Not the scope: nobody said that it is missing.
        return unknown(
            Cause.UNKNOWN, f"{there}, but whether a token has {scope_words(operation)} was not declared"
        )
    if any(state is not Coverage.ABSENT for state in states.values()):
        return unknown(Cause.TOKEN, f"{there}, but no accepted token has {scope_words(operation)}")
    return blocked(Cause.SCOPE, confidence, f"{there}, but {_no_scope(operation, known.tokens)}")


def _without_sign(operation: Operation, known: Known) -> Ruling:
    """Rule where nothing shows the route: a scope that nobody has blocks; else nothing can be said."""
    lacking = [
        vote
        for vote in known.seen.values()
        if vote.group == operation.group and vote.verdict is Verdict.BLOCKED and vote.cause is Cause.SCOPE
    ]
    absent = [_coverage(operation, token) is Coverage.ABSENT for token in known.tokens]
    if lacking and absent and all(absent):
        confidence = least(Confidence.LIKELY, most(vote.confidence for vote in lacking))
        return blocked(Cause.SCOPE, confidence, f"not asked; {_no_scope(operation, known.tokens)}")
    mates = [
        vote
        for vote in known.seen.values()
        if vote.group == operation.group and vote.operation != operation.id
    ]
    if mates:
        return unknown(Cause.UNKNOWN, f"not asked, and what is like it says nothing of it: {_told(mates)}")
    return unknown(Cause.UNKNOWN, "not asked, and nothing of its group was asked")


def _no_scope(operation: Operation, tokens: Sequence[TokenVerdict]) -> str:
    return f"no configured token has {scope_words(operation)}; {add_scope(operation, tokens)}"


def _coverage(operation: Operation, token: TokenVerdict) -> Coverage:
    return coverage(operation, _effective(token), incomplete=token.incomplete)


def _effective(token: TokenVerdict) -> tuple[str, ...]:
    """Return the token's scopes without those that the server says are missing, but never an empty list."""
    left = tuple(scope for scope in token.scopes if scope not in token.scopes_missing)
    return left or token.scopes


def _who(sign: Sign) -> str:
    names = [vote.operation for vote in sign.votes]
    return f"{named(names)} ({sign.relation})"


def _number(sign: Sign, one: str, many: str) -> str:
    return one if len(sign.votes) == 1 else many


def _declared(name: str, known: Known) -> tuple[str, ...]:
    return next(token.scopes for token in known.tokens if token.name == name)


def _told(votes: Sequence[Capability]) -> str:
    return named([f"{vote.operation} {vote.verdict} ({vote.cause})" for vote in votes])


def newer_than(operation: Operation, known: Known) -> str:
    """Return the version in which the operation appeared, if the server's own version is lower.

    Empty too where an operation that answered should be newer than the server: then the two numbers
    do not count in the same way.
    """
    if known.counts_otherwise:
        return ""
    return _bound_above(operation, known)


def _bound_above(operation: Operation, known: Known) -> str:
    server = version_numbers(known.server_version)
    product = known.catalog.vendor.product_of(known.server_version)
    bounds = (
        since.version
        for since in operation.since
        if since.product == product and not since.part and not since.channel
    )
    return next((bound for bound in bounds if server and version_numbers(bound) > server), "")
