"""A fleet run past one machine: each organization is a task on Dask distributed.

Comes in: what `run_fleet` takes, and where the scheduler is, if there is one. Goes out: the same: rows
in the ledger, reports in the folder, runs in the history (recorded by the workers). No more tasks than
organizations at a time are handed over, so that neither the scheduler nor this process grows with the
fleet. A task whose worker dies is given to another one by Dask. Prints nothing.

An address stands in a list once, and Dask has one worker do a task: so what limits one scan's requests
to a host limits those of the whole cluster.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from probe import __version__
from probe.errors import ProbeError, UsageError, short_reason
from probe.fleet.case import REPORTS, folder_of
from probe.fleet.ledger import Ledger
from probe.fleet.model import Organization, Row
from probe.fleet.rows import failed_row
from probe.fleet.run import FleetOptions
from probe.fleet.task import Done, Task, do_task, pack_task, portable, unpack_done
from probe.masking import Mask
from probe.report.write import write_artefact
from probe.scan.pool import Job, work_through

_CONNECT_S = 10


class Cluster(Struct, frozen=True, kw_only=True):
    """Where the work is done: at a scheduler's address, or, if that is empty, by `workers` processes here.

    `catalog` is the catalog's name or whole path, `history` a reference without a password.
    """

    scheduler: str = ""
    workers: int = 0
    catalog: str
    history: str


async def run_on_dask(
    left: list[Organization],
    options: FleetOptions,
    ledger: Ledger,
    cluster: Cluster,
    stop: asyncio.Event,
    on_row: Callable[[Row], None] = lambda _row: None,
) -> None:
    """Do what is left; `stop` ends it: what a worker finishes after that is in the history all the same.

    Raises UsageError where Dask is not installed or no scheduler answers, ArtefactError where the
    ledger cannot be written.
    """
    waiting = iter(left)
    async with _client(cluster, options.organizations_at_once) as client:
        counter = _Counter(client, options, ledger, cluster, on_row)

        def take() -> Job | None:
            organization = next(waiting, None)
            return None if organization is None else lambda: counter.serve(organization)

        await work_through(take, min(options.organizations_at_once, max(1, len(left))), stop)


class _Counter:
    """Hands organizations over and takes back what came of them; many at once."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - distributed.Client, which is imported late
        options: FleetOptions,
        ledger: Ledger,
        cluster: Cluster,
        on_row: Callable[[Row], None],
    ) -> None:
        self._client, self._options, self._ledger = client, options, ledger
        self._cluster, self._on_row = cluster, on_row
        self._scan = portable(options.scan)
        self._lock = asyncio.Lock()

    async def serve(self, organization: Organization) -> None:
        """Have an organization asked and keep what came of it; nothing but a ledger that fails raises."""
        try:
            done = unpack_done(await self._answer(organization))
            row = await asyncio.to_thread(self._written, organization, done)
        except Exception as error:  # noqa: BLE001 - one organization never stops the others
            row = failed_row(organization, _in_words(error))
        async with self._lock:
            await asyncio.to_thread(self._ledger.add, row)
        self._on_row(row)

    async def _answer(self, organization: Organization) -> bytes:
        task = Task(
            version=__version__,
            run=self._ledger.run,
            organization=organization,
            scan=self._scan,
            catalog=self._cluster.catalog,
            history=self._cluster.history,
        )
        key = f"probe-fleet-{self._ledger.run}-{organization.id}"
        future = self._client.submit(do_task, pack_task(task), key=key, pure=False)
        try:
            packed: bytes = await future
        finally:
            future.release()  # else scheduler and worker would keep every result
        return packed

    def _written(self, organization: Organization, done: Done) -> Row:
        """Write the reports, which the worker has checked for the secrets that only it knows."""
        folder = self._options.folder / REPORTS / folder_of(organization)
        for name, content in done.files.items():
            if "/" in name or "\\" in name:
                continue  # no file name of ours
            write_artefact(folder / name, [content.decode()], Mask())
        return done.row


def _dask() -> tuple[Any, Any]:
    """Return what connects to a cluster and what starts one. Raises UsageError."""
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError:
        raise UsageError(
            "--engine dask needs Dask distributed, which is not installed.",
            "Install it: pip install 'plan-probe[dask]'.",
        ) from None
    return Client, LocalCluster


@asynccontextmanager
async def _client(cluster: Cluster, at_once: int) -> AsyncIterator[Any]:
    connect, start = _dask()
    if cluster.scheduler:
        async with _connected(connect, cluster.scheduler) as client:
            yield client
        return
    workers = max(1, min(cluster.workers or os.cpu_count() or 1, at_once))
    async with (
        start(
            n_workers=workers,
            threads_per_worker=math.ceil(at_once / workers),
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=None,
            silence_logs=logging.ERROR,
            asynchronous=True,
        ) as local,
        connect(local, asynchronous=True) as client,
    ):
        yield client


@asynccontextmanager
async def _connected(kind: Any, address: str) -> AsyncIterator[Any]:  # noqa: ANN401 - distributed.Client
    client = kind(address, asynchronous=True, timeout=_CONNECT_S)
    try:
        await client
    except (OSError, ValueError) as error:
        await client.close(timeout=1)
        raise UsageError(
            f"No Dask scheduler answers at the address of --scheduler: {short_reason(error)}.",
            "Check the address, such as tcp://scheduler.example.com:8786, and that it runs.",
        ) from None
    try:
        yield client
    finally:
        await client.close()


def _in_words(error: Exception) -> Exception:
    """Return an error of Dask as one of ours; its own text can hold a task's arguments."""
    from distributed import CancelledError, KilledWorker

    match error:
        case KilledWorker():
            return ProbeError(
                "Several workers ended while they asked it.",
                "Look at the workers' memory, then run the same command with --resume.",
            )
        case CancelledError():
            return ProbeError(
                "The scheduler let go of it before a worker was done.",
                "See that the scheduler runs, then run the same command with --resume.",
            )
        case _:
            return error
