"""The client's lock by itself: no check at load, every operation on the agenda, catalogs that lie.

Each route of the simulator that changes something is called guarded or read, with its whole valid body or
an empty one, with ids written out or made up, with a required field that is an invention.
"""

from __future__ import annotations

import asyncio

import pytest
from guarded_scans import EXAMPLES, catalog_of, run_world, scan_guarded, worlds
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from valid_writes import VALID, path_and_body

from probe.catalog.check import grave_problems
from probe.catalog.load import built_in_catalogs, load_catalog
from probe.catalog.model import Asking, Hazard, PathId
from probe.scan.calls import operation_call
from probe.scan.discovery import sentinel
from probe.scan.lock import lock_reason
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
ADMIN = demo_tokens(CATALOG)[:1]
SENTINELS = ("no-such-thing", "9" * 20, "0" * 24, "00000000-0000-0000-0000-000000000000", "user_" + "0" * 32)


def askings(route):
    """Every way to ask for one route, with its path."""
    method, path, body = path_and_body(route)
    path, _, query = path.partition("?")
    pairs = dict([query.split("=")]) if query else {}
    bodies = [None, {}, [], body] if body else [None, {}, []]
    for required in ((), ("anything",)):
        for one in bodies:
            yield method, path, Asking(query=pairs, required=required, body=one)
            yield method, path + "/", Asking(required=required, body=one)
    template = route.split(" ")[1]
    names = [f"x{place}" for place in range(template.count("*"))]
    for name in names:
        template = template.replace("*", f"{{{name}}}", 1)
    for value in SENTINELS if names else ():
        ids = tuple(PathId(name=name, sentinel=value) for name in names)
        for one in bodies:
            yield method, template, Asking(ids=ids, required=("anything",), body=one)


def disguises():
    pattern = CATALOG.by_id["users.update"]
    asked = [(route, *how) for route in VALID for how in askings(route)]
    return [
        replace(pattern, id=f"disguise.{place}.{hazard}", method=method, path=path, hazard=hazard, ask=ask)
        for place, (_, method, path, ask) in enumerate(asked)
        for hazard in (Hazard.GUARDED, Hazard.READ)
    ]


DISGUISES = disguises()
PASSED = [
    item
    for item in DISGUISES
    if not lock_reason(operation_call(item, tuple(map(sentinel, item.ask.ids)), None))
]


@pytest.fixture
def no_agenda_lock(monkeypatch):
    monkeypatch.setattr("probe.scan.agenda.skip_reason", lambda *_args, **_named: "")


def with_operation_added(*operations):
    small = catalog_of(CATALOG, (CATALOG.vendor.calibration, "access_tokens.list"))
    return replace(small, operations=(*small.operations, *operations))


def scanned(operations):
    return asyncio.run(scan_guarded(with_operation_added(*operations), ADMIN, {}, server=CATALOG))


# What the lock cannot know: this PUT creates what its path names, under whatever name.
CREATED_BY_NAME = "/api/v2/source_control/manifests/{x0}"


@pytest.mark.usefixtures("no_agenda_lock")
def test_no_disguise_that_passes_the_lock_changes_anything_but_one():
    assert len(DISGUISES) > 4000
    assert len(PASSED) > 500  # what passes is sent: the lock refuses not just everything
    assert not scanned([item for item in PASSED if item.path != CREATED_BY_NAME]).changed
    by_name = [item for item in PASSED if item.path == CREATED_BY_NAME]
    assert scanned(by_name).changed
    assert all(grave_problems(with_operation_added(item), built_in_catalogs()) for item in by_name)


@pytest.mark.usefixtures("no_agenda_lock")
def test_without_the_lock_the_disguises_do(monkeypatch):
    monkeypatch.setattr("probe.scan.client.lock_reason", lambda _call: "")
    guarded = [item for item in DISGUISES if item.hazard is Hazard.GUARDED]
    assert scanned(guarded[:40]).changed


@pytest.mark.usefixtures("no_agenda_lock")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(CATALOG, checked=False))
def test_no_altered_catalog_changes_anything_though_nobody_checked_it(world):
    assert not run_world(world).changed
