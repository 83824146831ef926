"""The rule for JSON refusals that missing routes get too, and what shows that a route is there after all.

Comes in: a Case. Goes out: a Diagnosis or None. Pure.
"""

from __future__ import annotations

from probe.judge.context import UNMOUNTED_JSON
from probe.judge.lookup import named
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules.base import Case, Rule, answers_json, changed_at, say, status_of, what
from probe.judge.standins import MOST_COMING

# The rule that looks at the rest of the run, as those for pages do.
SAME_JSON = "same_json"


def _same_as_unmounted(case: Case) -> Diagnosis | None:
    """Judge a JSON refusal that says the same as the answer to a route that cannot exist."""
    if case.kind is not Kind.JSON_ERROR or case.status not in {400, 403, 404, 405, 410, 501}:
        return None
    if not case.context.same_json_as_unmounted(case.exchange):
        return None
    settle = "ask an object that surely exists"
    if case.operation is not None and case.operation.ask.ids:
        reason = (
            f"{what(case)} is also the answer to a route that cannot exist, so it may mean the object "
            "or the route"
        )
        return say(
            SAME_JSON, Cause.UNKNOWN, Confidence.WEAK, reason, runner_up="missing_resource", settle=settle
        )
    also = f"{what(case)} is also the answer to a route that cannot exist"
    doubt = _there_after_all(case)
    if doubt:
        reason = f"{also}; yet {doubt}: it says nothing of the route"
        return say(
            SAME_JSON, Cause.UNKNOWN, Confidence.LIKELY, reason, runner_up="route", settle="ask again later"
        )
    return say(SAME_JSON, Cause.ROUTE, Confidence.LIKELY, f"{also}: not exposed to you")


def _there_after_all(case: Case) -> str:
    """Say what shows that a route is there that answers as if it were not, or nothing."""
    context, name = case.context, case.exchange.operation
    if name in context.stand_ins.open_at_times:
        return "it answered otherwise at another time of the run"
    if context.stand_ins.share(UNMOUNTED_JSON) > MOST_COMING:
        coming = named(context.stand_ins.coming(UNMOUNTED_JSON))
        return f"{coming} got it too, which answered at another time of the run"
    when = changed_at(case)
    if when:
        return f"what its plan has answered until {when}, and seemed not to be there from then on"
    look = context.second_look(name)
    if look is not None and not context.auth_before_routing and answers_json(look, case):
        return f"without a token the route answers {status_of(look)} JSON"
    other = next((item for item in context.others(case.exchange) if answers_json(item, case)), None)
    return f"with the token {other.token} the route answers {status_of(other)} JSON" if other else ""


SAME_JSON_RULES = (
    Rule(
        SAME_JSON,
        (Cause.ROUTE, Cause.UNKNOWN),
        "a JSON refusal with the words of the answer to a route that cannot exist",
        "feroxbuster #784",
        _same_as_unmounted,
    ),
)
