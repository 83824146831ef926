"""Standard streams that are closed, full, or left by their reader; interrupts before anything runs."""

import os
import re
import subprocess
import sys

import pytest

PROBE = [sys.executable, "-m", "probe"]
NOWHERE = ["--base-url", "http://127.0.0.1:9", "--token=admin=env:SOME_SECRET", "--output-dir", "out"]


def probe(*args, cwd, redirect="", **options):
    """Run the command by a shell, which can close its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *PROBE, *args],
        cwd=cwd,
        env={**os.environ, "SOME_SECRET": "a-made-up-secret"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def remarks(err):
    """Return the lines on stderr that do not tell how far a scan is."""
    return [line for line in err.splitlines() if not re.match(r"\[\d+ s\] ", line)]


@pytest.mark.parametrize("redirect", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_stream_closed_at_start_changes_nothing(redirect, tmp_path):
    done = probe("scan", *NOWHERE, cwd=tmp_path, redirect=redirect)
    assert done.returncode == 3, done.stderr
    assert (tmp_path / "out" / "report.json").exists()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("args", [("schema",), ("--help",), ("scan", *NOWHERE)])
def test_a_full_disk_on_stdout_is_a_sentence(args, unbuffered, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    done = probe(*args, cwd=tmp_path, redirect=">/dev/full")
    assert done.returncode == 1
    assert remarks(done.stderr) == ["Error: stdout cannot be written: No space left on device."]


@pytest.mark.parametrize(
    ("args", "redirect", "code"),
    [
        (("scan", *NOWHERE, "--token=other=a-made-up-secret"), "2>/dev/full", 3),  # warns on stderr
        (("rules",), "2>/dev/full >/dev/full", 1),
        (("scan",), "2>/dev/full >/dev/full", 2),
        (("--debug", "scan"), "2>/dev/full", 2),
        (("no-such-command",), "2>/dev/full", 2),
        (("rules",), "2>/dev/full", 0),
    ],
)
def test_a_full_disk_on_stderr_changes_no_exit_code(args, redirect, code, tmp_path):
    done = probe(*args, cwd=tmp_path, redirect=redirect)
    assert done.returncode == code
    assert done.stderr == ""
    assert (tmp_path / "out" / "report.json").exists() is (code == 3)


def test_a_reader_that_goes_away_does_not_change_how_a_scan_ends(tmp_path):
    process = subprocess.Popen(
        [*PROBE, "scan", *NOWHERE],
        cwd=tmp_path,
        env={**os.environ, "SOME_SECRET": "a-made-up-secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == 3
    assert remarks(err) == []


def test_an_interrupt_during_the_imports_is_no_traceback():
    code = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "probe.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from probe.entry import run
run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == ""


@pytest.mark.parametrize("args", [("rules",), ("--debug", "rules")])
def test_a_bug_says_what_to_do_next(args):
    code = f"""
import sys
from probe.cli import main, rules
def broken(*args, **options):
    raise ValueError
rules.command.callback = broken
sys.exit(main.main({list(args)!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) is ("--debug" in args)
    assert ("probe --debug COMMAND" in done.stderr) is ("--debug" not in args)
