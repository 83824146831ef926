"""What a fleet costs: speed beside a bare client, memory as it grows, the database, and bad hosts.

Run it as `python tests/benchmarks/bench_fleet.py --organizations 100`. The servers are in a process of
their own: five simulated plans, each at many loopback addresses, so that each organization is a host.
Then, in turn: a bare client that reads the same routes with the same tokens, `probe fleet` as a whole
process, and `probe fleet` again with some hosts that hang, reset or answer garbage.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from aiohttp import web

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
TOKENS = demo_tokens(CATALOG)[:2]
AT_ONCE, EACH = 8, 8
# A hanging host costs its timeouts: short ones keep the run bounded, and are printed.
LIMITS = """[limits]
requests_per_minute = "off"
concurrency = 8
connect_timeout = 2
first_byte_timeout = 3
body_timeout = 3
retries = 1
"""


def address(number: int) -> str:
    """Return a loopback address of its own for each number."""
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.transport.abort()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 400\r\nConnection: close\r\n\r\n" + b"\x00\xff{]" * 100)
    await writer.drain()
    writer.close()


async def serve(organizations: int, bad: int) -> None:
    """Serve until the end; print where each organization is, as one line of JSON."""
    async with AsyncExitStack() as stack:
        found: list[str] = []
        plans = [plan.id for plan in CATALOG.plans]
        for place, plan in enumerate(plans):
            app = Simulator(SimulatorOptions(plan=plan, tokens=grants_of(TOKENS)), CATALOG).application()
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            port = 0
            for number in range(place, organizations, len(plans)):
                await web.TCPSite(runner, address(number), port, backlog=64).start()
                port = port or runner.addresses[0][1]
                found.append(f"http://{address(number)}:{port}")
        behaviours = (hang, reset, garbage)
        worse = []
        for number in range(bad * len(behaviours)):
            handler = behaviours[number % len(behaviours)]
            server = await asyncio.start_server(handler, address(organizations + number), 0)
            worse.append("http://{}:{}".format(*server.sockets[0].getsockname()))
        print(json.dumps({"good": found, "bad": worse}), flush=True)
        await asyncio.sleep(3600)


def reads() -> list[str]:
    """Return the paths of all reads, with ids that cannot exist."""
    paths = []
    for operation in CATALOG.operations:
        if operation.hazard is Hazard.READ:
            path = operation.path
            for item in operation.ask.ids:
                path = path.replace(f"{{{item.name}}}", item.sentinel)
            paths.append(path)
    return paths


async def bare(origins: list[str]) -> float:
    """Return the seconds of a bare client for the same reads, as many at a time."""
    paths = reads()
    waiting = iter(origins)

    async def organization() -> None:
        for origin in waiting:
            left = [(path, token) for path in paths for token in TOKENS]
            async with aiohttp.ClientSession() as session:

                async def worker(left=left, session=session, origin=origin) -> None:
                    while left:
                        path, token = left.pop()
                        headers = {"Authorization": f"Bearer {token.secret.reveal()}"}
                        async with session.get(origin + path, headers=headers) as response:
                            await response.read()

                await asyncio.gather(*(worker() for _ in range(EACH)))

    start = time.perf_counter()
    await asyncio.gather(*(organization() for _ in range(AT_ONCE)))
    return time.perf_counter() - start


def run_bare(origins: list[str]) -> float:
    """Run the bare client in a process of its own, on the same event loop as the fleet."""
    code = (
        "import asyncio, json, sys; sys.path.insert(0, sys.argv[1]); import bench_fleet\n"
        "try:\n    import uvloop; run = uvloop.run\nexcept ImportError:\n    run = asyncio.run\n"
        "print(run(bench_fleet.bare(json.load(sys.stdin))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        input=json.dumps(origins),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


class Fleet:
    """One run of the command: its seconds, its memory on the way, what it left."""

    def __init__(self, folder: Path, origins: list[str]) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "probe.toml").write_text(LIMITS)
        tokens = {token.name: f"env:BENCH_{token.name.upper()}" for token in TOKENS}
        entries = [
            {"name": f"organization {number}", "base_url": origin, "tokens": tokens}
            for number, origin in enumerate(origins)
        ]
        (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
        self.number = len(origins)
        self.memory: dict[int, int] = {}
        self.seconds = 0.0

    def run(self) -> None:
        secrets = {f"BENCH_{token.name.upper()}": token.secret.reveal() for token in TOKENS}
        command = [sys.executable, "-m", "probe", "fleet", "fleet.jsonl", "--output-dir", "out", "--quiet"]
        command += ["--history", "sqlite:///history.db", "--organizations-at-once", str(AT_ONCE)]
        command += ["--concurrency-total", str(AT_ONCE * EACH)]
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=self.folder, env={**os.environ, **secrets}, stdout=subprocess.DEVNULL
        )
        ledger = self.folder / "out" / "fleet.jsonl"
        while process.poll() is None:
            rows = ledger.read_bytes().count(b"\n") - 1 if ledger.exists() else 0
            self.memory[max(0, rows)] = _resident(process.pid) or self.memory.get(max(0, rows), 0)
            time.sleep(0.2)
        self.seconds = time.perf_counter() - start
        self.code = process.returncode

    def memory_at(self, share: float) -> float:
        """Return the median memory, in MB, over the tenth of the organizations that ends at a share."""
        low, high = (share - 0.1) * self.number, share * self.number
        found = [value for rows, value in self.memory.items() if low < rows <= high and value]
        return statistics.median(found) / 1024 if found else float("nan")

    def database(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("history.db*"))

    def requests(self) -> int:
        rows = json.loads((self.folder / "out" / "fleet.json").read_text())["organizations"]
        return sum(row.get("requests", 0) for row in rows)

    def summary(self) -> dict[str, int]:
        return json.loads((self.folder / "out" / "fleet.json").read_text())["summary"]


def _resident(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")), 0)


def measure(organizations: int) -> None:
    bad = max(1, organizations // 100)
    command = [sys.executable, __file__, "--serve", str(organizations), str(bad)]
    servers = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert servers.stdout is not None
        hosts = json.loads(servers.stdout.readline())
        good, worse = hosts["good"], hosts["bad"]
        probes = len(reads()) * len(TOKENS) * len(good)
        print(f"{len(good)} organizations x {len(reads())} reads x {len(TOKENS)} tokens = {probes} probes")
        with tempfile.TemporaryDirectory() as name:
            before = run_bare(good)
            clean = Fleet(Path(name) / "clean", good)
            clean.run()
            after = run_bare(good)
            plain = probes / statistics.mean((before, after))
            speed = probes / clean.seconds
            print(f"bare client: {plain:.0f} probes/s ({before:.1f} s, then {after:.1f} s)")
            print(
                f"fleet: {speed:.0f} probes/s, {speed / plain:.0%} of it; "
                f"{clean.seconds:.1f} s, exit code {clean.code}; with its controls {clean.requests()} "
                f"requests, {clean.requests() / clean.seconds / plain:.0%} of the bare client's speed"
            )
            print(
                f"memory at a tenth: {clean.memory_at(0.2):.0f} MB, at the end: {clean.memory_at(1.0):.0f} MB"
            )
            size = clean.database()
            print(
                f"database: {size / 1e6:.1f} MB, {size / len(good) / 1e3:.1f} kB for each organization; "
                f"{clean.summary()}"
            )
            troubled = Fleet(Path(name) / "troubled", good + worse)
            troubled.run()
            print(
                f"with {bad} hanging, {bad} resetting and {bad} talking nonsense: {troubled.seconds:.1f} s, "
                f"{troubled.seconds / clean.seconds:.2f} x the clean one; {troubled.summary()}"
            )
    finally:
        servers.terminate()
        servers.wait()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=100)
    parser.add_argument("--serve", nargs=2, type=int)
    said = parser.parse_args()
    if said.serve:
        asyncio.run(serve(*said.serve))
    else:
        measure(said.organizations)
