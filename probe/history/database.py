"""A connection to SQLite or PostgreSQL, and its troubles in plain words.

Comes in: a Location. Goes out: transactions for reading and for writing. Every error of a driver
becomes a HistoryError here, without the driver's own text: that could hold a password.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, exc
from sqlalchemy.pool import NullPool

from probe.errors import ConfigError, HistoryError, InputError, short_reason
from probe.history.location import Dialect, Location
from probe.history.trouble import trouble_with

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_OWNER_ONLY = 0o600
_FOLDER_OWNER_ONLY = 0o700
_RETRY_S = 0.05
_CONNECT_TIMEOUT_S = 10


class Database:
    """A database of the history. Each transaction has a connection of its own, so threads may share it."""

    def __init__(self, location: Location, wait_s: float) -> None:
        self.dialect = location.dialect
        self.shown = location.shown
        self._location = location
        self._wait_s = wait_s
        self._engine = _engine(location, wait_s)
        self._writer = self._engine.execution_options(probe_write=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the database. Raises HistoryError."""
        with self._in_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that may write; it waits for other writers first. Raises HistoryError."""
        with self._in_words(), self._writer.begin() as connection:
            yield connection

    def prepare_for_writers(self) -> None:
        """Let readers and a writer of a SQLite file not wait for each other, where its disk can."""
        if self.dialect is not Dialect.SQLITE:
            return
        with self._in_words():
            connection = self._engine.raw_connection()
            try:
                _use_wal(connection.driver_connection, self._wait_s)
            finally:
                connection.close()

    def shrink(self) -> None:
        """Give free room of a SQLite file back to the disk, where nobody is in the way."""
        if self.dialect is Dialect.SQLITE:
            with suppress(exc.DBAPIError), self._engine.connect() as connection:
                connection.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]  # it is open

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (exc.DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            raise trouble_with(cause, self._location) from None


def make_file(path: Path, *, must_exist: bool) -> None:
    """Create the file of a history and its folder for the owner only, where they are missing."""
    if must_exist and not path.exists():
        raise InputError(f"There is no history at {path} yet.", "`probe scan` records its runs there.")
    try:
        path.parent.mkdir(mode=_FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY))
    except OSError as error:
        raise HistoryError(
            f"The history {path} cannot be created: {short_reason(error)}.",
            "Name another file with --history.",
        ) from None


def _engine(location: Location, wait_s: float) -> Engine:
    try:
        if location.dialect is Dialect.SQLITE:
            return _sqlite_engine(location, wait_s)
        return _postgresql_engine(location, wait_s)
    except ModuleNotFoundError:
        raise HistoryError(
            "A history in PostgreSQL needs the driver psycopg, which is not installed.",
            "Install it: pip install 'plan-probe[postgres]'.",
        ) from None
    except (exc.ArgumentError, ValueError):
        raise ConfigError(
            f"The history's address {location.shown} cannot be read as a URL.",
            "Write postgresql://USER@HOST/DATABASE.",
        ) from None


def _sqlite_engine(location: Location, wait_s: float) -> Engine:
    def connect() -> sqlite3.Connection:
        # Transactions begin and end where SQLAlchemy says, not where the driver thinks (isolation_level).
        connection = sqlite3.connect(
            location.path or "", timeout=wait_s, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its place in the queue at once: a reader that turns writer could not wait.
        write = connection.get_execution_options().get("probe_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql_engine(location: Location, wait_s: float) -> Engine:
    engine = create_engine(
        location.url.reveal(),
        poolclass=NullPool,
        hide_parameters=True,
        # No statement is prepared on the server: a pooler between us may change servers.
        connect_args={"connect_timeout": _CONNECT_TIMEOUT_S, "prepare_threshold": None},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(wait_s * 1000))}")

    return engine


def _use_wal(connection: Any, wait_s: float) -> None:  # noqa: ANN401 - the driver's connection, as SQLAlchemy types it
    """Turn the write-ahead log on. The change of mode does not wait for others by itself."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return
