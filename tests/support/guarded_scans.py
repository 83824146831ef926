"""Random scans with guarded writes against a simulator whose state is real, and whether that state changed.

The state is compared byte for byte. The simulator has every route of the true catalog; the scan's own
catalog is a subset of it, with some operations altered, as far as such a catalog would load. Used by the
tests of the first promise and by the script that counts.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

import msgspec
from altered_catalogs import altered
from hypothesis import strategies as st
from virtual_time import Unhurried

from probe.catalog.model import Catalog, Hazard
from probe.config import LimitsEntry, limits_from
from probe.evidence import Run
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.scan.agenda import make_agenda
from probe.scan.client import Client
from probe.scan.request import ScanRequest
from probe.secret import Token
from probe.simulator.app import Simulator
from probe.simulator.options import Disturbance, Fault, Refusal, SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

EXAMPLES = int(os.environ.get("PROBE_GUARDED_SCANS", "25"))


@dataclass(frozen=True)
class Outcome:
    """What a scan left: the evidence, and the state before and after it."""

    run: Run
    before: bytes
    after: bytes

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def writes(self) -> int:
        return sum(number for method, number in self.run.requests_sent.items() if method != "GET")


def catalog_of(catalog: Catalog, operations: tuple[str, ...]) -> Catalog:
    """Return the catalog with only these operations."""
    return msgspec.structs.replace(
        catalog, operations=tuple(item for item in catalog.operations if item.id in operations)
    )


async def scan_guarded(
    catalog: Catalog,
    tokens: tuple[Token, ...],
    options: Mapping[str, Any],
    *,
    server: Catalog | None = None,
    only: tuple[str, ...] = (),
    concurrency: int = 8,
    retries: int = 1,
) -> Outcome:
    """Scan a simulator with guarded writes on; judge the result too, as a user's scan does."""
    entry = LimitsEntry(
        requests_per_minute="off",
        concurrency=concurrency,
        retries=retries,
        first_byte_timeout=2.0,
        body_timeout=2.0,
        retry_after_cap=0.05,
    )
    simulated = SimulatorOptions(**{"plan": "enterprise", "tokens": grants_of(tokens), **options})
    async with Simulator(simulated, server or catalog).running() as simulator:
        before = simulator.state.digest()
        request = ScanRequest(
            origin=simulator.base_url,
            catalog=catalog,
            tokens=tokens,
            agenda=make_agenda(catalog, [token.name for token in tokens], only, guarded_writes=True),
            limits=limits_from(entry, 1),
            simulated=True,
        )
        clock = Unhurried()
        patient = partial(Client, clock=clock, sleep=clock.sleep)
        with mock.patch("probe.pipeline.Client", patient):
            run = await gather(request, Mask(token.secret for token in tokens), asyncio.Event())
        judge(run, catalog)
        return Outcome(run, before, simulator.state.digest())


@dataclass(frozen=True, kw_only=True, repr=False)
class World:
    """What a scan meets: the server's true catalog, the scan's own, tokens, what was chosen, options."""

    server: Catalog
    catalog: Catalog
    tokens: tuple[Token, ...]
    only: tuple[str, ...] = ()
    concurrency: int = 8
    retries: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name what a reader needs to try it again; the catalogs whole would be a book."""
        same = {item.id for item in self.catalog.operations if item == self.server.by_id.get(item.id)}
        others = [item for item in self.catalog.operations if item.id not in same]
        names = [token.name for token in self.tokens]
        chosen = f"only={self.only}, concurrency={self.concurrency}, retries={self.retries}"
        return f"World({sorted(same)}, altered={others}, {names}, {chosen}, {dict(self.options)})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))  # hypothesis would print each field of a dataclass


@st.composite
def worlds(draw: st.DrawFn, catalog: Catalog, most: int = 40, *, checked: bool = True) -> World:
    """Draw a world with at most so many operations, some of them altered; `checked` as when loaded."""
    ids = sorted(item.id for item in catalog.operations)
    writes = sorted(item.id for item in catalog.operations if item.hazard is not Hazard.READ)
    keep = {catalog.vendor.calibration}
    if catalog.vendor.token_listing is not None:
        keep.add(catalog.vendor.token_listing.operation)
    half = most // 2
    subset = draw(st.one_of(_some(writes, half, most), _some(ids, half, most), _some(ids, 1, most)))
    globs = st.lists(st.sampled_from(["*", "users.*", "groups.*", "POST *", "*.delete"]), max_size=2)
    return World(
        server=catalog,
        catalog=altered(draw, catalog_of(catalog, tuple(subset | keep)), keep, checked=checked),
        tokens=_tokens(draw, catalog),
        only=tuple(draw(st.one_of(st.just([]), st.just([]), globs))),
        concurrency=draw(st.integers(1, 20)),
        retries=draw(st.integers(0, 2)),
        options=_options(draw, catalog),
    )


def _some(names: list[str], least: int, most: int) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(names), min_size=least, max_size=most)


def _tokens(draw: st.DrawFn, catalog: Catalog) -> tuple[Token, ...]:
    """Draw one or two tokens, mostly the one that may do all, with their scopes or random ones."""
    known = demo_tokens(catalog)
    several = st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True)
    chosen = draw(st.one_of(st.just(list(known[:1])), st.just(list(known[:1])), several))
    narrowed = draw(
        st.one_of(
            st.none(), st.none(), st.none(), st.sets(st.sampled_from(sorted(catalog.scopes)), max_size=12)
        )
    )
    if narrowed is None:
        return tuple(chosen)
    return tuple(msgspec.structs.replace(token, scopes=tuple(sorted(narrowed))) for token in chosen)


def _options(draw: st.DrawFn, catalog: Catalog) -> dict[str, Any]:
    """Draw the organization's plan, how it refuses, what stands in front of it, and its faults."""
    highest = catalog.plans[-1].id  # most often, and first: on a lower one most writes meet a wall
    return {
        "plan": draw(st.sampled_from([highest] * 5 + [plan.id for plan in catalog.plans])),
        "refusal": draw(st.sampled_from(Refusal)),
        "behind": draw(st.one_of(*[st.none()] * 5, st.sampled_from(Disturbance))),
        "fault_rate": draw(st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.5])),
        "faults": tuple(draw(st.lists(st.sampled_from(Fault), min_size=1, unique=True))),
        "seed": draw(st.integers(0, 1000)),
    }


def run_world(world: World) -> Outcome:
    """Scan one drawn world."""
    return asyncio.run(
        scan_guarded(
            world.catalog,
            world.tokens,
            world.options,
            server=world.server,
            only=world.only,
            concurrency=world.concurrency,
            retries=world.retries,
        )
    )
