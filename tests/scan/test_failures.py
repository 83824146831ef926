"""What is no HTTP is told in part by the client's own errors: masked, and without noise."""

import asyncio
import errno
import os
import socket
import struct

import pytest
from disguises import gives_away
from raw_server import raw_server

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.config import LimitsEntry, limits_from
from probe.evidence import Failure, FailureReason
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.report.write import FORMATS
from probe.scan.agenda import make_agenda
from probe.scan.calls import Call
from probe.scan.client import Client
from probe.scan.request import ScanRequest
from probe.secret import Secret, Token

SECRET = "rt_Zq7/Canary+8fK2m=Xw9Lr4Vb6"
TOKEN = Token(name="admin", secret=Secret(SECRET))
CATALOG = load_catalog()
ECHO = f"{SECRET} jane.roe@example.com"
# What each answer makes of the finding: a failure of this kind, or an answer.
BROKEN = {
    "status": f"HTTP/1.1 {ECHO}\r\n\r\n",
    "version": f"HTTP/{ECHO} 200 OK\r\n\r\n",
    "no HTTP": f"{ECHO}\r\n\r\n",
    "header": f"HTTP/1.1 200 OK\r\n{ECHO}\r\n\r\n",
    "header value": f"HTTP/1.1 200 OK\r\nX-A: {ECHO}\0\r\n\r\n",
    "length": f"HTTP/1.1 200 OK\r\nContent-Length: {ECHO}\r\n\r\n",
    "chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{ECHO}\r\n",
}
ODD = {
    "reason": f"HTTP/1.1 403 {ECHO}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "trailer": "HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    f"2\r\n{{}}\r\n0\r\nX-Request-Id: {ECHO}\r\n\r\n",
    "folded": f"HTTP/1.1 403 X\r\nServer: {ECHO[:14]}\r\n {ECHO[14:]}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n",
    "login": f"HTTP/1.1 302 X\r\nLocation: https://jane:{SECRET}@x.example/\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", [*BROKEN, *ODD])
async def test_what_is_no_proper_answer_gives_nothing_away(name):
    answer = (BROKEN | ODD)[name].encode()
    async with raw_server(answer) as server:
        request = ScanRequest(
            origin=server.origin,
            catalog=CATALOG,
            tokens=(TOKEN,),
            agenda=make_agenda(CATALOG, ["admin"], ("folders.list",)),
            limits=limits_from(LimitsEntry(requests_per_minute="off", retries=0), 1),
        )
        report = judge(await gather(request, Mask([TOKEN.secret]), asyncio.Event()), CATALOG)
    outcomes = [item.evidence.attempts[-1].outcome for item in report.controls]
    assert isinstance(outcomes[0], Failure) is (name in BROKEN)
    for _, render in FORMATS.values():
        text = "".join(render(report))
        assert not gives_away(SECRET, text)
        assert "jane" not in text
    if isinstance(outcomes[0], Failure):
        assert "url=" not in outcomes[0].detail
        assert len(outcomes[0].detail) > 10


QUICK = LimitsEntry(requests_per_minute="off", retries=0, connect_timeout=0.1, first_byte_timeout=0.1)


async def slow(_head, _writer):
    await asyncio.sleep(60)  # the server is closed before


async def reset(_head, writer):
    linger = struct.pack("ii", 1, 0)  # so that closing is a reset
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@pytest.mark.parametrize(
    ("behave", "reason", "detail"),
    [(slow, FailureReason.TIMEOUT, ""), (reset, FailureReason.RESET, os.strerror(errno.ECONNRESET))],
)
async def test_no_name_or_number_of_an_error_is_evidence(behave, reason, detail):
    limits = limits_from(QUICK, 1)
    async with raw_server(behave) as server, Client(server.origin, limits, Mask()) as client:
        answer = await client.ask(Call(method="GET", template="/", hazard=Hazard.READ))
    outcome = answer.attempts[-1].outcome
    assert (outcome.reason, outcome.detail) == (reason, detail)


async def test_plain_http_where_tls_is_expected_is_told_as_that():
    def speak(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        limits = limits_from(LimitsEntry(requests_per_minute="off", retries=0), 1)
        async with Client(origin, limits, Mask()) as client:
            answer = await client.ask(Call(method="GET", template="/", hazard=Hazard.READ))
    outcome = answer.attempts[-1].outcome
    assert outcome.reason is FailureReason.TLS
    assert "TLS" in outcome.detail
    assert os.strerror(1) not in outcome.detail  # the library's number, read as the system's
