"""An asked operation's verdict over all tokens."""

import pytest
from findings import INCONCLUSIVE, catalog, diagnosed, finding, operation, run, small_catalog

from probe.evidence import ControlRole
from probe.judge.infer import infer
from probe.judge.model import Cause, Confidence, Kind, Measured, Verdict

CATALOG = small_catalog()
READER = {"reader": ("users:read",)}


def verdict(name, found, tokens, *, controls=(), of=CATALOG):
    judgement = infer(run(of, tokens, found), diagnosed(found, controls), of)
    return next(item for item in judgement.capabilities if item.operation == name)


def test_a_success_is_allowed_and_certain():
    seen = verdict("users.list", [finding("users.list", "reader")], READER)
    assert (seen.verdict, seen.cause, seen.confidence) == (Verdict.ALLOWED, Cause.OK, Confidence.CERTAIN)
    assert (seen.inferred, seen.tokens) == (False, ("reader",))


def test_an_empty_list_is_allowed_but_weaker():
    seen = verdict("users.list", [finding("users.list", "reader", items=0)], READER)
    assert (seen.verdict, seen.confidence) == (Verdict.ALLOWED, Confidence.LIKELY)


@pytest.mark.parametrize("cause", [Cause.MISSING_RESOURCE, Cause.VALIDATION])
def test_an_answer_about_the_id_or_the_body_is_allowed_likely(cause):
    seen = verdict("users.get", [finding("users.get", "reader", cause)], READER)
    assert (seen.verdict, seen.cause, seen.confidence) == (Verdict.ALLOWED, cause, Confidence.LIKELY)


@pytest.mark.parametrize("cause", INCONCLUSIVE)
def test_an_inconclusive_answer_stays_unknown_with_its_cause(cause):
    seen = verdict("users.list", [finding("users.list", "reader", cause)], READER)
    assert (seen.verdict, seen.cause) == (Verdict.UNKNOWN, cause)


@pytest.mark.parametrize("cause", [Cause.PLAN, Cause.ROUTE, Cause.VERSION])
def test_a_token_with_the_scope_that_met_a_wall_blocks_with_that_cause(cause):
    found = [finding("invites.list", "reader"), finding("users.list", "reader", cause)]
    seen = verdict("users.list", found, READER)
    assert (seen.verdict, seen.cause, seen.confidence) == (Verdict.BLOCKED, cause, Confidence.CERTAIN)


def test_a_wall_is_less_sure_where_nobody_declared_the_scopes():
    found = [finding("invites.list", "any"), finding("users.list", "any", Cause.PLAN)]
    assert verdict("users.list", found, {"any": ()}).confidence is Confidence.LIKELY


def test_any_token_that_got_through_outweighs_a_wall_and_the_reason_names_both():
    found = [finding("users.list", "a", Cause.PLAN), finding("users.list", "b")]
    seen = verdict("users.list", found, {"a": ("users:read",), "b": ("users:read",)})
    assert seen.verdict is Verdict.ALLOWED
    assert "a met a wall" in seen.reason


def test_a_scope_that_no_token_has_is_named():
    seen = verdict("groups.list", [finding("groups.list", "reader", Cause.SCOPE)], READER)
    assert (seen.verdict, seen.cause) == (Verdict.BLOCKED, Cause.SCOPE)
    assert "no configured token has `groups:read`; add it to reader" in seen.reason


def test_a_declared_scope_that_the_server_denies_blocks_by_scope():
    seen = verdict("users.list", [finding("users.list", "reader", Cause.SCOPE)], READER)
    assert (seen.verdict, seen.cause) == (Verdict.BLOCKED, Cause.SCOPE)
    assert "declares `users:read`" in seen.reason


def test_scope_is_not_blamed_while_a_token_with_the_scope_got_no_answer():
    tokens = {"good": ("groups:read",), "reader": ("users:read",)}
    lacking = finding("groups.list", "reader", Cause.SCOPE)
    silent = verdict("groups.list", [finding("groups.list", "good", Cause.NETWORK), lacking], tokens)
    assert (silent.verdict, silent.cause) == (Verdict.UNKNOWN, Cause.NETWORK)
    assert verdict("groups.list", [lacking], tokens).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("kind", [Kind.HTML_WALL, Kind.JSON_ERROR])
def test_a_wall_met_without_the_scope_asks_for_the_scope_and_names_the_wall(kind):
    """Only a token with the scope shows that it is the plan that blocks, whatever the server says."""
    found = [
        finding("invites.list", "reader"),
        finding("repos.list", "reader", Cause.SCOPE),
        finding("groups.list", "reader", Cause.PLAN, kind=kind),
    ]
    seen = verdict("groups.list", found, READER)
    assert (seen.verdict, seen.cause, seen.confidence) == (Verdict.BLOCKED, Cause.SCOPE, Confidence.LIKELY)
    assert "`groups:read`" in seen.reason
    assert "the plan does not include it" in seen.reason


def test_a_wall_met_without_the_scope_says_nothing_of_the_plan_otherwise():
    found = [finding("invites.list", "reader"), finding("groups.list", "reader", Cause.PLAN)]
    seen = verdict("groups.list", found, READER)
    assert (seen.verdict, seen.cause) == (Verdict.BLOCKED, Cause.SCOPE)
    assert "`groups:read`" in seen.reason


_GROUPS = ("groups:read",)
_OTHER = ("users:read",)


@pytest.mark.parametrize("kind", [Kind.HTML_WALL, Kind.JSON_ERROR])
@pytest.mark.parametrize(
    ("declared", "holder", "cause"),
    [
        (_GROUPS, Cause.PLAN, Cause.PLAN),
        ((), Cause.PLAN, Cause.PLAN),
        (_GROUPS, Cause.SCOPE, Cause.SCOPE),
        (_OTHER, Cause.SCOPE, Cause.SCOPE),
        (_OTHER, Cause.PLAN, Cause.SCOPE),
        (_GROUPS, Cause.TOKEN, Cause.TOKEN),
        (_GROUPS, Cause.NETWORK, Cause.NETWORK),
        (_GROUPS, Cause.RATE_LIMIT, Cause.RATE_LIMIT),
        (_GROUPS, Cause.EDGE, Cause.EDGE),
        (_GROUPS, None, None),
    ],
)
def test_in_a_hostile_mix_only_the_token_with_the_scope_can_show_the_plan(kind, declared, holder, cause):
    """Another token, without the scope, is refused for the plan in so many words in each of these."""
    found = [
        finding("users.list", "reader"),
        finding("repos.list", "reader", Cause.SCOPE),
        finding("groups.list", "reader", Cause.PLAN, kind=kind),
    ]
    if holder is not None:
        answer = kind if holder is Cause.PLAN else Kind.JSON_ERROR
        found.append(finding("groups.list", "holder", holder, kind=answer))
    if holder is Cause.PLAN:
        found.append(finding("invites.list", "holder"))  # the server knows the token
    seen = verdict("groups.list", found, {**READER, "holder": declared})
    if holder is None:
        assert seen.cause is not Cause.PLAN
    else:
        assert seen.cause is cause
    assert (seen.verdict is Verdict.BLOCKED) == (seen.cause in {Cause.PLAN, Cause.SCOPE})


def test_a_token_refused_everywhere_says_nothing():
    found = [finding("users.list", "reader", Cause.TOKEN), finding("groups.list", "reader", Cause.PLAN)]
    for name in ("users.list", "groups.list"):
        seen = verdict(name, found, READER)
        assert (seen.verdict, seen.cause) == (Verdict.UNKNOWN, Cause.TOKEN)


def test_a_refused_token_with_the_scope_is_not_replaced_by_one_without():
    tokens = {"dead": ("groups:read",), "reader": ("users:read",)}
    found = [
        finding("groups.list", "dead", Cause.TOKEN),
        finding("groups.list", "reader", Cause.SCOPE),
        finding("users.list", "reader"),
    ]
    seen = verdict("groups.list", found, tokens)
    assert (seen.verdict, seen.cause, seen.tokens) == (Verdict.UNKNOWN, Cause.TOKEN, ("dead",))


def test_success_with_a_token_that_the_server_ignores_proves_nothing():
    garbage = finding("invites.list", "garbage", role=ControlRole.GARBAGE_TOKEN)
    found = [finding("users.list", "reader"), finding("health.read", "reader")]
    assert verdict("users.list", found, READER, controls=[garbage]).verdict is Verdict.UNKNOWN
    assert verdict("health.read", found, READER, controls=[garbage]).verdict is Verdict.ALLOWED


def test_a_page_for_a_token_that_nothing_shows_to_be_known_is_not_laid_to_the_plan():
    """A wrong base URL gives the same page everywhere too."""
    found = [finding(name, "reader", Cause.PLAN) for name in ("invites.list", "users.list")]
    assert verdict("users.list", found, READER).cause is Cause.ROUTE


def test_a_write_scope_serves_its_read():
    seen = verdict(
        "users.list",
        [finding("invites.list", "w"), finding("users.list", "w", Cause.PLAN)],
        {"w": ("users:write",)},
    )
    assert (seen.cause, seen.confidence) == (Cause.PLAN, Confidence.CERTAIN)


def test_an_operation_without_a_stated_scope_is_covered_by_any_token():
    of = catalog(operation("info.read", "", "pro"), operation("users.list", "users:read", "basic"))
    found = [finding("users.list", "reader"), finding("info.read", "reader", Cause.PLAN)]
    assert verdict("info.read", found, READER, of=of).cause is Cause.PLAN


def test_a_run_that_measured_nothing_says_nothing():
    found = [finding("users.list", "reader", Cause.EDGE)]
    measured = Measured(
        measured=False, reason="a firewall answered", cause=Cause.EDGE, advice="ask elsewhere"
    )
    judgement = infer(run(CATALOG, READER, found), diagnosed(found, measured=measured), CATALOG)
    assert {item.verdict for item in judgement.capabilities} == {Verdict.UNKNOWN}
    assert {item.cause for item in judgement.capabilities} == {Cause.EDGE}
    assert (judgement.plan.estimate, judgement.plan.floor, judgement.guidance) == ("undetermined", None, ())
    assert "a firewall answered" in judgement.plan.reason


def test_a_wall_is_less_sure_where_another_token_is_told_of_a_scope_on_the_same_route():
    """The route is there after all for somebody, so the page needs another reason than a missing route."""
    tokens = {"good": ("groups:read",), "reader": ("users:read",)}
    found = [
        finding("invites.list", "reader"),
        finding("invites.list", "good", Cause.SCOPE),
        finding("groups.list", "good", Cause.PLAN),
        finding("groups.list", "reader", Cause.SCOPE),
    ]
    seen = verdict("groups.list", found, tokens)
    assert (seen.cause, seen.confidence) == (Cause.PLAN, Confidence.LIKELY)


def test_an_answer_about_the_id_outweighs_the_wall_that_another_token_met():
    found = [finding("users.get", "a", Cause.MISSING_RESOURCE), finding("users.get", "b", Cause.PLAN)]
    seen = verdict("users.get", found, {"a": ("users:read",), "b": ("users:read",)})
    assert (seen.verdict, seen.cause) == (Verdict.ALLOWED, Cause.MISSING_RESOURCE)
