"""The first promise: a scan changes nothing, and the test that says so would see it if it did."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from guarded_scans import EXAMPLES, catalog_of, run_world, scan_guarded, worlds
from hypothesis import HealthCheck, given, settings

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.evidence import Failure, FailureReason
from probe.simulator.behaviour import seed
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
ADMIN = demo_tokens(CATALOG)[:1]
CALIBRATION = CATALOG.vendor.calibration


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(CATALOG))
def test_no_scan_changes_anything(world):
    assert not run_world(world).changed


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
    return msgspec.structs.replace(
        CATALOG,
        operations=tuple(
            msgspec.structs.replace(item, ask=msgspec.structs.replace(item.ask, **ask))
            if item.id == operation
            else item
            for item in CATALOG.operations
        ),
    )


def test_with_a_real_id_in_place_of_a_sentinel_the_state_changes():
    real = str(seed()["collections"]["users"]["items"][1]["id"])
    (wanted,) = CATALOG.by_id["users.delete"].ask.ids
    catalog = with_ask("users.delete", ids=(msgspec.structs.replace(wanted, sentinel=real),))
    assert scanned("users.delete", catalog=catalog).changed


def test_with_a_valid_body_the_state_changes():
    catalog = with_ask("groups.create", body=json.loads('{"name": "New group"}'))
    assert scanned("groups.create", catalog=catalog).changed
