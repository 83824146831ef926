import pytest
from msgspec.structs import replace

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.scan.calls import Call, FilledId, Origin, operation_call
from probe.scan.discovery import Discovery, sentinel
from probe.scan.lock import lock_reason
from probe.secret import Secret, Token

CATALOG = load_catalog("retool")
FOUND = FilledId(name="userId", value="user_1", origin=Origin.DISCOVERED, shown="discovered from users.list")
NOBODY = FilledId(name="userId", value="user_" + "0" * 32, origin=Origin.SENTINEL, shown="sentinel user_000")
SOMEBODY = FilledId(name="userId", value="user_1", origin=Origin.SENTINEL, shown="sentinel user_1")
CLIMBING = FilledId(name="userId", value="..", origin=Origin.DISCOVERED, shown="discovered from users.list")


def call(
    method: str, hazard: Hazard, ids: tuple[FilledId, ...] = (), body: str = "", path: str = "", **more
) -> Call:
    template = path or ("/api/v2/users/{userId}" if ids else "/api/v2/users")
    return Call(method=method, template=template, hazard=hazard, ids=ids, body=body, **more)


@pytest.mark.parametrize(
    "refused",
    [
        call("POST", Hazard.READ, body="{}"),
        call("POST", Hazard.UNSAFE, body="{}"),
        call("DELETE", Hazard.UNSAFE, ids=(NOBODY,)),
        call("DELETE", Hazard.GUARDED, ids=(FOUND,)),
        call("DELETE", Hazard.GUARDED),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,), path="/api/v2/sso/config"),
        call("POST", Hazard.GUARDED),
        call("GET", Hazard.UNSAFE),
        call("GET", Hazard.READ, path="/api/v2/users/{userId}"),
        call("BREW", Hazard.READ),
        call("BREW", Hazard.GUARDED, ids=(NOBODY,)),
        call("get", Hazard.READ),
        call("GET", Hazard.GUARDED),
        call("GET", Hazard.READ, body="{}"),
        call("GET", Hazard.READ, query={"_Method": "DELETE"}),
        call("GET", Hazard.READ, path="/api/v2/users/{userId}/logout", ids=(FOUND,)),
        call("GET", Hazard.READ, ids=(CLIMBING,)),
        call("GET", Hazard.READ, path="//example.com/api/v2/users"),
        call("GET", Hazard.READ, path="@example.com/api/v2/users"),
        call("POST", Hazard.GUARDED, body='{"email":1}'),
        call("POST", Hazard.GUARDED, body='{"email":1}', required=("email",)),
        call("POST", Hazard.GUARDED, body="[]", required=("email",)),
        call("POST", Hazard.GUARDED, body="{", required=("email",)),
        call("POST", Hazard.GUARDED, body="{}", required=("email",), query={"email": "a"}),
        call("POST", Hazard.GUARDED, body='{"_method":"DELETE"}', required=("email",)),
        call("DELETE", Hazard.GUARDED, body="{}", required=("email",)),
        call("DELETE", Hazard.GUARDED, ids=(SOMEBODY,)),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,), path="/api/v2/sso/config;{userId}"),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,), path="/api/v2/{userId}/%2e%2e/sso/config"),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,), path="/api/v2/{userId}/../sso/config"),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,), path="/api/v2/{userId}/users/user_17"),
        call("POST", Hazard.GUARDED, ids=(NOBODY,), query={"_method": "DELETE"}),
    ],
)
def test_the_lock_refuses_what_could_take_effect(refused):
    assert lock_reason(refused)


@pytest.mark.parametrize(
    "passed",
    [
        call("GET", Hazard.READ),
        call("GET", Hazard.READ, ids=(FOUND,)),
        call("DELETE", Hazard.GUARDED, ids=(NOBODY,)),
        call("POST", Hazard.GUARDED, body="{}", required=("email", "name")),
    ],
)
def test_the_lock_lets_reads_and_guarded_writes_pass(passed):
    assert not lock_reason(passed)


@pytest.mark.parametrize("operation", CATALOG.operations, ids=lambda operation: operation.id)
def test_no_unsafe_operation_of_the_catalog_passes_the_lock(operation):
    ids = tuple(sentinel(item) for item in operation.ask.ids)
    locked = lock_reason(operation_call(operation, ids, None))
    assert bool(locked) is (operation.hazard is Hazard.UNSAFE), locked


def test_a_write_takes_no_id_from_a_list():
    known = CATALOG.by_id["users.get"].ask.ids
    write = replace(CATALOG.by_id["users.delete"], ask=replace(CATALOG.by_id["users.delete"].ask, ids=known))
    discovery = Discovery()
    discovery.learn("users.list", "admin", {"data": [{"id": "user_1"}]})
    assert [item.origin for item in discovery.fill(CATALOG.by_id["users.get"], "admin")] == [
        Origin.DISCOVERED
    ]
    assert [item.origin for item in discovery.fill(write, "admin")] == [Origin.SENTINEL]


@pytest.mark.parametrize(
    "value", ["..", "a/b", "a%2fb", "x;y", "x?y", "x#y", "a\\b", "", "logout", "deleteAll"]
)
def test_an_id_from_a_list_that_leads_elsewhere_is_not_taken(value):
    discovery = Discovery()
    discovery.learn("users.list", "admin", {"data": [{"id": value}]})
    operation = CATALOG.by_id["users.get"]
    free = replace(operation, ask=replace(operation.ask, ids=(replace(operation.ask.ids[0], pattern=""),)))
    assert [item.origin for item in discovery.fill(free, "admin")] == [Origin.SENTINEL]


def test_an_id_from_the_server_is_not_in_the_record():
    sent = operation_call(CATALOG.by_id["users.get"], (FOUND,), None)
    assert "user_1" in sent.path
    assert "user_1" not in str(sent.record(()))
    assert "{userId}" in sent.record(()).path


def test_the_token_is_not_in_the_record():
    token = Token(name="admin", secret=Secret("retool_01h5pq8canary"))
    sent = operation_call(CATALOG.by_id["users.list"], (), token)
    record = sent.record((("authorization", "Bearer retool_01h5pq8canary"), ("accept", "application/json")))
    assert "canary" not in str(record)
    assert ("accept", "application/json") in record.headers


def test_ids_are_found_in_a_list_with_the_same_token_first():
    discovery = Discovery()
    discovery.learn("users.list", "other", {"data": [{"id": "user_b"}]})
    discovery.learn("users.list", "mine", {"data": [{"id": "user_a"}]})
    users_get = CATALOG.by_id["users.get"]
    assert discovery.fill(users_get, "mine")[0].value == "user_a"
    assert discovery.fill(users_get, "third")[0].origin is Origin.DISCOVERED


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"data": []},
        {"data": [1]},
        {"data": [{"id": None}]},
        {"data": [{"id": "../../x"}]},
        "text",
    ],
)
def test_without_a_usable_id_the_sentinel_is_asked(document):
    discovery = Discovery()
    discovery.learn("users.list", "mine", document)
    assert discovery.fill(CATALOG.by_id["users.get"], "mine")[0].origin is Origin.SENTINEL


def test_a_hostile_id_cannot_change_the_path():
    hostile = FilledId(name="userId", value="../groups?x=1#y", origin=Origin.DISCOVERED, shown="discovered")
    sent = operation_call(CATALOG.by_id["users.get"], (hostile,), None)
    assert sent.path.startswith("/api/v2/users/..%2Fgroups%3Fx%3D1%23y")
