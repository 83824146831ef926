"""What Dask adds: the same fleet by one worker and by two, in turn, with PostgreSQL as the history.

Run it as `python tests/benchmarks/bench_dask.py --organizations 40`. The servers are in a process of
their own, as those of bench_fleet.py. Prints organizations and probes per second, and the database's size.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).parent))

import psycopg
from bench_fleet import CATALOG, LIMITS, TOKENS, reads, used_by
from postgresql_server import running_postgresql


class Used(NamedTuple):
    """Seconds, CPU seconds of the command with its workers, and the most memory of each, in MB."""

    seconds: float
    cpu: float
    command: int
    workers: list[int]


def fleet(folder: Path, origins: list[str], history: str, workers: int) -> Used:
    """Run the whole command."""
    folder.mkdir()
    (folder / "probe.toml").write_text(LIMITS)
    tokens = {token.name: f"env:BENCH_{token.name.upper()}" for token in TOKENS}
    entries = [{"name": f"org {n}", "base_url": origin, "tokens": tokens} for n, origin in enumerate(origins)]
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    secrets = {f"BENCH_{token.name.upper()}": token.secret.reveal() for token in TOKENS}
    command = [sys.executable, "-m", "probe", "fleet", "fleet.jsonl", "--output-dir", "out", "--quiet"]
    command += ["--history", "env:BENCH_HISTORY", "--engine", "dask", "--workers", str(workers)]
    command += ["--organizations-at-once", "24", "--concurrency-total", "192"]
    start, used = time.perf_counter(), cpu()
    environ = {**os.environ, **secrets, "BENCH_HISTORY": history}
    most: dict[int, int] = {}
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=said, stderr=said)
        while process.poll() is None:
            for one, (_seconds, memory) in used_by(process.pid).items():
                most[one] = max(most.get(one, 0), memory)
            time.sleep(0.3)
    seconds = time.perf_counter() - start
    summary = json.loads((folder / "out" / "fleet.json").read_text())["summary"]
    assert summary["measured"] == len(origins), (folder / "said.txt").read_text()
    own = most.pop(process.pid)
    return Used(seconds, cpu() - used, own, sorted(most.values())[-workers:])


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def size_of(history: str) -> int:
    with psycopg.connect(history) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--organizations", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--latency-ms", type=int, default=100, help="so that the servers cost little CPU")
    said = parser.parse_args()
    script = Path(__file__).with_name("bench_fleet.py")
    code = "import asyncio, sys, bench_fleet; asyncio.run(bench_fleet.serve(*map(int, sys.argv[1:])))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(script.parent), *sys.path])}
    command = [sys.executable, "-c", code, str(said.organizations), "0", str(said.latency_ms)]
    servers = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ)
    try:
        assert servers.stdout
        origins = json.loads(servers.stdout.readline())["good"]
        with running_postgresql() as postgresql, tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), origins, postgresql, said.rounds)
    finally:
        servers.terminate()
        servers.wait()


def measure(folder: Path, origins: list[str], postgresql, rounds: int) -> None:
    probes = len(origins) * len(reads()) * len(TOKENS)
    print(f"{len(origins)} organizations, {probes} probes, catalog {CATALOG.vendor.title}")
    for number in range(rounds):
        for workers in (1, 2):
            history = postgresql.emptied()
            before = size_of(history)
            used = fleet(folder / f"{number}-{workers}", origins, history, workers)
            each = (size_of(history) - before) / len(origins)
            print(
                f"{workers} worker(s): {used.seconds:.1f} s, "
                f"{len(origins) / used.seconds:.2f} organizations/s, {probes / used.seconds:.0f} probes/s, "
                f"{used.cpu / len(origins):.2f} CPU s and {each / 1000:.0f} kB in the database for each; "
                f"at most {used.command} MB, and {used.workers} MB in the workers",
                flush=True,
            )


if __name__ == "__main__":
    main()
