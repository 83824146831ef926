"""How close a scan comes to the server's latency, and what start-up costs: ratios within one run.

Run it with `make bench`. It starts the simulator in a process of its own, with 50 ms of latency for
each answer, and scans it at concurrency 20 with three tokens and no bound on the pace.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LATENCY_S = 0.050
CONCURRENCY = 20
ROUNDS = 3
PROBE = [sys.executable, "-m", "probe"]


def timed(command: list[str], **extra: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, env={**os.environ, **extra})
    return time.perf_counter() - start


def start_up() -> None:
    base = [sys.executable, "-c", "import click"]
    commands = {"probe --help": [*PROBE, "--help"], "probe scan --help": [*PROBE, "scan", "--help"]}
    times: dict[str, list[float]] = {"click": [], **{name: [] for name in commands}}
    for _ in range(7):
        times["click"].append(timed(base))
        for name, command in commands.items():
            times[name].append(timed(command))
    click = statistics.median(times.pop("click"))
    print(f"python -c 'import click': {click * 1000:.0f} ms")
    for name, values in times.items():
        print(f"{name}: {statistics.median(values) / click:.2f} x that (goal: at most 3)")
    demo = statistics.median(timed([*PROBE, "demo", "--output-dir", tempfile.mkdtemp()]) for _ in range(3))
    print(f"probe demo, from the command to the report: {demo:.2f} s")


def scan_once(base_url: str, folder: str, tokens: dict[str, str]) -> tuple[float, float, int]:
    """Return the seconds of the whole command, of the asking alone, and the number of requests."""
    names = {f"BENCH_{name.upper()}": secret for name, secret in tokens.items()}
    given = [f"--token={name}=env:BENCH_{name.upper()}" for name in tokens]
    command = [*PROBE, "scan", "--base-url", base_url, *given, "--output-dir", folder, "--quiet"]
    command += ["--concurrency", str(CONCURRENCY), "--requests-per-minute", "off"]
    whole = timed(command, **names)
    report = json.loads((Path(folder) / "report.json").read_text())
    return whole, report["duration_s"], sum(report["requests_sent"].values())


def bare(base_url: str, token: str, requests: int) -> float:
    """Return the seconds that a bare aiohttp client needs for as many reads of a walled route."""
    import aiohttp

    async def ask_all() -> float:
        left = list(range(requests))
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:

            async def worker() -> None:
                while left:
                    left.pop()
                    async with session.get(f"{base_url}/api/v2/users") as response:
                        await response.read()

            start = time.perf_counter()
            await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
            return time.perf_counter() - start

    return asyncio.run(ask_all())


def scan() -> None:
    simulator = subprocess.Popen(
        [*PROBE, "simulate", "--plan", "business", "--port", "0", "--latency", str(round(LATENCY_S * 1000))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert simulator.stdout is not None
        base_url = re.search(r"http://\S+", simulator.stdout.readline())[0]
        from probe.catalog.load import load_catalog
        from probe.simulator.tokens import demo_tokens

        tokens = {token.name: token.secret.reveal() for token in demo_tokens(load_catalog())}
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                whole, asking, requests = scan_once(base_url, folder, tokens)
            ideal = -(-requests // CONCURRENCY) * LATENCY_S
            plain = bare(base_url, tokens["admin"], requests)
            print(
                f"bare client, as many requests of the same simulator: {plain / ideal:.2f} x; "
                f"{requests} requests, ideal {ideal:.2f} s: asking {asking / ideal:.2f} x (goal: 1.15), "
                f"whole command {whole / ideal:.2f} x (goal: 1.5)"
            )
    finally:
        simulator.terminate()
        simulator.wait()


if __name__ == "__main__":
    start_up()
    scan()
