"""When a page may be called the plan's, and each thing that forbids it."""

import pytest
from run_world import (
    OTHER_PAGE,
    SHELL,
    SHELL_ANSWER,
    UNAUTHORIZED,
    answer,
    catalog,
    controls,
    exchange,
    operation,
    refusal,
    run,
)

from probe.catalog.model import Hazard
from probe.evidence import TokenInfo
from probe.judge.diagnose import diagnose_run
from probe.judge.model import Cause, Confidence, Kind

# An organization on Basic: what Basic has answers, the rest meets the page of routes that cannot exist.
BASIC = {
    "invites.list": answer(),
    "attributes.list": answer(),
    "workflows.list": SHELL_ANSWER,
    "users.list": SHELL_ANSWER,
    "groups.list": SHELL_ANSWER,
}


def judged(made, chosen=None):
    found = diagnose_run(made, chosen or catalog())
    return found, {item.exchange.operation: item for item in found.findings}


def causes(made, chosen=None):
    return {name: item.diagnosis.cause for name, item in judged(made, chosen)[1].items()}


def test_a_page_that_only_the_plan_explains_is_the_plans():
    found, by_id = judged(run(BASIC))
    assert found.measured.measured
    said = by_id["users.list"].diagnosis
    assert (said.cause, said.rule, said.confidence) == (Cause.PLAN, "plan_wall", Confidence.LIKELY)
    for evidence in ("routes that cannot exist", "wall-1", "no-token request", "/api/invites/list", "Max"):
        assert evidence in said.reason
    assert by_id["invites.list"].diagnosis.cause is Cause.OK


def test_every_page_of_every_rank_above_is_the_plans():
    assert [name for name, cause in causes(run(BASIC)).items() if cause is Cause.PLAN] == [
        "workflows.list", "users.list", "groups.list",
    ]  # fmt: skip


FORBIDDING = {
    "another page than that of unmounted routes": ({"unmounted": answer(404, OTHER_PAGE)}, {}, {}),
    "the same page with another status": ({"unmounted": answer(404, SHELL)}, {}, {}),
    "a second look that answers JSON": ({}, {"looks": {"users.list": UNAUTHORIZED}}, {}),
    "a second look at another page": ({}, {"looks": {"users.list": answer(200, OTHER_PAGE)}}, {}),
    "no second look": ({}, {"looks": {}}, {}),
    "JSON later in the run": ({}, {"stable": {"users.list": answer()}}, {}),
    "another page later in the run": ({}, {"stable": {"users.list": answer(200, OTHER_PAGE)}}, {}),
    "JSON in an earlier attempt": ({}, {}, {"users.list": (refusal(500, "down"), SHELL_ANSWER)}),
    "an operation of that plan that answers": ({}, {}, {"groups.list": answer()}),
    "a made-up token that gets a success": ({"garbage": answer()}, {}, {}),
    "no token that gets a success": ({"anonymous": answer()}, {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("what", FORBIDDING)
def test_the_plan_is_not_said_where_there_is(what):
    control_answers, options, answers = FORBIDDING[what]
    made = run(BASIC | answers, base=controls(**control_answers), **options)
    assert causes(made)["users.list"] is not Cause.PLAN


def test_nothing_is_the_plans_where_nothing_of_a_lower_plan_answered():
    made = run({"misc.list": answer(), "users.list": SHELL_ANSWER}, base=controls(real=SHELL_ANSWER))
    found, by_id = judged(made)
    assert found.measured.measured
    assert by_id["users.list"].diagnosis.cause is Cause.ROUTE


def test_the_token_that_met_the_page_must_be_the_one_that_got_json():
    made = run(
        {"invites.list": answer()},
        base=controls(tokens=("all",)),
        extra=(exchange("users.list", SHELL_ANSWER, token="second"),),
        tokens=(TokenInfo(name="all"), TokenInfo(name="second")),
    )
    assert causes(made)["users.list"] is Cause.ROUTE


def test_a_route_that_another_token_reaches_is_no_wall():
    made = run(
        BASIC,
        extra=(exchange("users.list", refusal(403, "missing scope users:read"), token="second"),),
        tokens=(TokenInfo(name="all"), TokenInfo(name="second")),
    )
    found = [
        item for item in diagnose_run(made, catalog()).findings if item.exchange.operation == "users.list"
    ]
    assert [item.diagnosis.cause for item in found] == [Cause.UNKNOWN, Cause.SCOPE]


def test_a_server_too_old_for_the_route_is_why():
    made = run(BASIC | {"folders.list": SHELL_ANSWER}, version="2.9.1")
    said = judged(made)[1]["folders.list"].diagnosis
    assert (said.cause, said.confidence) == (Cause.VERSION, Confidence.CERTAIN)
    assert "2.9.1" in said.reason
    assert "3.0" in said.reason


@pytest.mark.parametrize("version", ["3.0", "3.0.0-stable", "3.334.2", "10.1"])
def test_a_server_new_enough_leaves_the_plan(version):
    made = run(BASIC | {"folders.list": SHELL_ANSWER}, version=version)
    assert causes(made)["folders.list"] is Cause.PLAN


def test_an_unknown_version_makes_it_weak_and_says_why():
    said = judged(run(BASIC | {"folders.list": SHELL_ANSWER}, version=""))[1]["folders.list"].diagnosis
    assert (said.cause, said.confidence, said.runner_up) == (Cause.PLAN, Confidence.WEAK, "version")
    assert "version" in said.reason
    assert said.settle


def test_authentication_before_routing_makes_it_weak():
    made = run(BASIC, base=controls(anonymous_unmounted=UNAUTHORIZED), looks=dict.fromkeys(
        ("workflows.list", "users.list", "groups.list"), UNAUTHORIZED
    ))  # fmt: skip
    said = judged(made)[1]["users.list"].diagnosis
    assert (said.cause, said.confidence) == (Cause.PLAN, Confidence.WEAK)


def test_what_is_only_reported_is_never_the_plans():
    said = judged(run(BASIC | {"rumour.list": SHELL_ANSWER}))[1]["rumour.list"].diagnosis
    assert said.cause is Cause.ROUTE
    assert "may not exist" in said.reason


def test_what_no_document_gives_to_a_plan_is_a_route():
    assert causes(run(BASIC | {"misc.list": SHELL_ANSWER}))["misc.list"] is Cause.ROUTE


def test_few_contradictions_are_named_and_lower_the_confidence():
    many = tuple(operation(f"area{number}.list", "max") for number in range(20))
    chosen = catalog((operation("invites.list", "basic"), operation("users.list", "max"), *many))
    answers = {"invites.list": answer(), "users.list": answer()}
    answers |= {item.id: SHELL_ANSWER for item in many}
    said = judged(run(answers), chosen)[1]["area3.list"].diagnosis
    assert (said.cause, said.confidence) == (Cause.PLAN, Confidence.WEAK)
    assert "users.list" in said.reason


def test_many_contradictions_leave_no_plan():
    said = judged(run(BASIC | {"groups.list": answer(), "users.get": refusal(404, "User not found")}))[1]
    assert said["users.list"].diagnosis.cause is Cause.ROUTE
    assert "does not explain" in said["users.list"].diagnosis.reason


def test_a_lower_plan_walled_beside_a_higher_one_that_answers_is_no_plan():
    made = run({"invites.list": answer(), "users.list": answer(), "workflows.list": SHELL_ANSWER})
    assert causes(made)["workflows.list"] is Cause.ROUTE


def test_scope_refusals_show_that_the_rest_is_a_wall():
    """A token without any scope still tells a wall from a refusal."""
    answers = {
        "invites.list": refusal(403, "API token is missing scope"),
        "attributes.list": refusal(403, "API token is missing scope"),
        "users.list": SHELL_ANSWER,
        "groups.list": SHELL_ANSWER,
    }
    found = causes(run(answers, base=controls(real=refusal(403, "API token is missing scope"))))
    assert found["invites.list"] is Cause.SCOPE
    assert found["users.list"] is Cause.PLAN


def test_a_walled_write_leans_on_a_read_of_its_group_and_is_weak():
    found = judged(run(BASIC | {"users.create": SHELL_ANSWER}))[1]["users.create"].diagnosis
    assert (found.cause, found.confidence) == (Cause.PLAN, Confidence.WEAK)


def test_a_walled_write_without_such_a_read_is_a_route():
    answers = {name: BASIC[name] for name in ("invites.list", "attributes.list", "workflows.list")}
    assert causes(run(answers | {"users.create": SHELL_ANSWER}))["users.create"] is Cause.ROUTE


def test_a_walled_write_needs_controls_with_its_method():
    made = run(BASIC | {"users.create": SHELL_ANSWER}, base=controls(methods=("GET",)))
    said = judged(made)[1]["users.create"].diagnosis
    assert (said.cause, said.confidence) == (Cause.ROUTE, Confidence.WEAK)
    assert "POST" in said.settle


@pytest.mark.parametrize(
    ("status", "message"), [(400, "name is required"), (404, "no such user"), (422, "x")]
)
def test_a_guarded_write_that_was_refused_for_its_content_is_likely_at_most(status, message):
    said = judged(run(BASIC | {"users.create": refusal(status, message)}))[1]["users.create"].diagnosis
    assert said.cause in {Cause.VALIDATION, Cause.MISSING_RESOURCE}
    assert said.confidence is not Confidence.CERTAIN


def test_a_sentinel_that_is_not_found_shows_the_route():
    said = judged(run(BASIC | {"users.get": refusal(404, "User does not exist")}))[1]["users.get"].diagnosis
    assert (said.cause, said.confidence) == (Cause.MISSING_RESOURCE, Confidence.LIKELY)
    assert "made up" in said.reason


def test_json_that_a_route_that_cannot_exist_gets_too_is_a_route():
    missing = refusal(404, "Not here")
    found = causes(run({"invites.list": answer(), "users.list": missing}, base=controls(unmounted=missing)))
    assert found["users.list"] is Cause.ROUTE


def test_the_same_json_for_an_object_leaves_both():
    missing = refusal(404, "Not here")
    made = run({"invites.list": answer(), "users.get": missing}, base=controls(unmounted=missing))
    assert causes(made)["users.get"] is Cause.UNKNOWN


def test_a_success_that_any_token_gets_proves_nothing():
    said = judged(run({"invites.list": answer()}, base=controls(garbage=answer())))[1][
        "invites.list"
    ].diagnosis
    assert (said.rule, said.confidence) == ("token_ignored", Confidence.WEAK)
    assert "proves nothing" in said.reason


def test_a_hazardless_page_is_grouped_and_named_by_how_many_met_it():
    answers = BASIC | {"misc.list": answer(404, OTHER_PAGE)}
    found, by_id = judged(run(answers))
    assert [(wall.id, len(wall.operations)) for wall in found.walls] == [("wall-1", 3), ("wall-2", 1)]
    assert found.walls[0].title == "Tool"
    assert "no_such_route" in found.walls[0].controls
    assert by_id["users.list"].wall == "wall-1"
    assert by_id["misc.list"].wall == "wall-2"
    assert by_id["invites.list"].wall == ""


def test_judging_twice_gives_the_same():
    assert diagnose_run(run(BASIC), catalog()) == diagnose_run(run(BASIC), catalog())


def test_every_exchange_and_control_is_judged_once():
    made = run(BASIC)
    found = diagnose_run(made, catalog())
    assert tuple(item.exchange for item in found.findings) == made.exchanges
    assert tuple(item.exchange for item in found.controls) == made.controls
    assert {item.kind for item in found.findings} == {Kind.JSON_SUCCESS, Kind.HTML_WALL}


def test_the_world_has_a_guarded_write():
    assert {item.hazard for item in catalog().operations} == {Hazard.READ, Hazard.GUARDED}
