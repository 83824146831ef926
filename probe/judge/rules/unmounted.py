"""Rules for a page that is the same page as the answer to a route that cannot exist.

Comes in: a Case of a run with controls. Goes out: a Diagnosis or None. The page means "not exposed to
you"; that the plan is why is said only where every other explanation was looked for and not found.
Pure.
"""

from __future__ import annotations

from probe.evidence import Exchange
from probe.judge.context import plan_rank, version_numbers
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules.base import Case, Rule, say, status_of
from probe.judge.rules.planwall import MOST_CONTRADICTED, PLAN_WALL_RULE
from probe.judge.rules.wallfacts import UNMOUNTED_STATUSES, Wall, plan_title, since_of, wall_of
from probe.judge.sort import sort


def _unstable(case: Case) -> Diagnosis | None:
    """Judge an answer that was another one before or after."""
    if case.page is None or case.exchange.role is not None:
        return None
    later = case.context.stability(case.exchange.operation)
    seen = [attempt.outcome for attempt in case.exchange.attempts[:-1]]
    flipped = any(sort(outcome) in {Kind.JSON_SUCCESS, Kind.JSON_ERROR} for outcome in seen)
    if later is not None and later.token == case.exchange.token:
        flipped = flipped or sort(later.outcome) in {Kind.JSON_SUCCESS, Kind.JSON_ERROR}
        changed = sort(later.outcome) is Kind.HTML_WALL and not case.context.is_same(case.exchange, later)
        if changed and not flipped:
            reason = "this page now, another page later in the run: the answer is not stable"
            return say("unstable", Cause.UNKNOWN, Confidence.LIKELY, reason, settle="ask again later")
    if not flipped:
        return None
    reason = "a page at one time and JSON at another in the same run: the answer is not stable"
    return say(
        "unstable", Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="gateway", settle="ask again later"
    )


def _version_too_old(case: Case) -> Diagnosis | None:
    wall, operation = wall_of(case), case.operation
    if wall is None or operation is None:
        return None
    since, server = since_of(case, operation), version_numbers(case.context.server_version)
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


def _mounted_after_all(case: Case) -> Diagnosis | None:
    """Judge a page of an operation that is there: without a token, or with another one, it answers JSON."""
    wall = wall_of(case)
    if wall is None or case.exchange.role is not None:
        return None
    look = case.context.second_look(case.exchange.operation)
    if (
        look is not None
        and sort(look.outcome) in {Kind.JSON_SUCCESS, Kind.JSON_ERROR}
        and not case.context.auth_before_routing
    ):
        reason = (
            f"{wall.likeness}; yet without a token the route answers {status_of(look)} JSON, so it is there"
        )
        return say(
            "mounted_after_all",
            Cause.UNKNOWN,
            Confidence.LIKELY,
            reason,
            runner_up="plan",
            settle="ask the vendor",
        )
    other = next((item for item in case.context.others(case.exchange) if _answers(item, case)), None)
    if other is None:
        return None
    reason = (
        f"{wall.likeness}; yet with the token {other.token} the route answers {status_of(other)} JSON, "
        "so it is there"
    )
    return say(
        "mounted_after_all",
        Cause.UNKNOWN,
        Confidence.LIKELY,
        reason,
        runner_up="scope",
        settle="ask again later",
    )


def _answers(exchange: Exchange, case: Case) -> bool:
    kind = sort(exchange.outcome)
    if kind is Kind.JSON_SUCCESS:
        return True
    return (
        kind is Kind.JSON_ERROR
        and status_of(exchange) not in {401, 429}
        and not case.context.same_json_as_unmounted(exchange)
    )


def _unmounted(case: Case) -> Diagnosis | None:
    """Say that the route is not exposed, and why no more can be said."""
    wall = wall_of(case)
    if wall is not None:
        return say(
            "unmounted",
            Cause.ROUTE,
            Confidence.LIKELY,
            _why_not_plan(case, wall),
            runner_up="plan",
            settle=_settle_route(case),
        )
    if case.page is None or case.status not in UNMOUNTED_STATUSES:
        return None
    methods = {
        control.request.method for control in case.context.controls if str(control.role) == "no_such_route"
    }
    if case.exchange.request.method in methods or not methods:
        return None
    return _other_method(case, sorted(methods))


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
    title = plan_title(case, operation)
    against = context.boundary.contradictions(rank)
    if len(against) > MOST_CONTRADICTED * len(context.boundary.walled(rank)):
        return (
            f"{said}; documented for {title}, but so is {against[0]}, which answered: a plan does not "
            "explain it"
        )
    if not context.boundary.answered_below(rank, case.exchange.token):
        return (
            f"{said}; documented for {title}, but nothing of a lower plan answered this token, so the "
            "page may have another cause"
        )
    return f"{said}; documented for {title}, but {_missing_proof(case)}"


def _missing_proof(case: Case) -> str:
    """Say what is missing for saying that the plan is why."""
    if case.context.token_ignored:
        return f"{case.context.token_ignored} gets a success too, so nothing shows that the token counts"
    look = case.context.second_look(case.exchange.operation)
    if look is None:
        return "it was not asked again without a token"
    return "without a token the route answers something else"


def _settle_route(case: Case) -> str:
    if not case.context.second_look(case.exchange.operation) and case.exchange.role is None:
        return "ask the same without a token"
    return "ask the vendor whether the plan includes it"


UNMOUNTED_RULES = (
    Rule(
        "unstable",
        (Cause.UNKNOWN,),
        "a page and JSON, or two pages, from one operation within the run",
        "Frappe-Manager PR 416",
        _unstable,
    ),
    Rule(
        "version_too_old",
        (Cause.VERSION,),
        "the page of a route that cannot exist, and a known server version older than the route's first",
        "karakeep #1126; the catalog's `since`",
        _version_too_old,
    ),
    Rule(
        "mounted_after_all",
        (Cause.UNKNOWN,),
        "the page of a route that cannot exist, from a route that answers JSON without a token or "
        "to another one",
        "utopia #614; BrainPilot #30",
        _mounted_after_all,
    ),
    PLAN_WALL_RULE,
    Rule(
        "unmounted",
        (Cause.ROUTE,),
        "the page of a route that cannot exist, where the plan is not shown to be why",
        "utopia #614; appstrate #215; Caw PR 131; pillarjs/finalhandler index.js",
        _unmounted,
    ),
)
