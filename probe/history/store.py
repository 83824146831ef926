"""The history: the one way to past runs, in SQLite or PostgreSQL.

Comes in: a Location, then reports. Goes out: records of `model`, and reports as they were stored.
Everything that touches the database is in this room and is imported here, when it is opened. Every
trouble with the database is a HistoryError: one sentence, never a password. Safe to use from several
threads and processes at once; each call is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from probe.history import queries, rows, timeline, transfer, writing
from probe.history.database import Database, make_file
from probe.history.location import Location, parse_location
from probe.history.migrate import migrate
from probe.history.model import Imported, KnownCapability, Pruned, StoredRun, Timeline
from probe.report.model import Report

_WAIT_S = 30.0


def open_history(location: Location | str, *, must_exist: bool = False, wait_s: float = _WAIT_S) -> History:
    """Open the history at a Location or URL; bring its tables up to this version.

    A SQLite file is created, with its folder, for the owner only, unless `must_exist` (then InputError
    where there is none). Raises ConfigError for a URL that is none, HistoryError where the database
    cannot be reached or used, or was written by a newer version (it is left as it is). Whoever meets
    another's lock waits for `wait_s` seconds.
    """
    where = parse_location(location) if isinstance(location, str) else location
    if where.path is not None:
        make_file(where.path, must_exist=must_exist)
    database = Database(where, wait_s)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return History(database)


class History:
    """An open history; a context manager.

    `base_url` is always an organization's address as a report has it, and means the runs under its other
    spellings too (see probe.history.origins); None means all organizations.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.shown = database.shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def record(self, report: Report, *, key: str = "", label: str = "") -> StoredRun:
        """Store a report whole, with its verdicts, in one transaction.

        A report that is there already, or any with a `key` that is there already, changes nothing: the
        stored run is returned.
        """
        return self._record(report, key, label)[0]

    def add(self, report: Report, *, key: str = "", label: str = "") -> bool:
        """Record a report; return whether it is new."""
        return self._record(report, key, label)[1]

    def _record(self, report: Report, key: str, label: str, run_id: str = "") -> tuple[StoredRun, bool]:
        """Store a report; return its run and whether it is new."""
        body, packed = rows.pack(report)
        values = rows.run_values(report, body, key, label)
        values["id"] = run_id or values["id"]
        capabilities = rows.capability_values(report)
        with self._database.writing() as connection:
            writing.take_lock(connection, alone=False)
            found = writing.find_recorded(connection, values["id"], values["run_key"])
            added = False
            if found is None:
                state = writing.add_state(connection, rows.digest_of(capabilities), capabilities)
                added = writing.add_run(connection, {**values, "state_id": state}, packed)
                found = writing.find_recorded(connection, values["id"], values["run_key"])
            assert found is not None  # noqa: S101 - it is there, or the insertion failed
            return rows.stored_run(found), added

    def runs(self, *, base_url: str | None = None, limit: int | None = None) -> tuple[StoredRun, ...]:
        """Return the runs, the newest first, at most `limit`."""
        with self._database.reading() as connection:
            return queries.list_runs(connection, base_url, limit)

    def base_urls(self) -> tuple[str, ...]:
        """Return the addresses that have runs, sorted."""
        with self._database.reading() as connection:
            return queries.list_base_urls(connection)

    def organization(self, base_url: str | None, what: str) -> str | None:
        """Return the organization that was named, or the only one there is; None where there is no run.

        Raises InputError where it is not known, or none was named and there are several; it names them
        and says that `what` needs one.
        """
        with self._database.reading() as connection:
            return queries.the_organization(connection, base_url, what)

    def load(self, run_id: str) -> Report:
        """Return a run's report. Raises InputError where there is no such run or it is damaged."""
        with self._database.reading() as connection:
            packed = queries.packed_report(connection, run_id)
        return rows.report_of(packed, run_id)

    def find(self, reference: str, base_url: str | None = None) -> StoredRun:
        """Return the run that `reference` means.

        An id or the unique start of one, `last`, `last-good` (the last measured and complete run), or
        `baseline` (the pinned one). Raises InputError where there is none, or more than one: of several
        organizations, `last` names none.
        """
        with self._database.reading() as connection:
            return rows.stored_run(queries.find_run(connection, reference, base_url))

    def with_key(self, key: str) -> StoredRun | None:
        """Return the run that was recorded under `key`, or None."""
        with self._database.reading() as connection:
            found = writing.find_recorded(connection, "", key)
            return None if found is None else rows.stored_run(found)

    def pin(self, base_url: str, run_id: str | None) -> None:
        """Make a run the organization's baseline; None unpins. Raises InputError for an unknown run."""
        with self._database.writing() as connection:
            writing.take_lock(connection, alone=False)  # or the run could be pruned meanwhile
            seq = None if run_id is None else queries.find_run(connection, run_id, base_url)["seq"]
            writing.set_pin(connection, queries.spellings(connection, base_url), seq)

    def pinned(self, base_url: str) -> StoredRun | None:
        """Return the organization's pinned baseline, or None."""
        with self._database.reading() as connection:
            return queries.pinned_run(connection, base_url)

    def known_state(self, base_url: str, *, before: StoredRun | None = None) -> dict[str, KnownCapability]:
        """Return, by operation, what the latest run that told it says.

        A run that was not measured tells nothing; nor does one in which the operation was unknown.
        `before` leaves out that run and all that started later.
        """
        with self._database.reading() as connection:
            return queries.known_capabilities(connection, base_url, before)

    def timeline(self, globs: Iterable[str], base_url: str) -> tuple[Timeline, ...]:
        """Return the timeline of each operation whose id fits a glob, sorted by id."""
        with self._database.reading() as connection:
            return timeline.timelines(connection, globs, base_url)

    def prune(self, keep_days: float, now: datetime) -> Pruned:
        """Remove runs that started more than `keep_days` before `now`.

        A pinned run stays, and so does each organization's last good one.
        """
        before = rows.microseconds_of(now - timedelta(days=keep_days))
        with self._database.writing() as connection:
            writing.take_lock(connection, alone=True)
            removed = writing.remove_before(connection, before)
            kept = queries.count_runs(connection)
        if removed:
            self._database.shrink()
        return Pruned(removed=removed, kept=kept)

    def export(self, *, base_url: str | None = None) -> Iterator[str]:
        """Yield one line of JSON per run, the oldest first, each with its report."""
        with self._database.reading() as connection:
            runs = tuple(queries.oldest_first(connection, base_url))
        for run, pinned in runs:
            with self._database.reading() as connection:
                packed = queries.packed_report(connection, run.id)
            yield transfer.line_of(run, rows.unpack(packed, run.id), pinned=pinned)

    def import_(self, lines: Iterable[str]) -> Imported:
        """Record what `export` yielded; runs that are there already are left as they are.

        Raises InputError at the first line that is none; the runs before it are in.
        """
        added = known = 0
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            line, report = transfer.read_line(text, number)
            run, new = self._record(report, line.key, line.label, line.id)
            if line.pinned and self.pinned(run.base_url) is None:
                self.pin(run.base_url, run.id)
            added, known = added + new, known + (not new)
        return Imported(added=added, known=known)

    def state_get(self, key: str) -> str | None:
        """Return what was stored under `key`, or None."""
        with self._database.reading() as connection:
            return queries.get_note(connection, key)

    def state_set(self, key: str, value: str | None) -> None:
        """Store a small text under `key` in place of what was there; None removes it."""
        with self._database.writing() as connection:
            writing.set_note(connection, key, value)
