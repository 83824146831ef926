"""A real PostgreSQL server for tests and measurements: private, on a free loopback port, gone afterwards.

It cannot run as root, so it runs as the user `postgres` there. Nothing is synced to the disk.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "60"}
_SMALL = {"shared_buffers": "16MB", "max_wal_size": "128MB", "autovacuum": "off", "jit": "off"}
PASSWORD = "s3cret-" + secrets.token_hex(6)


@dataclass
class PostgreSQL:
    """A running server. `url` is that of a superuser and the database `probe`."""

    port: int

    @property
    def url(self) -> str:
        return self.url_of("probe")

    def url_of(self, database: str, user: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def emptied(self) -> str:
        """Return the URL of the database `probe` after everything in it is gone: quicker than a new one."""
        empty = (
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
        )
        self.execute(*empty, database="probe")
        return self.url


def installed() -> bool:
    return _programs() is not None


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    named = shutil.which("postgres")
    return found[-1].parent if found else Path(named).parent if named else None


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """Make a cluster, start its server, and end it."""
    programs = _programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="probe-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _make_cluster(programs, folder)
        port = _free_port()
        server = _start(programs, folder, port)
        try:
            _wait_for(server, port, folder)
            yield PostgreSQL(port)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(programs: Path, folder: Path) -> None:
    password = folder / "password"
    password.write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(password, "postgres", "postgres")
    options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"]
    options += ["--encoding=UTF8", "--locale=C"]
    subprocess.run(
        [*_as_postgres(), programs / "initdb", "-D", folder / "data", *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )


def _start(programs: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {**_FAST, **_SMALL, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*_as_postgres(), programs / "postgres", "-D", folder / "data", "-p", str(port), *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )


def _as_postgres() -> list[str]:
    """Return what changes to the user `postgres`, and to no other process: signals reach the server."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            PostgreSQL(port).execute("CREATE DATABASE probe")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError((folder / "log").read_text()[-2000:])
