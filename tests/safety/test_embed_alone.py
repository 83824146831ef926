"""No catalog can turn `probe embed` into another write: refused at load, by the check, by the lock alone."""

import asyncio

import msgspec
import pytest
from guarded_scans import catalog_of, scan_guarded
from msgspec.structs import replace

from probe.catalog.check import check_catalog
from probe.catalog.load import load_catalog
from probe.config import LimitsEntry, limits_from
from probe.embed import make_embed
from probe.errors import CatalogError
from probe.masking import Mask
from probe.scan.calls import Call
from probe.scan.client import Client
from probe.scan.consented import Consented, EmbedWish
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
EMBED = CATALOG.vendor.embed
ADMIN = demo_tokens(CATALOG)[0]
LIMITS = limits_from(LimitsEntry(requests_per_minute="off", first_byte_timeout=5), 1)
WISH = EmbedWish(page="New group", groups=(1,), person="visitor1")


def at(path, **embed):
    return {"embed": embed, "path": path}


HOSTILE = {
    "it names the logout of everybody": {"embed": {"operation": "organization.invalidate_sessions"}},
    "it names a deployment": {"embed": {"operation": "source_control.deploy"}},
    "it names the removal of sign-on": {"embed": {"operation": "sso.config.delete"}},
    "it names a guarded write": {"embed": {"operation": "users.create", "page": "email"}},
    "it names a read": {"embed": {"operation": "users.list"}},
    "it names another creation": {"embed": {"operation": "scim.groups.create", "page": "displayName"}},
    "a guarded write under the embed call's id": at("/api/v2/groups", page="name"),
    "a deployment under the embed call's id": at("/api/v2/source_control/deploy"),
    "dots": at("/api/embed-url/../v2/source_control/deploy"),
    "escaped dots": at("/api/embed-url/%2e%2e/v2/source_control/deploy"),
    "a semicolon": at("/api/v2/source_control/deploy;embed"),
    "a word that only begins so": at("/api/v2/embedder1/source_control"),
    "a query": at("/api/v2/source_control/deploy?embed-url"),
    "another host": at("//example.com/embed-url"),
    "a host by userinfo": at("@example.com/embed-url"),
    "a parameter": at("/api/embed-url/{userId}"),
    "one field for all": {"embed": {"page": "name", "groups": "name", "person": "name"}},
    "a field that overrides the method": {"embed": {"page": "_method"}},
    "a field with a strange name": {"embed": {"page": "a[b]"}},
}


def hostile(case):
    embed = replace(EMBED, **HOSTILE[case].get("embed", {}))
    path = HOSTILE[case].get("path")
    operations = tuple(
        replace(item, path=path) if path and item.id == EMBED.operation else item
        for item in CATALOG.operations
    )
    return replace(CATALOG, vendor=replace(CATALOG.vendor, embed=embed), operations=operations)


def sent(catalog):
    """Send what the catalog calls its embed call past the load; return what went out and what changed."""
    operation = catalog.by_id[catalog.vendor.embed.operation]
    embed = catalog.vendor.embed
    body = {embed.page: WISH.page, embed.groups: list(WISH.groups), embed.person: WISH.person}
    call = Call(
        method=operation.method,
        template=operation.path,
        hazard=operation.hazard,
        body=msgspec.json.encode(body).decode(),
        token=ADMIN,
    )
    consented = Consented(call=call, operation=operation, embed=embed)

    async def made():
        options = SimulatorOptions(plan="enterprise", tokens=grants_of((ADMIN,)))
        async with Simulator(options, CATALOG).running() as simulator:
            before = simulator.state.digest()
            await make_embed(consented, simulator.base_url, LIMITS, Mask([ADMIN.secret]), CATALOG)
            return simulator.counts.total, simulator.state.digest() != before

    return asyncio.run(made())


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_embed_call_is_refused_at_load_and_by_the_check(case, tmp_path):
    file = tmp_path / "catalog.json"
    file.write_bytes(msgspec.json.encode(hostile(case)))
    with pytest.raises(CatalogError):
        load_catalog(str(file))
    assert [problem for problem in check_catalog(hostile(case)) if problem.grave]


@pytest.mark.parametrize("case", HOSTILE)
def test_the_lock_alone_refuses_it_and_nothing_goes_out(case):
    assert sent(hostile(case)) == (0, False)


@pytest.mark.parametrize(
    "case",
    [
        "it names the logout of everybody",
        "it names a deployment",
        "a guarded write under the embed call's id",
        "a deployment under the embed call's id",
    ],
)
def test_without_the_lock_the_state_would_change(case, monkeypatch):
    monkeypatch.setattr("probe.scan.client.consented_lock", lambda _consented: "")
    assert sent(hostile(case)) == (1, True)


def test_no_scan_sends_the_embed_call_with_guarded_writes_on(monkeypatch):
    """Even with every operation on the agenda, a scan never asks for the way that is open to `embed`."""
    asked = []

    async def refused(_client, consented):
        asked.append(consented)

    monkeypatch.setattr(Client, "ask_consented", refused)
    monkeypatch.setattr("probe.scan.agenda.skip_reason", lambda *_args, **_named: "")
    few = catalog_of(CATALOG, (CATALOG.vendor.calibration, EMBED.operation))
    outcome = asyncio.run(scan_guarded(few, (ADMIN,), {}))
    assert not asked
    assert not outcome.changed
    assert outcome.run.requests_sent.keys() <= {"GET", "POST"}
    controls = [item for item in outcome.run.controls if item.request.method == "POST"]
    assert outcome.run.requests_sent.get("POST", 0) == len(controls)
