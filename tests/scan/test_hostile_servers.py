"""Servers that attack or break on one path: the scan ends, says what happened, and the rest is untouched.

Every case is a whole scan over real sockets. Waits are those of the limits, which are short here.
"""

import asyncio
import gzip
import re
import zlib

import msgspec
import pytest
from hostile_front import hostile_front
from raw_server import http, raw_server

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.config import LimitsEntry, limits_from
from probe.judge.model import Cause, Verdict
from probe.masking import Mask
from probe.pipeline import gather, judge
from probe.report.jsonfile import render_json
from probe.scan.agenda import make_agenda
from probe.scan.calls import Call
from probe.scan.client import Client
from probe.scan.request import ScanRequest
from probe.simulator.app import Simulator
from probe.simulator.options import SimulatorOptions
from probe.simulator.tokens import demo_tokens, grants_of

CATALOG = load_catalog()
TOKENS = demo_tokens(CATALOG)[:1]
PATH, OPERATION = "/api/v2/folders", "folders.list"
ONLY = ("folders.list", "users.*", "groups.*", "user_invites.*", "environments.*")
LIMITS = msgspec.structs.replace(
    limits_from(LimitsEntry(requests_per_minute="off", retries=1, concurrency=2), 1),
    connect_timeout_s=0.4,
    first_byte_timeout_s=0.6,
    body_timeout_s=0.3,
    retry_after_cap_s=1,
)
JSON = "Content-Type: application/json"
KEPT = [JSON, "Connection: keep-alive"]
GOOD = b'{"success":true,"data":[]}'


def answer(status, body=b"", *headers, length=None):
    """Return a response that leaves its connection open."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def endlessly(start, piece, pause=0.0):
    async def hostile(writer):
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return hostile


def then_closes(text, *, reset=False):
    async def hostile(writer):
        writer.write(text)
        await writer.drain()
        writer.transport.abort() if reset else writer.close()

    return hostile


async def silent(_writer):
    await asyncio.sleep(60)


def bomb(layers=1):
    body = b'{"success":true,"data":["' + b"a" * 64_000_000 + b'"]}'
    for _ in range(layers):
        body = gzip.compress(body, 9 if len(body) < 10**6 else 1)
    return body


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is done, and what the finding says of it: in its reason, its body's notes, or its failure's detail.
CASES = {
    "endless body": (endlessly(HEAD + b"\r\n[", b"1," * 20_000), "longer than"),
    "endless chunks": (endlessly(CHUNKED, b"2710\r\n" + b"1," * 5000 + b"\r\n"), "longer than"),
    "endless chunk size": (endlessly(CHUNKED, b"0" * 10_000), "did not end within"),
    "endless trailers": (endlessly(CHUNKED + b"0\r\n", b"X-A: 1\r\n" * 1000), "not valid|ended|did not end"),
    "endless header": (endlessly(HEAD + b"X-A: ", b"a" * 10_000), "not valid HTTP"),
    "endless headers": (endlessly(HEAD, b"X-A: 1\r\n" * 1000), "not valid HTTP|no answer came in time"),
    "endless interim answers": (endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001), "in time|not valid"),
    "a byte a moment, body": (endlessly(HEAD + b"\r\n", b" ", 0.05), "did not end within"),
    "a byte a moment, header": (endlessly(HEAD + b"X-A: ", b"a", 0.05), "no answer came in time"),
    "no answer": (silent, "no answer came in time"),
    "closed without an answer": (then_closes(b""), "closed before an answer"),
    "reset in the middle of the head": (then_closes(HEAD, reset=True), "closed before|not valid"),
    "reset in the middle of the body": (
        then_closes(answer(200, b'{"a', JSON, length=999), reset=True),
        "connection ended",
    ),
    "shorter than announced": (then_closes(answer(200, GOOD, JSON, length=999)), "connection ended"),
    "shorter, and left open": (answer(200, GOOD, JSON, length=999), "did not end within"),
    "longer than announced": (answer(200, GOOD + b"x" * 500, JSON, length=len(GOOD)), ""),
    "a length that is none": (answer(200, GOOD, JSON, length="-1"), "not valid HTTP"),
    "a length beyond all bounds": (answer(200, b"", JSON, length="9" * 30), "did not end within|not valid"),
    "two lengths": (answer(200, GOOD, JSON, "Content-Length: 3"), ""),
    "gzip bomb": (answer(200, bomb(), JSON, "Content-Encoding: gzip"), "longer than was read"),
    "gzip bomb in a gzip": (
        answer(200, bomb(2), JSON, "Content-Encoding: gzip, gzip"),
        "longer than was read",
    ),
    "deflate bomb": (
        answer(200, zlib.compress(b"[" + b"1," * 30_000_000), JSON, "Content-Encoding: deflate"),
        "longer than was read",
    ),
    "brotli": (answer(200, b"\x00" * 5000, JSON, "Content-Encoding: br"), "br"),
    "zstd": (answer(200, b"\x28\xb5\x2f\xfd" + b"\x00" * 5000, JSON, "Content-Encoding: zstd"), "zstd"),
    "no HTTP": (b"220 smtp.example ESMTP\r\n\r\n", "not valid HTTP"),
    "an upgrade that nobody asked for": (
        b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        "",
    ),
    "the next answer sent early, at once": (answer(200, GOOD, *KEPT) + answer(403, b"{}", *KEPT), ""),
    "closed between requests": (then_closes(answer(200, GOOD, *KEPT)), ""),
    "redirect, one of many": (answer(302, b"", f"Location: {PATH}?page=99999"), "redirect"),
    "redirect to another origin": (answer(302, b"", "Location: https://evil.invalid/x"), "evil.invalid"),
    "redirect to http": (answer(308, b"", f"Location: http://organization.invalid{PATH}/"), "in clear"),
    "redirect to a file": (answer(302, b"", "Location: file:///etc/passwd"), "no address of the web"),
    "redirect to a script": (answer(302, b"", "Location: javascript:alert(1)"), "no address of the web"),
    "redirect to nowhere": (answer(302, b"", "Location: http://[::1"), "redirect"),
    "429 for ever": (answer(429, b"", "Retry-After: 0"), "429"),
    "Retry-After of a year": (answer(429, b"", "Retry-After: 31536000"), "429"),
    "Retry-After of a bad date": (answer(503, b"", "Retry-After: Fri, 99 Foo 2026 99:99:99 GMT"), "503"),
    "Retry-After in the past": (answer(503, b"", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"), "503"),
    "a negative Retry-After": (answer(429, b"", "Retry-After: -5"), "429"),
    "100,000 elements": (answer(200, b'{"data":[' + b'{"id":1},' * 99_999 + b'{"id":1}]}', JSON), ""),
    "deep JSON": (answer(500, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON), ""),
    "deep HTML": (answer(200, b"<html>" + b"<div>" * 100_000 + b"x", "Content-Type: text/html"), ""),
    "10,000 cookies": (answer(200, GOOD, JSON, *["Set-Cookie: a=b"] * 10_000), ""),
    "a status of 999": (answer(999, GOOD, JSON), ""),
}  # fmt: skip


async def scanned(origin, limits=LIMITS, only=ONLY):
    request = ScanRequest(
        origin=origin,
        catalog=CATALOG,
        tokens=TOKENS,
        agenda=make_agenda(CATALOG, [token.name for token in TOKENS], only),
        limits=limits,
    )
    async with asyncio.timeout(30):
        return judge(await gather(request, Mask(token.secret for token in TOKENS), asyncio.Event()), CATALOG)


def simulator():
    return Simulator(SimulatorOptions(plan="enterprise_premium", tokens=grants_of(TOKENS)), CATALOG).running()


def others(report):
    return {
        finding.operation: (finding.kind, finding.cause, finding.rule, finding.status)
        for finding in report.findings
        if finding.operation != OPERATION
    }


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr("probe.scan.limits._FIRST_BACKOFF_S", 0.0)


@pytest.fixture(scope="module")
def undisturbed():
    """Return what the others say where nothing is wrong."""

    async def scan():
        async with simulator() as server:
            return others(await scanned(server.base_url))

    return asyncio.run(scan())


@pytest.mark.parametrize("case", CASES)
async def test_the_scan_ends_says_what_happened_and_leaves_the_rest_alone(case, undisturbed):
    hostile, said = CASES[case]
    async with simulator() as server, hostile_front(server.base_url, PATH, hostile) as front:
        report = await scanned(front.origin)
    most = 9 if said == "429" else 3  # as long as others get through; or a retry, or second looks at a page
    assert 1 <= front.hostile_asks <= most
    assert report.measured
    assert others(report) == undisturbed
    (finding,) = [item for item in report.findings if item.operation == OPERATION]
    (capability,) = [item for item in report.capabilities if item.operation == OPERATION]
    assert finding.cause not in {Cause.PLAN, Cause.INTERNAL}
    assert capability.verdict is not Verdict.BLOCKED or capability.cause is not Cause.PLAN
    text = msgspec.json.encode(finding).decode()
    assert re.search(said, text), text[-1500:]
    assert len(render_json(report)) < 2_000_000


async def test_an_answer_that_came_before_its_question_is_never_taken():
    """The poison lies on the connection while it rests; the next question goes out on another."""
    sent = asyncio.Event()

    async def early(writer):
        writer.write(answer(200, GOOD, JSON))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(answer(403, b'{"success":false,"message":"upgrade to the enterprise plan"}', JSON))
        await writer.drain()
        sent.set()

    def call(path):
        return Call(method="GET", template=path, hazard=Hazard.READ, token=TOKENS[0])

    async with simulator() as server, hostile_front(server.base_url, PATH, early) as front:
        async with Client(front.origin, LIMITS, Mask()) as client:
            await client.ask(call(PATH))
            await sent.wait()
            await asyncio.sleep(0.02)
            second = await client.ask(call("/api/v2/environments"))
            third = await client.ask(call("/api/v2/environments"))
        assert [item.attempts[-1].outcome.status for item in (second, third)] == [200, 200]
        assert front.connections == 2


@pytest.mark.parametrize("where", ["localhost", "127.0.0.1"])
async def test_no_redirect_leads_the_token_anywhere(where):
    async with raw_server(http(200, GOOD, JSON)) as elsewhere:
        port = elsewhere.origin.rpartition(":")[2]
        target = f"http://{where}:{port}"
        moved = answer(307, b"", f"Location: {target}{PATH}")
        async with simulator() as server, hostile_front(server.base_url, PATH, moved) as front:
            report = await scanned(front.origin)
    assert elsewhere.requests == []
    (finding,) = [item for item in report.findings if item.operation == OPERATION]
    assert finding.cause in {Cause.REDIRECT, Cause.PROXY}


async def test_a_hundred_thousand_redirects_are_one_answer_for_each_question():
    asked = []

    async def behave(head, writer):
        asked.append(head)
        writer.write(http(302, b"", f"Location: /api/v2/page/{len(asked)}/"))
        await writer.drain()

    async with raw_server(behave) as server:
        report = await scanned(server.origin)
    assert not report.measured
    assert len(asked) == sum(report.requests_sent.values()) < 100


async def test_a_server_on_ipv6_only():
    async with raw_server(http(200, GOOD, JSON), host="::1") as server:
        assert "[::1]" in server.origin
        report = await scanned(server.origin)
    assert {finding.status for finding in report.findings} == {200}


async def test_a_name_that_does_not_resolve_is_said():
    report = await scanned("http://organization.invalid")
    assert not report.measured
    assert report.measured_cause is Cause.NETWORK
    assert "could not be resolved" in report.measured_reason


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0 * 400])
async def test_a_clock_that_jumps_changes_no_duration(jump, monkeypatch):
    """The wall clock jumps with every look at it; durations are those of the monotonic clock."""
    import datetime as dt
    import time

    moved = [0.0]
    real_time = time.time

    def wall():
        moved[0] += jump
        return max(0.0, real_time() + moved[0] % 1e9)

    class Jumping(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime.fromtimestamp(wall(), tz)

    monkeypatch.setattr("probe.scan.clock.datetime", Jumping)
    monkeypatch.setattr("probe.scan.client.time.time", wall)
    busy = answer(503, b"", "Retry-After: Fri, 01 Jan 2027 00:00:00 GMT")
    async with simulator() as server, hostile_front(server.base_url, PATH, busy) as front:
        report = await scanned(front.origin)
    assert 0 <= report.duration_s < 30
    times = [report.started_at, report.finished_at]
    for item in report.findings:
        assert 0 <= item.elapsed_ms < 30_000
        times += [attempt.started_at for attempt in item.evidence.attempts]
        assert all(0 <= attempt.waited_ms <= 60_000 for attempt in item.evidence.attempts)
    assert all(dt.datetime.fromisoformat(text).tzinfo for text in times)
