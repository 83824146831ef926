"""A year of nightly scans with blips, outages, firewalls and real losses: what was said, and what it cost.

Run: python tests/benchmarks/simulated_year.py [--seeds 1 2 3] [--postgresql] [--nights N]. Everything is
local and bounded; the clock of the evidence is set to a night a day, and no waits are waited.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from postgresql_server import running_postgresql
from year_world import Life, verdict, year

from probe.history.store import open_history


def timed(command):
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "probe", *command], capture_output=True, text=True, check=False
    )
    return f"{(time.perf_counter() - began) * 1000:.0f} ms (exit {done.returncode})"


def size_of(path):
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


def live(seed, url, nights):
    script = year(seed)
    script.nights = min(nights, script.nights)
    began = time.perf_counter()

    def show(night):
        if night.code or night.sent or night.gained:
            print(
                f"  night {night.number}: exit {night.code} lost {len(night.lost)} apart {len(night.apart)} "
                f"gained {len(night.gained)} {','.join(night.causes)} sent {','.join(night.sent) or '-'}"
                f" | {night.headline[:150]}",
                flush=True,
            )

    with open_history(url) as history:
        told = asyncio.run(Life(script, seed, history).live(show))
        seconds = time.perf_counter() - began
        base_url = history.base_urls()[0]
        began = time.perf_counter()
        lines = history.timeline(["*"], base_url)
        in_process = (time.perf_counter() - began) * 1000
    found = verdict(told)
    print(f"seed {seed}: {len(told.nights)} nights in {seconds:.0f} s, events {len(told.events)}")
    for event in told.events:
        print(f"  event: night {event.night} {event.name}: {len(event.lost)} operations {event.kind}")
    print(f"  real losses {found.losses}, told once {found.told_once}")
    for name in ("missed", "repeated", "false_alarms", "wrong_operations", "false_gains"):
        items = getattr(found, name)
        print(f"  {name}: {len(items)}")
        for item in items:
            print(f"    {item[:400]}")
    print(f"  exit codes: {dict(sorted(Counter(night.code for night in told.nights).items()))}")
    print(f"  messages: {dict(Counter(kind for night in told.nights for kind in night.sent))}")
    print(f"  wrong signatures: {told.bad_signatures}")
    print(f"  timeline of *: {in_process:.0f} ms in the process, {len(lines)} operations")
    for name, command in (
        ("probe history timeline '*'", ("history", "timeline", "*", "--base-url", base_url)),
        ("probe diff last-good last", ("diff", "last-good", "last", "--base-url", base_url)),
    ):
        print(f"  {name}: {timed((*command, '--history', url))}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    for seed in options.seeds:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            path = folder / "history.db"
            server = stack.enter_context(running_postgresql()) if options.postgresql else None
            live(seed, server.url if server else f"sqlite:///{path}", options.nights)
            if not options.postgresql:
                print(f"  size of the database: {size_of(path):,} bytes")


if __name__ == "__main__":
    main()
