"""A scan that is killed, interrupted, or meets a full disk: nothing that was gathered is lost in silence."""

import json
import os
import signal
import subprocess
import sys

import pytest
from watched_scan import CATALOG, CONCURRENCY, TOKENS, watched_scan

from probe.report.jsonfile import parse_report

NOWHERE = ["--base-url", "http://127.0.0.1:9", "--token=admin=env:ADMIN_SECRET", "--output-dir", "out"]
# The answer after which the scan is killed; PROBE_KILLS=100 tries a hundred more.
KILLED_AT = [1, 7, 24, 50]
KILLED_AT += range(51, 51 + int(os.environ.get("PROBE_KILLS", "0")))
WHOLE = {"report.json", "report.html"}
# The disk takes files up to so many bytes: the kernel refuses the rest of any longer one.
FULL_AT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"
# A signal in the middle of writing the last file, before it has its name.
WHILE_WRITING = """
import os
from pathlib import Path
took = Path.replace
def replace(self, target):
    if str(target).endswith("report.html"):
        for number in ({0}, {0}):
            os.kill(os.getpid(), number)
    return took(self, target)
Path.replace = replace
"""


@pytest.fixture(autouse=True)
def signals_as_usual():
    """A process that was started in the background ignores some signals, and so would our commands."""
    usual = {signal.SIGHUP: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def judged(folder, journal="out/journal.jsonl", *args):
    done = subprocess.run(
        [sys.executable, "-m", "probe", "judge", journal, *args],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def names_in(folder):
    return {path.name for path in folder.iterdir()}


def attempts_in(report):
    asked = [*report["controls"], *report["findings"]]
    return sum(len(entry["evidence"]["attempts"]) for entry in asked)


def stands_once(report):
    pairs = [(item["operation"], item["token"]) for item in (*report["findings"], *report["skipped"])]
    assert sorted(pairs) == sorted((operation.id, TOKENS[0].name) for operation in CATALOG.operations)


@pytest.mark.parametrize("at", KILLED_AT)
async def test_a_killed_scan_loses_at_most_what_was_in_flight_or_just_came(at, tmp_path):
    ended = await watched_scan(tmp_path, at=at, strike=lambda process: process.kill())
    assert ended.code == -signal.SIGKILL
    assert names_in(tmp_path / "out") == {"journal.jsonl"}
    assert (tmp_path / "out" / "journal.jsonl").stat().st_mode & 0o777 == 0o600
    done = judged(tmp_path)
    assert done.returncode == 130, done.stderr
    report = json.loads(done.stdout)
    parse_report(done.stdout)
    stands_once(report)
    assert ended.answered - 2 * CONCURRENCY <= attempts_in(report) <= ended.answered
    assert report["complete"] is False
    if at <= 50:  # later every operation is answered, and only second looks are missing
        assert any("cut off" in item["reason"] for item in report["skipped"])
    if not report["findings"]:
        assert report["measured"] is False
        assert "cut off" in report["measured_reason"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("at", [2, 30])
async def test_a_signal_while_asking_ends_with_what_was_gathered(number, at, tmp_path):
    ended = await watched_scan(tmp_path, at=at, strike=lambda process: process.send_signal(number))
    assert ended.code == 130, ended.err
    assert names_in(tmp_path / "out") == WHOLE
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    stands_once(report)
    assert report["complete"] is False
    assert ended.answered - CONCURRENCY <= attempts_in(report) <= ended.answered


async def test_a_quiet_scan_that_is_stopped_says_how_far_it_got(tmp_path):
    ended = await watched_scan(
        tmp_path, "--quiet", at=30, strike=lambda process: process.send_signal(signal.SIGINT)
    )
    assert ended.code == 130
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    asked = {item["operation"] for item in report["findings"]}
    assert f"{len(asked)} of " in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_while_files_are_written_leaves_them_whole(number, tmp_path):
    ended = await watched_scan(tmp_path, code=WHILE_WRITING.format(int(number)))
    assert ended.code == 130, ended.err
    assert names_in(tmp_path / "out") == WHOLE
    assert json.loads((tmp_path / "out" / "report.json").read_text())["complete"] is True
    assert (tmp_path / "out" / "report.html").read_text().rstrip().endswith("</html>")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_first_request_is_an_interrupt(number, tmp_path):
    code = f"""
import os, probe.settings
def prepare(*_args):
    os.kill(os.getpid(), {int(number)})
    raise AssertionError
probe.settings.prepare = prepare
from probe.entry import run
run()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "scan"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 130
    assert done.stderr.strip() == "Interrupted."
    assert not names_in(tmp_path)


async def test_a_disk_that_fills_up_costs_nothing_that_is_not_said(tmp_path):
    ended = await watched_scan(tmp_path, code=FULL_AT.format(40_000))
    assert ended.code == 1
    assert "report.json could not be written" in ended.err
    assert "report.html could not be written" in ended.err
    assert "Traceback" not in ended.err
    assert names_in(tmp_path / "out") == {"journal.jsonl"}
    report = json.loads(judged(tmp_path).stdout)
    stands_once(report)
    kept = len(report["controls"]) + len(report["findings"])
    assert 0 < kept < ended.answered
    assert f"{kept} of " in ended.err


async def test_a_disk_that_is_full_from_the_start_is_said_before_anything_is_sent(tmp_path):
    ended = await watched_scan(tmp_path, code=FULL_AT.format(0))
    assert ended.code == 1
    assert ended.answered == 0
    assert "out could not be written" in ended.err


async def test_reports_without_room_leave_a_whole_journal(tmp_path):
    ended = await watched_scan(tmp_path, "--format=json", code=FULL_AT.format(400_000))
    assert ended.code == 1
    assert names_in(tmp_path / "out") == {"journal.jsonl"}
    assert "probe judge out/journal.jsonl" in ended.err
    done = judged(tmp_path, "out/journal.jsonl", "--output-dir", "again", "--format", "html,json")
    assert done.returncode == 0, done.stderr
    assert names_in(tmp_path / "again") == WHOLE


async def test_a_journal_that_cannot_be_kept_does_not_stop_the_scan(tmp_path):
    (tmp_path / "out").mkdir()
    code = """
import probe.journal
def refuse(_file, _line):
    raise OSError(28, "No space left on device")
probe.journal._write_whole = refuse
"""
    ended = await watched_scan(tmp_path, "--only=users.*", code=code)
    assert ended.code == 0, ended.err
    assert names_in(tmp_path / "out") == WHOLE
    assert "Warning: the journal could not be kept (No space left on device)" in ended.err


async def test_a_bug_after_the_scan_leaves_the_journal(tmp_path):
    code = """
import probe.pipeline
def judge(*_args):
    raise ValueError
probe.pipeline.judge = judge
"""
    ended = await watched_scan(tmp_path, "--only=users.*", code=code)
    assert ended.code == 1
    assert "probe judge out/journal.jsonl" in ended.err
    done = judged(tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complete"] is True


async def test_a_journal_of_another_scan_is_never_overwritten(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "journal.jsonl").write_text("evidence")
    ended = await watched_scan(tmp_path, "--only=users.*")
    assert ended.code == 0
    assert "out/journal.jsonl" in ended.err
    assert (tmp_path / "out" / "journal.jsonl").read_text() == "evidence"
    assert names_in(tmp_path / "out") == {*WHOLE, "journal.jsonl"}


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_all_output_into_a_pipe_that_nobody_reads(quiet, tmp_path):
    (tmp_path / "probe.toml").write_text("[limits]\nretries = 0\n")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "probe", "scan", *quiet, *NOWHERE],
        cwd=tmp_path,
        env={**os.environ, "ADMIN_SECRET": "a-made-up-secret"},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 3
    assert names_in(tmp_path / "out") == WHOLE
