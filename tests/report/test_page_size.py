"""A page must be small enough for a ticket: that of the largest scan there is, both ways to be refused."""

import asyncio

import pytest
from changing_world import organization, scan

from probe.report.html import render_html

MOST = 400_000  # bytes; many a ticket system takes no more than half a megabyte
TOKENS = ("admin", "reader")


@pytest.mark.parametrize("plan", ["business", "enterprise_premium"])
def test_a_full_guarded_scan_with_two_tokens_stays_below_the_limit(plan):
    async def full():
        async with organization(plan, tokens=TOKENS) as running:
            return (await scan(running, tokens=TOKENS, only=(), writes=True)).report

    report = asyncio.run(full())
    assert len(report.findings) > 250, "reads and guarded writes, with each token"
    assert len(render_html(report).encode()) < MOST
