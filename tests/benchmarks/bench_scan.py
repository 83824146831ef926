"""What a scan costs beside a bare client, and what start-up costs: ratios within one run.

Run it with `make bench`. A plain server in a process of its own answers 600 probes (see bench_server).
In turn, A B A B: a bare aiohttp client, as a whole process, that makes the very requests of the scan;
and `probe scan`, as a whole process with its reports. Modules are compiled once before, as an
installation does. Goals stand beside each ratio; the program says what it measured and judges nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bench_server
from msgspec import Struct

HERE = Path(__file__).parent
PROBE = [sys.executable, "-m", "probe"]
TOKENS = {f"t{number}": secret for number, secret in enumerate(bench_server.SECRETS)}
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {
    f"BENCH_{name.upper()}": secret for name, secret in TOKENS.items()
}


class Cost(Struct, frozen=True):
    """What one process took: seconds by the clock and of CPU, and its largest memory in MB."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def run(command: list[str], given: str = "") -> Cost:
    """Run a process to its end and return what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(given.encode())
    process.stdin.close()
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 3}:
        raise SystemExit(f"{command} ended with {process.returncode}: {said.decode()}")
    wall_s = time.perf_counter() - start
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def serving(latency_ms: float, catalog: Path) -> Iterator[str]:
    """Serve in a process of its own, and write the catalog; give the base URL."""
    command = [sys.executable, str(HERE / "bench_server.py"), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(
        [*command, "--catalog", str(catalog)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def told(base_url: str, path: str) -> dict[str, object]:
    """Return what the server tells of the requests since it was last told to start anew."""
    with urllib.request.urlopen(base_url + path) as answer:  # noqa: S310 - our own server, on loopback
        return json.load(answer)


class Bench:
    """One server at one latency and one concurrency: the two clients in turn."""

    def __init__(self, base_url: str, catalog: Path, concurrency: int, latency_ms: float) -> None:
        self._base_url, self._catalog = base_url, catalog
        self._concurrency, self._latency_ms = concurrency, latency_ms
        self._asked: list[list[str]] = []

    def scan(self, formats: str) -> tuple[Cost, float]:
        """Return what `probe scan` took, and the seconds from the first to the last request."""
        with tempfile.TemporaryDirectory() as folder:
            command = [*PROBE, "scan", "--base-url", self._base_url, "--catalog", str(self._catalog)]
            command += [f"--token={name}=env:BENCH_{name.upper()}" for name in TOKENS]
            command += ["--concurrency", str(self._concurrency), "--requests-per-minute", "off"]
            command += ["--output-dir", folder, "--format", formats, "--no-history", "--quiet"]
            told(self._base_url, "/-/start")
            cost = run(command)
        said = told(self._base_url, "/-/asked")
        self._asked = said["asked"]
        return cost, said["seconds"]

    def bare(self) -> tuple[Cost, float]:
        """Return the same for the bare client, which asks what the scan before it asked."""
        told(self._base_url, "/-/start")
        command = [sys.executable, str(HERE / "bare_client.py"), self._base_url, str(self._concurrency)]
        cost = run(command, json.dumps(self._asked))
        return cost, told(self._base_url, "/-/asked")["seconds"]

    def compare(self, rounds: int) -> None:
        """Measure in turn and print the ratios."""
        self.scan("html,json")  # the first one compiles modules, and says what the bare client is to ask
        self.bare()
        turns = [(self.bare(), self.scan("html,json"), self.scan("all")) for _ in range(rounds)]
        ideal = -(-len(self._asked) // self._concurrency) * self._latency_ms / 1000
        title = f"{self._latency_ms:g} ms, concurrency {self._concurrency}, {len(self._asked)} requests"
        print(f"\n{title}" + (f", ideal {ideal:.2f} s" if ideal else ""))
        if ideal:
            show("first to last request, bare client / ideal", [bare[1] / ideal for bare, _, _ in turns])
            show("first to last request, scan / ideal", [scan[1] / ideal for _, scan, _ in turns], "1.05")
            show("whole process, bare client / ideal", [bare[0].wall_s / ideal for bare, _, _ in turns])
            show("whole command / ideal", [scan[0].wall_s / ideal for _, scan, _ in turns], "1.2")
            show("whole command, all formats / ideal", [full[0].wall_s / ideal for *_, full in turns])
        else:
            show("whole command / bare client", [scan[0].wall_s / bare[0].wall_s for bare, scan, _ in turns])
        show("CPU / bare client", [scan[0].cpu_s / bare[0].cpu_s for bare, scan, _ in turns], "1.8 at 0 ms")
        show("CPU, all formats / bare client", [full[0].cpu_s / bare[0].cpu_s for bare, _, full in turns])
        show("CPU of the bare client, s", [bare[0].cpu_s for bare, _, _ in turns])
        show("CPU of the scan, s", [scan[0].cpu_s for _, scan, _ in turns])
        show("memory of the bare client, MB", [bare[0].memory_mb for bare, _, _ in turns])
        show("memory, MB", [scan[0].memory_mb for _, scan, _ in turns], "70")
        show("memory, all formats, MB", [full[0].memory_mb for *_, full in turns])


def show(name: str, values: list[float], goal: str = "") -> None:
    """Print the median of the values, and the least and the largest."""
    said = f"  {name}: {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
    print(said + (f"; goal {goal}" if goal else ""), flush=True)


def judging(catalog: Path, base_url: str, rounds: int) -> None:
    """Print what judging alone takes for each probe, by judging a finished scan again."""
    from probe.catalog.load import load_catalog
    from probe.pipeline import judge_again
    from probe.report.jsonfile import parse_report

    with tempfile.TemporaryDirectory() as folder:
        command = [
            *PROBE,
            "scan",
            "--base-url",
            base_url,
            "--catalog",
            str(catalog),
            "--no-history",
            "--quiet",
        ]
        command += [f"--token={name}=env:BENCH_{name.upper()}" for name in TOKENS]
        command += ["--requests-per-minute", "off", "--output-dir", folder, "--format", "json"]
        run(command)
        report = parse_report((Path(folder) / "report.json").read_text())
    known = load_catalog(str(catalog))
    probes = len(report.findings)
    took = [timed(lambda: judge_again(report, known)) * 1000 / probes for _ in range(rounds)]
    print(f"\nJudging alone, {probes} probes")
    show("milliseconds for each probe", took, "0.3")


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def start_up(rounds: int) -> None:
    """Print what help costs beside the import of click alone."""
    base = [sys.executable, "-c", "import click"]
    commands = {
        "probe --help": ([*PROBE, "--help"], "1.5"),
        "probe scan --help": ([*PROBE, "scan", "--help"], "2"),
    }
    for command, _ in commands.values():
        run(command)
    print("\nStart-up / python -c 'import click'")
    turns = [(run(base), *(run(command) for command, _ in commands.values())) for _ in range(2 * rounds)]
    for place, (name, (_, goal)) in enumerate(commands.items(), start=1):
        show(name, [turn[place].wall_s / turn[0].wall_s for turn in turns], goal)


def versions() -> str:
    names = ("aiohttp", "uvloop", "jinja2", "msgspec", "click")
    found = []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return f"Python {platform.python_version()}, {', '.join(found)}, {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency-ms", type=float, nargs="*", default=[0, 50])
    parser.add_argument("--concurrency", type=int, nargs="*", default=[20, 50])
    said = parser.parse_args()
    print(versions())
    with tempfile.TemporaryDirectory() as folder:
        ENVIRONMENT["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
        catalog = Path(folder) / "bench.json"
        start_up(said.rounds)
        for latency_ms in said.latency_ms:
            with serving(latency_ms, catalog) as base_url:
                for concurrency in said.concurrency:
                    Bench(base_url, catalog, concurrency, latency_ms).compare(said.rounds)
                if not latency_ms:
                    judging(catalog, base_url, said.rounds)


if __name__ == "__main__":
    main()
