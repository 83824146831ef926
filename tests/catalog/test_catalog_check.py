"""Each rule of the check is broken once in a copy of the catalog and must say so."""

import msgspec
import pytest

from probe.catalog.check import check_catalog, grave_problems
from probe.catalog.check_facts import CAUSES
from probe.catalog.check_safety import cannot_exist
from probe.catalog.load import load_catalog
from probe.catalog.model import Asking, Catalog, Hazard, PathId, Since
from probe.judge.model import Cause

CATALOG = load_catalog()
change = msgspec.structs.replace


def fresh(catalog: Catalog, **changes) -> Catalog:
    return change(catalog, **changes)


def with_operation(operation_id, **changes):
    """The catalog with one operation changed; `ask` may be a dict of changes."""
    ask = changes.pop("ask", None)
    operation = CATALOG.by_id[operation_id]
    if ask is not None:
        changes["ask"] = change(operation.ask, **ask)
    altered = change(operation, **changes)
    return fresh(CATALOG, operations=tuple(altered if o is operation else o for o in CATALOG.operations))


def with_entry(kind, **changes):
    entries = getattr(CATALOG, kind)
    return fresh(CATALOG, **{kind: (change(entries[0], **changes), *entries[1:])})


def new(catalog):
    return check_catalog(catalog)


def test_the_built_in_catalog_has_no_problem():
    assert check_catalog(CATALOG) == ()


def test_the_causes_are_those_of_the_judge():
    assert {str(cause) for cause in Cause} == CAUSES


USER = PathId(name="userId", sentinel="user_" + "0" * 32)

GRAVE = {
    "a write called read": ("users.create", {"hazard": Hazard.READ}),
    "a write by another name": ("users.list", {"method": "post"}),
    "a read that overrides the method": ("users.list", {"ask": {"query": {"_method": "DELETE"}}}),
    "a read called guarded": ("users.list", {"hazard": Hazard.GUARDED}),
    "guarded with neither id nor body": ("users.create", {"ask": {"body": None}}),
    "guarded with nothing required": ("users.create", {"ask": {"required": ()}}),
    "guarded by a body that is no object": ("users.create", {"ask": {"body": []}}),
    "guarded by a body that is whole": (
        "users.create",
        {"ask": {"body": {"email": "user1@example.com", "first_name": "A", "last_name": "B"}}},
    ),
    "an unsafe shape marked guarded": ("source_control.deploy", {"hazard": Hazard.GUARDED}),
    "an unsafe shape marked guarded, with an empty body": (
        "sso.config.delete",
        {"hazard": Hazard.GUARDED, "ask": {"body": {}, "refusal": "trust me"}},
    ),
    "an id that is not in the path": (
        "organization.invalidate_sessions",
        {"hazard": Hazard.GUARDED, "ask": {"ids": (USER,)}},
    ),
    "a path id without an entry": ("users.delete", {"ask": {"ids": ()}}),
    "a real id as a sentinel": (
        "users.delete",
        {"ask": {"ids": (change(USER, sentinel="user_1607dcd42a484c31b56095ec5df0b125"),)}},
    ),
    "a listed value in a guarded write": (
        "observability.test",
        {"hazard": Hazard.GUARDED},
    ),
    "a path on another host": ("users.list", {"path": "//example.com/api/v2/users"}),
    "a path without a slash": ("users.list", {"path": "api/v2/users"}),
    "a path with a query": ("users.list", {"path": "/api/v2/users?limit=1"}),
    "a path with a line break": ("users.list", {"path": "/api/v2/users\r\nX-Evil: 1"}),
    "a path that climbs": ("users.list", {"path": "/api/v2/../users"}),
    "a plan that nobody knows": ("users.list", {"plan": "platinum"}),
    "a pattern that is none": ("users.get", {"ask": {"ids": (change(USER, pattern="("),)}}),
    "an empty id": ("users.list", {"id": ""}),
}


@pytest.mark.parametrize("case", GRAVE)
def test_what_makes_a_catalog_unsafe_is_grave(case):
    operation_id, changes = GRAVE[case]
    problems = grave_problems(with_operation(operation_id, **changes))
    assert problems
    assert all(problem.grave for problem in problems)
    assert any(problem.where in (operation_id, changes.get("id")) for problem in problems)


LESSER = {
    "an unknown group": ("users.list", {"group": "people"}),
    "an unknown scope": ("users.list", {"scopes": ("users:everything",)}),
    "the same as nothing": ("groups.members.remove_renamed", {"same_as": "groups.members.away"}),
    "the same as itself": ("users.list", {"same_as": "users.list"}),
    "a source that is unknown": (
        "users.get",
        {"ask": {"ids": (change(USER, source="people.list", field="id"),)}},
    ),
    "a source that is a write": (
        "users.get",
        {"ask": {"ids": (change(USER, source="users.create", field="id"),)}},
    ),
    "a source without a field": ("users.get", {"ask": {"ids": (change(USER, source="users.list"),)}}),
    "a sentinel that does not fit": ("users.get", {"ask": {"ids": (change(USER, pattern="^[0-9]+$"),)}}),
    "an empty sentinel": ("users.get", {"ask": {"ids": (change(USER, sentinel=""),)}}),
    "a path id without an entry, in a read": ("users.get", {"ask": {"ids": ()}}),
    "an entry without a path id, in a read": ("users.list", {"ask": {"ids": (USER,)}}),
    "two entries for one path id": ("users.get", {"ask": {"ids": (USER, USER)}}),
    "a version that is none": ("users.reset_2fa", {"since": (Since(product="retool", version="v3"),)}),
    "a numbering that is unknown": ("users.reset_2fa", {"since": (Since(product="cli", version="3"),)}),
    "no reason for the refusal": ("users.create", {"ask": {"refusal": ""}}),
    "no reason for the hazard": ("users.list", {"hazard_reason": ""}),
    "a body of a read": ("users.list", {"ask": {"body": {}}}),
    "a body that is no JSON": ("users.update", {"ask": {"body": {"when": float("nan")}}}),
    "a status that is none": ("users.list", {"success_statuses": (2000,)}),
    "a plan without a source": ("users.list", {"plan_source": ""}),
    "a route that stands twice": ("users.get", {"path": "/api/v2/users", "ask": {"ids": ()}}),
    "an unknown method of a claim's operations": ("users.list", {"id": "people.list"}),
}


@pytest.mark.parametrize("case", LESSER)
def test_what_makes_a_catalog_wrong_is_said(case):
    operation_id, changes = LESSER[case]
    assert new(with_operation(operation_id, **changes))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("messages", {"cause": "plane"}),
        ("messages", {"grade": "rumour"}),
        ("messages", {"pattern": "("}),
        ("claims", {"expect": "maybe"}),
        ("claims", {"plans": ("platinum",)}),
        ("claims", {"operations": ("people.*",)}),
        ("guidance", {"operations": ("people.*",)}),
        ("guidance", {"needs": ("people.invite",)}),
        ("guidance", {"plans": ("platinum",)}),
        ("questions", {"operations": ("people.*",)}),
    ],
)
def test_what_is_wrong_beside_the_operations_is_said(kind, changes):
    found = new(with_entry(kind, **changes))
    assert [problem.where for problem in found] == [f"{kind}.{getattr(CATALOG, kind)[0].id}"]


@pytest.mark.parametrize(
    "kind", ["operations", "plans", "groups", "messages", "claims", "guidance", "questions"]
)
def test_an_id_that_stands_twice_is_said(kind):
    entries = getattr(CATALOG, kind)
    assert new(fresh(CATALOG, **{kind: (*entries, entries[0])}))


@pytest.mark.parametrize(
    "changes",
    [
        {"calibration": "no.such"},
        {"calibration": "users.create"},
        {"calibration": "users.get"},
        {"requests_per_minute": 0},
        {"document": "spec"},
        {"api_prefix": "https://example.com"},
    ],
)
def test_a_vendor_that_cannot_be_asked_is_grave(changes):
    assert grave_problems(fresh(CATALOG, vendor=change(CATALOG.vendor, **changes)))


def test_an_empty_catalog_is_grave():
    empty = fresh(CATALOG, operations=(), plans=(), claims=(), guidance=(), questions=())
    assert grave_problems(empty)


@pytest.mark.parametrize(
    "value",
    [
        "9" * 20,
        "app_" + "9" * 20,
        "0" * 24,
        "user_" + "0" * 32,
        "00000000-0000-0000-0000-000000000000",
        "no-such-app-name",
        "no_such_thing",
        "nobody@example.invalid",
    ],
)
def test_values_that_cannot_exist(value):
    assert cannot_exist(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "0",
        "999",
        "2147483647",
        "175928847299117063",
        "user_1607dcd42a484c31b56095ec5df0b125",
        "user_" + "0" * 31 + "1",
        "18368cb2-21f6-40c4-9d54-000000000000",
        "10000000000000",
        "9" * 10,
        "9" * 19,
        "0" * 12,
        "app_" + "0" * 12,
        "no-such-\u0430pp",
        "admin",
        "Sentry",
        "root@example.com",
        "999999999999/../1",
    ],
)
def test_values_that_could_exist(value):
    assert not cannot_exist(value)


def test_an_unsafe_write_needs_no_guard():
    unsafe = with_operation("users.create", hazard=Hazard.UNSAFE, ask=None)
    assert not grave_problems(unsafe)
    assert Asking() == CATALOG.by_id["source_control.deploy"].ask


@pytest.mark.parametrize(
    ("field", "operation"),
    [
        ("token_listing", "access_tokens.create"),
        ("token_listing", "no.such"),
        ("space_listing", "spaces.create"),
        ("space_listing", "no.such"),
        ("embed", "users.list"),
        ("embed", "users.create"),
        ("embed", "no.such"),
    ],
)
def test_an_operation_with_a_purpose_of_its_own_must_fit_it(field, operation):
    entry = change(getattr(CATALOG.vendor, field), operation=operation)
    problems = check_catalog(fresh(CATALOG, vendor=change(CATALOG.vendor, **{field: entry})))
    assert {problem.where for problem in problems} == {f"vendor.{field}"}


@pytest.mark.parametrize("kind", ["operations", "plans"])
def test_a_catalog_without_them_is_grave(kind):
    said = [item.what for item in grave_problems(fresh(CATALOG, **{kind: ()})) if item.where == kind]
    assert said == ["there are none"]
