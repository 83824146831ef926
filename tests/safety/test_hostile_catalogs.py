"""Catalogs made to get a danger sent: refused by the check, when loaded, and by the client alone."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from altered_catalogs import with_operation
from click.testing import CliRunner
from guarded_scans import catalog_of, scan_guarded
from msgspec.structs import replace
from valid_writes import APP, ID, USER

from probe.catalog.check import grave_problems
from probe.catalog.load import built_in_catalogs, load_catalog
from probe.catalog.model import Asking, Hazard, PathId
from probe.cli.catalog import command
from probe.errors import CatalogError
from probe.scan.calls import operation_call
from probe.scan.discovery import sentinel
from probe.scan.lock import lock_reason
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
NOBODY = PathId(name="x", sentinel="user_" + "0" * 32)
SOMEBODY = PathId(name="userId", sentinel=USER)
GUARDED = {"hazard": Hazard.GUARDED}
THEN = {"required": ("anything",), "body": {}}
WORD = {"refusal": "trust me"}

# What is altered of which operation. The client's lock, which sees one request, refuses each by itself.
HOSTILE = {
    "unsafe POST relabelled read": ("source_control.deploy", {"hazard": Hazard.READ}),
    "unsafe POST relabelled guarded": ("source_control.deploy", GUARDED),
    "unsafe POST, guarded by {}": (
        "organization.invalidate_sessions",
        GUARDED | {"ask": {"body": {}} | WORD},
    ),
    "unsafe DELETE relabelled guarded": ("sso.config.delete", GUARDED),
    "unsafe DELETE, guarded by a body": ("sso.config.delete", GUARDED | {"ask": THEN}),
    "DELETE of a route that nobody knows, guarded by a body": (
        "groups.delete",
        {"path": "/v1/teams", "ask": {"ids": ()} | THEN},
    ),
    "PUT called read": ("spaces.update", {"hazard": Hazard.READ}),
    "PATCH called read": ("users.update", {"hazard": Hazard.READ}),
    "DELETE called read": ("users.delete", {"hazard": Hazard.READ}),
    "POST called read": ("users.create", {"hazard": Hazard.READ}),
    "method in lower case": ("users.delete", {"method": "delete", "hazard": Hazard.READ}),
    "method in lower case, guarded": ("users.delete", {"method": "delete"}),
    "method with a line break": ("users.list", {"method": "GET\r\nX-HTTP-Method-Override: DELETE"}),
    "a method nobody knows": ("users.delete", {"method": "PURGE"}),
    "GET that overrides its method": ("users.list", {"ask": {"query": {"_method": "DELETE"}}}),
    "GET that overrides it in capitals": (
        "users.list",
        {"ask": {"query": {"X-HTTP-Method-Override": "PUT"}}},
    ),
    "POST that overrides it in the query": ("groups.create", {"ask": {"query": {"_method": "DELETE"}}}),
    "POST that overrides it in the body": ("groups.create", {"ask": {"body": {"_method": "DELETE"}}}),
    "GET of a path that acts": ("users.get", {"path": "/api/v2/users/{userId}/logout"}),
    "GET of a path that acts on all": ("users.list", {"path": "/api/v2/users/deleteAll"}),
    "GET that is called guarded": ("users.list", GUARDED),
    "real id as a sentinel": ("users.delete", {"ask": {"ids": (SOMEBODY,)}}),
    "real id written out": ("users.delete", {"path": f"/api/v2/users/{USER}", "ask": {"ids": ()}}),
    "real id written out, with a body": (
        "users.reset_2fa",
        {"path": f"/api/v2/users/reset2fa/{USER}", "ask": {"ids": ()} | THEN},
    ),
    "real number written out": (
        "groups.delete",
        {"path": f"/api/v2/groups/{ID['groups'][1]}/{{x}}", "ask": {"ids": (NOBODY,)}},
    ),
    "real id in the query": (
        "apps.delete",
        {"path": "/api/v2/apps", "ask": {"ids": (), "query": {"appId": APP}}},
    ),
    "real id in the query of a POST": ("groups.create", {"ask": {"query": {"name": "New group"}}}),
    "real id in the path's query": ("users.delete", {"path": f"/api/v2/users/{{userId}}?id={USER}"}),
    "sentinel that is not in the path": ("sso.config.delete", GUARDED | {"ask": {"ids": (NOBODY,)}}),
    "sentinel cut off by a semicolon": (
        "sso.config.delete",
        GUARDED | {"path": "/api/v2/sso/config;{x}", "ask": {"ids": (NOBODY,)}},
    ),
    "sentinel that is a part of a name": (
        "sso.config.delete",
        GUARDED | {"path": "/api/v2/sso/config{x}", "ask": {"ids": (NOBODY,)}},
    ),
    "sentinel that is climbed over": (
        "sso.config.delete",
        GUARDED | {"path": "/api/v2/{x}/../sso/config", "ask": {"ids": (NOBODY,)}},
    ),
    "sentinel that is climbed over, escaped": (
        "sso.config.delete",
        GUARDED | {"path": "/api/v2/{x}/%2E%2e/sso/config", "ask": {"ids": (NOBODY,)}},
    ),
    "sentinel in the fragment": (
        "sso.config.delete",
        GUARDED | {"path": "/api/v2/sso/config#{x}", "ask": {"ids": (NOBODY,)}},
    ),
    "sentinel that climbs": ("users.delete", {"ask": {"ids": (replace(SOMEBODY, sentinel=".."),)}}),
    "sentinel that is empty": ("users.delete", {"ask": {"ids": (replace(SOMEBODY, sentinel=""),)}}),
    "path id without an entry": ("users.delete", {"ask": {"ids": ()}}),
    "body that is whole": (
        "groups.create",
        {"ask": {"body": {"name": "New group"}}},
    ),
    "body with only optional fields": (
        "user_invites.create",
        {"ask": {"required": (), "body": {"metadata": {}}}},
    ),
    "empty body with nothing required": ("user_invites.create", {"ask": {"required": (), "body": {}}}),
    "body that is a list": ("groups.create", {"ask": {"body": []}}),
    "path on another host": ("users.list", {"path": "//example.com/api/v2/users"}),
    "path that makes the host a user name": ("users.list", {"path": "@example.com/api/v2/users"}),
    "path with a header": (
        "users.list",
        {"path": "/api/v2/users HTTP/1.1\r\nX-HTTP-Method-Override: DELETE"},
    ),
}

# Lies about what a server requires: no request shows them. What the built-in catalog knows does.
LIES = {
    "an invented required field": ("organization.invalidate_sessions", GUARDED | {"ask": THEN}),
    "the same with a slash more": (
        "organization.invalidate_sessions",
        GUARDED | {"path": "/api/v2/organization/invalidate_sessions", "ask": THEN},
    ),
    "the same in capitals": (
        "source_control.deploy",
        GUARDED | {"path": "/API/v2/source_control/Deploy/", "ask": THEN},
    ),
    "an unsafe route under another name": (
        "groups.create",
        {"path": "/api/v2/source_control/deploy", "ask": THEN},
    ),
    "an unsafe route with a parameter for a part": (
        "organization.invalidate_sessions",
        GUARDED | {"path": "/api/v2/{x}/invalidate_sessions", "ask": {"ids": (NOBODY,)}},
    ),
    "an unsafe route's sentinels": ("source_control.manifests.delete", GUARDED),
    "a whole body beside an invented field": (
        "groups.create",
        {"ask": {"required": ("anything",), "body": {"name": "New group"}}},
    ),
    "a name written out": (
        "users.reset_2fa",
        {"path": "/api/v2/users/reset2fa/somebody", "ask": {"ids": ()} | THEN},
    ),
}


def altered(case):
    name, changes = (HOSTILE | LIES)[case]
    operation = CATALOG.by_id[name]
    ask = replace(operation.ask, **changes.get("ask", {}))
    return replace(operation, **{**changes, "ask": ask})


def catalog_with(operation):
    """A small catalog with this operation in it, that is otherwise fine."""
    small = catalog_of(CATALOG, (CATALOG.vendor.calibration, operation.id, "access_tokens.list"))
    vendor = replace(small.vendor, embed=None)
    return with_operation(replace(small, vendor=vendor, claims=(), guidance=(), questions=()), operation)


@pytest.fixture
def written(tmp_path):
    def write(catalog):
        path = tmp_path / "hostile.json"
        path.write_bytes(msgspec.json.encode(catalog))
        return str(path)

    return write


@pytest.mark.parametrize("case", [*HOSTILE, *LIES])
def test_a_hostile_catalog_is_refused_by_the_check_and_when_it_is_loaded(case, written):
    file = written(catalog_with(altered(case)))
    done = CliRunner().invoke(
        command, ["check", "--format", "json", "--catalog", file], standalone_mode=False
    )
    assert done.return_value == 2
    assert [problem for problem in json.loads(done.output) if problem["grave"]]
    with pytest.raises(CatalogError, match="not safe to use"):
        load_catalog(file)


def test_such_a_catalog_without_the_alteration_is_loaded(written):
    for name in {name for name, _ in (HOSTILE | LIES).values()}:
        load_catalog(written(catalog_with(CATALOG.by_id[name])))


@pytest.mark.parametrize("case", HOSTILE)
def test_the_client_alone_refuses_it(case):
    operation = altered(case)
    assert lock_reason(operation_call(operation, tuple(map(sentinel, operation.ask.ids)), None))


def test_the_client_alone_keeps_a_scan_of_all_of_them_from_changing_anything(monkeypatch):
    monkeypatch.setattr("probe.scan.agenda.skip_reason", lambda *_args, **_named: "")
    operations = [replace(altered(case), id=f"hostile.{place}") for place, case in enumerate(HOSTILE)]
    catalog = catalog_of(CATALOG, (CATALOG.vendor.calibration, "access_tokens.list"))
    catalog = replace(catalog, operations=(*catalog.operations, *operations))
    outcome = asyncio.run(scan_guarded(catalog, demo_tokens(CATALOG)[:1], {}, server=CATALOG))
    assert not outcome.changed
    assert {
        item.attempts[-1].outcome.reason for item in outcome.run.exchanges if "hostile" in item.operation
    } == {"locked"}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("source_control.deploy", {}),
        ("organization.invalidate_sessions", {}),
        ("sso.config.create", {"page": "data"}),
        ("embed.external_user", {"page": "elsewhere"}),
    ],
)
def test_the_one_call_that_may_take_effect_is_no_other_than_the_known_one(operation, fields, written):
    known = CATALOG.vendor.embed
    name = operation if operation in CATALOG.by_id else known.operation
    embed = replace(known, operation=name, **fields)
    catalog = replace(CATALOG, vendor=replace(CATALOG.vendor, embed=embed))
    with pytest.raises(CatalogError, match=r"vendor\.embed"):
        load_catalog(written(catalog))


def test_the_built_in_catalog_contradicts_itself_nowhere():
    assert grave_problems(CATALOG, built_in_catalogs()) == ()


def test_another_vendor_may_use_the_same_names(written):
    operation = replace(
        CATALOG.by_id["groups.create"],
        path="/v1/teams/{teamId}/members",
        ask=Asking(
            ids=(PathId(name="teamId", sentinel="no-such-team"),),
            required=("members",),
            body={},
            refusal="there is no such team",
        ),
    )
    load_catalog(written(catalog_with(operation)))
