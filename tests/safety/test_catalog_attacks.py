"""Two hundred and more further catalogs made to get a danger sent. Each is refused when it is loaded.

A case says what is altered of one operation, of the vendor's entry, or of the file. Where the danger shows
in the request, the client's lock refuses it by itself, too.
"""

from __future__ import annotations

import msgspec
import pytest
from altered_catalogs import with_operation
from guarded_scans import catalog_of
from msgspec.structs import replace

from probe.catalog.check import grave_problems
from probe.catalog.load import built_in_catalogs, load_catalog
from probe.catalog.model import PathId
from probe.errors import CatalogError
from probe.scan.calls import operation_call
from probe.scan.discovery import sentinel
from probe.scan.lock import lock_reason

CATALOG = load_catalog()
NOBODY = "user_" + "0" * 32
ID = PathId(name="x", sentinel=NOBODY)
NAME = PathId(name="x", sentinel="no-such-name")
EMPTY = {"body": {}, "required": ("anything",)}


def read(path="/api/v2/users", **ask):
    return "users.list", {"path": path, "ask": ask}


def write(path="/v1/things/{x}", method="DELETE", ids=(ID,), **ask):
    """A guarded write of a vendor that no built-in catalog knows."""
    return "users.delete", {"path": path, "method": method, "ask": {"ids": ids, **ask}}


def alone(path="/v1/things", method="POST", **ask):
    return write(path, method, ids=(), **{**EMPTY, **ask})


PATHS = [
    "",
    "api/v2/things/{x}",
    "*",
    "//example.com/{x}",
    "///{x}",
    "/v1//things/{x}",
    "/v1/./things/{x}",
    "/v1/{x}/..",
    "/v1/{x}/../sso",
    "/v1/{x}/..;/sso",
    "/v1/{x};a=b",
    "/v1/{x}?id=1",
    "/v1/{x}#a",
    "/v1/{x}%2e%2e",
    "/v1/%2E%2E/{x}",
    "/v1/{x}%2f..",
    "/v1/{x}%00",
    "/v1/{x}%ef%bc%8f..",
    "http://example.com/{x}",
    "@example.com/{x}",
    ":80@example.com/{x}",
    "\\\\example.com\\{x}",
    "/v1\\{x}",
    "/v1/{x}\\..\\sso",
    "/v1/{x} HTTP/1.1\r\nHost: example.com",
    "/v1/{x}\n",
    "/v1/\t{x}",
    "/v1/{x}\x00",
    "/v1/{x}\x7f",
    "/v1/{x}\u00a0",
    "/v1/{x}\u200b",
    "/v1/{x}\ufeff",
    "/v1/\u202e{x}",
    "/v1/{x}\uff0f\uff0e\uff0e\uff0fsso",
    "/v1\u2215things\u2215{x}",
    "/v1\u29f8things/{x}",
    "/v1/\u2024\u2024/{x}",
    "/v1/\u2025/{x}",
    "/\u0430pi/{x}",
    "/v1/{x}/\u017fso",
    "/v1/{x",
    "/v1/x}",
    "/v1/{x}{x}",
    "/v1/{{x}}",
    "/v1/a{x}",
    "/v1/{x}b",
    "/v1/{x}:delete",
    "/v1/things,{x}",
    "/v1/{y}",
    "/v1/things",
    "/v1/7/{x}",
    "/v1/5f2b8c1e9d3a4b5c6d7e8f90/{x}",
    "/v1/01ARZ3NDEKTSV4RRFFQ69G5FAV/{x}",
    "/v1/18368cb221f640c49d545fc0a724219f/{x}",
    "/v1/18368cb2-21f6-40c4-9d54-5fc0a724219f/{x}",
    "/v1/cus_9s6XKzkNRiz8i3/{x}",
    "/v1/user1@example.com/{x}",
]
METHODS = ["", "get", "Get", " GET", "GET ", "GET\t", "DELETE\x00", "G\u0415T", "\uff27ET", "GET\u200b"]
METHODS += [
    "GET /x HTTP/1.1\r\nHost: a\r\n\r\nDELETE",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "MKCOL",
    "MOVE",
    "COPY",
]
METHODS += ["LOCK", "UNLOCK", "PURGE", "LINK", "REPORT", "QUERY", "ACL", "BIND", "SEARCH", "delete", "PoSt"]
SENTINELS = ["", "0", "1", "-1", "-0", "9" * 10, "9" * 19, "9" * 12, "app_" + "9" * 12, "0" * 12, "0" * 23]
SENTINELS += [
    "app_000000000000",
    "null",
    "undefined",
    "NaN",
    "nil",
    "none",
    "me",
    "self",
    "current",
    "all",
    "*",
]
SENTINELS += [
    "%",
    "_",
    "~",
    "default",
    "admin",
    "root",
    "everyone",
    "true",
    "00000000-0000-0000-0000-000000000001",
]
SENTINELS += ["ffffffff-ffff-ffff-ffff-ffffffffffff", "no-such", "no-such-", "no-such-x/../y", "no-such-x?y"]
SENTINELS += [
    "no-such-x%2f",
    "no-such-x;y",
    "no-such-\u0445",
    "user1@example.com",
    "a@b.invalid/..",
    "a@b.invalid?c",
]
SENTINELS += [
    NOBODY + " ",
    NOBODY + "\n",
    " " + NOBODY,
    "\uff19" * 20,
    "\u0669" * 20,
    "9" * 10_000,
    "1e999",
    "0x0",
]
SENTINELS += [
    "{x}",
    "{y}",
    "..",
    ".",
    "..;",
    "%2e%2e",
    "a b@c.invalid",
    "0" * 10_000,
    "18368cb2-21f6-40c4-9d54",
]
BODIES = [
    {"name": None},
    {"": ""},
    {"a": {}},
    {"a": []},
    [0],
    [None],
    [{}],
    [[]],
    0,
    1,
    False,
    True,
    "",
    "x",
    1.5,
]
BODIES += [{"id": NOBODY}, {"name": "no-such-name"}, {"_method": "DELETE"}, {"operations": []}, {"name": 0}]
QUERIES = [{"id": "1"}, {"": ""}, {"confirm": "true"}, {"force": "1"}, {"dryRun": "false"}, {"x": NOBODY}]
QUERIES += [{"_method": "POST"}, {"method": "POST"}, {"all": "true"}]
OVERRIDES = ["_method", "_METHOD", "__method", " _method", "_method[]", "method", "http_method", "httpMethod"]
OVERRIDES += [
    "X-HTTP-Method",
    "X_HTTP_METHOD_OVERRIDE",
    "x-http-method-override ",
    "X-Method-Override",
    "verb",
]
OVERRIDES += ["requestMethod", "_HttpMethod", "X-Tunneled-Method", "methodOverride", "REST-Method"]
ACTS = [
    "logout",
    "log-out",
    "log_out",
    "logOut",
    "sign-out",
    "signOut",
    "signoff",
    "delete",
    "deleteAll",
    "delete-all",
]
ACTS += [
    "DELETE",
    "delete_everything",
    "deploy.json",
    "deploy.",
    "deploy..",
    "wipe.php",
    "things:delete",
    "shutDown",
]
ACTS += [
    "things:deleteAll",
    "reset_password",
    "resetPasswords",
    "invalidate_sessions",
    "revoke-tokens",
    "approve",
]
ACTS += [
    "unsubscribe",
    "logout/",
    "deactivate/{x}",
    "logout/{x}",
    "deactivate_user/{x}",
    "reset-me",
    "stop",
    "run",
]
ASKED = [
    {"action": "delete"},
    {"do": "logout"},
    {"delete": "1"},
    {"op": "purge"},
    {"cmd": "deploy"},
    {"logout": ""},
]
ASKED += [{"act": " delete "}, {"task": "DeleteAll"}, {"reset_password": "me"}]
LED = [
    "..",
    ".",
    "",
    "a/b",
    "../x",
    "a%2fb",
    "a;b",
    "x?y",
    "x#y",
    "x\\y",
    "x\r\ny",
    "logout",
    "delete-all",
    "Deploy",
]
ALONE = [
    "deploy",
    "deploy-now",
    "deployAll",
    "invalidateSessions",
    "reset",
    "restart",
    "run",
    "trigger_all",
    "publish",
]
ALONE += [
    "logOut",
    "sign_out",
    "purge-cache",
    "syncNow",
    "things:purge",
    "DEPLOY",
    "rebuild.json",
    "shutdown",
    "clear",
]
KNOWN = [
    "/api/v2/source_control/deploy.json",
    "/api/v2/source_control/deploy.",
    "/API/V2/Source_Control/Deploy/",
]
KNOWN += ["/proxy/api/v2/source_control/deploy", "/v3/source_control/deploy", "/source_control/deploy"]
KNOWN += [
    "/api/v2/organization/invalidate_sessions",
    "/x/organization/invalidate_sessions/",
    "/api/v2/sso/config",
]
KNOWN += ["/api/v2/sso/config.json", "/api/v2/app_themes", "/api/scim/v2/Users", "/proxy/scim/v2/users"]
KNOWN += [
    "/api/v2/source_control/branches/reset",
    "/api/embed-url/external-user",
    "/api/v1/retoolrpc/popQuery",
]

# Each case: what it is, the operation with its changes, and whether the request itself shows the danger.
CASES = {}
for value in PATHS:
    CASES[f"path {value!a}"] = (*write(value), True)
for value in METHODS:
    CASES[f"method {value!a}, read"] = (*read(), True)
    CASES[f"method {value!a}, read"][1]["method"] = value
    CASES[f"method {value!a}, guarded"] = (*write(method=value), True)
for value in SENTINELS:
    CASES[f"sentinel {value[:60]!a}"] = (*write(ids=(PathId(name="x", sentinel=value),)), True)
for value in BODIES:
    CASES[f"body {value!a} beside an id"] = (*write(method="PUT", body=value, required=("other",)), True)
    CASES[f"body {value!a} alone"] = (*alone(body=value), True)
for value in QUERIES:
    CASES[f"query {value!a} beside an id"] = (*write(query=value), True)
    CASES[f"query {value!a} alone"] = (*alone(query=value), True)
for value in OVERRIDES:
    CASES[f"override by {value!a}"] = (*read(query={value: "DELETE"}), True)
for value in ACTS:
    ids = (ID,) if "{x}" in value else ()
    CASES[f"a read that is the act {value!a}"] = (*read(f"/v1/users/{value}", ids=ids), True)
for value in ASKED:
    CASES[f"a read that asks for {value!a}"] = (*read(query=value), True)
for value in LED:
    CASES[f"a read led to {value!a}"] = (*read("/v1/{x}", ids=(PathId(name="x", sentinel=value),)), True)
for value in ALONE:
    CASES[f"an empty {value!a}"] = (*alone(f"/v1/{value}"), True)
for value in ("PUT", "DELETE", "OPTIONS"):
    CASES[f"{value} of everything"] = (*alone(method=value), True)
for value in KNOWN:
    CASES[f"a known danger at {value}"] = (*alone(value), False)
for value in ("PUT", "PATCH", "POST"):
    CASES[f"{value} that creates what it names"] = (*write(method=value, ids=(NAME,)), True)
    CASES[f"{value} that starts what it names"] = (*write("/v1/{x}/deploy", value, body=[]), True)
    CASES[f"{value} that tests what it names"] = (*write("/v1/{x}/test", value), True)
for value in ("PUT", "POST"):
    CASES[f"{value} that starts it, by a lie"] = (*write("/v1/{x}/deploy", value, **EMPTY), True)
    CASES[f"{value} that tests it, by a lie"] = (*write("/v1/{x}/test", value, (NAME,), **EMPTY), True)
CASES["PUT that creates what it names, by a lie"] = (*write(method="PUT", ids=(NAME,), **EMPTY), True)
CASES["a name written out"] = (*alone("/api/v2/users/somebody/user_attributes"), False)
for value in ("GET", "HEAD"):
    CASES[f"a {value} called guarded"] = (*write(method=value), True)
    CASES[f"a {value} called guarded, with an empty object"] = (*write(method=value, **EMPTY), True)
CASES["an empty object, nothing required"] = (*alone(required=()), True)
CASES["an empty object beside an id, nothing required"] = (*write(method="PATCH", body={}), True)
CASES["an empty list alone"] = (*alone(body=[]), True)
CASES["no body alone"] = (*alone(body=None), True)
CASES["an id that is one of a list"] = (*write(ids=(replace(ID, values=("a",)),)), False)
CASES["an id that nothing fills"] = (*write(ids=()), True)
CASES["a second id that is not in the path"] = (*write(ids=(ID, replace(ID, name="y"))), True)

VENDORS = {
    "the controls create a manifest": {"api_prefix": "/api/v2/source_control/manifests"},
    "the controls create it, in other letters": {"api_prefix": "/API/v2/Source_Control/manifests/"},
    "the controls delete a group": {"api_prefix": "/api/v2/groups"},
    "the controls name somebody's members": {"api_prefix": "/api/v2/groups/7/members"},
    "a prefix on another host": {"api_prefix": "//example.com"},
    "a prefix that climbs": {"api_prefix": "/api/v2/../v1"},
    "a prefix with a query": {"api_prefix": "/api/v2?x="},
    "a prefix with a parameter": {"api_prefix": "/api/{x}"},
    "a document that acts": {"document": "/api/v2/logout"},
    "a document that acts, with an ending": {"document": "/api/v2/logout.json"},
    "a document on another host": {"document": "//example.com/spec"},
    "a document by userinfo": {"document": "@example.com/spec"},
    "a document with a query": {"document": "/spec?_method=DELETE"},
    "a document with a parameter": {"document": "/spec/{x}"},
    "a calibration that is a write": {"calibration": "users.delete"},
    "a calibration that is not there": {"calibration": "nowhere"},
}


def altered(case):
    name, changes, _ = CASES[case]
    operation = CATALOG.by_id[name]
    ask = replace(operation.ask, **changes["ask"])
    return replace(operation, **{**changes, "ask": ask})


def catalog_with(operation):
    kept = (CATALOG.vendor.calibration, "access_tokens.list", "configuration_variables.replace", operation.id)
    small = catalog_of(CATALOG, (*kept, "groups.delete", "users.delete"))
    vendor = replace(small.vendor, embed=None)
    return with_operation(replace(small, vendor=vendor, claims=(), guidance=(), questions=()), operation)


def refused(catalog, tmp_path):
    """Whether the catalog is refused from a file, as a user would give it."""
    file = tmp_path / "attack.json"
    file.write_bytes(msgspec.json.encode(catalog))
    with pytest.raises(CatalogError):
        load_catalog(str(file))
    return True


def test_there_are_more_than_two_hundred():
    assert len(CASES) + len(VENDORS) > 300


def test_the_same_without_the_danger_is_loaded(tmp_path):
    for operation in (write(), alone(), read(), read("/v1/{x}", ids=(ID,)), write(method="PUT", body=[])):
        CASES["harmless"] = (*operation, False)
        file = tmp_path / "harmless.json"
        file.write_bytes(msgspec.json.encode(catalog_with(altered("harmless"))))
        assert load_catalog(str(file))
        assert not lock_of(altered("harmless"))
    del CASES["harmless"]


@pytest.mark.parametrize("case", [*CASES])
def test_it_is_refused_at_load(case):
    """By the check that each load makes; a load itself is tried with the cases that follow."""
    assert grave_problems(catalog_with(altered(case)), built_in_catalogs())


@pytest.mark.parametrize("case", [*CASES][::12])
def test_a_load_makes_that_check(case, tmp_path):
    assert refused(catalog_with(altered(case)), tmp_path)


@pytest.mark.parametrize("case", VENDORS)
def test_a_vendor_entry_is_refused_at_load(case, tmp_path):
    catalog = catalog_with(CATALOG.by_id["users.delete"])
    assert refused(replace(catalog, vendor=replace(catalog.vendor, **VENDORS[case])), tmp_path)


def lock_of(operation):
    return lock_reason(operation_call(operation, tuple(map(sentinel, operation.ask.ids)), None))


@pytest.mark.parametrize("case", [case for case, (*_, shows) in CASES.items() if shows])
def test_the_client_alone_refuses_it(case):
    assert lock_of(altered(case))


def test_a_route_of_the_catalog_that_the_controls_would_create():
    """A store of names under its prefix: a random name, put there, would be a new thing."""
    name, changes = write("/v1/{x}", "PATCH", ids=(NAME,), **EMPTY)
    operation = replace(
        CATALOG.by_id[name], **{**changes, "ask": replace(CATALOG.by_id[name].ask, **changes["ask"])}
    )
    catalog = catalog_with(operation)
    assert not grave_problems(catalog, built_in_catalogs())
    assert grave_problems(
        replace(catalog, vendor=replace(catalog.vendor, api_prefix="/v1")), built_in_catalogs()
    )


TEXTS = {
    "the last of two keys is the danger": lambda text: text.replace(
        '"hazard":"guarded"', '"hazard":"unsafe","hazard":"read"'
    ),
    "a path twice": lambda text: text.replace(
        '"path":"/api/v2/users/{userId}"', '"path":"/x","path":"/x/../y/{userId}"'
    ),
    "a key in other letters": lambda text: text.replace('"hazard":"guarded"', '"Hazard":"guarded"'),
    "a key that is not known": lambda text: text.replace(
        '"hazard":"guarded"', '"hazard":"guarded","headers":{"X-HTTP-Method-Override":"GET"}'
    ),
    "a hazard that is not known": lambda text: text.replace('"hazard":"guarded"', '"hazard":"safe"'),
    "a hazard in capitals": lambda text: text.replace('"hazard":"guarded"', '"hazard":"READ"'),
    "a sentinel that is a number": lambda text: text.replace(
        f'"sentinel":"{NOBODY}"', '"sentinel":99999999999999999999'
    ),
    "a sentinel that is null": lambda text: text.replace(f'"sentinel":"{NOBODY}"', '"sentinel":null'),
    "an escaped slash": lambda text: text.replace(
        f'"sentinel":"{NOBODY}"', '"sentinel":"no-such-a\\u002f..\\u002fb"'
    ),
    "a lone surrogate": lambda text: text.replace(f'"sentinel":"{NOBODY}"', '"sentinel":"no-such-\\ud800"'),
    "a NaN": lambda text: text.replace('"requests_per_minute":240', '"requests_per_minute":NaN'),
    "a number without end": lambda text: text.replace(
        '"requests_per_minute":240', '"requests_per_minute":1e999'
    ),
    "a comment": lambda text: "/* safe */" + text,
    "two documents": lambda text: text + text,
    "very deep": lambda text: text.replace('"body":null', '"body":' + "[" * 100_000),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_trick_of_the_file_is_refused(case, tmp_path):
    text = msgspec.json.encode(catalog_with(CATALOG.by_id["users.delete"])).decode()
    altered_text = TEXTS[case](text)
    assert altered_text != text
    file = tmp_path / "trick.json"
    file.write_text(altered_text)
    with pytest.raises(CatalogError):
        load_catalog(str(file))
