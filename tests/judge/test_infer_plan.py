"""The plan estimate: floor, ceiling, contradictions, and saying nothing where nothing is known."""

import pytest
from findings import catalog, diagnosed, finding, operation, run, small_catalog

from probe.catalog.model import Basis
from probe.judge.infer import infer
from probe.judge.model import Cause, Confidence

CATALOG = small_catalog()
ALL = {"t": ("users:write", "repos:write", "groups:write")}
READS = [item.id for item in CATALOG.operations if item.method == "GET" and item.plan]


def plan(causes, of=CATALOG, tokens=ALL):
    found = [finding(name, "t", cause) for name, cause in causes.items()]
    return infer(run(of, tokens, found), diagnosed(found), of).plan


def world(included, wall=Cause.PLAN):
    rank = CATALOG.rank[included]
    return {name: Cause.OK if CATALOG.rank[CATALOG.by_id[name].plan] <= rank else wall for name in READS}


@pytest.mark.parametrize("name", ["basic", "pro", "max"])
def test_floor_and_ceiling_meet_on_the_plan(name):
    seen = plan(world(name))
    assert (seen.estimate, seen.floor, seen.contradictions) == (name, name, ())
    assert seen.ceiling == (None if name == "max" else name)


def test_walls_argue_for_an_upper_bound_and_never_make_it_certain():
    assert plan(world("pro")).confidence is Confidence.LIKELY
    assert plan(world("max")).confidence is Confidence.CERTAIN


def test_without_any_success_the_plan_is_undetermined_and_not_the_lowest():
    seen = plan(dict.fromkeys(READS, Cause.PLAN))
    assert (seen.estimate, seen.floor) == ("undetermined", None)
    assert "Free" in seen.reason
    assert "wrong base URL" in seen.reason


@pytest.mark.parametrize("cause", [Cause.TOKEN, Cause.NETWORK, Cause.SCOPE, Cause.MISSING_RESOURCE])
def test_other_refusals_leave_it_undetermined(cause):
    seen = plan(dict.fromkeys(READS, cause))
    assert (seen.estimate, seen.floor, seen.ceiling) == ("undetermined", None, None)
    assert "wrong base URL" not in seen.reason


def test_a_floor_alone_is_no_estimate():
    seen = plan({"invites.list": Cause.OK})
    assert (seen.estimate, seen.floor, seen.ceiling) == ("undetermined", "basic", None)
    assert "Basic or more" in seen.reason


def test_what_lies_between_floor_and_ceiling_stays_open():
    seen = plan(world("basic") | dict.fromkeys(("repos.list", "repos.get", "repos.read"), Cause.NETWORK))
    assert (seen.estimate, seen.floor, seen.ceiling) == ("undetermined", "basic", "pro")


def test_one_wall_may_be_a_feature_switched_off_and_makes_no_ceiling():
    seen = plan({"invites.list": Cause.OK, "invites.get": Cause.OK, "repos.list": Cause.PLAN})
    assert seen.estimate == "undetermined"


def test_plans_that_no_document_tells_apart_give_the_lower_one_weakly():
    of = catalog(
        operation("a.list", "a:read", "basic"),
        operation("b.list", "b:read", "max"),
        operation("b.get", "b:read", "max"),
    )
    seen = plan(
        {"a.list": Cause.OK, "b.list": Cause.PLAN, "b.get": Cause.PLAN}, of, {"t": ("a:read", "b:read")}
    )
    assert (seen.estimate, seen.ceiling, seen.confidence) == ("basic", "pro", Confidence.WEAK)


def test_routes_above_that_are_not_exposed_leave_the_floor_as_a_weak_estimate():
    seen = plan(world("basic", wall=Cause.ROUTE))
    assert (seen.estimate, seen.ceiling, seen.confidence) == ("basic", None, Confidence.WEAK)


def test_a_wall_below_the_floor_is_named_and_lowers_the_confidence():
    seen = plan(world("max") | {"repos.get": Cause.PLAN})
    assert seen.contradictions == ("repos.get",)
    assert (seen.floor, seen.ceiling) == ("max", "basic")
    assert (seen.estimate, seen.confidence) == ("undetermined", Confidence.WEAK)


def test_successes_and_walls_that_cross_without_a_clear_majority_are_undetermined():
    seen = plan(world("basic") | {"users.list": Cause.OK, "groups.list": Cause.OK})
    assert seen.estimate == "undetermined"
    assert seen.contradictions == ("users.list", "groups.list")


def many(included, exception):
    """Forty operations, of which the first `included` answer, with one exception."""
    names = [f"g{number}.list" for number in range(40)]
    of = catalog(
        *(
            operation(name, "", "basic" if place < 10 else "pro" if place < 20 else "max")
            for place, name in enumerate(names)
        )
    )
    causes = {name: Cause.OK if place < included else Cause.PLAN for place, name in enumerate(names)}
    other = Cause.OK if causes[names[exception]] is Cause.PLAN else Cause.PLAN
    return plan(causes | {names[exception]: other}, of), names[exception]


def test_one_success_too_many_among_many_walls_gives_the_plan_weakly_with_its_contradiction():
    seen, exception = many(10, 30)
    assert (seen.estimate, seen.confidence, seen.contradictions) == ("basic", Confidence.WEAK, (exception,))


def test_one_wall_among_many_successes_may_be_a_feature_switched_off():
    seen, exception = many(40, 12)
    assert (seen.estimate, seen.confidence, seen.contradictions) == ("max", Confidence.LIKELY, (exception,))


@pytest.mark.parametrize("basis", [Basis.REPORTED, Basis.UNKNOWN])
def test_what_is_only_reported_says_nothing_of_the_plan(basis):
    of = catalog(
        operation("a.list", "a:read", "max", plan_basis=basis), operation("b.list", "b:read", "basic")
    )
    seen = plan({"a.list": Cause.OK}, of, {"t": ("a:read",)})
    assert (seen.estimate, seen.floor) == ("undetermined", None)


def test_agreement_counts_each_observed_operation_once_for_every_plan():
    seen = plan(world("pro") | {"groups.list": Cause.NETWORK})
    assert [item.plan for item in seen.candidates] == [item.id for item in CATALOG.plans]
    assert {item.agree + len(item.disagree) + item.silent for item in seen.candidates} == {len(READS)}
    fits = {item.plan: item for item in seen.candidates}
    assert (fits["pro"].disagree, fits["pro"].silent) == ((), 1)
    assert fits["max"].disagree == ("users.list", "users.get")


def test_a_weak_verdict_has_no_vote():
    found = [
        *(finding(name, "t", cause) for name, cause in world("basic").items() if name != "users.list"),
        finding("users.list", "t", confidence=Confidence.WEAK),
    ]
    seen = infer(run(CATALOG, ALL, found), diagnosed(found), CATALOG).plan
    assert (seen.estimate, seen.floor, seen.contradictions) == ("basic", "basic", ())
