"""How many guarded writes changed anything: random scans against the simulator, counted.

Run it with: python tests/benchmarks/count_guarded_writes.py [SCANS] [SECONDS], or `make guarded-scans`. Each
scan draws at most 40 operations, some of them altered, tokens, options, plan, faults and disturbances anew,
asks over real HTTP, and compares the state byte for byte. One scan counts as one, however small.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from guarded_scans import World, run_world, worlds
from hypothesis import HealthCheck, Phase, given, settings

from probe.catalog.load import load_catalog
from probe.evidence import Exchange, Failure, FailureReason

_BATCH = 500


def main(scans: int, seconds: float) -> None:
    """Scan until `scans` are done or `seconds` are over, and print what was sent."""
    catalog = load_catalog()
    sent: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds

    @settings(
        max_examples=_BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(world=worlds(catalog))
    def batch(world: World) -> None:
        if counts["scans"] >= scans or time.monotonic() > end:
            return
        outcome = run_world(world)
        counts["scans"] += 1
        counts["changed"] += outcome.changed
        counts["altered"] += sum(item != catalog.by_id[item.id] for item in world.catalog.operations)
        counts["locked"] += sum(_locked(item) for item in outcome.run.exchanges)
        sent.update(outcome.run.requests_sent)

    while counts["scans"] < scans and time.monotonic() < end:
        batch()
        writes = sum(number for method, number in sent.items() if method not in {"GET", "HEAD"})
        print(
            f"{counts['scans']} scans, {counts['altered']} altered, {dict(sent)}, writes: {writes},",
            f"refused by the client's lock: {counts['locked']}, states changed: {counts['changed']}",
            flush=True,
        )


def _locked(exchange: Exchange) -> bool:
    outcome = exchange.outcome
    return isinstance(outcome, Failure) and outcome.reason is FailureReason.LOCKED


if __name__ == "__main__":
    given_args = [float(text) for text in sys.argv[1:]]
    main(int(given_args[0]) if given_args else 1000, given_args[1] if len(given_args) > 1 else 600)
