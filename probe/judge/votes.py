"""What each observed capability says about the plan: a success, a wall, or nothing.

Comes in: observed capabilities and the catalog. Goes out: Votes, with the floor and the ceiling that
they leave. Pure. Operations without a well-founded documented plan have no vote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from msgspec import Struct

from probe.catalog.model import Basis, Catalog
from probe.judge.lookup import documented_plan
from probe.judge.model import Capability, Cause, Confidence, PlanAgreement, Verdict


class Vote(Struct, frozen=True, kw_only=True):
    """An observed capability with the place of its documented plan, from 0 for the lowest.

    `told` is true where the API said in words that the plan lacks it.
    """

    capability: Capability
    rank: int
    basis: Basis
    told: bool = False

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.capability.operation


class Votes(Struct, frozen=True, kw_only=True, dict=True):
    """What speaks about the plan: successes, answers that came near one, walls; and the rest.

    `names` are the ids of all, in the catalog's order; `plans` and `titles` those of the plans.
    `others` are the ids of operations that answered but are documented for no plan.
    """

    successes: tuple[Vote, ...]
    reached: tuple[Vote, ...]
    walls: tuple[Vote, ...]
    silent: tuple[Vote, ...]
    names: tuple[str, ...]
    titles: tuple[str, ...]
    plans: tuple[str, ...]
    others: tuple[str, ...] = ()

    @cached_property
    def floor(self) -> int | None:
        """The place of the lowest plan that explains every success."""
        return max((vote.rank for vote in self.successes), default=None)

    @cached_property
    def ceiling(self) -> int | None:
        """The place of the highest plan that the walls leave; None where no wall speaks, -1 below all."""
        return min(vote.rank for vote in self.walls) - 1 if self.walls else None


def count_votes(seen: Mapping[str, Capability], catalog: Catalog, told: Collection[str] = ()) -> Votes:
    """Return the votes of the observed capabilities, in the catalog's order."""
    sorted_votes: dict[str, list[Vote]] = {"successes": [], "reached": [], "walls": [], "silent": []}
    for operation in catalog.operations:
        plan = documented_plan(operation)
        if operation.id in seen and plan is not None:
            vote = Vote(
                capability=seen[operation.id],
                rank=catalog.rank[plan],
                basis=operation.plan_basis,
                told=operation.id in told,
            )
            sorted_votes[_side(vote.capability)].append(vote)
    return Votes(
        **{side: tuple(votes) for side, votes in sorted_votes.items()},
        names=tuple(operation.id for operation in catalog.operations if operation.id in seen),
        titles=tuple(plan.title for plan in catalog.plans),
        plans=tuple(plan.id for plan in catalog.plans),
        others=tuple(
            operation.id
            for operation in catalog.operations
            if documented_plan(operation) is None
            and operation.id in seen
            and seen[operation.id].verdict is Verdict.ALLOWED
        ),
    )


def _side(capability: Capability) -> str:
    if capability.confidence is Confidence.WEAK:
        return "silent"
    match capability.verdict, capability.cause:
        case Verdict.ALLOWED, Cause.OK:
            return "successes"
        case Verdict.ALLOWED, _:
            return "reached"
        case Verdict.BLOCKED, Cause.PLAN:
            return "walls"
        case _:
            return "silent"


def agreement(rank: int, votes: Votes) -> PlanAgreement:
    """Return how the votes fit one plan."""
    passed = (*votes.successes, *votes.reached)
    disagree = misfits(rank, votes)
    return PlanAgreement(
        plan=votes.plans[rank],
        agree=len(passed) + len(votes.walls) - len(disagree),
        disagree=disagree,
        silent=len(votes.silent),
    )


def misfits(rank: int, votes: Votes) -> tuple[str, ...]:
    """Return the operations that answered although a plan lacks them, or are walled although it has them."""
    beyond = {vote.name for vote in (*votes.successes, *votes.reached) if vote.rank > rank}
    walled = {vote.name for vote in votes.walls if vote.rank <= rank}
    return tuple(name for name in votes.names if name in beyond | walled)


def documented_ranks(catalog: Catalog) -> set[int]:
    """Return the places of the plans that some operation is documented for."""
    plans = (documented_plan(operation) for operation in catalog.operations)
    return {catalog.rank[plan] for plan in plans if plan is not None}
