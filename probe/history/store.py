"""The history: the one way to past runs, in SQLite or PostgreSQL.

Comes in: a Location, then reports. Goes out: records of `model`, and reports as they were stored.
Everything that touches the database is in this room and is imported here, when it is opened. Every
trouble with the database is a HistoryError: one sentence, never a password. Safe to use from several
threads and processes at once; each call is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from probe.history.location import Location
from probe.history.model import Imported, KnownCapability, Pruned, StoredRun, Timeline
from probe.report.model import Report


def open_history(location: Location | str, *, must_exist: bool = False) -> History:
    """Open the history at a Location or URL; bring its tables up to this version.

    A SQLite file is created, with its folder, for the owner only, unless `must_exist` (then InputError
    where there is none). Raises ConfigError for a URL that is none, HistoryError where the database
    cannot be reached or used, or was written by a newer version (it is left as it is).
    """
    raise NotImplementedError


class History:
    """An open history; a context manager.

    `base_url` is always an organization's address as a report has it; None means all of them.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        raise NotImplementedError

    def record(self, report: Report, *, key: str = "", label: str = "") -> StoredRun:
        """Store a report whole, with its verdicts, in one transaction.

        A report that is there already, or any with a `key` that is there already, changes nothing: the
        stored run is returned.
        """
        raise NotImplementedError

    def runs(self, *, base_url: str | None = None, limit: int | None = None) -> tuple[StoredRun, ...]:
        """Return the runs, the newest first, at most `limit`."""
        raise NotImplementedError

    def base_urls(self) -> tuple[str, ...]:
        """Return the organizations that have runs, sorted."""
        raise NotImplementedError

    def load(self, run_id: str) -> Report:
        """Return a run's report. Raises InputError where there is no such run or it is damaged."""
        raise NotImplementedError

    def find(self, reference: str, base_url: str | None = None) -> StoredRun:
        """Return the run that `reference` means.

        An id or the unique start of one, `last`, `last-good` (the last measured and complete run), or
        `baseline` (the pinned one). Raises InputError where there is none, or more than one.
        """
        raise NotImplementedError

    def pin(self, base_url: str, run_id: str | None) -> None:
        """Make a run the organization's baseline; None unpins. Raises InputError for an unknown run."""
        raise NotImplementedError

    def pinned(self, base_url: str) -> StoredRun | None:
        """Return the organization's pinned baseline, or None."""
        raise NotImplementedError

    def known_state(self, base_url: str, *, before: StoredRun | None = None) -> dict[str, KnownCapability]:
        """Return, by operation, what the latest run that told it says.

        A run that was not measured tells nothing; nor does one in which the operation was unknown.
        `before` leaves out that run and all that started later.
        """
        raise NotImplementedError

    def timeline(self, globs: Iterable[str], base_url: str) -> tuple[Timeline, ...]:
        """Return the timeline of each operation whose id fits a glob, sorted by id."""
        raise NotImplementedError

    def prune(self, keep_days: float, now: datetime) -> Pruned:
        """Remove runs that started more than `keep_days` before `now`.

        A pinned run stays, and so does each organization's last good one.
        """
        raise NotImplementedError

    def export(self, *, base_url: str | None = None) -> Iterator[str]:
        """Yield one line of JSON per run, the oldest first, each with its report."""
        raise NotImplementedError

    def import_(self, lines: Iterable[str]) -> Imported:
        """Record what `export` yielded; runs that are there already are left as they are.

        Raises InputError at the first line that is none; the runs before it are in.
        """
        raise NotImplementedError

    def state_get(self, key: str) -> str | None:
        """Return what was stored under `key`, or None."""
        raise NotImplementedError

    def state_set(self, key: str, value: str | None) -> None:
        """Store a small text under `key` in place of what was there; None removes it."""
        raise NotImplementedError
