"""A scan of the simulator, from the first request to the evidence: for the demo, samples and tests.

Comes in: a simulated organization, and the tokens to ask with. Goes out: a Run, marked as simulated.
Real HTTP on a free loopback port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from probe.catalog.model import Catalog
from probe.config import LimitsEntry, limits_from
from probe.evidence import Run
from probe.masking import Mask
from probe.pipeline import gather
from probe.scan.agenda import make_agenda
from probe.scan.request import Progress, ScanRequest
from probe.secret import Token
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions


async def scan_simulator(
    options: SimulatorOptions,
    tokens: tuple[Token, ...],
    catalog: Catalog,
    stop: asyncio.Event,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> Run:
    """Start the simulator, scan it with `tokens`, and return the evidence. No bound on the pace."""
    async with Simulator(options, catalog).running() as simulator:
        request = ScanRequest(
            origin=simulator.base_url,
            catalog=catalog,
            tokens=tokens,
            agenda=make_agenda(catalog, [token.name for token in tokens]),
            limits=limits_from(LimitsEntry(requests_per_minute="off"), 1),
            simulated=True,
        )
        return await gather(request, Mask(token.secret for token in tokens), stop, on_progress)
