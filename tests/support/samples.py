"""The sample reports: one for each simulated plan and refusal, one that is not measured.

`make samples` scans the simulator for each, writes the evidence to fixtures/runs and the reports made
from it to reports/samples. Times, ports and random names are replaced by fixed ones, so that the same
code gives the same bytes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from probe.catalog.load import load_catalog
from probe.demo import scan_simulator
from probe.evidence import Attempt, ControlRole, Exchange, Response, Run
from probe.masking import Mask
from probe.pipeline import judge
from probe.report.write import FORMATS, write_artefact
from probe.simulator.options import Disturbance, Refusal, SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "fixtures" / "runs"
SAMPLES = ROOT / "reports" / "samples"

AT = "2026-01-15T09:30:00.000Z"
BASE_URL = "http://127.0.0.1:8080"
ELAPSED_MS = 42

OPTIONS: dict[str, dict[str, Any]] = {
    "free": {"plan": "free"},
    "team": {"plan": "team"},
    "business": {"plan": "business"},
    "enterprise_base": {"plan": "enterprise_base"},
    "enterprise_premium": {"plan": "enterprise_premium"},
    "free-json": {"plan": "free", "refusal": Refusal.JSON},
    "team-json": {"plan": "team", "refusal": Refusal.JSON},
    "business-json": {"plan": "business", "refusal": Refusal.JSON},
    "enterprise_base-json": {"plan": "enterprise_base", "refusal": Refusal.JSON},
    "enterprise_premium-json": {"plan": "enterprise_premium", "refusal": Refusal.JSON},
    "not-measured": {"plan": "business", "behind": Disturbance.CLOUDFLARE_CHALLENGE},
}
# The evidence in full and the text for a ticket stand beside one page; of the others there is the page alone.
WITH_JSON = "business"


async def scan_sample(name: str) -> Run:
    """Scan the simulator as the sample wants it, and take out what differs from run to run."""
    catalog = load_catalog()
    tokens = demo_tokens(catalog)
    options = SimulatorOptions(tokens=grants_of(tokens), page_nonces=False, **OPTIONS[name])
    return frozen(await scan_simulator(options, tokens, catalog, asyncio.Event()))


def frozen(run: Run) -> Run:
    """Return the run with fixed times, address and names."""
    replace = msgspec.structs.replace
    # A page may name the port that it was asked on; the same text with the fixed one takes its place.
    port = run.target.base_url.rpartition(":")[2]
    text = msgspec.json.encode(run).decode().replace(f":{port}", f":{BASE_URL.rpartition(':')[2]}")
    run = msgspec.json.decode(text, type=Run)
    return replace(
        run,
        target=replace(run.target, base_url=BASE_URL),
        started_at=AT,
        finished_at=AT,
        duration_s=1.0,
        controls=tuple(_frozen_exchange(exchange, number) for number, exchange in enumerate(run.controls)),
        exchanges=tuple(_frozen_exchange(exchange, 0) for exchange in run.exchanges),
    )


def _frozen_exchange(exchange: Exchange, number: int) -> Exchange:
    replace = msgspec.structs.replace
    request = exchange.request
    if exchange.role is ControlRole.NO_SUCH_ROUTE:
        prefix = request.path.rpartition("/")[0]
        request = replace(request, path=f"{prefix}/no-such-route-{number}")
    return replace(exchange, request=request, attempts=tuple(map(_frozen_attempt, exchange.attempts)))


def _frozen_attempt(attempt: Attempt) -> Attempt:
    outcome = attempt.outcome
    if isinstance(outcome, Response):
        headers = tuple((name, value) for name, value in outcome.headers if name not in {"date", "server"})
        outcome = msgspec.structs.replace(outcome, headers=headers)
    return msgspec.structs.replace(attempt, started_at=AT, elapsed_ms=ELAPSED_MS, outcome=outcome)


def run_text(run: Run) -> str:
    """Return a run as JSON, one line for each exchange, so that a change can be read."""
    text = msgspec.json.encode(run).decode()
    return text.replace('{"operation":', '\n{"operation":').replace('{"role":', '\n{"role":') + "\n"


def sample_formats(name: str) -> tuple[str, ...]:
    return ("html", "json", "md") if name == WITH_JSON else ("html",)


def sample_path(name: str, kind: str) -> Path:
    return SAMPLES / f"{name}.{kind}"


def main() -> None:
    """Rebuild everything."""
    catalog = load_catalog()
    for name in OPTIONS:
        run = asyncio.run(scan_sample(name))
        write_artefact(RUNS / f"{name}.json", [run_text(run)], Mask())
        report = judge(run, catalog)
        for kind in sample_formats(name):
            write_artefact(sample_path(name, kind), FORMATS[kind][1](report), Mask())
        print(f"{name}: {report.plan.estimate}, {report.summary.verdicts}")


if __name__ == "__main__":
    main()
