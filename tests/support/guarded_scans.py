"""Random scans with guarded writes against a simulator whose state is real, and whether that state changed.

The state is compared byte for byte. The simulator has every route of the true catalog; the scan's own
catalog is a subset of it, with some operations altered, as far as such a catalog would load. Used by the
tests of the first promise and by the script that counts.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import msgspec
from altered_catalogs import altered
from hypothesis import strategies as st

from probe.catalog.model import Catalog
from probe.config import LimitsEntry, limits_from
from probe.evidence import Run
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.scan.agenda import make_agenda
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
    options: dict[str, Any],
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
        run = await gather(request, Mask(token.secret for token in tokens), asyncio.Event())
        judge(run, catalog)
        return Outcome(run, before, simulator.state.digest())


def worlds(catalog: Catalog, most: int = 40) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what a scan may meet: at most so many operations, some altered, tokens, options, plan, faults."""
    ids = sorted(item.id for item in catalog.operations)
    keep = {catalog.vendor.calibration}
    if catalog.vendor.token_listing is not None:
        keep.add(catalog.vendor.token_listing.operation)
    every = demo_tokens(catalog)

    def tokens(draw: st.DrawFn) -> tuple[Token, ...]:
        chosen = draw(st.lists(st.sampled_from(every), min_size=1, max_size=2, unique=True))
        known = sorted(catalog.scopes)
        narrowed = draw(st.one_of(st.none(), st.sets(st.sampled_from(known), max_size=12)))
        if narrowed is None:
            return tuple(chosen)
        return tuple(msgspec.structs.replace(token, scopes=tuple(sorted(narrowed))) for token in chosen)

    @st.composite
    def world(draw: st.DrawFn) -> dict[str, Any]:
        subset = draw(st.sets(st.sampled_from(ids), min_size=1, max_size=most))
        return {
            "server": catalog,
            "catalog": altered(draw, catalog_of(catalog, tuple(subset | keep)), keep),
            "tokens": tokens(draw),
            "only": tuple(
                draw(st.lists(st.sampled_from(["*", "users.*", "groups.*", "POST *", "*.delete"])))
            ),
            "concurrency": draw(st.integers(1, 20)),
            "retries": draw(st.integers(0, 2)),
            "options": {
                "plan": draw(st.sampled_from([plan.id for plan in catalog.plans])),
                "refusal": draw(st.sampled_from(Refusal)),
                "behind": draw(st.one_of(st.none(), st.none(), st.sampled_from(Disturbance))),
                "fault_rate": draw(st.sampled_from([0.0, 0.0, 0.1, 0.5])),
                "faults": tuple(draw(st.lists(st.sampled_from(Fault), min_size=1, unique=True))),
                "seed": draw(st.integers(0, 1000)),
            },
        }

    return world()


def run_world(world: dict[str, Any]) -> Outcome:
    """Scan one drawn world."""
    return asyncio.run(
        scan_guarded(
            world["catalog"],
            world["tokens"],
            world["options"],
            server=world["server"],
            only=world["only"],
            concurrency=world["concurrency"],
            retries=world["retries"],
        )
    )
