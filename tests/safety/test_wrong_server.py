"""A base URL that leads to something else: with guarded writes on, it gets reads only."""

from __future__ import annotations

import asyncio

import pytest
from counting_server import counting_server
from guarded_scans import catalog_of

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.config import LimitsEntry, limits_from
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.scan.agenda import make_agenda
from probe.scan.request import ScanRequest
from probe.scan.run import NO_API
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
WRITES = tuple(item.id for item in CATALOG.operations if item.hazard is Hazard.GUARDED)
SOME = catalog_of(CATALOG, (CATALOG.vendor.calibration, "access_tokens.list", "users.list", *WRITES))
ADMIN = demo_tokens(CATALOG)[:1]


def http(status, kind, body):
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


PAGE = "<!doctype html><html><head><title>Shop</title></head><body>Welcome to our shop</body></html>"
OTHERS = {
    "a shop that answers everything": http(200, "text/html", PAGE),
    "a page for what is not there": http(404, "text/html", PAGE),
    "a store that keeps what it is given": http(201, "text/plain", "Created"),
    "XML": http(404, "application/xml", "<Error><Code>NoSuchBucket</Code></Error>"),
    "nothing": http(204, "text/plain", ""),
    "a redirect to a login": b"HTTP/1.1 302 X\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
    "a page that says it is JSON": http(404, "application/json", PAGE),
    "what is no HTTP": b"220 mail.example.com ESMTP\r\n",
}


async def scanned(answer):
    """Ask a server that always answers so; return what arrived and the evidence."""
    limits = limits_from(LimitsEntry(requests_per_minute="off", retries=0, first_byte_timeout=5), 1)
    agenda = make_agenda(SOME, ["admin"], guarded_writes=True)
    async with counting_server([answer]) as server:
        request = ScanRequest(origin=server.origin, catalog=SOME, tokens=ADMIN, agenda=agenda, limits=limits)
        run = await gather(request, Mask([ADMIN[0].secret]), asyncio.Event())
        return {line.split()[0] for line in server.arrived}, run


@pytest.mark.parametrize("case", OTHERS)
async def test_it_gets_no_write(case):
    methods, run = await scanned(OTHERS[case])
    assert methods <= {"GET"}
    judge(run, SOME)
    reasons = {item.reason for item in run.skipped if item.operation in WRITES}
    assert reasons
    assert NO_API in reasons or all("not asked" in reason for reason in reasons if "same" not in reason)


async def test_an_api_that_refuses_everything_gets_them():
    methods, _ = await scanned(http(404, "application/json", '{"success":false,"message":"Not found"}'))
    assert methods == {"GET", "POST", "PUT", "PATCH", "DELETE"}
