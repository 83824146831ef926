"""Rules that take a page of a route that cannot exist for no sign of the route: something else sends it here.

Comes in: a Case of a run with controls. Goes out: a Diagnosis of unknown, or None. What comes and goes,
what a cache had kept, what others are answered, and what a made-up id explains is no missing route. Pure.
"""

from __future__ import annotations

from http import HTTPStatus

from probe.evidence import ControlRole, Failure, Response
from probe.judge.context import made_up_ids, plan_rank
from probe.judge.lookup import named
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules.base import (
    FIRST_SERVER_ERROR,
    UNMOUNTED_STATUSES,
    Case,
    Rule,
    Wall,
    answers_json,
    changed_at,
    say,
    status_of,
)
from probe.judge.rules.wallfacts import kept_in_cache
from probe.judge.sort import sort
from probe.judge.standins import MOST_COMING
from probe.judge.walls import page_of

# What these rules say of a page follows from when it came.
COMES_AND_GOES = frozenset({"stand_in", "unstable"})
# What was asked as an operation, first or again; the other controls have a question of their own.
_OF_OPERATIONS = (None, ControlRole.CONFIRMATION)


def _unstable(case: Case) -> Diagnosis | None:
    """Judge an answer that was another one before or after."""
    if case.page is None or case.exchange.role is not None:
        return None
    later = case.context.stability(case.exchange.operation)
    seen = [attempt.outcome for attempt in case.exchange.attempts[:-1] if not _is_limited(attempt.outcome)]
    flipped = any(sort(outcome) in {Kind.JSON_SUCCESS, Kind.JSON_ERROR} for outcome in seen)
    flipped = flipped or case.exchange.operation in case.context.stand_ins.open_at_times
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


def _is_limited(outcome: Response | Failure) -> bool:
    """Return whether an attempt was only told to slow down, which is said before any route is looked for."""
    return isinstance(outcome, Response) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS


def _stand_in(case: Case) -> Diagnosis | None:
    """Judge a page that came in the place of other operations too, which answered at another time."""
    if case.page is None or case.exchange.role not in _OF_OPERATIONS or case.status not in UNMOUNTED_STATUSES:
        return None
    stand_ins = case.context.stand_ins
    number = next((item for item in _telling_pages(case) if stand_ins.share(item) > MOST_COMING), None)
    if number is None:
        return None
    coming = stand_ins.coming(number)
    reason = (
        f"the page of a missing route also came in the place of {named(coming)}, which answered at another "
        "time of the run: it says nothing of the route"
    )
    return say(
        "stand_in", Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="gateway", settle="ask again later"
    )


def _telling_pages(case: Case) -> tuple[int, ...]:
    """Return the number of the page; for a write, asked only once, those of reads that cannot exist too."""
    exchanges = [case.exchange]
    if case.exchange.request.method != "GET":
        exchanges += case.context.unmounted("GET")
    pages = (page_of(exchange) for exchange in exchanges)
    return tuple(case.context.pages.number(page) for page in pages if page is not None)


def _made_up_id(case: Case) -> Diagnosis | None:
    """Judge the page of an operation asked with a made-up id, whose group answers without one.

    A server that matches ids by their form has no route for an id that nothing has.
    """
    wall = case.wall
    if wall is None or case.exchange.role not in _OF_OPERATIONS or not made_up_ids(case.exchange):
        return None
    answered, walled = case.context.mates(case.exchange)
    if walled or not answered:
        return None
    return _say_made_up(case, wall, f"{answered[0]} of its group answers")


def id_alone(case: Case, wall: Wall) -> Diagnosis | None:
    """Judge the page of an operation asked with a made-up id, where nothing of its group tells more.

    Where nothing of its plan answered, or nobody documents it, the page needs no such explanation.
    """
    operation, boundary, catalog = case.operation, case.context.boundary, case.context.catalog
    if case.exchange.role not in _OF_OPERATIONS or not made_up_ids(case.exchange):
        return None
    if operation is None or operation.reported_only or case.context.mates(case.exchange)[1]:
        return None
    if boundary and catalog and not boundary.contradictions(max(0, plan_rank(operation, catalog))):
        return None
    return _say_made_up(case, wall, "nothing of its group met that page without one")


def changed_midway(case: Case, wall: Wall) -> Diagnosis | None:
    """Judge a page where all of the plan that was asked first answered, and all after met pages."""
    when = changed_at(case) if case.exchange.role in _OF_OPERATIONS else ""
    if not when:
        return None
    reason = (
        f"{wall.likeness}; but what its plan has answered until {when} and met pages from then on: "
        "something changed on the way, or the pages follow the order of asking"
    )
    return say(
        "unmounted", Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="gateway", settle="ask again later"
    )


def _say_made_up(case: Case, wall: Wall, beside: str) -> Diagnosis:
    ids = ", ".join(made_up_ids(case.exchange))
    reason = (
        f"{wall.likeness}; but {ids} was made up, and {beside}: a server that tells ids by their form has no "
        "route for it"
    )
    return say(
        "made_up_id",
        Cause.UNKNOWN,
        Confidence.LIKELY,
        reason,
        runner_up="route",
        settle="ask an object that surely exists",
    )


def _kept_page(case: Case) -> Diagnosis | None:
    """Judge a page that a cache had kept: an answer to somebody who asked before."""
    wall = case.wall
    if wall is None or case.response is None or case.exchange.role not in _OF_OPERATIONS:
        return None
    seen = kept_in_cache(case.response)
    routes = [item.outcome for item in wall.same if isinstance(item.outcome, Response)]
    if not seen or any(kept_in_cache(route) for route in routes):
        return None
    reason = (
        f"{wall.likeness}; but a cache had kept it ({seen}), and not theirs: an answer to an older question"
    )
    return say(
        "kept_page", Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="route", settle="ask again later"
    )


def _other_without_token(case: Case) -> Diagnosis | None:
    """Judge a page in whose place a caller without a token gets another answer."""
    wall, context = case.wall, case.context
    look = context.second_look(case.exchange.operation)
    if wall is None or look is None or case.exchange.role not in _OF_OPERATIONS:
        return None
    answered = isinstance(look.outcome, Response) and look.outcome.status < FIRST_SERVER_ERROR
    if not answered or context.auth_before_routing or context.is_same(case.exchange, look):
        return None
    if status_of(look) == HTTPStatus.TOO_MANY_REQUESTS:
        return None
    reason = f"{wall.likeness}; yet without a token something else came ({status_of(look)})"
    return say(
        "other_without_token",
        Cause.UNKNOWN,
        Confidence.LIKELY,
        reason,
        runner_up="route",
        settle="ask again later",
    )


def _mounted_after_all(case: Case) -> Diagnosis | None:
    """Judge a page of an operation that is there: without a token, or with another one, it answers JSON."""
    wall = case.wall
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
    other = next((item for item in case.context.others(case.exchange) if answers_json(item, case)), None)
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


DOUBT_RULES_BEFORE_VERSION = (
    Rule(
        "unstable",
        (Cause.UNKNOWN,),
        "a page and JSON, or two pages, from one operation within the run",
        "Frappe-Manager PR 416",
        _unstable,
    ),
    Rule(
        "stand_in",
        (Cause.UNKNOWN,),
        "a page that also came in the place of operations that answered at another time of the run",
        "Frappe-Manager PR 416",
        _stand_in,
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
        "other_without_token",
        (Cause.UNKNOWN,),
        "the page of a route that cannot exist, where a caller without a token gets another answer",
        "utopia #614",
        _other_without_token,
    ),
)
DOUBT_RULES_AFTER_VERSION = (
    Rule(
        "kept_page",
        (Cause.UNKNOWN,),
        "the page of a route that cannot exist, out of a cache that does not keep the answers to such routes",
        "RFC 9111 section 5.1 (Age); RFC 9211",
        _kept_page,
    ),
    Rule(
        "made_up_id",
        (Cause.UNKNOWN,),
        "the page of a route that cannot exist, asked with a made-up id, where the group answers without one",
        "feroxbuster #784",
        _made_up_id,
    ),
)
