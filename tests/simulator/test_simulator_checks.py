"""Token, plan, scope, validation, existence: who is refused, how, and in which order."""

from itertools import pairwise

import pytest

from probe.errors import UsageError
from probe.simulator.app import Simulator
from probe.simulator.options import Grant, Refusal, SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

NO_USER = "/api/v2/users/user_00000000000000000000000000000000"
RANDOM = "/api/v2/no-such-route-1f2e3d"


async def test_checks_come_in_the_order_token_scope_validation_existence_success(simulated):
    async with simulated() as ask:
        broken = {"operations": "none"}
        assert (await ask("PATCH", NO_USER, None, broken)).status == 401
        assert (await ask("PATCH", NO_USER, "made-up", broken)).status == 401
        assert (await ask("PATCH", NO_USER, "reader", broken)).status == 403
        assert (await ask("PATCH", NO_USER, "admin", broken)).status == 400
        assert (await ask("PATCH", NO_USER, "admin", {"operations": []})).status == 404
        first = (await ask("GET", "/api/v2/users?limit=1")).json["data"][0]["id"]
        assert (await ask("PATCH", f"/api/v2/users/{first}", "admin", {"operations": []})).status == 200


@pytest.mark.parametrize("token", [None, "made-up"])
async def test_errors_are_the_vendors_json_envelope(simulated, token):
    async with simulated() as ask:
        answer = await ask("GET", "/api/v2/users", token)
        assert answer.json["success"] is False
        assert answer.json["message"]


async def test_a_missing_scope_is_named(simulated):
    async with simulated() as ask:
        answer = await ask("GET", "/api/v2/groups", "embedder")
        assert answer.status == 403
        assert "groups:read" in answer.json["message"]


async def test_write_scope_includes_read(simulated):
    scopes = ("groups:write", "source_control:releases_write")
    async with simulated(tokens={"made-up-writer": Grant(name="writer", scopes=scopes)}) as ask:
        assert (await ask("GET", "/api/v2/groups", "made-up-writer")).status == 200
        assert (await ask("GET", "/api/v2/source_control/manifests", "made-up-writer")).status == 200
        assert (await ask("GET", "/api/v2/users", "made-up-writer")).status == 403


async def test_a_token_that_is_not_known_any_more_is_refused(simulated, catalog):
    kept = demo_tokens(catalog)[1:]
    async with simulated(tokens=grants_of(kept)) as ask:
        assert (await ask("GET", "/api/v2/users", "reader")).status == 200
        assert (await ask("GET", "/api/v2/users", "admin")).status == 401


@pytest.mark.parametrize("plan", ["free", "team", "business", "enterprise_base"])
@pytest.mark.parametrize("token", ["admin", "reader", "made-up", None])
async def test_html_refusal_looks_like_a_route_that_cannot_exist_whoever_asks(simulated, plan, token):
    async with simulated(plan=plan, page_nonces=False) as ask:
        walled = await ask("GET", "/api/v2/users", token)
        assert (walled.status, walled.kind) == (200, "text/html")
        assert walled.text == (await ask("GET", RANDOM, token)).text == (await ask("GET", "/", token)).text


async def test_html_refusal_of_a_write_is_no_such_method(simulated):
    async with simulated(plan="business") as ask:
        walled = await ask("POST", "/api/v2/users", "admin", {})
        nowhere = await ask("POST", RANDOM, "admin", {})
        assert (walled.status, walled.kind) == (nowhere.status, nowhere.kind) == (404, "text/html")
        assert "Cannot POST /api/v2/users" in walled.text


async def test_json_refusal_asks_for_a_token_first(simulated):
    async with simulated(plan="business", refusal=Refusal.JSON) as ask:
        for token in ("admin", "embedder"):
            refused = await ask("GET", "/api/v2/groups", token)
            assert refused.status == 403
            assert refused.json["message"].startswith("API access ")
        assert (await ask("GET", "/api/v2/groups", None)).status == 401
        assert (await ask("GET", RANDOM, "admin")).kind == "text/html"


def mounted(catalog, plan):
    simulator = Simulator(SimulatorOptions(plan=plan), catalog)
    return {route.key for route in simulator.routes if route.presence == "mounted"}


def test_plans_build_on_each_other(catalog):
    sizes = [mounted(catalog, plan.id) for plan in catalog.plans]
    assert all(lower <= higher for lower, higher in pairwise(sizes))
    assert {key for key in sizes[1] if " /api/v2/" in key} == {"GET /api/v2/spec"}
    business = sizes[2]
    assert "GET /api/v2/user_invites" in business
    assert "GET /api/v2/source_control/config" not in business
    assert "GET /api/v2/source_control/config" in sizes[3]
    assert "GET /api/v2/users" not in sizes[3]
    assert "GET /api/v2/users" in sizes[4]


def test_what_is_only_reported_is_on_no_plan(catalog):
    highest = Simulator(SimulatorOptions(plan="enterprise"), catalog)
    for route in highest.routes:
        assert (route.presence == "never") == route.operation.reported_only


def test_every_operation_of_the_catalog_is_there_on_the_highest_plan(catalog):
    simulator = Simulator(SimulatorOptions(plan="enterprise"), catalog)
    missing = [route.key for route in simulator.routes if route.presence not in ("mounted", "never")]
    assert missing == []


def test_an_unknown_plan_is_a_usage_error(catalog):
    with pytest.raises(UsageError):
        Simulator(SimulatorOptions(plan="starter"), catalog)


async def test_health_and_document_need_no_token_on_any_plan(simulated):
    async with simulated(plan="free", version="3.200.0") as ask:
        assert (await ask("GET", "/api/checkHealth", None)).status == 200
        document = (await ask("GET", "/api/v2/spec", None)).json
        assert document["info"]["version"] == "3.200.0"
        assert "get" in document["paths"]["/users"]


async def test_an_older_server_lacks_what_is_newer(simulated):
    async with simulated(version="3.100.0", refusal=Refusal.JSON) as ask:
        assert (await ask("GET", "/api/v2/user_tasks")).kind == "text/html"
        assert (await ask("GET", "/api/v2/users")).status == 200
        assert "/user_tasks" not in (await ask("GET", "/api/v2/spec")).json["paths"]


async def test_query_and_page_size_are_checked(simulated):
    async with simulated() as ask:
        assert (await ask("GET", "/api/v2/usage")).status == 400
        assert (await ask("GET", "/api/v2/usage?start_date=2026-01-01")).status == 200
        for limit in ("0", "101", "many", "-1"):
            assert (await ask("GET", f"/api/v2/users?limit={limit}")).status == 400


async def test_lists_are_in_the_recorded_envelope_and_honour_the_limit(simulated):
    async with simulated() as ask:
        whole = (await ask("GET", "/api/v2/users")).json
        assert whole.keys() == {"success", "data", "total_count", "next_token", "has_more"}
        assert (whole["has_more"], whole["next_token"]) == (False, None)
        page = (await ask("GET", "/api/v2/users?limit=2")).json
        assert (page["data"], page["total_count"], page["has_more"]) == (
            whole["data"][:2],
            whole["total_count"],
            True,
        )
        rest = (await ask("GET", f"/api/v2/users?limit=100&next_token={page['next_token']}")).json
        assert rest["data"] == whole["data"][2:]


async def test_a_body_that_is_no_object_or_no_json_is_refused(simulated):
    async with simulated() as ask:
        for raw in (b"{", b"[]", b'"x"', b"\xff\xfe"):
            assert (await ask("POST", "/api/v2/users", raw=raw)).status == 400


async def test_it_counts_what_it_was_asked(simulated):
    async with simulated(plan="business") as ask:
        await ask("GET", "/api/v2/users")
        await ask("GET", "/api/v2/users/user_1", "reader")
        await ask("POST", RANDOM, None, {})
        await ask("GET", "/api/v2/users", "made-up")
        counts = ask.simulator.counts
        assert counts.total == 4
        assert counts.by_method == {"GET": 3, "POST": 1}
        assert counts.by_route == {"GET /api/v2/users": 2, "GET /api/v2/users/*": 1, "POST *": 1}
        assert counts.by_token == {"admin": 1, "reader": 1, "anonymous": 1, "unknown": 1}


async def test_the_demo_tokens_see_different_things(simulated, catalog):
    names = {token.name: set(token.scopes) for token in demo_tokens(catalog)}
    assert names["admin"] == set(catalog.scopes)
    assert not any("write" in scope or scope.endswith(":deploy") for scope in names["reader"])
    assert "apps:embed" in names["embedder"]
    async with simulated() as ask:
        assert (await ask("GET", "/api/v2/users", "embedder")).status == 200
        assert (await ask("GET", "/api/v2/usage?start_date=2026-01-01", "reader")).status == 200
