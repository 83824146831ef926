"""Where organizations are concluded: in processes of their own, or in one thread of this one.

Comes in: a Case and its evidence, of which only masked bytes and the Case's sealed secrets cross to a
child. Goes out: what `conclude` returns. A child that ends (out of memory, killed) loses nothing: its
organizations are concluded here, once, with their evidence in a journal meanwhile. Prints nothing.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import wait
from typing import Protocol

import msgspec
from msgspec.structs import replace

from probe.catalog.load import load_catalog
from probe.errors import ArtefactError
from probe.evidence import Run
from probe.fleet.case import Case, Doubt, Sealed
from probe.fleet.conclude import Bench, conclude, conclude_recorded, recorded
from probe.fleet.model import Row
from probe.gathering import steps_of
from probe.history.location import parse_location
from probe.journal import Journal
from probe.jsonbytes import encoded
from probe.report.write import prepare_folder

DONE_AGAIN = "The process that judged this organization ended before it was done, so it was judged again."
_FEW = 4  # organizations: for fewer, a process takes longer to start than it saves
_MOST = 60  # what Windows can wait for
_MOST_BREAKS = 3


class Clerk(Protocol):
    """Concludes organizations, whoever does it."""

    async def conclude(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Return what `probe.fleet.conclude.conclude` does."""


def processes_for(said: int | None, organizations: int, at_once: int) -> int:
    """Return how many processes judge: as said, else one less than there are processors; 0 is none.

    >>> processes_for(None, 2, 8), processes_for(3, 100, 8), processes_for(100, 100, 8)
    (0, 3, 8)
    """
    if said is None:
        said = max(1, _processors() - 1) if organizations >= _FEW else 0
    return min(said, organizations, at_once, _MOST)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))  # those that a container or taskset leaves us
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@contextmanager
def clerk_for(bench: Bench, processes: int) -> Iterator[Clerk]:
    """Give a clerk with so many processes, or with none: then one thread does the work."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet") as thread:
        here = Here(bench, thread)
        if not processes:
            yield here
            return
        elsewhere = Elsewhere(bench, here, processes)
        try:
            elsewhere.start()
            yield elsewhere
        finally:
            elsewhere.close()


class Here:
    """Concludes in a thread, one organization after the other, so that nobody's requests wait for it."""

    def __init__(self, bench: Bench, thread: ThreadPoolExecutor) -> None:
        self._bench, self._thread = bench, thread

    async def conclude(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Conclude one."""
        return await self._aside(partial(conclude, case, run, self._bench, may_ask_again=may_ask_again))

    async def conclude_after_break(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Conclude what a child may have done half or wholly."""
        return await self._aside(partial(self._with_journal, case, run, may_ask_again=may_ask_again))

    async def _aside(self, work: Callable[[], Row | Doubt]) -> Row | Doubt:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _with_journal(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Conclude with the evidence on the disk: what ended the child may end this process too."""
        folder = case.folder / case.place
        with suppress(ArtefactError):  # the reports will say it
            prepare_folder(folder)
        journal = Journal(folder, case.mask())
        for step in steps_of(run, [operation.id for operation in self._bench.catalog.operations]):
            journal.note(step)
        answer = self._concluded(replace(case, notes=(*case.notes, DONE_AGAIN)), run, may_ask_again)
        journal.discard()
        return answer

    def _concluded(self, case: Case, run: Run, may_ask_again: bool) -> Row | Doubt:
        earlier = recorded(case, self._bench)
        if earlier is not None:
            return conclude_recorded(case, *earlier, self._bench)
        return conclude(case, run, self._bench, may_ask_again=may_ask_again)


class Elsewhere:
    """Concludes in child processes, as many at a time as there are; in `here` where they fail."""

    def __init__(self, bench: Bench, here: Here, processes: int) -> None:
        self._bench, self._here, self._processes = bench, here, processes
        self._pool: ProcessPoolExecutor | None = None
        self._breaks = 0

    def start(self) -> None:
        """Start the processes, which load what they need while the first organizations are asked."""
        try:
            self._pool = self._pool or self._new_pool()
            with _signals_later():
                for _ in range(self._processes):
                    self._pool.submit(_nothing)
        except (BrokenExecutor, OSError, NotImplementedError, ImportError):
            self._break(self._pool)  # a system without processes or semaphores; this one does it all

    def close(self) -> None:
        """End the processes, once they have done what they have."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    async def conclude(self, case: Case, run: Run, *, may_ask_again: bool) -> Row | Doubt:
        """Conclude one."""
        pool = self._pool
        if pool is None:
            return await self._here.conclude(case, run, may_ask_again=may_ask_again)
        work = partial(_conclude, case, encoded(run), may_ask_again=may_ask_again)
        try:
            with _signals_later():
                future = asyncio.get_running_loop().run_in_executor(pool, work)
            return await future
        except (BrokenExecutor, OSError):
            self._break(pool)
            return await self._here.conclude_after_break(case, run, may_ask_again=may_ask_again)

    def _break(self, pool: ProcessPoolExecutor | None) -> None:
        """Let a broken pool go; the next one takes its place, but not for ever."""
        if pool is not self._pool:
            return
        self._breaks += 1
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new_pool() if pool is not None and self._breaks < _MOST_BREAKS else None

    def _new_pool(self) -> ProcessPoolExecutor:
        where = self._bench.where
        return ProcessPoolExecutor(
            max_workers=self._processes,
            mp_context=multiprocessing.get_context("spawn"),  # no copy of this process with its threads
            initializer=_begin,
            # No more than a pipe holds: a child that ends before it reads would have us wait for ever.
            initargs=(self._bench.name, Sealed([where.url]) if where is not None else None),
        )


_BENCHES: list[Bench] = []  # of a child process: the one that it works with


def _begin(catalog: str, history: Sealed | None) -> None:
    """Prepare a child: Ctrl-C is the parent's to answer, and the child ends when the parent is gone."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    where = parse_location(history.opened()[0].reveal()) if history is not None else None
    _BENCHES.append(Bench(load_catalog(catalog), where, catalog))


def _end_with(parent: int) -> None:
    """End this process at once when the parent has: files and database hold whole things only."""
    wait([parent])
    os._exit(1)


def _nothing() -> None:
    """Do nothing, so that a child begins."""


def _conclude(case: Case, run: bytes, *, may_ask_again: bool) -> Row | Doubt:
    return conclude(case, msgspec.json.decode(run, type=Run), _BENCHES[0], may_ask_again=may_ask_again)


_STOPPING = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}


@contextmanager
def _signals_later() -> Iterator[None]:
    """Hold Ctrl-C back while a child is started: it begins with them blocked, until it can ignore them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
