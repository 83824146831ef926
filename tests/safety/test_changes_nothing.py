"""The first promise: a scan changes nothing, and the test that says so would see it if it did."""

from __future__ import annotations

import asyncio

import pytest
from altered_catalogs import with_operation
from counting_server import counting_server
from guarded_scans import EXAMPLES, World, catalog_of, run_world, scan_guarded, worlds
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from valid_writes import USER

from probe.catalog.check import grave_problems
from probe.catalog.load import built_in_catalogs, load_catalog
from probe.catalog.model import Hazard
from probe.config import LimitsEntry, limits_from
from probe.evidence import Failure, FailureReason
from probe.masking import Mask
from probe.pipeline import AskAgain, gather
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
ADMIN = demo_tokens(CATALOG)[:1]
CALIBRATION = CATALOG.vendor.calibration


PROPERTY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def leaves_everything_as_it_was(world):
    assert not run_world(world).changed


@settings(PROPERTY)
@given(world=worlds(CATALOG))
def test_no_scan_changes_anything(world):
    leaves_everything_as_it_was(world)


def scanned(*operations: str, catalog=CATALOG):
    return asyncio.run(scan_guarded(catalog_of(catalog, (CALIBRATION, *operations)), ADMIN, {}))


WRITES = tuple(item.id for item in CATALOG.operations if item.hazard is not Hazard.READ)
UNSAFE = tuple(item.id for item in CATALOG.operations if item.hazard is Hazard.UNSAFE)


def test_every_guarded_write_is_sent_once_and_refused_and_no_unsafe_one_is_sent():
    outcome = scanned(*WRITES)
    guarded = [item for item in CATALOG.operations if item.hazard is Hazard.GUARDED and not item.same_as]
    asked = [item for item in outcome.run.exchanges if item.request.method != "GET"]
    assert sorted(item.operation for item in asked) == sorted(item.id for item in guarded)
    assert all(len(item.attempts) == 1 for item in asked)
    assert all(item.outcome.status >= 400 for item in asked)
    assert not outcome.changed


async def test_a_write_is_not_asked_again_even_where_it_is_wanted():
    answer = b"HTTP/1.1 404 X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    async def doubtful(_run):
        return [("users.delete", "admin")]

    again = AskAgain(doubtful=doubtful, times=2, after_s=0)
    few = catalog_of(CATALOG, (CALIBRATION, "users.delete"))
    async with counting_server([answer], keep=True) as server:
        request = ScanRequest(
            origin=server.origin,
            catalog=few,
            tokens=ADMIN,
            agenda=make_agenda(few, ["admin"], guarded_writes=True),
            limits=limits_from(LimitsEntry(requests_per_minute="off", retries=0), 1),
        )
        with pytest.raises(ValueError, match="only a read"):
            await gather(request, Mask([ADMIN[0].secret]), asyncio.Event(), again=again)
        sent = [line for line in server.arrived if line.startswith("DELETE /api/v2/users/")]
    assert len(sent) == 1


# The locks, each without the other.


@pytest.fixture
def no_agenda_lock(monkeypatch):
    monkeypatch.setattr("probe.scan.agenda.skip_reason", lambda *_args, **_named: "")


@pytest.fixture
def no_client_lock(monkeypatch):
    monkeypatch.setattr("probe.scan.client.lock_reason", lambda _call: "")


@pytest.mark.usefixtures("no_agenda_lock")
def test_without_the_agenda_the_client_still_refuses():
    outcome = scanned(*WRITES)
    assert not outcome.changed
    refused = {
        item.operation
        for item in outcome.run.exchanges
        if isinstance(item.outcome, Failure) and item.outcome.reason is FailureReason.LOCKED
    }
    assert refused == set(UNSAFE)


@pytest.mark.usefixtures("no_client_lock")
def test_without_the_client_the_agenda_still_keeps_them_off():
    outcome = scanned(*WRITES)
    assert not outcome.changed
    assert not {item.operation for item in outcome.run.exchanges} & set(UNSAFE)


# Mutations: with these the state does change, so the test above can fail.


@pytest.mark.usefixtures("no_agenda_lock", "no_client_lock")
def test_without_both_locks_the_state_changes():
    assert scanned(*WRITES).changed


def with_ask(operation: str, **ask):
    """Return the catalog with another way to ask one operation."""
    found = CATALOG.by_id[operation]
    return with_operation(CATALOG, replace(found, ask=replace(found.ask, **ask)))


REAL = tuple(replace(item, sentinel=USER) for item in CATALOG.by_id["users.delete"].ask.ids)
MUTATIONS = {
    "a real id in place of a sentinel": ("users.delete", {"ids": REAL}),
    "a valid body": ("groups.create", {"body": {"name": "New group"}}),
    "a valid body, and a lie about what is required": (
        "groups.create",
        {"body": {"name": "New group"}, "required": ("anything",)},
    ),
}
SEEN_BY_THE_CLIENT = list(MUTATIONS)[:2]


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.usefixtures("no_client_lock")
def test_a_mutated_catalog_changes_the_state_where_nothing_stops_it(mutation):
    operation, ask = MUTATIONS[mutation]
    assert scanned(operation, catalog=with_ask(operation, **ask)).changed


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_check_of_the_catalog_stops_it(mutation):
    operation, ask = MUTATIONS[mutation]
    assert grave_problems(with_ask(operation, **ask), built_in_catalogs())


@pytest.mark.parametrize("mutation", SEEN_BY_THE_CLIENT)
def test_so_does_the_client(mutation):
    operation, ask = MUTATIONS[mutation]
    assert not scanned(operation, catalog=with_ask(operation, **ask)).changed


@pytest.mark.usefixtures("no_agenda_lock", "no_client_lock")
def test_the_property_fails_without_both_locks():
    dangerous = catalog_of(CATALOG, (CALIBRATION, *UNSAFE))

    def world_of(concurrency):
        return World(
            server=CATALOG,
            catalog=dangerous,
            tokens=ADMIN,
            concurrency=concurrency,
            options={"plan": "enterprise"},
        )

    @settings(PROPERTY, max_examples=3, phases=[Phase.generate], database=None)
    @given(world=st.integers(1, 20).map(world_of))
    def same_property(world):
        leaves_everything_as_it_was(world)

    with pytest.raises(AssertionError, match="changed"):
        same_property()
