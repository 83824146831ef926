"""What the history costs and keeps: time to record, size, questions after a year, 8 writers at once.

Run: python tests/benchmarks/bench_history.py [--runs N]. Everything is local and bounded.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from postgresql_server import installed, running_postgresql

from probe.catalog.load import load_catalog
from probe.demo import scan_simulator
from probe.history.rows import pack
from probe.history.store import open_history
from probe.judge.model import Verdict
from probe.pipeline import judge
from probe.report.build import summarize
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

WRITERS = 8
DAY_US = 86_400
FRESH = """
import time; start = time.perf_counter()
from pathlib import Path
from probe.report.jsonfile import parse_report
from probe.masking import Mask
from probe.history.location import parse_location
report = parse_report(Path({report!r}).read_text())
began = time.perf_counter()
from probe.history.recording import record_scan
record_scan(report, Mask(), parse_location({url!r}))
print(time.perf_counter() - began)
"""


def scanned():
    catalog = load_catalog()
    tokens = demo_tokens(catalog)
    options = SimulatorOptions(plan="business", tokens=grants_of(tokens))
    return judge(asyncio.run(scan_simulator(options, tokens, catalog, asyncio.Event())), catalog)


def at(report, number, *, writer=0, blips=0, seed=0):
    """Return the run of night `number`, in which some capabilities could not be told."""
    rng = random.Random(f"{seed} {number}")  # noqa: S311 - a repeatable choice
    when = time.gmtime(1_767_225_600 + number * DAY_US)
    hit = set(rng.sample(range(len(report.capabilities)), blips))
    capabilities = tuple(
        msgspec.structs.replace(item, verdict=Verdict.UNKNOWN) if place in hit else item
        for place, item in enumerate(report.capabilities)
    )
    return msgspec.structs.replace(
        report,
        started_at=f"{time.strftime('%Y-%m-%dT%H:%M:%S', when)}.{writer:03d}Z",
        capabilities=capabilities,
        summary=summarize(report.findings, capabilities, report.skipped, len(report.walls)),
    )


def timed(name, work):
    began = time.perf_counter()
    result = work()
    print(f"{name}: {(time.perf_counter() - began) * 1000:.0f} ms")
    return result


def size_of(path):
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


def cost_of_one(report, folder):
    body, packed = pack(report)
    print(f"one report: {len(report.findings)} findings, {len(body):,} bytes of JSON, {len(packed):,} stored")
    for word in ("new database", "existing database", "existing database"):
        report_file = folder / f"{word[:3]}.json"
        report_file.write_bytes(
            msgspec.json.encode(at(report, len(word), writer=len(list(folder.iterdir()))))
        )
        code = FRESH.format(report=str(report_file), url=f"sqlite:///{folder}/one.db")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        print(f"record in a fresh process, {word}, with imports: {float(done.stdout) * 1000:.0f} ms")


def year(report, url, name, path=None):
    with open_history(url) as history:
        began = time.perf_counter()
        for night in range(365):
            blips = 3 if night % 3 == 0 else 0
            history.record(at(report, night, blips=blips))
        print(f"{name}: 365 nights recorded in {time.perf_counter() - began:.1f} s")
        base_url = report.target.base_url
        timed(f"{name}: known state", lambda: history.known_state(base_url))
        timed(f"{name}: timeline of users.*", lambda: history.timeline(["users.*"], base_url))
        timed(f"{name}: timeline of *", lambda: history.timeline(["*"], base_url))
        timed(f"{name}: list of 30", lambda: history.runs(limit=30))
        timed(f"{name}: one report loaded", lambda: history.load(history.find("last").id))
    if path is not None:
        print(f"{name}: {size_of(path):,} bytes, {size_of(path) // 365:,} per run, 122 nights with blips")


def write(url, report, writer, runs):
    with open_history(url) as history:
        for number in range(runs):
            history.record(
                at(report, number, writer=writer, blips=2, seed=number % 5), key=f"{writer}-{number}"
            )


def writers(report, url, name, runs):
    workers = [
        multiprocessing.Process(target=write, args=(url, report, writer, runs)) for writer in range(WRITERS)
    ]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    with open_history(url) as history:
        there = {run.key for run in history.runs()}
        whole = sum(bool(history.load(run.id)) for run in history.runs(limit=50))
    lost = WRITERS * runs - len(there)
    codes = {worker.exitcode for worker in workers}
    print(f"{name}: {WRITERS} writers x {runs} runs in {took:.1f} s, exit codes {codes}")
    print(f"{name}: {len(there)} runs there, {lost} lost, {whole} of the newest 50 read back whole")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100, help="runs of each writer")
    runs = parser.parse_args().runs
    report = scanned()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cost_of_one(report, folder)
        year(report, f"sqlite:///{folder}/year.db", "SQLite", folder / "year.db")
        writers(report, f"sqlite:///{folder}/many.db", "SQLite", runs)
    if installed():
        with running_postgresql() as server:
            year(report, server.emptied(), "PostgreSQL")
            writers(report, server.emptied(), "PostgreSQL", runs)


if __name__ == "__main__":
    main()
