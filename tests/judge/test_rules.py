"""The rules as a table: named, documented, each of them needed, and in an order that matters."""

# ruff: noqa: E501 - one case a line reads best

import json
from pathlib import Path

import pytest
from run_world import HTML, SHELL, answer, catalog, control, exchange, operation, refusal

from probe.catalog.model import MessagePattern
from probe.cli.main import main
from probe.evidence import ControlRole, Failure, FailureReason
from probe.explain import explain
from probe.judge.context import Context, version_numbers
from probe.judge.diagnose import diagnose
from probe.judge.model import Cause, Confidence
from probe.judge.rules import RULES

NEEDED_IN_RUNS = {
    "internal", "proxy_failure", "no_answer", "token_ignored", "vendor_message", "same_json", "unstable",
    "version_too_old", "mounted_after_all", "plan_wall", "unmounted", "stand_in", "made_up_id", "kept_page",
    "other_without_token",
}  # fmt: skip


def judged(outcome, *, name="", controls=(), **options):
    seen = exchange(name, outcome)
    return diagnose(seen, Context(controls=controls, exchanges=(seen,), **options)).diagnosis


def test_rules_are_named_once_and_documented():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.needs
        assert rule.source
        assert rule.causes


def test_each_rule_decides_something_in_a_published_case(shared):
    """A rule that never decides is dead; those that need a run are tested with runs."""
    lines = (Path(__file__).parent / "products.jsonl").read_text("utf-8").splitlines()
    seen = set()
    for case in map(json.loads, lines):
        raw = "\r\n".join([f"HTTP/1.1 {case['status']} X", *case["headers"], "", case["body"]])
        seen.add(explain(raw.encode()).rule)
    for folder in (shared / "corpus").iterdir():
        if folder.is_dir():
            seen.add(explain((folder / "response.http").read_bytes()).rule)
    assert {rule.name for rule in RULES} - seen - NEEDED_IN_RUNS == set()


@pytest.mark.parametrize(
    ("reason", "cause", "rule"),
    [
        (FailureReason.INTERNAL, Cause.INTERNAL, "internal"),
        (FailureReason.LOCKED, Cause.INTERNAL, "internal"),
        (FailureReason.PROXY, Cause.PROXY, "proxy_failure"),
        (FailureReason.DNS, Cause.NETWORK, "no_answer"),
        (FailureReason.TLS, Cause.NETWORK, "no_answer"),
        (FailureReason.TIMEOUT, Cause.NETWORK, "no_answer"),
    ],
)
def test_no_answer_is_never_a_property_of_the_server(reason, cause, rule):
    found = judged(Failure(reason=reason, detail="x"))
    assert (found.cause, found.rule) == (cause, rule)


# Each pair: what must win although the other rule would answer too.
PRECEDENCE = {
    "a firewall's header before a login page": (
        answer(403, b"<html><title>Sign in</title><input type=password>", (*HTML, ("cf-mitigated", "challenge"))),
        Cause.EDGE,
    ),
    "a proxy's header before a gateway's status": (
        answer(503, b"<html><title>503</title>", (*HTML, ("x-squid-error", "ERR_CONNECT_FAIL 111"))),
        Cause.PROXY,
    ),
    "a proxy's marks before maintenance words": (
        answer(503, b"<html><title>ERROR: The requested URL could not be retrieved</title>down for maintenance"),
        Cause.PROXY,
    ),
    "a firewall's marks before the shell of an application": (
        answer(200, SHELL.replace(b"<div", b"<script>window._cf_chl_opt={}</script><div")),
        Cause.EDGE,
    ),
    "a rate limit before the plan": (refusal(429, "Your plan allows 10 requests; upgrade your plan"), Cause.RATE_LIMIT),
    "the plan before a missing scope": (
        refusal(403, "Permission denied: your plan does not include this feature"),
        Cause.PLAN,
    ),
    "the plan before a bad token": (refusal(401, "This feature is not available on your plan"), Cause.PLAN),
    "a missing scope before a bad token": (refusal(401, "Token is missing scope users:read"), Cause.SCOPE),
    "maintenance before a gateway": (
        answer(503, b"<html><title>503 Service Unavailable</title><h1>Scheduled maintenance</h1><hr>nginx"),
        Cause.MAINTENANCE,
    ),
    "a gateway before a server failure": (refusal(502, "Internal server error"), Cause.GATEWAY),
    "a route before an object": (refusal(404, "Route GET:/api/x not found"), Cause.ROUTE),
    "a login page before not found": (
        answer(200, b"<html><title>Sign in</title><form><input type=password></form>"),
        Cause.LOGIN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PRECEDENCE)
def test_the_order_decides(what):
    outcome, cause = PRECEDENCE[what]
    found = judged(outcome)
    assert found.cause is cause, found


def test_validation_that_names_a_field_plan_or_url_is_validation():
    for text in ("plan is required", "url is not a valid url", "subscription_id must be a number"):
        assert judged(refusal(400, text)).cause is Cause.VALIDATION, text


def test_the_vendors_wording_comes_from_the_catalog():
    message = MessagePattern(
        id="m",
        pattern=r"ask your champion",
        cause="plan",
        grade="reported",
        source="a made-up report",
        statuses=(403,),
    )
    known = catalog(messages=(message,))
    found = judged(refusal(403, "Please ask your champion."), name="users.list", catalog=known)
    assert (found.rule, found.cause, found.confidence) == ("vendor_message", Cause.PLAN, Confidence.LIKELY)
    assert "a made-up report" in found.reason
    assert (
        judged(refusal(400, "Please ask your champion."), name="users.list", catalog=known).cause
        is not Cause.PLAN
    )
    assert (
        judged(refusal(403, "Please ask your champion."), name="users.list", catalog=catalog()).rule
        != "vendor_message"
    )


def test_a_scope_that_the_token_declares_makes_it_a_doubt():
    from probe.evidence import TokenInfo

    tokens = (TokenInfo(name="all", declared_scopes=("users:read",)),)
    with_scope = judged(refusal(403, "missing scope"), name="users.list", catalog=catalog(), tokens=tokens)
    without = judged(refusal(403, "missing scope"), name="users.list", catalog=catalog())
    assert (with_scope.confidence, without.confidence) == (Confidence.LIKELY, Confidence.CERTAIN)


def test_a_page_needs_a_control_to_be_a_route_for_certain_reasons():
    page = answer(200, b"<html><title>Hello</title><body><p>" + b"Some words of a page. " * 40)
    assert judged(page).cause is Cause.UNKNOWN
    alike = (control(ControlRole.NO_SUCH_ROUTE, page),)
    assert judged(page, controls=alike).cause is Cause.ROUTE


@pytest.mark.parametrize(
    ("older", "newer"),
    [("3.9", "3.10"), ("2.12.0", "3.0"), ("3.334.0-stable", "3.334.1"), ("v1.2", "1.3"), ("0.1", "1")],
)
def test_versions_are_compared_by_their_numbers(older, newer):
    assert version_numbers(older) < version_numbers(newer)


def test_zeros_at_the_end_make_no_version_newer():
    assert version_numbers("3.0") == version_numbers("3") == version_numbers("3.0.0")


def test_the_command_lists_every_rule(capsys):
    assert main(["rules", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in listed] == [rule.name for rule in RULES]
    assert main(["rules"]) == 0
    table = capsys.readouterr().out
    assert all(rule.name in table for rule in RULES)


def test_an_operation_of_this_world_has_its_id_path():
    assert operation("users.get", "max", ids=True).path == "/api/users/get/{id}"


def test_a_rule_cites_what_its_reader_can_find():
    assert not [rule.name for rule in RULES if "DIAGNOSIS" in rule.source or "hard case" in rule.source]
