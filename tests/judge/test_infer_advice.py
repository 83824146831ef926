"""Claims, guidance and questions."""

import pytest
from findings import catalog, diagnosed, finding, operation, run, small_catalog

from probe.catalog.model import Claim, Guidance, Question
from probe.judge.infer import infer
from probe.judge.model import Answer, Cause, ClaimStatus, Kind, Measured

ALL = {"t": ("users:write", "repos:write", "groups:write")}
READERS = {"t": ("users:read", "repos:read", "groups:read")}


def judge(causes, tokens=ALL, *, kind=None, measured=None, **more):
    of = small_catalog(**more)
    found = [
        finding(name, "t", cause, kind=kind if cause is Cause.PLAN else None)
        for name, cause in causes.items()
    ]
    return infer(run(of, tokens, found), diagnosed(found, measured=measured), of)


def world(plan, wall=Cause.PLAN):
    of = small_catalog()
    reads = [item for item in of.operations if item.method == "GET" and item.plan]
    return {item.id: Cause.OK if of.rank[item.plan] <= of.rank[plan] else wall for item in reads}


def claim(expect, *operations, plans=("basic",)):
    return Claim(id="c", text="it is so", plans=plans, operations=operations, expect=expect, source="a page")


@pytest.mark.parametrize(
    ("expect", "operations", "status"),
    [
        ("allowed", ("invites.*",), ClaimStatus.CONFIRMED),
        ("allowed", ("users.list",), ClaimStatus.CONTRADICTED),
        ("blocked", ("users.*",), ClaimStatus.CONFIRMED),
        ("blocked", ("*",), ClaimStatus.CONTRADICTED),
        ("html_wall", ("users.*",), ClaimStatus.CONFIRMED),
        ("html_wall", ("invites.list",), ClaimStatus.CONTRADICTED),
        ("scopes", ("users.*",), ClaimStatus.UNTESTED),
        ("blocked", ("users.create",), ClaimStatus.UNTESTED),
        ("allowed", ("invites.create",), ClaimStatus.UNTESTED),
        ("allowed", ("nothing.*",), ClaimStatus.UNTESTED),
    ],
)
def test_a_claim_is_compared_with_what_was_observed(expect, operations, status):
    verdict = judge(world("basic"), claims=(claim(expect, *operations),)).claims[0]
    assert verdict.status is status
    assert bool(verdict.operations) is (status is not ClaimStatus.UNTESTED)


def test_a_refusal_in_json_contradicts_a_claim_of_web_pages():
    claims = (claim("html_wall", "users.*"),)
    verdict = judge(world("basic"), kind=Kind.JSON_ERROR, claims=claims).claims[0]
    assert verdict.status is ClaimStatus.CONTRADICTED


def test_a_claim_about_another_plan_is_untested():
    claims = (claim("allowed", "invites.*", plans=("max",)),)
    assert judge(world("basic"), claims=claims).claims[0].status is ClaimStatus.UNTESTED


def test_a_claim_is_untested_while_the_plan_is_a_weak_guess_or_undetermined():
    claims = (claim("allowed", "invites.*"),)
    for causes in (world("basic", wall=Cause.ROUTE), {"invites.list": Cause.OK}):
        assert judge(causes, claims=claims).claims[0].status is ClaimStatus.UNTESTED


def guidance(**more):
    return Guidance(id="g", title="invite", operations=("users.*",), text="do this", **more)


def helped(granted, tokens=ALL, **more):
    items = judge(granted, tokens, guidance=(guidance(**more),)).guidance
    return items[0].operations if items else ()


def test_guidance_names_the_blocked_operations_that_it_helps_with():
    assert helped(world("basic")) == ("users.list", "users.get", "users.create")


def test_guidance_is_silent_where_nothing_is_blocked_by_a_cause_that_it_is_for():
    assert not helped(world("max"))
    lacking = world("max")
    assert not helped(lacking, READERS)
    assert helped(lacking, READERS, causes=("scope",)) == ("users.create",)


def test_guidance_is_left_out_where_all_that_it_needs_is_blocked_but_not_for_want_of_a_scope():
    assert not helped(world("basic"), needs=("repos.list", "groups.list"))
    assert helped(world("basic"), needs=("repos.list", "invites.list"))
    assert helped(world("basic"), READERS, needs=("invites.create",))


def test_guidance_for_other_plans_is_left_out_but_not_where_the_plan_is_undetermined():
    assert not helped(world("basic"), plans=("pro",))
    assert helped(world("basic"), plans=("basic",))
    unclear = {"users.list": Cause.PLAN, "invites.list": Cause.OK}
    assert helped(unclear, plans=("pro",))


def test_guidance_to_a_higher_plan_needs_something_that_it_could_bring():
    """It is for every plan but the highest. What the plan has by what else answered, no other plan brings."""
    causes = {"repos.list": Cause.OK, "invites.get": Cause.ROUTE, "users.list": Cause.ROUTE}

    def shown(*operations, plans=("free", "basic", "pro")):
        item = Guidance(id="g", title="ask", operations=operations, text="ask for more", plans=plans)
        return bool(judge(causes, guidance=(item,)).guidance)

    assert not shown("invites.*")
    assert shown("invites.*", plans=())
    assert shown("users.*")


def answer(causes, tokens, *operations):
    questions = (Question(id="q", text="Can we?", operations=operations),)
    return judge(causes, tokens, questions=questions).questions[0]


@pytest.mark.parametrize(
    ("plan", "tokens", "operations", "expected"),
    [
        ("max", ALL, ("users.list",), Answer.YES),
        ("max", ALL, ("users.create",), Answer.YES),
        ("basic", ALL, ("users.list",), Answer.NO),
        ("basic", ALL, ("users.create",), Answer.NO),
        ("max", READERS, ("users.create",), Answer.NO),
        ("max", READERS, ("users.*",), Answer.NO),
        ("max", {"t": ()}, ("users.create",), Answer.CANNOT_TELL),
        ("max", ALL, ("nothing.*",), Answer.CANNOT_TELL),
    ],
)
def test_answers(plan, tokens, operations, expected):
    assert answer(world(plan), tokens, *operations).answer is expected


def test_an_inferred_answer_says_so_and_an_observed_one_does_not():
    assert answer(world("max"), ALL, "users.create").reason.startswith("inferred")
    assert "inferred" not in answer(world("max"), ALL, "users.list").reason


def test_unclear_answers_are_no_no():
    causes = {"users.list": Cause.NETWORK, "users.get": Cause.SERVER, "invites.list": Cause.OK}
    seen = answer(causes, ALL, "users.list", "users.get")
    assert (seen.answer, seen.operations) == (Answer.CANNOT_TELL, ("users.list", "users.get"))


def test_a_run_that_measured_nothing_tests_no_claim_and_answers_nothing():
    more = {
        "claims": (claim("blocked", "users.*"),),
        "guidance": (guidance(),),
        "questions": (Question(id="q", text="Can we?", operations=("users.list",)),),
    }
    off = Measured(measured=False, reason="a proxy answered", cause=Cause.PROXY)
    seen = judge(world("basic"), measured=off, **more)
    assert seen.claims[0].status is ClaimStatus.UNTESTED
    assert seen.guidance == ()
    assert seen.questions[0].answer is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.JSON_ERROR, ClaimStatus.CONFIRMED), (Kind.HTML_WALL, ClaimStatus.CONTRADICTED)],
)
def test_a_claim_of_refusals_in_json_looks_at_the_kind(kind, status):
    claims = (claim("json_error", "users.*"),)
    assert judge(world("basic"), kind=kind, claims=claims).claims[0].status is status


def test_a_missing_route_that_no_document_names_confirms_nothing():
    of = catalog(
        *small_catalog().operations,
        operation("users.read", "users:read", reported_only=True),
        claims=(claim("html_wall", "users.read"), claim("blocked", "users.read")),
        guidance=(guidance(),),
    )
    causes = world("basic") | {"users.read": Cause.ROUTE}
    found = [finding(name, "t", cause) for name, cause in causes.items()]
    seen = infer(run(of, ALL, found), diagnosed(found), of)
    assert {item.status for item in seen.claims} == {ClaimStatus.UNTESTED}
    assert "users.read" in seen.guidance[0].operations


def test_a_missing_route_that_no_document_names_calls_for_no_guidance():
    of = catalog(
        *small_catalog().operations,
        operation("users.read", "users:read", reported_only=True),
        guidance=(guidance(),),
    )
    found = [
        finding(name, "t", cause) for name, cause in (world("max") | {"users.read": Cause.ROUTE}).items()
    ]
    assert infer(run(of, ALL, found), diagnosed(found), of).guidance == ()
