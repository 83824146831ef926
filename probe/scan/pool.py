"""A pool of workers over one source of jobs: the only place that starts tasks.

Comes in: a function that gives the next job. Goes out: nothing; the work
keeps its own results. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Job: TypeAlias = Callable[[], Awaitable[None]]


async def work_through(take: Callable[[], Job | None], workers: int, stop: asyncio.Event) -> None:
    """Do jobs, `workers` at a time, until `take` gives None or `stop` is set.

    A job may make more jobs for `take` to give. When stopped, jobs in flight are cancelled; when a
    job raises, the others are cancelled and the error goes on to the caller.
    """
    over = False

    async def worker() -> None:
        nonlocal over
        while not (over or stop.is_set()) and (job := take()) is not None:
            try:
                await job()
            except BaseException:
                over = True
                raise

    tasks = [asyncio.create_task(worker()) for _ in range(workers)]
    stopped = asyncio.create_task(stop.wait())
    pending: set[asyncio.Task[Any]] = set(tasks)
    try:
        while pending and not stop.is_set():
            done, pending = await asyncio.wait({*pending, stopped}, return_when=asyncio.FIRST_COMPLETED)
            pending.discard(stopped)
            for task in done - {stopped}:
                task.result()
    finally:
        over = True
        await asyncio.sleep(0)  # whoever has an answer in hand takes it in
        for task in (*tasks, stopped):
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)
