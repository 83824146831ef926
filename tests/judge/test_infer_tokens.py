"""What the server makes of a token, and how its declared scopes fit."""

import pytest
from findings import diagnosed, finding, run, small_catalog

from probe.evidence import ControlRole
from probe.judge.infer import infer
from probe.judge.model import Cause, Kind, TokenStatus

CATALOG = small_catalog()


def token(found, declared=("users:read",), controls=()):
    judgement = infer(run(CATALOG, {"t": declared}, found), diagnosed(found, controls), CATALOG)
    return judgement.tokens[0]


@pytest.mark.parametrize(
    ("causes", "status"),
    [
        ({"users.list": Cause.OK}, TokenStatus.ACCEPTED),
        ({"users.list": Cause.SCOPE}, TokenStatus.ACCEPTED),
        ({"users.list": Cause.TOKEN, "groups.list": Cause.TOKEN}, TokenStatus.REFUSED),
        ({"users.list": Cause.TOKEN, "groups.list": Cause.PLAN}, TokenStatus.REFUSED),
        ({"users.list": Cause.OK, "groups.list": Cause.TOKEN}, TokenStatus.ACCEPTED),
        ({"users.list": Cause.MISSING_RESOURCE}, TokenStatus.ACCEPTED),
        ({"users.list": Cause.MISSING_RESOURCE, "groups.list": Cause.TOKEN}, TokenStatus.REFUSED),
        ({"users.list": Cause.PLAN, "groups.list": Cause.ROUTE}, TokenStatus.UNKNOWN),
        ({"users.list": Cause.NETWORK}, TokenStatus.UNKNOWN),
        ({"health.read": Cause.OK}, TokenStatus.UNKNOWN),
        ({"health.read": Cause.OK, "users.list": Cause.TOKEN}, TokenStatus.REFUSED),
    ],
)
def test_status(causes, status):
    assert token([finding(name, "t", cause) for name, cause in causes.items()]).status is status


def test_a_plan_refused_in_json_shows_that_the_token_is_known():
    assert (
        token([finding("users.list", "t", Cause.PLAN, kind=Kind.JSON_ERROR)]).status is TokenStatus.ACCEPTED
    )


@pytest.mark.parametrize("role", [ControlRole.GARBAGE_TOKEN, ControlRole.ANONYMOUS])
def test_a_token_is_ignored_where_none_or_a_made_up_one_gets_the_same_success(role):
    controls = [finding("invites.list", "", role=role)]
    assert token([finding("users.list", "t")], controls=controls).status is TokenStatus.IGNORED


def test_the_calibration_read_with_the_token_counts():
    controls = [finding("invites.list", "t", role=ControlRole.REAL_TOKEN)]
    assert (
        token([finding("users.list", "t", Cause.NETWORK)], controls=controls).status is TokenStatus.ACCEPTED
    )


def test_what_a_made_up_token_is_told_too_shows_nothing():
    controls = [finding("invites.list", "", Cause.SCOPE, role=ControlRole.GARBAGE_TOKEN)]
    assert token([finding("users.list", "t", Cause.SCOPE)], controls=controls).status is TokenStatus.UNKNOWN


def test_scopes_shown_missing_undeclared_and_unused():
    declared = ("groups:read", "repos:read", "users:write", "zoo:read")
    found = [
        finding("users.list", "t"),
        finding("repos.list", "t", Cause.SCOPE),
        finding("groups.list", "t"),
    ]
    seen = token(found, declared)
    assert seen.scopes_shown == ("groups:read", "users:read")
    assert seen.scopes_missing == ("repos:read",)
    assert seen.scopes_undeclared == ()
    assert seen.scopes_unused == ("zoo:read",)


def test_a_list_of_scopes_that_is_shown_to_be_incomplete_takes_no_blame():
    """Else nearly everything is laid to a scope that the token may well have."""
    walled = finding("repos.list", "t", Cause.PLAN)

    def verdicts(*others):
        judgement = infer(
            run(CATALOG, {"t": ("users:read",)}, [*others, walled]), diagnosed([*others, walled]), CATALOG
        )
        return {item.operation: item.cause for item in judgement.capabilities}

    assert verdicts(finding("users.list", "t"))["repos.list"] is Cause.SCOPE
    incomplete = verdicts(finding("users.list", "t"), finding("groups.list", "t"))
    assert incomplete["repos.list"] is Cause.PLAN
    assert Cause.SCOPE not in incomplete.values()


def test_a_token_that_is_broader_than_declared_is_a_security_note():
    seen = token([finding("users.list", "t"), finding("groups.list", "t")])
    assert seen.scopes_undeclared == ("groups:read",)
    assert "broader than declared" in seen.reason


def test_a_scope_that_elsewhere_works_is_not_missing():
    assert not token([finding("users.list", "t"), finding("users.get", "t", Cause.SCOPE)]).scopes_missing
