"""What all tests share: where the facts beside the project are, and no skipped test where none may be."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from hypothesis import HealthCheck, settings
from postgresql_server import PostgreSQL, installed, running_postgresql

# A busy machine is no failure: what is drawn or checked slowly is still right.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_SHARED = Path(__file__).parents[2] / "shared"
_skipped: list[str] = []
_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _no_history_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every scan of the tests out of the user's own history, also those of wide fixtures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROBE_HISTORY", f"sqlite:///{tmp_path_factory.mktemp('histories')}/history.db")
        yield


@pytest.fixture(autouse=True)
def _history_of_the_test(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a history of its own, so that none is compared with another's scan."""
    folder = tmp_path_factory.getbasetemp() / "histories"
    monkeypatch.setenv("PROBE_HISTORY", f"sqlite:///{folder}/{next(_numbers)}.db")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and captured responses beside the project; tests that need it skip without."""
    if not _SHARED.is_dir():
        pytest.skip("../shared is not here")
    return _SHARED


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server of this test process; it skips where the server is not installed."""
    if not installed():
        pytest.skip("PostgreSQL is not installed")
    with running_postgresql() as server:
        yield server


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
