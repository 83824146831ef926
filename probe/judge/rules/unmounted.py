"""Rules for a page that is the same page as the answer to a route that cannot exist.

Comes in: a Case of a run with controls. Goes out: a Diagnosis or None. The page means "not exposed to
you"; that the plan is why is said only where every other explanation was looked for and not found.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from probe.catalog.model import Operation
from probe.evidence import Exchange
from probe.judge.context import plan_rank, version_numbers
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules.base import Case, Rule, say, status_of
from probe.judge.sort import sort

# Of the walled operations of a plan, at most this share may be contradicted by one that answered.
_MOST_CONTRADICTED = 0.1
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# What an unmounted route may be answered with; 401, 403 and 5xx pages mean something of their own.
_STATUSES = frozenset({0, 200, 404, 405, 410, 501})


@dataclass(frozen=True)
class Wall:
    """What is known of a page that an operation met, as clauses for the reason."""

    case: Case
    same: tuple[Exchange, ...]
    clauses: list[str] = field(default_factory=list)

    @cached_property
    def name(self) -> str:
        """The wall's name in the run."""
        return self.case.context.wall(self.case.page) if self.case.page else ""

    @cached_property
    def likeness(self) -> str:
        """The first clause: whose page it is."""
        count = len(self.same)
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        routes = "a route that cannot exist" if count == 1 else f"{number} routes that cannot exist"
        return f"same page as {routes}{f' ({self.name})' if self.name else ''}"


def _wall(case: Case) -> Wall | None:
    """Return the wall if routes that cannot exist, asked with the same method, met the same page."""
    if case.page is None or case.status not in _STATUSES:
        return None
    return Wall(case, case.unmounted_alike) if case.unmounted_alike else None


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
    wall, operation = _wall(case), case.operation
    if wall is None or operation is None:
        return None
    since, server = _since(case, operation), version_numbers(case.context.server_version)
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


def _since(case: Case, operation: Operation) -> str:
    """Return the version that the whole operation came with, in the numbering of the server's version."""
    product = case.context.catalog.vendor.version_product if case.context.catalog else ""
    found = [
        item.version
        for item in operation.since
        if item.product == product and not item.part and not item.channel
    ]
    return min(found, key=version_numbers, default="")


def _mounted_after_all(case: Case) -> Diagnosis | None:
    """Judge a page of an operation that is there: without a token, or with another one, it answers JSON."""
    wall = _wall(case)
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


def _plan_wall(case: Case) -> Diagnosis | None:
    """Say that the plan is why, if nothing else explains the page; each doubt lowers the confidence."""
    wall, operation, context = _wall(case), case.operation, case.context
    if wall is None or operation is None or context.boundary is None or context.catalog is None:
        return None
    rank = plan_rank(operation, context.catalog)
    if rank < 0 or operation.reported_only or context.token_ignored or case.exchange.role is not None:
        return None
    clauses, doubts = [wall.likeness], list[str]()
    if not (_second_look(case, clauses, doubts) and _token_works(case, operation, clauses, rank)):
        return None
    if not _fits_boundary(case, rank, clauses, doubts):
        return None
    _stable(case, clauses)
    _new_enough(case, operation, clauses, doubts)
    clauses.append(f"documented for {_title(case, operation)}")
    confidence = Confidence.WEAK if doubts else Confidence.LIKELY
    reason = "; ".join(clauses + doubts)
    return say(
        "plan_wall",
        Cause.PLAN,
        confidence,
        reason,
        runner_up="version" if doubts else "route",
        settle=_settle(doubts),
    )


def _second_look(case: Case, clauses: list[str], doubts: list[str]) -> bool:
    """Require that the page came without a token too, unless such a look would show nothing."""
    context = case.context
    look = context.second_look(case.exchange.operation)
    if look is None:
        return _read_of_group_walled(case, clauses, doubts)
    if context.auth_before_routing:
        doubts.append("a look without a token shows nothing here, for every route then answers 401")
        return True
    if not context.is_same(case.exchange, look):
        return False
    clauses.append("the no-token request got that page too")
    return True


def _read_of_group_walled(case: Case, clauses: list[str], doubts: list[str]) -> bool:
    """For a write, which is never asked again, look at a read of its group instead."""
    operation, context = case.operation, case.context
    if operation is None or context.catalog is None or context.boundary is None or operation.method == "GET":
        return False
    for other in context.catalog.operations:
        walled = other.group == operation.group and other.method == "GET" and other.plan == operation.plan
        look = context.second_look(other.id) if walled else None
        if look is not None and context.boundary.is_walled(other.id) and sort(look.outcome) is Kind.HTML_WALL:
            clauses.append(
                f"{other.method} {other.path} of the same group met it too, with and without a token"
            )
            doubts.append("a write is not asked a second time")
            return True
    return False


def _token_works(case: Case, operation: Operation, clauses: list[str], rank: int) -> bool:
    """Require that the same token got JSON from an operation of a lower plan."""
    context = case.context
    if context.boundary is None:
        return False
    below = set(context.boundary.answered_below(rank, case.exchange.token))
    found = [
        item for item in context.json_with(case.exchange.token, operation.group) if item.operation in below
    ]
    if not found:
        return False
    answered = context.operation(found[0])
    if answered is not None:
        clauses.append(f"{answered.method} {answered.path} with the same token answered JSON")
    return True


def _fits_boundary(case: Case, rank: int, clauses: list[str], doubts: list[str]) -> bool:
    """Require that what is walled is what lies above a plan, save for few contradictions, which are named."""
    boundary = case.context.boundary
    if boundary is None:
        return False
    against, walled = boundary.contradictions(rank), boundary.walled(rank)
    if len(against) > _MOST_CONTRADICTED * len(walled):
        return False
    if against:
        doubts.append(f"yet {', '.join(against[:3])} of that plan or a higher one answered")
    else:
        clauses.append("nothing of that plan or a higher one answered")
    return True


def _stable(case: Case, clauses: list[str]) -> None:
    later = case.context.stability(case.exchange.operation)
    if later is not None and case.context.is_same(case.exchange, later):
        clauses.append("the same later in the run")


def _new_enough(case: Case, operation: Operation, clauses: list[str], doubts: list[str]) -> None:
    since = _since(case, operation)
    if not case.context.server_version:
        doubts.append(
            "the server does not say its version, and a server too old for the route would look the same"
        )
    elif since:
        clauses.append(f"the server ({case.context.server_version}) is new enough for it ({since})")


def _title(case: Case, operation: Operation) -> str:
    plans = case.context.catalog.plans if case.context.catalog else ()
    return next((plan.title for plan in plans if plan.id == operation.plan), operation.plan or "")


def _settle(doubts: list[str]) -> str:
    if any("version" in doubt for doubt in doubts):
        return "read the server's version from its administration page"
    return "ask the vendor whether the plan includes it" if doubts else ""


def _unmounted(case: Case) -> Diagnosis | None:
    """Say that the route is not exposed, and why no more can be said."""
    wall = _wall(case)
    if wall is not None:
        return say(
            "unmounted",
            Cause.ROUTE,
            Confidence.LIKELY,
            _why_not_plan(case, wall),
            runner_up="plan",
            settle=_settle_route(case),
        )
    if case.page is None or case.status not in _STATUSES:
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
    title = _title(case, operation)
    against = context.boundary.contradictions(rank)
    if len(against) > _MOST_CONTRADICTED * len(context.boundary.walled(rank)):
        return (
            f"{said}; documented for {title}, but so is {against[0]}, which answered: a plan does not "
            "explain it"
        )
    if not context.boundary.answered_below(rank, case.exchange.token):
        return (
            f"{said}; documented for {title}, but nothing of a lower plan answered this token, so the "
            "page may have another cause"
        )
    return f"{said}; documented for {title}, but it was not asked again without a token"


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
    Rule(
        "plan_wall",
        (Cause.PLAN,),
        "the page of a route that cannot exist, also without a token; JSON from a lower plan's "
        "operation with the same token; a server "
        "not older than the route; the route documented for a plan; and nothing of that plan or a "
        "higher one that answered",
        "the vendor's plan tables; DESIGN section 6; a hypothesis that each run proves by its controls",
        _plan_wall,
    ),
    Rule(
        "unmounted",
        (Cause.ROUTE,),
        "the page of a route that cannot exist, where the plan is not shown to be why",
        "utopia #614; appstrate #215; Caw PR 131; pillarjs/finalhandler index.js",
        _unmounted,
    ),
)
