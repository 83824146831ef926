"""A catalog is read from three kinds of places, and an error in it names file, entry and field."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from probe.catalog.load import load_catalog, read_catalog
from probe.errors import CatalogError, ExitCode

BUILT_IN = Path(__file__).parents[2] / "probe" / "catalog" / "retool"


@pytest.fixture
def folder(tmp_path):
    """A copy of the built-in catalog that a test may break."""
    return Path(shutil.copytree(BUILT_IN, tmp_path / "copy"))


def edit(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def refused(name_or_path):
    with pytest.raises(CatalogError) as caught:
        load_catalog(str(name_or_path))
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_the_built_in_catalog_is_whole():
    catalog = load_catalog()
    assert len(catalog.operations) == 166
    assert list(catalog.rank) == ["free", "team", "business", "enterprise_base", "enterprise_premium"]
    assert catalog.messages
    assert catalog.claims
    assert catalog.guidance
    assert len(catalog.questions) == 8


def test_a_folder_a_json_file_and_a_toml_file_say_the_same(folder, tmp_path):
    catalog = load_catalog()
    assert load_catalog(str(folder)) == catalog
    whole = msgspec.to_builtins(catalog)
    (tmp_path / "whole.json").write_bytes(msgspec.json.encode(whole))
    assert load_catalog(str(tmp_path / "whole.json")) == catalog


def test_a_toml_file_may_hold_a_whole_catalog(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    catalog = load_catalog(str(file))
    assert [operation.id for operation in catalog.operations] == ["things.list"]
    assert catalog.operations[0].plan is None


SMALL = """
version = "1"
[scopes]
"things:read" = "Things"
[vendor]
id = "small"
title = "Small"
api_prefix = "/api"
document = "/api/openapi.json"
version_pointer = "/info/version"
version_product = "small"
calibration = "things.list"
base_url_example = "https://example.com"
requests_per_minute = 60
requests_per_minute_reason = "made up"
[[plans]]
id = "free"
title = "Free"
[[groups]]
id = "things"
title = "Things"
[[operations]]
id = "things.list"
method = "GET"
path = "/api/things"
group = "things"
summary = "List things"
hazard = "read"
hazard_reason = "reads"
"""


def test_what_may_be_absent(folder):
    for name in ("messages", "claims", "guidance", "questions"):
        (folder / f"{name}.json").unlink()
    assert load_catalog(str(folder)).claims == ()
    (folder / "plans.json").unlink()
    assert "plans.json" in refused(folder).message


def test_an_operation_file_without_a_group_is_read_too(folder):
    (folder / "operations" / "health.json").rename(folder / "operations" / "zzz.json")
    assert read_catalog(str(folder)).operations[-1].id == "health"


@pytest.mark.parametrize("name", ["no-such-catalog", "", "\0", "../nowhere"])
def test_a_name_that_is_nothing(name):
    error = refused(name)
    assert "retool" in error.hint or "file" in error.message


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "catalog.yaml").write_text("version: 1")
    assert ".toml" in refused(tmp_path / "catalog.yaml").message


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("vendor.json", "{", "valid JSON"),
        ("vendor.json", "[" * 100_000, "vendor.json"),
        ("operations/users.json", '[{"ask": {"body": ' + "[" * 100_000, "nested"),
        ("operations/users.json", '[{"id": 7}, ', "users.json"),
        ("groups.json", '{"id": "users"}', "groups.json"),
        ("operations/users.json", "\xff", "users.json"),
        ("scopes.json", "[]", "scopes.json"),
    ],
)
def test_a_file_that_cannot_be_read_as_what_it_is(folder, file, text, said):
    (folder / file).write_bytes(text.encode("latin-1"))
    assert said in refused(folder).message


@pytest.mark.parametrize("text", ["version = ", "\0", "version = 1", 'version = "1"'])
def test_a_toml_file_that_is_wrong_says_its_name(tmp_path, text):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    assert "wrong.toml" in refused(file).message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda entry: entry.pop("path"), "path"),
        (lambda entry: entry.update(hazard="harmless"), "hazard"),
        (lambda entry: entry.update(scope="users:read"), "scope"),
        (lambda entry: entry["ask"]["ids"][0].pop("sentinel"), "sentinel"),
        (lambda entry: entry.update(success_statuses=["200"]), "success_statuses"),
    ],
)
def test_an_error_names_file_entry_and_field(folder, change, field):
    edit(folder / "operations" / "users.json", lambda document: change(document[1]))
    message = refused(folder).message
    assert "users.json" in message
    assert "users.get" in message
    assert field in message


def test_an_error_in_a_single_file_names_the_entry(tmp_path):
    whole = msgspec.to_builtins(load_catalog())
    whole["claims"][2]["expect"] = 7
    file = tmp_path / "whole.json"
    file.write_bytes(msgspec.json.encode(whole))
    message = refused(file).message
    assert whole["claims"][2]["id"] in message
    assert "expect" in message


def test_a_misspelt_part_of_a_whole_catalog_is_refused(tmp_path):
    whole = msgspec.to_builtins(load_catalog()) | {"claim": []}
    file = tmp_path / "whole.json"
    file.write_bytes(msgspec.json.encode(whole))
    assert "claim" in refused(file).message


def test_a_catalog_that_calls_a_write_a_read_is_refused(folder):
    edit(folder / "operations" / "users.json", lambda document: document[2].update(hazard="read"))
    error = refused(folder)
    assert "users.create" in error.message
    assert "POST" in error.message
    assert "catalog check" in error.hint


def test_a_catalog_with_lesser_problems_is_loaded(folder):
    edit(folder / "operations" / "users.json", lambda document: document[0].update(scopes=["nobody:knows"]))
    assert load_catalog(str(folder)).by_id["users.list"].scopes == ("nobody:knows",)


@pytest.mark.parametrize(
    ("version", "product"), [("2.12.0", "api"), ("3.373.0", "retool"), ("4.0.0", "retool"), ("", "retool")]
)
def test_what_a_version_of_the_document_counts_in(version, product):
    assert load_catalog().vendor.product_of(version) == product
