"""The catalog says what the vendor's document and the table of facts beside the project say."""

import csv
import json
import re

import jsonschema
import pytest

from probe.catalog.load import load_catalog
from probe.catalog.model import Basis, Hazard

CATALOG = load_catalog()
ROUTES = {(operation.method, operation.path): operation for operation in CATALOG.operations}
PREFIX = CATALOG.vendor.api_prefix
# Labels that the vendor's document writes in another way than its token page.
LABELS = {
    "Environment > Read": "environments:read",
    "CustomComponent > Read": "custom_components:read",
    "CustomComponent > Write": "custom_components:write",
    "Source control > Releases (Read)": "source_control:releases_read",
    "Source control > Releases (Write)": "source_control:releases_write",
    "usage": "usage",
} | {label: scope for scope, label in CATALOG.scopes.items()}


@pytest.fixture(scope="module")
def rows(shared):
    with (shared / "retool" / "operations.csv").open(newline="") as file:
        return [
            {name: "" if text == "null" else text for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def document(shared):
    return json.loads((shared / "retool" / "openapi-2.12.0.json").read_text())


def route_of(method, path):
    path = re.sub(r":(\w+)", r"{\1}", path)
    return method.upper(), path if path.startswith("/api/") else PREFIX + path


def operations_of(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield (
                route_of(method, path),
                operation,
                item.get("parameters", []) + operation.get("parameters", []),
            )


def documented(document):
    """Each operation of the catalog that the document has, with its entry and parameters."""
    return [(ROUTES[route], entry, parameters) for route, entry, parameters in operations_of(document)]


def test_no_row_is_missing_and_nothing_else_is_there(rows):
    listed = {route_of(row["method"], row["path"]) for row in rows}
    assert listed <= set(ROUTES)
    others = {ROUTES[route].id for route in set(ROUTES) - listed}
    assert others == {
        "apps.users.get",
        "embed.generate_token",
        "retool_rpc.register_agent",
        "retool_rpc.pop_query",
        "retool_rpc.post_query_response",
    }


def test_each_row_says_the_same(rows):
    titles = {group.id: group.title for group in CATALOG.groups}
    for row in rows:
        operation = ROUTES[route_of(row["method"], row["path"])]
        here = {
            "side_effect": operation.hazard.value,
            "scope": "|".join(operation.scopes),
            "tier": operation.plan or "",
            "tier_basis": "" if operation.plan_basis is Basis.UNKNOWN else operation.plan_basis.value,
            "tier_source_url": operation.plan_source,
            "tag": titles[operation.group],
            "deprecated": str(operation.deprecated).lower(),
            "success_statuses": "|".join(map(str, operation.success_statuses)),
            "documented_error_statuses": "|".join(map(str, operation.error_statuses)),
        }
        unlike = {name for name in here if here[name] != row[name]}
        # A difference must be stated; only scopes have one, and a hazard may be called graver.
        if unlike == {"side_effect"}:
            assert (row["side_effect"], operation.hazard) == ("guarded", Hazard.UNSAFE), operation.id
            assert any("It is not sent" in text for text in operation.differences), operation.id
        else:
            assert not unlike or (unlike == {"scope"} and operation.differences), (operation.id, unlike)


def test_each_version_of_a_row_is_there(rows):
    for row in rows:
        operation = ROUTES[route_of(row["method"], row["path"])]
        wanted = set(re.findall(r"\d+(?:\.\d+)+", row["min_version"]))
        assert {since.version for since in operation.since} == wanted, operation.id
        narrowed = bool(re.search(r"\w+:(?:api|retool)>=", row["min_version"]))
        assert all(bool(since.part) is narrowed for since in operation.since), operation.id


def test_a_plan_that_is_not_stated_says_why():
    assert all(operation.plan_note for operation in CATALOG.operations if operation.plan is None)


def test_no_operation_of_the_document_is_missing(document):
    assert len(documented(document)) == 144


def test_scopes_are_those_of_the_document_or_the_difference_is_stated(document):
    for operation, entry, _ in documented(document):
        text = re.search(r"token must have (.*?)\bscope", entry.get("description", ""))
        labels = re.findall(r"""["']([^"']+)["']""", text[1]) if text else []
        if {LABELS[label] for label in labels} != set(operation.scopes):
            assert operation.differences or not (labels or operation.scopes), operation.id


def test_deprecation_is_that_of_the_document(document):
    for operation, entry, _ in documented(document):
        said = entry.get("deprecated", False) or "endpoint is deprecated" in entry.get("description", "")
        assert operation.deprecated is said, operation.id


def test_path_parameters_are_those_of_the_document(document):
    for operation, _, parameters in documented(document):
        names = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert {item.name for item in operation.ask.ids} == names or operation.differences, operation.id


def test_a_read_gives_every_required_query_and_no_unknown_one(document):
    for operation, _, parameters in documented(document):
        if operation.hazard is Hazard.READ:
            known = {item["name"]: item for item in parameters if item["in"] == "query"}
            required = {name for name, item in known.items() if item.get("required")}
            assert required <= set(operation.ask.query) <= set(known), operation.id
            if "limit" in known:
                assert operation.ask.query["limit"] == "1"


def test_the_values_of_a_read_fit_the_document(document):
    for operation, _, parameters in documented(document):
        for item in operation.ask.ids:
            schema = next(
                (p["schema"] for p in parameters if (p["in"], p["name"]) == ("path", item.name)), {}
            )
            for value in item.values or (item.sentinel,):
                assert fits(schema, value), f"{operation.id} {item.name}"


def test_an_id_stands_where_it_is_looked_for(document):
    entries = {operation.id: entry for operation, entry, _ in documented(document)}
    for operation in CATALOG.operations:
        for item in operation.ask.ids:
            if item.source in entries:
                found = fields_of(entries[item.source])
                assert item.field in found or not found, f"{operation.id} {item.name}"


def fields_of(entry):
    """The fields of an item in a list's answer; none where the document shows none."""
    content = entry["responses"]["200"].get("content", {})
    schema = content["application/json"]["schema"]["properties"]["data"] if content else {}
    while schema.get("type") == "object":
        schema = next(iter(schema["properties"].values()))
    return set(schema.get("items", {}).get("properties", {}))


def fits(schema, value):
    checker = jsonschema.FormatChecker(formats=["uuid"])
    return jsonschema.Draft4Validator(schema, format_checker=checker).is_valid(value)


def test_no_guarded_write_carries_a_value():
    """So the two that take any label or address, user_invites.create and access_tokens.create, stay empty."""
    bodies = [item.ask.body for item in CATALOG.operations if item.hazard is Hazard.GUARDED]
    assert all(body is None or body in ({}, []) for body in bodies)


def test_no_unsafe_operation_carries_a_body():
    assert all(
        operation.ask.body is None for operation in CATALOG.operations if operation.hazard is Hazard.UNSAFE
    )


def test_no_more_is_guarded_than_the_facts_allow(rows):
    allowed = {route_of(row["method"], row["path"]) for row in rows if row["side_effect"] == "guarded"}
    guarded = {route for route, operation in ROUTES.items() if operation.hazard is Hazard.GUARDED}
    assert guarded <= allowed


MESSAGES = [
    ("Forbidden: API token is missing scope", 403, "scope"),
    ("Forbidden: API token is missing required scope", 403, "scope"),
    ("Incorrect scope.", 403, "scope"),
    ("Incorrect scope or non-admin user", 403, "scope"),
    ("Authentication failure", 401, "token"),
    ("API access is available on the Enterprise plan", 403, "plan"),
    ('Environment with id "invalid-environment-id" does not exist', 400, "missing_resource"),
    ("Invalid uuid type for body parameter: object.id", 400, "validation"),
    ("Page does not belong to organization", 403, "missing_resource"),
    ("Embedding is not enabled for this organization", 400, "unknown"),
    ("API access token is invalid", 401, None),
    ("API access key expired", 401, None),
    ("The object_scopes field is required", 400, None),
]


@pytest.mark.parametrize(("text", "status", "cause"), MESSAGES)
def test_what_a_message_means(text, status, cause):
    found = [
        message.cause
        for message in CATALOG.messages
        if re.search(message.pattern, text) and (not message.statuses or status in message.statuses)
    ]
    assert (found[0] if found else None) == cause
