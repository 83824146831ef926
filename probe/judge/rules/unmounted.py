"""Rules for a page that is the same page as the answer to a route that cannot exist.

Comes in: a Case of a run with controls. Goes out: a Diagnosis or None. The page means "not exposed to
you"; that the plan is why is said only where every other explanation was looked for and not found.
Pure.
"""

from __future__ import annotations

from probe.evidence import ControlRole
from probe.judge.boundary import Boundary
from probe.judge.context import plan_rank, since_in, version_numbers
from probe.judge.lookup import named
from probe.judge.model import Cause, Confidence, Diagnosis
from probe.judge.rules.base import UNMOUNTED_STATUSES, Case, Rule, Wall, say
from probe.judge.rules.doubts import (
    DOUBT_RULES_AFTER_VERSION,
    DOUBT_RULES_BEFORE_VERSION,
    changed_midway,
    id_alone,
)
from probe.judge.rules.planwall import MOST_CONTRADICTED, PLAN_WALL_RULE
from probe.judge.rules.wallfacts import plan_title


def _version_too_old(case: Case) -> Diagnosis | None:
    wall, operation = case.wall, case.operation
    if wall is None or operation is None or case.context.newer_answered:
        return None
    since, server = since_in(operation, case.context), version_numbers(case.context.server_version)
    if not since or not server or server >= version_numbers(since):
        return None
    reason = (
        f"{wall.likeness}; the server is version {case.context.server_version} and the route came with "
        f"{since}"
    )
    return say(
        "version_too_old",
        Cause.VERSION,
        Confidence.CERTAIN,
        reason,
        settle="upgrade the server, then ask again",
    )


def _unmounted(case: Case) -> Diagnosis | None:
    """Say that the route is not exposed, and why no more can be said."""
    wall = case.wall
    if wall is not None:
        doubt = id_alone(case, wall) or changed_midway(case, wall)
        if doubt is not None:
            return doubt
        return say(
            "unmounted",
            Cause.ROUTE,
            Confidence.WEAK if _is_doubtful(case) else Confidence.LIKELY,
            _why_not_plan(case, wall),
            runner_up="plan",
            settle=_settle_route(case),
        )
    if case.page is None or case.status not in UNMOUNTED_STATUSES:
        return None
    methods = {control.request.method for control in case.context.by_role(ControlRole.NO_SUCH_ROUTE)}
    if case.exchange.request.method in methods or not methods:
        return None
    return _other_method(case, sorted(methods))


def _is_doubtful(case: Case) -> bool:
    """Return whether the page also came where a route is, or a look without a token shows nothing here."""
    context = case.context
    if context.auth_before_routing or context.blind_to_routes:
        return True
    return case.page is not None and bool(context.stand_ins.coming(context.pages.number(case.page)))


def _other_method(case: Case, methods: list[str]) -> Diagnosis | None:
    """Judge the page of a method that no control was asked with, by the controls of another one."""
    for method in methods:
        for control in case.context.unmounted(method):
            if case.context.is_same(case.exchange, control):
                reason = (
                    f"same page as a route that cannot exist, asked with {method}; none was asked with "
                    f"{case.exchange.request.method}"
                )
                settle = f"ask a route that cannot exist with {case.exchange.request.method}"
                return say(
                    "unmounted", Cause.ROUTE, Confidence.WEAK, reason, runner_up="method", settle=settle
                )
    return None


def _why_not_plan(case: Case, wall: Wall) -> str:
    operation, context = case.operation, case.context
    said = f"{wall.likeness}: not exposed to you"
    if (
        operation is None
        or context.catalog is None
        or context.boundary is None
        or case.exchange.role is not None
    ):
        return said
    rank = plan_rank(operation, context.catalog)
    if operation.reported_only:
        return f"{said}; no vendor document names this route, so it may not exist at all"
    if rank < 0:
        return f"{said}; no document gives it to a plan"
    but = _against_the_boundary(case, context.boundary, rank) or _missing_proof(case)
    return f"{said}; documented for {plan_title(case, operation)}, but {but}"


def _against_the_boundary(case: Case, boundary: Boundary, rank: int) -> str:
    """Say why the run does not fit a plan's boundary, or nothing."""
    against, below = boundary.contradictions(rank), boundary.walled_below(rank)
    most = MOST_CONTRADICTED * len(boundary.walled(rank))
    if len(against) > most:
        return f"so is {against[0]}, which answered: a plan does not explain it"
    if len(below) > most:
        return f"{named(below)} met a page too, which lower plans have: a plan does not explain it"
    if not boundary.answered_below(rank, case.exchange.token):
        return "nothing of a lower plan answered this token, so the page may have another cause"
    return ""


def _missing_proof(case: Case) -> str:
    """Say what is missing for saying that the plan is why."""
    if case.context.token_ignored:
        return f"{case.context.token_ignored} gets a success too, so nothing shows that the token counts"
    look = case.context.second_look(case.exchange.operation)
    if look is None:
        return "it was not asked again without a token"
    if case.context.blind_to_routes:
        return "a caller without a token meets that page everywhere, so a look without one shows nothing"
    return "without a token the route answers something else"


def _settle_route(case: Case) -> str:
    if not case.context.second_look(case.exchange.operation) and case.exchange.role is None:
        return "ask the same without a token"
    return "ask the vendor whether the plan includes it"


UNMOUNTED_RULES = (
    *DOUBT_RULES_BEFORE_VERSION,
    Rule(
        "version_too_old",
        (Cause.VERSION,),
        "the page of a route that cannot exist, a known server version older than the route's first, and "
        "nothing newer than that version that answered",
        "karakeep #1126; the catalog's `since`",
        _version_too_old,
    ),
    *DOUBT_RULES_AFTER_VERSION,
    PLAN_WALL_RULE,
    Rule(
        "unmounted",
        (Cause.ROUTE, Cause.UNKNOWN),
        "the page of a route that cannot exist, where the plan is not shown to be why",
        "utopia #614; appstrate #215; Caw PR 131; pillarjs/finalhandler index.js",
        _unmounted,
    ),
)
