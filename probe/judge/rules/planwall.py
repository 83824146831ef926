"""The rule that a page is the plan's: said only where every other explanation was looked for in vain.

Comes in: a Case of a run whose first judgement is known. Goes out: a Diagnosis or None. Each doubt
lowers the confidence and stands in the reason. Pure.
"""

from __future__ import annotations

from probe.catalog.model import Operation
from probe.judge.context import plan_rank, since_in
from probe.judge.lookup import named
from probe.judge.model import Cause, Confidence, Diagnosis, Kind
from probe.judge.rules.base import Case, Rule, say
from probe.judge.rules.wallfacts import plan_title
from probe.judge.sort import sort

# Of the walled operations of a plan, at most this share may be contradicted by one that answered.
MOST_CONTRADICTED = 0.1


def _plan_wall(case: Case) -> Diagnosis | None:
    """Say that the plan is why, if nothing else explains the page; each doubt lowers the confidence."""
    wall, operation, context = case.wall, case.operation, case.context
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
    _stable(case, clauses, doubts)
    _new_enough(case, operation, clauses, doubts)
    clauses.append(f"documented for {plan_title(case, operation)}")
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
    if context.anonymous_meets_pages:
        return False
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
    below = boundary.walled_below(rank)
    if max(len(against), len(below)) > MOST_CONTRADICTED * len(walled):
        return False
    if below:
        doubts.append(f"yet {named(below)} met a page too, which lower plans have: something else sends it")
    if against:
        doubts.append(f"yet {', '.join(against[:3])} of that plan or a higher one answered")
    else:
        clauses.append("nothing of that plan or a higher one answered")
    return True


def _stable(case: Case, clauses: list[str], doubts: list[str]) -> None:
    coming = case.context.stand_ins.coming(case.context.pages.number(case.page)) if case.page else ()
    if coming:
        doubts.append(
            f"yet that page came in the place of {named(coming)} too, which answered at another time"
        )
    later = case.context.stability(case.exchange.operation)
    if later is not None and case.context.is_same(case.exchange, later):
        clauses.append("the same later in the run")


def _new_enough(case: Case, operation: Operation, clauses: list[str], doubts: list[str]) -> None:
    since = since_in(operation, case.context)
    if not case.context.server_version:
        doubts.append(
            "the server does not say its version, and a server too old for the route would look the same"
        )
    elif since:
        clauses.append(f"the server ({case.context.server_version}) is new enough for it ({since})")


def _settle(doubts: list[str]) -> str:
    if any("version" in doubt for doubt in doubts):
        return "read the server's version from its administration page"
    return "ask the vendor whether the plan includes it" if doubts else ""


PLAN_WALL_RULE = Rule(
    "plan_wall",
    (Cause.PLAN,),
    "the page of a route that cannot exist, also without a token; JSON from a lower plan's "
    "operation with the same token; a server "
    "not older than the route; the route documented for a plan; and nothing of that plan or a "
    "higher one that answered",
    "the vendor's plan tables; DESIGN section 6; a hypothesis that each run proves by its controls",
    _plan_wall,
)
