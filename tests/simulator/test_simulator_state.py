"""The state is real: each valid write changes it, each malformed or guarded one leaves it alone."""

import hashlib
import json

import pytest
from valid_writes import (
    ACCESS,
    BEFORE,
    ELSEWHERE,
    GIT,
    GROUP,
    ID,
    INVITE,
    SEED,
    SENTRY,
    USER,
    VALID,
    path_and_body,
)

from probe.catalog.model import Hazard
from probe.scan.calls import operation_call
from probe.scan.discovery import sentinel
from probe.simulator.app import Simulator
from probe.simulator.behaviour import behaviours, normal, seed
from probe.simulator.options import Fault, Refusal, SimulatorOptions
from probe.simulator.routes import full_path
from probe.simulator.state import State

ONLY_READ = {"value", "list_objects"}


async def send(ask, route):
    method, path, body = path_and_body(route)
    return await ask(method, path, "admin", body)


def changing_routes():
    return {
        key for key, rule in behaviours().items() if not key.startswith("GET ") and rule.act not in ONLY_READ
    }


def test_there_is_a_valid_request_for_each_changing_route():
    assert set(VALID) | ELSEWHERE == changing_routes()


# Writes of the catalog that change nothing here, and why.
CHANGES_NOTHING = {
    "permissions.list_objects": "it asks, by a POST",
    "apps.validate_toolscript": "it checks a text and keeps nothing",
    "source_control.test_deploy": "a trial run",
    "embed.generate_token": "only reported: no server here has the route",
}
# Of these no document says what they do; the simulator writes down that they were called.
ONLY_LOGGED = {"retool_rpc.register_agent", "retool_rpc.pop_query", "retool_rpc.post_query_response"}


def route_of(operation, catalog):
    return f"{operation.method} {normal(full_path(operation, catalog))}"


def test_every_write_of_the_catalog_changes_something_or_it_is_said_why_not(catalog):
    writes = [item for item in catalog.operations if item.hazard is not Hazard.READ]
    others = {item.id for item in writes if route_of(item, catalog) not in {*VALID, *ELSEWHERE}}
    assert others == CHANGES_NOTHING.keys() | ONLY_LOGGED
    assert {item.group for item in writes} >= {"users", "groups", "folders", "sso", "source_control"}


@pytest.mark.parametrize("operation_id", sorted(ONLY_LOGGED))
async def test_a_write_that_nobody_describes_is_taken_at_its_word(simulated, catalog, operation_id):
    operation = catalog.by_id[operation_id]
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        assert (await ask(operation.method, operation.path, body={})).status == 200
        assert ask.simulator.state.digest() != before


@pytest.mark.parametrize("route", sorted(VALID))
async def test_a_valid_write_really_changes_the_state(simulated, route):
    async with simulated() as ask:
        if route in BEFORE:
            await send(ask, BEFORE[route])
        before = ask.simulator.state.digest()
        answer = await send(ask, route)
        assert answer.status in (200, 201, 204), answer.text
        assert ask.simulator.state.digest() != before
        if answer.status == 204:
            assert answer.text == ""
            assert "content-type" not in answer.headers


async def test_what_was_made_can_be_read_changed_and_deleted(simulated):
    async with simulated() as ask:
        made = (await ask("POST", "/api/v2/observability/config", body=SENTRY)).json["data"]
        path = f"/api/v2/observability/config/{made['id']}"
        assert (await ask("PUT", path, body={"enabled": False})).json["data"]["enabled"] is False
        assert (await ask("DELETE", path)).status == 204
        assert (await ask("DELETE", path)).status == 422


async def test_a_single_object_comes_and_goes(simulated):
    path = "/api/v2/source_control/config"
    async with simulated() as ask:
        assert (await ask("POST", path, body=GIT)).status == 409
        assert (await ask("DELETE", path)).status == 204
        assert (await ask("GET", path)).status == 404
        assert (await ask("DELETE", path)).status == 404
        assert (await ask("POST", path, body=GIT)).status == 200
        shown = (await ask("GET", path)).json["data"]["config"]
        assert shown["personal_access_token"] == "---encrypted-on-server---"


async def test_unsafe_operations_do_take_effect(simulated):
    async with simulated() as ask:
        state = ask.simulator.state
        assert state.items("sessions")
        await ask("POST", "/api/v2/organization/invalidate_sessions/")
        assert not state.items("sessions")
        deployed = len(state.items("deployments"))
        await ask("POST", "/api/v2/source_control/deploy")
        assert len(state.items("deployments")) == deployed + 1
        await ask("DELETE", "/api/v2/sso/config")
        assert state.singles["sso_config"] is None


async def test_a_new_token_is_shown_once(simulated):
    async with simulated() as ask:
        made = (await ask("POST", "/api/v2/access_tokens", body={"label": "new", "scopes": []})).json["data"]
        assert made["access_token"]
        listed = (await ask("GET", "/api/v2/access_tokens")).json["data"]
        assert made["id"] in [row["id"] for row in listed]
        assert not any("access_token" in row for row in listed)


@pytest.mark.parametrize("route", sorted(key for key, rule in behaviours().items() if rule.body))
async def test_a_body_without_its_required_fields_is_refused(simulated, route):
    required = behaviours()[route].body.get("required", ())
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        for field in required:
            method, path = route.split(" ")
            where, body = VALID.get(route, ("", {}))
            if where:
                path = where if where.startswith("/") else path.replace("*", where)
            short = {name: value for name, value in (body or {}).items() if name != field}
            answer = await ask(method, path.replace("*", "1"), "admin", short)
            assert answer.status == 400, field
            assert answer.json["success"] is False
        assert ask.simulator.state.digest() == before


STRANGE = [None, "", "x", 0, -1, 1.5, True, [], {}, [None], {"id": []}, [{}], "\u0000", "a" * 300, 10**30]


def twisted(value):
    """Yield copies of a JSON value with one strange value somewhere inside."""
    yield from STRANGE
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        for strange in twisted(inner):
            copy = json.loads(json.dumps(value))
            copy[key] = strange
            yield copy


@pytest.mark.parametrize("route", sorted(key for key, (_, body) in VALID.items() if body))
async def test_a_strange_body_is_taken_or_refused_and_a_refusal_changes_nothing(simulated, route):
    method, path = route.split(" ")
    where, body = VALID[route]
    path = where if where.startswith("/") else path.replace("*", where)
    async with simulated() as ask:
        for strange in twisted(body):
            before = ask.simulator.state.digest()
            answer = await ask(method, path, body=strange)
            assert answer.status in (200, 201, 204, 400, 404, 409), (strange, answer.text)
            if answer.status >= 400:
                assert ask.simulator.state.digest() == before, strange


async def test_a_patch_cannot_break_what_other_routes_rely_on(simulated):
    async with simulated() as ask:
        for path, member in ((f"groups/{GROUP}", "members"), (f"users/{USER}", "metadata")):
            for value in (None, "x", ["x"]):
                operation = {"op": "replace", "path": f"/{member}", "value": value}
                answer = await ask("PATCH", f"/api/v2/{path}", body={"operations": [operation]})
                assert answer.status == 400


async def test_recorded_refusals_have_the_recorded_words(simulated):
    async with simulated() as ask:
        values = [{"environment_id": "invalid-environment-id", "value": "value1"}]
        variable = {"name": "x", "secret": False, "values": values}
        answer = await ask(
            "PUT",
            f"/api/v2/configuration_variables/{ID['configuration_variables'][0]}",
            body=variable,
        )
        assert answer.status == 400
        assert answer.json["message"] == 'Environment with id "invalid-environment-id" does not exist'
        access = {**ACCESS, "object": {"type": "app", "id": "app_1"}, "access_level": "use"}
        answer = await ask("POST", "/api/v2/permissions/grant", body=access)
        assert answer.status == 400
        assert answer.json["message"] == "Invalid uuid type for body parameter: object.id"


async def test_access_is_given_only_between_what_exists(simulated):
    nobody = {**ACCESS, "subject": {"type": "group", "id": 2147483647}}
    nothing = {**ACCESS, "object": {"type": "folder", "id": "app_999999999"}}
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        for body in (nobody, nothing):
            for path, more in (("grant", {"access_level": "own"}), ("revoke", {})):
                answer = await ask("POST", f"/api/v2/permissions/{path}", body={**body, **more})
                assert answer.status == 400
        assert ask.simulator.state.digest() == before


def guarded_requests(catalog):
    for operation in catalog.operations:
        if operation.hazard is Hazard.GUARDED:
            yield operation_call(operation, tuple(map(sentinel, operation.ask.ids)), None)


async def guarded_statuses(ask, catalog):
    statuses = {}
    for call in guarded_requests(catalog):
        raw = call.body.encode() if call.body else None
        reply = await ask(call.method, call.path, "admin", raw=raw)
        statuses[f"{call.method} {call.template}"] = reply.status
    return statuses


async def test_no_guarded_request_of_the_catalog_changes_anything(simulated, catalog):
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        statuses = await guarded_statuses(ask, catalog)
        assert ask.simulator.state.digest() == before
        taken = {key: status for key, status in statuses.items() if status not in (400, 404, 422)}
        assert taken == {}
        assert len(statuses) >= 70


@pytest.mark.parametrize("plan", ["free", "business", "enterprise_base", "enterprise_premium"])
async def test_guarded_requests_change_nothing_under_faults_either(simulated, catalog, plan):
    options = {"plan": plan, "refusal": Refusal.JSON, "fault_rate": 0.3}
    async with simulated(**options, faults=(Fault.BAD_GATEWAY, Fault.SERVER_ERROR)) as ask:
        before = ask.simulator.state.digest()
        await guarded_statuses(ask, catalog)
        assert ask.simulator.state.digest() == before


async def test_a_real_id_instead_of_a_sentinel_would_change_something(simulated):
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        await ask("DELETE", f"/api/v2/user_invites/{INVITE}")
        assert ask.simulator.state.digest() != before


async def test_no_read_changes_anything(simulated, catalog):
    async with simulated() as ask:
        before = ask.simulator.state.digest()
        for operation in catalog.operations:
            if operation.method == "GET":
                call = operation_call(operation, tuple(map(sentinel, operation.ask.ids)), None)
                await ask("GET", call.path)
        assert ask.simulator.state.digest() == before


async def test_the_same_requests_give_the_same_state_and_answers(simulated):
    seen = []
    for _ in range(2):
        async with simulated() as ask:
            replies = [(await send(ask, route)).text for route in sorted(VALID)]
            seen.append((hashlib.sha256(ask.simulator.state.digest()).hexdigest(), replies))
    assert seen[0] == seen[1]


def test_each_simulator_begins_anew(catalog):
    first, second = (Simulator(SimulatorOptions(), catalog) for _ in range(2))
    first.state.remove("users", ID["users"][0])
    assert second.state.digest() != first.state.digest()


def test_the_digest_is_the_whole_state():
    state = State()
    collections, singles, *_ = json.loads(state.digest())
    assert set(collections) == set(SEED)
    assert singles.keys() == seed()["singles"].keys()


def test_invented_people_are_plainly_synthetic():
    text = json.dumps(seed())
    mails = {word for word in text.replace('"', " ").split() if "@" in word}
    assert all(mail.endswith("@example.com") for mail in mails)
