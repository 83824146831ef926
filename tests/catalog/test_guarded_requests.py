"""Each guarded write, as it is sent, against the vendor's API document: invalid, or pointing at nothing.

A schema is read as a server reads it that is easy to please: what may be null may be absent, what has a
default is filled in, what is read-only is not asked for. A request must be invalid even so. No operation
of the document says that a body is required, so a request without one is never invalid by its body.
"""

import json
import re

import jsonschema
import pytest
from msgspec.structs import replace

from probe.catalog.check import grave_problems
from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.catalog.shapes import cannot_exist
from probe.scan.calls import operation_call
from probe.scan.discovery import sentinel

CATALOG = load_catalog()
GUARDED = [operation for operation in CATALOG.operations if operation.hazard is Hazard.GUARDED]
ABSENT = object()


@pytest.fixture(scope="module")
def entries(shared):
    """The document's entry of each guarded write that it has, with all its parameters."""
    document = json.loads((shared / "retool" / "openapi-2.12.0.json").read_text())
    found = {}
    for path, item in document["paths"].items():
        whole = CATALOG.vendor.api_prefix + re.sub(r":(\w+)", r"{\1}", path)
        for operation in GUARDED:
            if operation.path == whole and operation.method.lower() in item:
                entry = item[operation.method.lower()]
                parameters = item.get("parameters", []) + entry.get("parameters", [])
                found[operation.id] = (operation, entry, parameters)
    return found


@pytest.fixture(scope="module")
def recorded_ids(shared):
    """The ids that stand in the paths of recorded requests: things that existed."""
    lines = (shared / "retool" / "recordings.jsonl").read_text().splitlines()
    parts = {part for line in lines for part in json.loads(line)["path"].split("?")[0].split("/")}
    return sorted(part for part in parts if re.search(r"\d", part) and part != "v2")


def sent_body(operation):
    call = operation_call(operation, tuple(map(sentinel, operation.ask.ids)), None)
    return json.loads(call.body) if call.body else ABSENT


def could_be_absent(schema):
    return "default" in schema or schema.get("nullable") or schema.get("readOnly")


def easy(schema):
    """The schema as a server takes it that is easy to please."""
    if not isinstance(schema, dict):
        return schema
    eased = {key: value for key, value in schema.items() if key not in {"additionalProperties", "nullable"}}
    properties = schema.get("properties", {})
    if "required" in schema:
        eased["required"] = [
            name for name in schema["required"] if not could_be_absent(properties.get(name, {}))
        ]
        if not eased["required"]:
            del eased["required"]  # Draft 4 knows no empty list here
    eased["properties"] = {name: easy(value) for name, value in properties.items()}
    eased["allOf"] = [easy(one) for one in schema.get("allOf", ())]
    for several in {"oneOf", "anyOf"} & set(schema):
        eased["allOf"].append({"anyOf": [easy(one) for one in eased.pop(several)]})
    if not eased["allOf"]:
        del eased["allOf"]
    return {"anyOf": [eased, {"type": "null"}]} if schema.get("nullable") else eased


def accepts(entry, body):
    """Whether the document lets a server take this body, in any of its media types."""
    described = entry.get("requestBody", {})
    if body is ABSENT:
        return not described.get("required")
    schemas = [media.get("schema", {}) for media in described.get("content", {}).values()]
    return not schemas or any(jsonschema.Draft4Validator(easy(schema)).is_valid(body) for schema in schemas)


def test_each_guarded_write_is_invalid_or_points_at_nothing(entries):
    assert len(entries) == 66
    for operation, entry, _ in entries.values():
        named = [item.sentinel for item in operation.ask.ids]
        assert all(map(cannot_exist, named)), operation.id
        body = sent_body(operation)
        if not named or body is not ABSENT:
            assert not accepts(entry, body), operation.id


def test_a_write_without_an_id_leaves_out_everything_that_is_required(entries):
    alone = [(operation, entry) for operation, entry, _ in entries.values() if not operation.ask.ids]
    assert len(alone) == 24
    for operation, entry in alone:
        assert sent_body(operation) == {}, operation.id
        (schema,) = (media["schema"] for media in entry["requestBody"]["content"].values())
        assert set(operation.ask.required) == set(schema["required"]), operation.id
        assert any(not could_be_absent(schema["properties"][name]) for name in schema["required"]), (
            operation.id
        )


def test_the_fields_called_required_are_those_of_the_document(entries):
    for operation, entry, _ in entries.values():
        content = entry.get("requestBody", {}).get("content", {})
        for media in content.values():
            assert set(operation.ask.required) == set(media["schema"].get("required", ())), operation.id
        assert content or not operation.ask.required, operation.id


def test_each_sentinel_has_the_form_of_an_id(entries):
    checker = jsonschema.FormatChecker(formats=["uuid"])
    seen = 0
    for operation, _, parameters in entries.values():
        schemas = {item["name"]: item.get("schema", {}) for item in parameters if item["in"] == "path"}
        for item in operation.ask.ids:
            seen += 1
            validator = jsonschema.Draft4Validator(schemas[item.name], format_checker=checker)
            assert validator.is_valid(item.sentinel), f"{operation.id} {item.name}"
    assert seen >= 40


def test_an_id_that_existed_is_no_sentinel(recorded_ids):
    """The recordings hold ids of every form in use; each of them, in place of a sentinel, is refused."""
    assert len(recorded_ids) >= 10
    operation = CATALOG.by_id["users.delete"]
    for value in recorded_ids:
        ids = tuple(replace(item, sentinel=value, pattern="") for item in operation.ask.ids)
        altered = replace(operation, ask=replace(operation.ask, ids=ids))
        operations = tuple(altered if item is operation else item for item in CATALOG.operations)
        assert grave_problems(replace(CATALOG, operations=operations)), value


def test_what_the_document_lacks_is_guarded_by_another_one_that_is_named(entries):
    lacking = {operation.id: operation for operation in GUARDED if operation.id not in entries}
    assert set(lacking) == {
        "groups.members.remove_renamed",
        "apps.validate_toolscript",
        "workflows.update",
        "workflows.delete",
    }
    renamed = lacking.pop("groups.members.remove_renamed")
    assert renamed.same_as == "groups.members.remove"  # never asked itself
    for operation in lacking.values():
        assert any("Guarded by the API document" in note and "https://" in note for note in operation.notes)


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


def body_of(schema, **more):
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, **more}}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        OBJECT | {"properties": {"a": {"type": "string", "nullable": True}}},
        OBJECT | {"properties": {"a": {"type": "string", "default": "x"}}},
        OBJECT | {"properties": {"a": {"type": "string", "readOnly": True}}},
        {"oneOf": [OBJECT, {"type": "object"}]},
        {"oneOf": [{"type": "object"}, {"type": "object", "properties": {"a": {}}}]},
        {"anyOf": [OBJECT, OBJECT | {"properties": {"a": {"default": 1}}}]},
        {"allOf": [{"type": "object"}, OBJECT | {"properties": {"a": {"readOnly": True}}}]},
    ],
)
def test_the_proof_sees_a_schema_that_takes_an_empty_body(schema):
    assert accepts(body_of(schema), {})


def test_the_proof_sees_a_refusal_and_a_second_media_type():
    assert not accepts(body_of(OBJECT), {})
    assert not accepts(body_of(OBJECT), [])
    assert accepts(body_of(OBJECT), ABSENT)
    assert not accepts(body_of(OBJECT, required=True), ABSENT)
    both = body_of(OBJECT)
    both["requestBody"]["content"]["text/plain"] = {"schema": {}}
    assert accepts(both, {})
    assert accepts({}, {})


def test_the_proof_sees_a_valid_body(entries):
    _, entry, _ = entries["users.create"]
    assert accepts(entry, {"email": "user1@example.com", "first_name": "Test", "last_name": "User"})
