"""What all tests share: where the facts beside the project are, and no skipped test where none may be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

_SHARED = Path(__file__).parents[2] / "shared"
_skipped: list[str] = []


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and captured responses beside the project; tests that need it skip without."""
    if not _SHARED.is_dir():
        pytest.skip("../shared is not here")
    return _SHARED


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if os.environ.get("PROBE_NO_SKIPS") and _skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("PROBE_NO_SKIPS") and _skipped:
        terminalreporter.write_line(f"Skipped although no test may be: {', '.join(_skipped)}", red=True)
