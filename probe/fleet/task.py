"""One organization as a task for another process: what goes there, what is done there, what comes back.

Comes in: bytes that hold an organization with references to its tokens, never a secret. Goes out: bytes
with its row and its finished reports. The run is recorded in the shared history by the process that asked,
under the fleet run's key: a task that is done twice is there once. Secrets are fetched here, by the
process that asks, and end with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from probe import __version__
from probe.catalog.load import load_catalog
from probe.catalog.model import Catalog
from probe.errors import ConfigError
from probe.fleet.conclude import Bench
from probe.fleet.model import Organization, Row
from probe.fleet.rows import failed_row
from probe.fleet.run import Desk, FleetOptions
from probe.fleet.workers import clerk_for
from probe.history.location import VARIABLE, Dialect, parse_location
from probe.settings import ScanOptions

_NO_FILE = Path(os.devnull)  # as configuration: empty, so that a worker's own probe.toml is not read


class Task(Struct, frozen=True, kw_only=True):
    """An organization to ask: `catalog` is a name or a path, `history` a reference without a password."""

    version: str
    run: str
    organization: Organization
    scan: ScanOptions
    catalog: str
    history: str


class Done(Struct, frozen=True, kw_only=True):
    """What came of it: the row, and the finished reports by file name."""

    row: Row
    files: dict[str, bytes]


def history_reference(said: str | None, configured: str | None, environ: Mapping[str, str]) -> str:
    """Return the history's address as other processes may be told it.

    What is taken is what probe.history.location.locate would take. Raises ConfigError where it is no
    PostgreSQL database, or would tell a password.
    """
    text = said or (f"env:{VARIABLE}" if environ.get(VARIABLE) else configured)
    where = parse_location(text, environ) if text else None
    if text is None or where is None or where.dialect is not Dialect.POSTGRESQL:
        raise ConfigError(
            "With --engine dask the workers share one history, which has to be in PostgreSQL.",
            "Name it: --history env:VARIABLE, with the variable set where each worker runs.",
        )
    if not text.startswith("env:") and where.url.reveal().partition("://")[2] != _rest(where.shown):
        raise ConfigError(
            "The history's address holds a password or options, which would go through the scheduler.",
            "Put it into a variable where each worker runs, and write --history env:VARIABLE.",
        )
    return text


def portable(scan: ScanOptions) -> ScanOptions:
    """Return the options as they hold in another process: whole paths, and no history's address."""
    config = _NO_FILE if scan.config is None and not Path("probe.toml").exists() else scan.config
    return replace(
        scan,
        config=(config or Path("probe.toml")).absolute(),
        ca_bundle=scan.ca_bundle.absolute() if scan.ca_bundle else None,
        history=None,
        no_history=True,
        output_dir=None,
    )


def pack_task(task: Task) -> bytes:
    """Return a task as bytes."""
    return msgspec.msgpack.encode(task, enc_hook=str)


def unpack_done(packed: bytes) -> Done:
    """Return what came of a task."""
    return msgspec.msgpack.decode(packed, type=Done)


def do_task(packed: bytes) -> bytes:
    """Ask one organization, record its run, and return its row and reports. Raises nothing of ours.

    What is recorded already, by a process that ended before it could tell, is not asked again.
    """
    task = msgspec.msgpack.decode(packed, type=Task, dec_hook=_path)
    with TemporaryDirectory(prefix="probe-fleet-") as folder:
        try:
            row = asyncio.run(_served(task, Path(folder)))
        except Exception as error:  # noqa: BLE001 - it would be logged with all that is on the stack
            row = failed_row(task.organization, error)
        files = {path.name: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
    return msgspec.msgpack.encode(Done(row=row, files=files))


async def _served(task: Task, folder: Path) -> Row:
    if task.version != __version__:
        raise ConfigError(
            f"A worker has version {__version__} of probe, the fleet was started with {task.version}.",
            "Install the same version on every worker.",
        )
    options = FleetOptions(
        scan=task.scan,
        catalog=_catalog(task.catalog),
        catalog_name=task.catalog,
        folder=folder,
        organizations_at_once=1,
    )
    shelf = _Shelf(task.run)
    where = parse_location(task.history)
    with Bench(options.catalog, where, task.catalog) as bench, clerk_for(bench, 0) as clerk:
        await Desk(options, shelf, bench, clerk, lambda _row: None).serve(task.organization, asyncio.Event())
    return shelf.rows[-1]


class _Shelf:
    """Takes the row that a desk keeps, in a ledger's place."""

    resumed = True  # a task may be done twice

    def __init__(self, run: str) -> None:
        self.run = run
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Take a row."""
        self.rows.append(row)


@lru_cache(maxsize=4)
def _catalog(name: str) -> Catalog:
    return load_catalog(name)


def _path(kind: type, value: Any) -> Any:  # noqa: ANN401 - what msgspec asks of such a function
    return kind(value)


def _rest(address: str) -> str:
    return address.partition("://")[2]
