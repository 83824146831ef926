"""The pool of workers: what a failure does to the jobs that are left."""

import asyncio

import pytest

from probe.scan.pool import work_through


async def test_after_a_job_that_failed_no_other_begins():
    begun = []

    async def short():
        begun.append("short")
        await asyncio.sleep(0)

    async def failing():
        raise LookupError("told to fail")

    jobs = iter([short, short, failing, *[short] * 50])
    with pytest.raises(LookupError):
        await work_through(lambda: next(jobs, None), 3, asyncio.Event())
    assert begun == ["short", "short"]
