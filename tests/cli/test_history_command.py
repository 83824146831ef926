"""Scans are recorded after their files, and `probe history` as a user runs it: real processes."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from aiohttp import web
from history_world import run_at
from watched_scan import CATALOG, TOKENS, watched_scan

from probe.cli.main import main
from probe.history.store import open_history
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import grants_of

PROBE = [sys.executable, "-m", "probe"]
ONLY = ("--only", "users.*", "--only", "user_invites.list")


def probe(*args, cwd, **environment):
    return subprocess.run(
        [*PROBE, *args],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def scan(folder, *args, code="", plan="business"):
    return asyncio.run(watched_scan(folder, *ONLY, *args, code=code, plan=plan))


def recorded(url):
    with open_history(url) as history:
        return history.runs()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/history.db"


def test_a_scan_is_recorded_as_its_report_says(tmp_path, url):
    done = scan(tmp_path, "--history", url)
    assert done.code == 0, done.err
    (run,) = recorded(url)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (run.base_url, run.started_at) == (report["target"]["base_url"], report["started_at"])
    assert (run.allowed, run.blocked) == tuple(
        report["summary"]["verdicts"][v] for v in ("allowed", "blocked")
    )
    shown = probe("history", "show", run.id[:8], "--format", "json", "--history", url, cwd=tmp_path)
    assert shown.stdout == (tmp_path / "out" / "report.json").read_text()
    for name in tmp_path.glob("history.db*"):
        assert TOKENS[0].secret.reveal().encode() not in name.read_bytes()


def test_a_scan_is_recorded_by_default_and_not_when_told_not_to(tmp_path):
    scan(tmp_path)
    assert len(recorded(os.environ["PROBE_HISTORY"])) == 1
    scan(tmp_path, "--no-history")
    (tmp_path / "off.toml").write_text("[history]\nenabled = false\n")
    scan(tmp_path, "--config", "off.toml")
    assert len(recorded(os.environ["PROBE_HISTORY"])) == 1


def test_the_file_says_where(tmp_path, monkeypatch, url):
    monkeypatch.delenv("PROBE_HISTORY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "probe.toml").write_text('[history]\nurl = "sqlite:///history.db"\n')
    assert scan(tmp_path).code == 0
    assert len(recorded(url)) == 1
    assert not (tmp_path / "data").exists()


def test_a_history_that_fails_leaves_the_reports_and_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database\n" * 200)
    done = scan(tmp_path, "--history", f"sqlite:///{tmp_path}/notes.txt")
    assert done.code == 1
    assert "no SQLite database" in done.err
    assert "probe history import" in done.err
    assert "Traceback" not in done.err
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.json"}
    url = f"sqlite:///{tmp_path}/mended.db"
    took = probe("history", "import", "out/report.json", "--history", url, cwd=tmp_path)
    assert took.returncode == 0, took.stderr
    assert len(recorded(url)) == 1


def test_files_that_cannot_be_written_keep_no_run_out_of_the_history(tmp_path, url):
    full = (
        "import probe.report.write as w, errno\n"
        "def no(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "w._write_checked = no"
    )
    done = scan(tmp_path, "--history", url, code=full)
    assert done.code == 1
    assert len(recorded(url)) == 1


def test_a_secret_is_never_recorded(tmp_path, url):
    leak = (
        "import probe.rounds as r\nfrom msgspec.structs import replace\nold = r.finished\n"
        f"r.finished = lambda *a, **k: replace(old(*a, **k), advice={TOKENS[0].secret.reveal()!r})"
    )
    done = scan(tmp_path, "--history", url, code=leak)
    assert done.code == 1
    assert "recorded" in done.err
    assert TOKENS[0].secret.reveal() not in done.err
    assert recorded(url) == ()


@pytest.mark.parametrize(
    "args",
    [
        ("--history", "postgresql://user1:hunter2-hunter2@localhost"),
        ("--history", "nonsense"),
        ("--history", "sqlite:///x.db", "--no-history"),
    ],
)
def test_a_wrong_address_is_said_before_anything_is_sent(args, tmp_path):
    done = scan(tmp_path, *args)
    assert (done.code, done.answered) == (2, 0)
    assert "hunter2" not in done.err


def test_an_address_without_a_server_is_said_without_its_password(tmp_path):
    address = "postgresql://user1:hunter2-hunter2@127.0.0.1:1/probe"
    done = probe("--debug", "history", "list", cwd=tmp_path, PROBE_HISTORY=address)
    assert done.returncode == 1
    assert "hunter2" not in done.stderr
    assert "reached" in done.stderr


def test_a_demo_is_recorded_only_on_request(tmp_path, url):
    options = ("demo", "--format", "json", "--output-dir", "out", "--quiet")
    assert probe(*options, cwd=tmp_path).returncode == 0
    assert not recorded(os.environ["PROBE_HISTORY"])
    assert probe(*options, "--history", url, cwd=tmp_path).returncode == 0
    assert [run.simulated for run in recorded(url)] == [True]


async def scanned_twice(folder, url, plans):
    """Scan the same address on one plan and then on another; give how the second scan ended."""
    port, ended = 0, None
    for plan in plans:
        app = Simulator(SimulatorOptions(plan=plan, tokens=grants_of(TOKENS)), CATALOG).application()
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        port = runner.addresses[0][1]
        options = ("--confirm-after", "0", "--baseline", "last-good", "--requests-per-minute", "off")
        ended = await asyncio.create_subprocess_exec(
            *(*PROBE, "scan", "--base-url", f"http://127.0.0.1:{port}", "--token", "admin=env:ADMIN_SECRET"),
            *(*ONLY, *options, "--history", url, "--output-dir", plan),
            cwd=folder,
            env={**os.environ, "ADMIN_SECRET": TOKENS[0].secret.reveal()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await ended.communicate()
        await runner.cleanup()
    return ended.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_a_scan_is_compared_with_what_the_history_knows(name, tmp_path, url, request):
    if name == "postgresql":
        url = request.getfixturevalue("postgresql").emptied()
    code, out, err = asyncio.run(scanned_twice(tmp_path, url, ("enterprise_premium", "business")))
    assert code == 10, err
    assert "lost" in out
    older, newer = recorded(url)[1], recorded(url)[0]
    assert older.allowed > newer.allowed
    with open_history(url) as history:
        lines = history.timeline(["users.*"], newer.base_url)
        assert any(line.last_allowed.run == older.id for line in lines if line.last_allowed)
        assert history.load(newer.id).changes.baseline.run == older.id


@pytest.fixture
def filled(url):
    with open_history(url) as history:
        for day in range(1, 6):
            history.record(run_at(day, users__list="allowed" if day < 4 else "blocked"))
    return url


@pytest.fixture
def command(capfd):
    """Run `probe history` in this process; give its exit code, stdout and stderr."""

    def run(*args):
        capfd.readouterr()
        code = main(["history", *args])
        return code, *capfd.readouterr()

    return run


def test_a_list_names_the_runs(command, filled):
    ids = [run.id for run in recorded(filled)]
    code, out, _ = command("list", "--history", filled)
    assert code == 0
    assert all(name[:10] in out for name in ids)
    _, out, _ = command("list", "--format", "json", "--limit", "2", "--history", filled)
    assert [run["id"] for run in json.loads(out)] == ids[:2]


def test_a_run_is_shown_as_its_summary_or_written_as_reports(command, filled, tmp_path):
    _, out, _ = command("show", "last-good", "--history", filled)
    assert "example.retool.com" in out
    folder = tmp_path / "again"
    code, _, _ = command("show", "last", "--output-dir", str(folder), "--history", filled)
    assert code == 0
    assert {path.name for path in folder.iterdir()} == {"report.html", "report.json"}


def test_a_timeline_says_when_it_last_worked(command, filled):
    _, out, _ = command("timeline", "users.list", "--history", filled)
    assert "+++xx" in out
    assert out.index("2026-11-03") < out.index("2026-11-04")
    _, out, _ = command("timeline", "users.list", "--format", "json", "--history", filled)
    assert json.loads(out)[0]["last_allowed"]["started_at"].startswith("2026-11-03")


def test_a_history_moves_to_another_database_and_is_pruned(command, filled, tmp_path):
    file, other = str(tmp_path / "all.jsonl"), f"sqlite:///{tmp_path}/other.db"
    assert command("export", "--output", file, "--history", filled)[0] == 0
    assert command("export", "--history", filled)[1] == (tmp_path / "all.jsonl").read_text()
    assert "5 runs added" in command("import", file, "--history", other)[1]
    assert "0 runs added" in command("import", file, "--history", other)[1]
    assert recorded(other) == recorded(filled)
    assert "4 runs removed" in command("prune", "--keep", "0d", "--history", other)[1]


@pytest.mark.parametrize(
    "args",
    [
        ("show", "abcdef"),
        ("show", "baseline"),
        ("timeline", "nothing.*"),
        ("timeline", "*", "--base-url", "https://unknown.example.com"),
        ("prune", "--keep", "soon"),
        ("import", "not-there.jsonl"),
        ("import", __file__),
    ],
)
def test_what_is_not_there_is_said(args, command, filled):
    code, _, err = command(*args, "--history", filled)
    assert code == 2
    assert err.startswith("Error: ")


def test_without_a_history_reading_makes_none(command, tmp_path, url):
    code, _, err = command("list", "--history", url)
    assert code == 2
    assert "probe scan" in err
    assert list(tmp_path.iterdir()) == []
