"""What a fleet costs: speed beside a bare client, memory as it grows, the database, and bad hosts.

Run it as `python tests/benchmarks/bench_fleet.py --organizations 100`. The servers are in a process of
their own: five simulated plans, each at many loopback addresses, so that each organization is a host.
Then, in turn: a bare client that reads the same routes with the same tokens, `probe fleet` as a whole
process, and `probe fleet` again with some hosts that hang, reset or answer garbage. CPU seconds stand
beside the seconds, as these tell little where other programs use the processors.
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
import psutil
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
OFF = '[limits]\nrequests_per_minute = "off"\n'
LIMITS = f"""{OFF}concurrency = 8
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


async def serve(organizations: int, bad: int, latency_ms: int = 0) -> None:
    """Serve until the end; print where each organization is, as one line of JSON."""
    async with AsyncExitStack() as stack:
        found: list[str] = []
        plans = [plan.id for plan in CATALOG.plans]
        for place, plan in enumerate(plans):
            options = SimulatorOptions(plan=plan, tokens=grants_of(TOKENS), latency_ms=latency_ms)
            app = Simulator(options, CATALOG).application()
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


async def bare(origins: list[str]) -> tuple[float, float]:
    """Return the seconds, and the CPU seconds, of a bare client for the same reads, as many at a time."""
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
    return time.perf_counter() - start, time.process_time()


def run_bare(origins: list[str]) -> tuple[float, float]:
    """Run the bare client in a process of its own, on the same event loop as the fleet."""
    code = (
        "import asyncio, json, sys; sys.path.insert(0, sys.argv[1]); import bench_fleet\n"
        "try:\n    import uvloop; run = uvloop.run\nexcept ImportError:\n    run = asyncio.run\n"
        "print(json.dumps(run(bench_fleet.bare(json.load(sys.stdin)))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        input=json.dumps(origins),
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(done.stdout))


class Fleet:
    """One run of the command: its seconds, its memory on the way, what it left."""

    def __init__(self, folder: Path, origins: list[str], limits: str = LIMITS) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "probe.toml").write_text(limits)
        tokens = {token.name: f"env:BENCH_{token.name.upper()}" for token in TOKENS}
        entries = [
            {"name": f"organization {number}", "base_url": origin, "tokens": tokens}
            for number, origin in enumerate(origins)
        ]
        (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
        self.number = len(origins)
        self.memory: dict[int, int] = {}
        self.seconds = 0.0
        self.used: dict[int, tuple[float, int]] = {}  # of each process, CPU seconds and memory in MB

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
            self.used |= used_by(process.pid)
            self.memory[max(0, rows)] = self.used.get(process.pid, (0, 0))[1]
            time.sleep(0.2)
        own = self.used.pop(process.pid)
        self.loop, self.judging = own[0], sum(seconds for seconds, _memory in self.used.values())
        self.children = [memory for seconds, memory in self.used.values() if seconds > 0.5]
        self.seconds = time.perf_counter() - start
        self.code = process.returncode

    def memory_at(self, share: float) -> float:
        """Return the median memory, in MB, over the tenth of the organizations that ends at a share."""
        low, high = (share - 0.1) * self.number, share * self.number
        found = [value for rows, value in self.memory.items() if low < rows <= high and value]
        return statistics.median(found) if found else float("nan")

    def database(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("history.db*"))

    def requests(self) -> int:
        rows = json.loads((self.folder / "out" / "fleet.json").read_text())["organizations"]
        return sum(row.get("requests", 0) for row in rows)

    def summary(self) -> dict[str, int]:
        return json.loads((self.folder / "out" / "fleet.json").read_text())["summary"]


def used_by(pid: int) -> dict[int, tuple[float, int]]:
    """Return the CPU seconds and the memory, in MB, of a process and its children."""
    found = {}
    try:
        parent = psutil.Process(pid)
        for one in (parent, *parent.children(recursive=True)):
            memory = one.memory_info().rss >> 20
            if memory:  # or it has just ended
                found[one.pid] = (sum(one.cpu_times()[:2]), memory)
    except psutil.Error:
        pass
    return found


def spread(good: list[str], worse: list[str]) -> list[str]:
    """Return all, the bad ones evenly among the others, the first of them in the middle of its part."""
    step = len(good) // len(worse)
    mixed = list(good)
    for number, origin in reversed(list(enumerate(worse))):
        mixed.insert(number * step + step // 2, origin)
    return mixed


def measure(organizations: int, latency_ms: int, *, default_limits: bool) -> None:
    bad = max(1, organizations // 100)
    command = [sys.executable, __file__, "--serve", str(organizations), str(bad), str(latency_ms)]
    limits = OFF if default_limits else LIMITS
    servers = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert servers.stdout is not None
        hosts = json.loads(servers.stdout.readline())
        good, worse = hosts["good"], hosts["bad"]
        probes = len(reads()) * len(TOKENS) * len(good)
        print(f"{len(good)} organizations x {len(reads())} reads x {len(TOKENS)} tokens = {probes} probes")
        with tempfile.TemporaryDirectory() as name:
            before = run_bare(good)
            clean = Fleet(Path(name) / "clean", good, limits)
            clean.run()
            after = run_bare(good)
            plain = probes / statistics.mean((before[0], after[0]))
            speed = probes / clean.seconds
            used = statistics.mean((before[1], after[1])) / len(good) * 1000
            print(
                f"bare client: {plain:.0f} probes/s ({before[0]:.1f} s, then {after[0]:.1f} s), "
                f"{used:.0f} CPU ms for each organization"
            )
            print(
                f"fleet: {speed:.0f} probes/s, {speed / plain:.0%} of it; "
                f"{clean.seconds:.1f} s, exit code {clean.code}; with its controls {clean.requests()} "
                f"requests, {clean.requests() / clean.seconds / plain:.0%} of the bare client's speed"
            )
            print(
                f"CPU ms for each organization: {clean.loop / len(good) * 1000:.0f} asking, "
                f"{clean.judging / len(good) * 1000:.0f} judging in {len(clean.children)} more process(es) "
                f"of {clean.children} MB"
            )
            memory = ", ".join(f"{clean.memory_at(share / 10):.0f}" for share in range(1, 11))
            print(f"memory in each tenth of the organizations: {memory} MB")
            size = clean.database()
            print(
                f"database: {size / 1e6:.1f} MB, {size / len(good) / 1e3:.1f} kB for each organization; "
                f"{clean.summary()}"
            )
            troubled = Fleet(Path(name) / "troubled", spread(good, worse), limits)
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
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--default-limits", action="store_true", help="the tool's own timeouts and retries")
    parser.add_argument("--serve", nargs=3, type=int)
    said = parser.parse_args()
    if said.serve:
        asyncio.run(serve(*said.serve))
    else:
        measure(said.organizations, said.latency_ms, default_limits=said.default_limits)
