"""The findings that a perfect diagnosis would give on each plan: for tests of the plan estimate.

The world is drawn from the catalog's own documented plans, so it tests inference, not the documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from findings import diagnosed, finding, run

from probe.catalog.model import Catalog, Hazard, Operation
from probe.judge.infer import infer
from probe.judge.lookup import documented_plan, holds
from probe.judge.model import Cause, Confidence, Judgement, Kind


class Refusal(StrEnum):
    """How a route that the plan lacks is refused."""

    HTML = "html"
    JSON_PLAN_FIRST = "json, plan before scope"
    JSON_SCOPE_FIRST = "json, scope before plan"


@dataclass(frozen=True)
class World:
    plan: str
    refusal: Refusal
    tokens: dict[str, tuple[str, ...]]
    actual: dict[str, tuple[str, ...]]
    wall: Cause = Cause.PLAN
    guarded_writes: bool = False


def token_sets(catalog: Catalog, one: str = "users:read") -> dict[str, dict[str, tuple[str, ...]]]:
    every = tuple(catalog.scopes)
    reads = tuple(scope for scope in every if not scope.endswith(("write", "deploy", "embed")))
    return {
        "all scopes": {"all": every},
        "read-only": {"reader": reads},
        "one scope": {"one": (one,)},
        "none": {"bare": ("nothing:read",)},
    }


def judge_world(world: World, catalog: Catalog) -> Judgement:
    found = [
        _answer(operation, name, world, catalog)
        for operation in catalog.operations
        if _is_asked(operation, world)
        for name in world.tokens
    ]
    evidence = run(catalog, world.tokens, found, server_version="3.400.0")
    return infer(evidence, diagnosed(found), catalog)


def _is_asked(operation: Operation, world: World) -> bool:
    if operation.same_as:
        return False
    return operation.hazard is Hazard.READ or (world.guarded_writes and operation.hazard is Hazard.GUARDED)


def _answer(operation: Operation, token: str, world: World, catalog: Catalog):
    plan = documented_plan(operation)
    included = plan is None or catalog.rank[plan] <= catalog.rank[world.plan]
    if operation.reported_only:
        return finding(operation.id, token, Cause.ROUTE, kind=Kind.HTML_WALL)
    scoped = not operation.scopes or any(holds(world.actual[token], scope) for scope in operation.scopes)
    likely = Confidence.LIKELY
    if not included and world.refusal is Refusal.HTML:
        return finding(operation.id, token, world.wall, kind=Kind.HTML_WALL, confidence=likely)
    if not included and (scoped or world.refusal is Refusal.JSON_PLAN_FIRST):
        return finding(operation.id, token, Cause.PLAN, kind=Kind.JSON_ERROR)
    if not scoped:
        return finding(operation.id, token, Cause.SCOPE)
    return finding(operation.id, token, Cause.OK if operation.hazard is Hazard.READ else Cause.VALIDATION)
