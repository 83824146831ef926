"""Each plan of the built-in catalog x refusal x token set: the estimate is right or undetermined.

Prints its table under `pytest -s`.
"""

import pytest
from plan_world import Refusal, World, judge_world, token_sets

from probe.catalog.load import load_catalog
from probe.judge.model import Answer, Cause

CATALOG = load_catalog()
PLANS = [plan.id for plan in CATALOG.plans]
TOKENS = token_sets(CATALOG)


def judge(plan, refusal=Refusal.HTML, tokens="all scopes", *, declared=True, **more):
    actual = TOKENS[tokens]
    shown = actual if declared else dict.fromkeys(actual, ())
    return judge_world(World(plan=plan, refusal=refusal, tokens=shown, actual=actual, **more), CATALOG)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("tokens", TOKENS)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize("writes", [True, False], ids=["guarded", "reads"])
def test_the_estimate_is_right_or_undetermined(plan, refusal, tokens, declared, writes):
    seen = judge(plan, refusal, tokens, declared=declared, guarded_writes=writes).plan
    print(f"| {plan} | {refusal} | {tokens} | {declared} | {writes} | {seen.estimate} | {seen.confidence} |")
    assert seen.estimate in {plan, "undetermined"}
    assert not seen.contradictions


@pytest.mark.parametrize("plan", ["business", "enterprise_base", "enterprise_premium"])
@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("tokens", ["all scopes", "read-only"])
def test_enough_evidence_gives_the_plan(plan, refusal, tokens):
    assert judge(plan, refusal, tokens).plan.estimate == plan


@pytest.mark.parametrize("plan", ["free", "team"])
@pytest.mark.parametrize("wall", [Cause.PLAN, Cause.ROUTE])
def test_plans_without_an_api_are_not_told_from_a_wrong_address(plan, wall):
    seen = judge(plan, wall=wall).plan
    assert (seen.estimate, seen.floor) == ("undetermined", None)
    assert "Free or Team" in seen.reason


def answers(judgement):
    return {item.id: item.answer for item in judgement.questions}


def test_the_questions_of_an_admin_on_business():
    seen = answers(judge("business"))
    assert seen["create_users"] is Answer.NO
    assert seen["list_users"] is Answer.NO
    assert seen["invite_users"] is Answer.YES
    assert seen["source_control"] is Answer.NO


def test_business_is_told_what_to_do_instead_of_creating_users():
    helps = {item.id: item.operations for item in judge("business").guidance}
    assert "users.create" in helps["invite_users"]
    assert "users.create" in helps["embed_external_users"]


def test_the_highest_plan_may_everything():
    seen = answers(judge("enterprise_premium"))
    assert set(seen.values()) == {Answer.YES}
