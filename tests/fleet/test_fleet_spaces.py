"""`probe fleet --spaces-of`: an organization and the spaces that its API lists, and where no token may go."""

from __future__ import annotations

import asyncio
import json

import pytest
from changing_world import CATALOG
from fleet_world import CONFIG, ONLY, SECRET, VARIABLE, organizations, read_json, rows_in
from raw_server import http, raw_server

from probe.catalog.model import Hazard
from probe.cli.main import main
from probe.fleet.model import Reference
from probe.fleet.spaces import Listed, fleet_of

TOKENS = (Reference(name="admin", source="env:ADMIN"),)


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)


async def spaces_of(folder, origin, *more):
    (folder / "probe.toml").write_text(CONFIG, encoding="utf-8")
    command = [
        *("fleet", "--spaces-of", origin, "--config", str(folder / "probe.toml"), *ONLY, "--no-history"),
        *("--token", f"admin=env:{VARIABLE}", "--output-dir", str(folder / "out"), *more),
    ]
    return await asyncio.to_thread(main, command)


def fleet(origin, *spaces, domains=()):
    return fleet_of(origin, Listed(spaces=spaces), TOKENS, CATALOG.vendor, domains)


def asked(found):
    return [item.base_url for item in found.organizations]


async def test_an_organization_and_its_spaces_are_measured_with_its_tokens(tmp_path):
    async with organizations(parent="enterprise_premium", child="business") as running:
        parent, child = running["parent"], running["child"]
        address = child.base_url.removeprefix("http://")
        spaces = parent.state.items("spaces")
        spaces["one"] = {**next(iter(spaces.values())), "id": "one", "name": "Child", "domain": address}
        assert await spaces_of(tmp_path, parent.base_url) == 2  # the seed's space is elsewhere
        assert set(parent.counts.by_method) == {"GET"}
    rows = rows_in(tmp_path)
    assert list(rows) == [parent.base_url.removeprefix("http://"), "Child"]
    assert [row["state"] for row in rows.values()] == ["measured", "measured"]
    assert rows["Child"]["allowed"] < rows[next(iter(rows))]["allowed"]
    assert [entry["name"] for entry in read_json(tmp_path)["bad_entries"]] == ["Example space"]


async def test_a_space_elsewhere_gets_no_token_unless_the_user_says_so(tmp_path, capsys):
    body = {"success": True, "data": [], "has_more": True}
    async with raw_server(http(200, b"{}"), host="127.0.0.2") as elsewhere:
        body["data"].append({"name": "Other", "domain": elsewhere.origin.removeprefix("http://")})
        answer = http(200, json.dumps(body).encode(), "Content-Type: application/json")
        async with raw_server(answer) as parent:
            await spaces_of(tmp_path, parent.origin)
            assert elsewhere.requests == []
            said = capsys.readouterr().err
            assert "Other" in said
            assert "--space-domain 127.0.0.2" in said
            assert "went on" in said
            await spaces_of(tmp_path, parent.origin, "--space-domain", "127.0.0.2")
            assert elsewhere.requests


async def test_without_a_list_there_is_a_sentence_and_no_folder(tmp_path, capsys):
    refusal = json.dumps({"success": False, "message": f"no scope for {SECRET}"}).encode()
    async with raw_server(http(403, refusal, "Content-Type: application/json")) as parent:
        assert await spaces_of(tmp_path, parent.origin) == 3
    said = capsys.readouterr().err
    assert "403" in said
    assert "no scope" in said
    assert SECRET not in said
    assert not (tmp_path / "out").exists()


async def test_no_token_goes_to_a_server_that_moves_callers_to_https(tmp_path):
    async with raw_server(http(301, b"", "Location: https://127.0.0.1/")) as parent:
        assert await spaces_of(tmp_path, parent.origin) == 2
        assert not any(b"authorization" in head.lower() for head in parent.requests)


def test_a_secret_in_the_command_is_no_reference(tmp_path, capsys):
    command = ["fleet", "--spaces-of", "https://acme.example.com", "--token", f"admin={SECRET}"]
    assert main([*command, "--output-dir", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "reference" in said
    assert SECRET not in said


@pytest.mark.parametrize("more", [(), ("list.toml", "--spaces-of", "https://a.example.com")])
def test_a_list_or_spaces_but_not_both(more, capsys):
    assert main(["fleet", *more]) == 2
    assert "--spaces-of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "domains", "expected"),
    [
        ("space1.acme.example.com", (), "https://space1.acme.example.com"),
        ("space1.example.com", (), None),
        ("space1.example.com", ("example.com",), "https://space1.example.com"),
        ("notexample.com", ("example.com",), None),
        ("acme.example.com.evil.example", (), None),
        ("space1", (), None),
        ("", (), None),
        ("user:word@acme.example.com", (), None),
        ("acme.example.com/path", (), None),
        ("acme.example.com", (), None),
    ],
)
def test_where_the_tokens_of_a_self_hosted_organization_may_go(address, domains, expected):
    found = fleet("https://acme.example.com", ("One", address), domains=domains)
    assert asked(found)[1:] == ([expected] if expected else [])
    assert len(found.bad) == (expected is None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("acme-two", "https://acme-two.retool.com"),
        ("acme-two.retool.com", "https://acme-two.retool.com"),
        ("retool.com.evil.example", None),
        ("login", None),
    ],
)
def test_in_the_vendors_cloud_a_space_is_known_by_its_subdomain(address, expected):
    found = fleet("https://acme.retool.com", ("Two", address))
    assert asked(found)[1:] == ([expected] if expected else [])


def test_each_has_a_name_of_its_own():
    found = fleet(
        "https://a.example.com", ("X", "b.a.example.com"), ("X", "c.a.example.com"), ("", "d.a.example.com")
    )
    names = [item.name for item in found.organizations]
    assert len(set(names)) == len(names) == 4


def test_what_is_asked_for_the_list_is_a_read():
    operation = CATALOG.by_id[CATALOG.vendor.space_listing.operation]
    assert (operation.method, operation.hazard) == ("GET", Hazard.READ)
