"""The README's two commands do all the set-up, in either order, and the demo installs only what it needs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
# Stands for Python, also in the venv, and for `probe`: makes a venv of copies of itself, and notes the rest.
STUB = """#!/bin/sh
case "$*" in
  -c*) exit 0 ;;
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/probe" ;;
  "-m pip install "*) echo "$*" >> log; test ! -e no-network ;;
  *) echo "$*" >> log ;;
esac
"""
BASE, DEV = "--editable .", "--editable .[dev,fast]"


@pytest.fixture
def clone(tmp_path) -> Path:
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "pyproject.toml").touch()
    stub = tmp_path / "stub"
    stub.write_text(STUB)
    stub.chmod(0o755)
    return tmp_path


def make(clone: Path, *targets: str) -> list[str]:
    """Run make; return what it did, in short: what was installed, and what was run."""
    (clone / "log").write_text("")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    subprocess.run(
        ["make", "PYTHON=./stub", *targets], cwd=clone, env=environ, capture_output=True, check=False
    )
    done = (clone / "log").read_text().splitlines()
    return [line[line.index("--editable") :] if "--editable" in line else line for line in done]


def test_a_demo_installs_what_a_scan_needs_once(clone):
    assert make(clone, "demo") == [BASE, "demo --plan business"]
    assert make(clone, "demo", "PLAN=free") == ["demo --plan free"]


def test_the_tests_after_a_demo_install_their_own(clone):
    make(clone, "demo")
    assert make(clone, "test") == [DEV, "-m pytest -n 2"]
    assert make(clone, "demo", "test") == ["demo --plan business", "-m pytest -n 2"]


def test_a_demo_after_the_tests_installs_nothing(clone):
    assert make(clone, "test") == [DEV, "-m pytest -n 2"]
    assert make(clone, "demo") == ["demo --plan business"]


def test_what_could_not_be_installed_is_tried_again(clone):
    (clone / "no-network").touch()
    assert make(clone, "demo") == [BASE]
    (clone / "no-network").unlink()
    assert make(clone, "demo") == [BASE, "demo --plan business"]


def test_other_needs_are_installed_by_both(clone):
    make(clone, "demo", "test")
    later = (clone / ".venv" / ".installed-dev").stat().st_mtime + 10
    os.utime(clone / "pyproject.toml", (later, later))
    assert make(clone, "demo")[0] == BASE
    assert make(clone, "test")[0] == DEV
