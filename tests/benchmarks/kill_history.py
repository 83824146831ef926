"""Kills scans at random moments, most of them while they record, and looks what became of the history.

Run: python tests/benchmarks/kill_history.py [--kills 200] [--seed 1]. A simulator on a loopback port is
asked. After each kill the database must be sound, and each run whose command ended by itself, or
whose recorder said so, must be in it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from probe.catalog.load import load_catalog
from probe.history.store import open_history
from probe.report.jsonfile import parse_report
from probe.simulator.tokens import demo_tokens

PROBE = [sys.executable, "-m", "probe"]
SECRET = demo_tokens(load_catalog())[0].secret.reveal()
RECORDER = """
import sys; sys.path.insert(0, {support!r})
from history_world import run_at
from probe.history.store import open_history
with open_history({url!r}) as history:
    for number in range(100000):
        run = history.record(run_at(1 + number % 28, users__list=("allowed", "blocked")[number % 2]),
                             key=f"{turn}-{{number}}")
        print(run.id, flush=True)
"""


def check(path, expected):
    """Return how many runs there are; end where one is missing or the file is damaged."""
    with closing(sqlite3.connect(path)) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        there = {row[0] for row in connection.execute("SELECT id FROM probe_runs")}
        whole = connection.execute("SELECT count(*) FROM probe_reports").fetchone()[0]
    if sound != "ok" or broken or expected - there or whole != len(there):
        raise SystemExit(f"damaged: {sound} {broken}, missing {expected - there}, {whole} of {len(there)}")
    return there


def start_scan(base_url, folder, url):
    options = ("--only", "users.list", "--requests-per-minute", "off", "--format", "json", "--quiet")
    where = ("--output-dir", str(folder), "--history", url)
    return subprocess.Popen(
        [*PROBE, "scan", "--base-url", base_url, "--token=admin=env:ADMIN_SECRET", *options, *where],
        env={**os.environ, "ADMIN_SECRET": SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def strike(process, report, rng, whole_s):
    """Wait for a random moment, three times of four one after the report was written, and kill."""
    deadline = time.monotonic() + 60
    if rng.random() < 0.75:
        while not report.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.8 * whole_s))
    else:
        time.sleep(rng.uniform(0, whole_s))
    ended = process.poll() is not None
    process.kill()
    process.wait()
    return ended


def run_id_of(report, url):
    """Return the id of the run that a report.json is of, or an empty text where it was not recorded."""
    started = parse_report(report.read_text()).started_at
    with open_history(url) as history:
        return next((run.id for run in history.runs() if run.started_at == started), "")


def kill_scans(base_url, folder, kills, rng):
    url, path = f"sqlite:///{folder}/scans.db", folder / "scans.db"
    began = time.monotonic()
    start_scan(base_url, folder / "first", url).wait()
    whole_s = time.monotonic() - began
    print(f"one scan and record: {whole_s:.2f} s")
    expected, seen, ends = check(path, set()), 1, Counter()
    for turn in range(kills):
        report = folder / str(turn) / "report.json"
        ended = strike(start_scan(base_url, report.parent, url), report, rng, whole_s)
        there = check(path, expected)
        ends["ended by itself" if ended else "killed, recorded" if len(there) > seen else "killed"] += 1
        if ended and not run_id_of(report, url):
            raise SystemExit(f"turn {turn}: the command had ended, its run is missing")
        seen, expected = len(there), there
    print(f"scans: {kills} kills, {dict(ends)}; sound each time, {seen} runs, none lost")


def kill_recorders(folder, kills, rng):
    url, path = f"sqlite:///{folder}/records.db", folder / "records.db"
    expected: set[str] = set()
    open_history(url).close()
    support = str(Path(__file__).parents[1] / "support")
    for turn in range(kills):
        code = RECORDER.format(support=support, url=url, turn=turn)
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            first = process.stdout.readline()
            time.sleep(rng.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            said = [first, *process.stdout.read().splitlines(keepends=True)]
        expected |= {line.strip() for line in said if line.endswith("\n")}
        there = check(path, expected)
    print(
        f"recorders: {kills} kills between and in transactions; sound each time, {len(expected)} runs said "
        f"to be recorded, {len(there)} there, none lost"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    rng = random.Random(said.seed)  # noqa: S311 - a repeatable choice
    simulator = subprocess.Popen([*PROBE, "simulate", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        base_url = next(word for word in simulator.stdout.readline().split() if word.startswith("http://"))
        with tempfile.TemporaryDirectory() as name:
            kill_scans(base_url, Path(name), said.kills, rng)
            kill_recorders(Path(name), said.kills // 2, rng)
    finally:
        simulator.terminate()
        simulator.wait()


if __name__ == "__main__":
    main()
