import asyncio
import gzip
import socket
import tracemalloc

import msgspec
import pytest
from raw_server import http, raw_server
from virtual_time import Clock

from probe.catalog.model import Hazard
from probe.evidence import Failure, FailureReason, Form, Limits, Response
from probe.masking import Mask
from probe.scan.calls import Call, FilledId, Origin
from probe.scan.client import Client
from probe.secret import Secret, Token

TEXT = "retool_01h5pq8canary9x7z"
TOKEN = Token(name="admin", secret=Secret(TEXT))
LIMITS = Limits(
    concurrency=4,
    requests_per_minute=None,
    connect_timeout_s=2,
    first_byte_timeout_s=0.3,
    body_timeout_s=0.3,
    body_cap_bytes=100_000,
    retries=2,
    retry_after_cap_s=60,
)
GET = Call(method="GET", template="/api/v2/users", hazard=Hazard.READ, token=TOKEN)
JSON = "Content-Type: application/json"


async def asked(origin: str, call: Call = GET, limits: Limits = LIMITS):
    clock = Clock()
    async with Client(origin, limits, Mask([TOKEN.secret]), clock=clock, sleep=clock.sleep) as client:
        answer = await client.ask(call)
    return answer, clock.slept, client


def shown(answer) -> str:
    return msgspec.json.encode((answer.request, answer.attempts)).decode()


async def test_headers_are_fixed_and_the_token_is_sent_but_not_recorded():
    async with raw_server(http(200, b'{"success":true,"data":[]}', JSON)) as server:
        answer, _, client = await asked(server.origin)
    head = server.requests[0].decode()
    assert f"Authorization: Bearer {TEXT}" in head
    assert "Accept: application/json\r\n" in head
    assert "User-Agent: plan-probe/" in head
    assert "cookie" not in head.lower()
    assert TEXT not in shown(answer)
    assert dict(answer.request.headers)["accept"] == "application/json"
    assert client.requests_sent == {"GET": 1}


async def test_cookies_are_not_kept():
    async with (
        raw_server(http(200, b"{}", JSON, "Set-Cookie: a=b")) as server,
        Client(server.origin, LIMITS, Mask()) as client,
    ):
        await client.ask(GET)
        await client.ask(GET)
    assert all(b"cookie" not in head.lower() for head in server.requests)


async def test_a_token_echoed_anywhere_is_masked():
    body = f'{{"success":false,"message":"bad token {TEXT}"}}'.encode()
    async with raw_server(
        http(401, body, JSON, f"WWW-Authenticate: Bearer realm={TEXT}", f"X-Request-Id: {TEXT}")
    ) as server:
        answer, *_ = await asked(server.origin)
    assert TEXT not in shown(answer)
    assert TEXT[:8] not in shown(answer)


async def test_a_body_is_read_up_to_the_cap():
    async with raw_server(http(200, b'{"a":"' + b"x" * 200_000 + b'"}', JSON)) as server:
        answer, *_ = await asked(server.origin)
    outcome = answer.attempts[-1].outcome
    assert isinstance(outcome, Response)
    assert outcome.body.cut
    assert outcome.body.notes


async def test_an_endless_body_ends():
    async def endless(_head, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while True:
            writer.write(b"1," * 10_000)
            await writer.drain()

    async with raw_server(endless) as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.body.cut


async def test_a_trickling_body_ends():
    async def trickle(_head, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(trickle) as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.body.cut


async def test_a_body_that_breaks_off_is_cut_not_a_failure():
    async def broken(_head, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{")
        await writer.drain()

    async with raw_server(broken) as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.body.cut


async def test_silence_is_a_timeout_and_reads_are_asked_again_where_the_server_has_spoken():
    async def silent_after_the_first(_head, writer):
        if len(server.requests) > 1:
            await asyncio.sleep(60)
        writer.write(http(200, b"{}", JSON))
        await writer.drain()

    limits = msgspec.structs.replace(LIMITS, connect_timeout_s=0.2)
    clock = Clock()
    async with (
        raw_server(silent_after_the_first) as server,
        Client(server.origin, limits, Mask(), clock=clock, sleep=clock.sleep) as client,
    ):
        await client.ask(GET)
        answer = await client.ask(GET)
    assert [attempt.outcome.reason for attempt in answer.attempts] == [FailureReason.TIMEOUT] * 3
    assert len(clock.slept) == 2


async def test_a_server_that_has_never_spoken_gets_one_timeout():
    async def silent(_head, _writer):
        await asyncio.sleep(60)

    limits = msgspec.structs.replace(LIMITS, connect_timeout_s=0.2)
    async with raw_server(silent) as server:
        answer, slept, _ = await asked(server.origin, limits=limits)
    assert [attempt.outcome.reason for attempt in answer.attempts] == [FailureReason.TIMEOUT]
    assert not slept


async def test_a_reset_is_a_failure_with_every_attempt_kept():
    async def reset(_head, writer):
        writer.transport.abort()
        await asyncio.sleep(0)

    async with raw_server(reset) as server:
        answer, *_ = await asked(server.origin)
    assert [attempt.outcome.reason for attempt in answer.attempts] == [FailureReason.RESET] * 3


async def test_a_closed_port_is_a_connection_failure():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answer, *_ = await asked(f"http://127.0.0.1:{port}")
    assert answer.attempts[-1].outcome.reason is FailureReason.CONNECT


async def test_a_name_that_does_not_resolve_is_a_dns_failure():
    answer, *_ = await asked("http://no-such-host.invalid")
    assert answer.attempts[-1].outcome.reason is FailureReason.DNS
    assert len(answer.attempts) == 1


async def test_plain_http_on_a_tls_address_is_a_tls_failure():
    async def greet(_reader, writer):
        writer.write(http(400))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer, *_ = await asked(f"https://127.0.0.1:{port}")
    assert answer.attempts[-1].outcome.reason is FailureReason.TLS


async def test_what_is_no_http_is_a_protocol_failure():
    async with raw_server(b"SSH-2.0-OpenSSH_9.2\r\n\r\n") as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.reason is FailureReason.PROTOCOL


@pytest.mark.parametrize("size", [10_000, 1_000_000])
async def test_endless_headers_end(size):
    async with raw_server(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * size + b"\r\n\r\n") as server:
        answer, *_ = await asked(server.origin)
    assert isinstance(answer.attempts[-1].outcome, Failure | Response)


async def test_compressed_json_is_read():
    packed = gzip.compress(b'{"success":true,"data":[]}')
    async with raw_server(http(200, packed, JSON, "Content-Encoding: gzip")) as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.body.form is Form.JSON
    assert answer.document == {"success": True, "data": []}


PACKED = gzip.compress(b'{"data":["' + b"a" * 60_000_000 + b'"]}', 6)
ARRAY = b'{"data":[' + b'{"id":1},' * 110_000 + b"{}]}"


@pytest.mark.parametrize(
    "reply",
    [
        http(200, PACKED, JSON, "Content-Encoding: gzip"),
        http(200, b'{"a":"' + b"x" * 8_000_000, JSON),
        http(200, ARRAY, JSON),
        http(500, b'{"a":' * 150_000, JSON),
        http(200, b"{}", *["X-A: " + "a" * 4000] * 2000),
    ],
    ids=["gzip bomb", "long", "many", "deep", "headers"],
)
async def test_no_answer_takes_more_memory_than_a_bound(reply):
    """Whatever comes, one answer costs forty times the cap at most: parsed JSON is larger than its text."""
    async with raw_server(reply) as server:
        tracemalloc.start()
        try:
            await asked(server.origin, limits=msgspec.structs.replace(LIMITS, body_cap_bytes=1024 * 1024))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 40 * 1024 * 1024


async def test_retry_after_is_waited_for():
    answers = [http(429, b"", "Retry-After: 1"), http(503, b""), http(200, b"{}", JSON)]

    async def behave(_head, writer):
        writer.write(answers[len(server.requests) - 1])
        await writer.drain()

    async with raw_server(behave) as server:
        answer, slept, _ = await asked(server.origin)
    assert [attempt.outcome.status for attempt in answer.attempts] == [429, 503, 200]
    assert 1 in slept
    assert answer.attempts[1].waited_ms == 1000


async def test_a_redirect_is_an_answer():
    async with raw_server(http(302, b"", "Location: https://elsewhere.example/login")) as server:
        answer, *_ = await asked(server.origin)
    assert len(server.requests) == 1
    assert answer.attempts[-1].outcome.status == 302


async def test_a_slash_more_on_the_same_origin_is_followed_once():
    async def behave(head, writer):
        path = head.split()[1]
        writer.write(
            http(200, b"{}", JSON) if path.endswith(b"/") else http(301, b"", f"Location: {path.decode()}/")
        )
        await writer.drain()

    async with raw_server(behave) as server:
        answer, *_ = await asked(server.origin)
    assert [attempt.outcome.status for attempt in answer.attempts] == [301, 200]


async def test_a_slash_is_followed_although_an_id_in_the_path_is_not_kept():
    found = FilledId(
        name="id", value="0b8c1c2e-1d2f-4a5b-8c7d-0123456789ab", origin=Origin.DISCOVERED, shown="x"
    )
    call = Call(method="GET", template="/api/v2/x/{id}", hazard=Hazard.READ, ids=(found,), token=TOKEN)

    async def behave(head, writer):
        path = head.split()[1].decode()
        writer.write(http(200, b"{}", JSON) if path.endswith("/") else http(301, b"", f"Location: {path}/"))
        await writer.drain()

    async with raw_server(behave) as server:
        answer, *_ = await asked(server.origin, call)
    assert [attempt.outcome.status for attempt in answer.attempts] == [301, 200]
    assert found.value not in shown(answer)


async def test_a_redirect_loop_ends():
    async def behave(head, writer):
        path = head.split()[1].decode()
        target = path[:-1] if path.endswith("/") else f"{path}/"
        writer.write(http(301, b"", f"Location: {target}"))
        await writer.drain()

    async with raw_server(behave) as server:
        answer, *_ = await asked(server.origin)
    assert len(answer.attempts) == 2


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:1/api/v2/users/",
        "https://127.0.0.1/api/v2/users/",
        "file:///etc/passwd",
        "A://[",
        "//evil/api/v2/users/",
    ],
)
async def test_a_token_never_leaves_its_origin(location):
    async with raw_server(http(308, b"", f"Location: {location}")) as server:
        answer, *_ = await asked(server.origin)
    assert len(answer.attempts) == len(server.requests) == 1


NOBODY = FilledId(name="id", value="9" * 20, origin=Origin.SENTINEL, shown="sentinel of nines")


async def test_the_lock_sends_nothing():
    unsafe = Call(method="POST", template="/api/v2/deploy", hazard=Hazard.UNSAFE, token=TOKEN)
    async with raw_server(http(200)) as server:
        answer, _, client = await asked(server.origin, unsafe)
    assert server.requests == []
    assert client.requests_sent == {}
    assert answer.attempts[-1].outcome.reason is FailureReason.LOCKED


@pytest.mark.parametrize("reply", [http(503, b""), http(301, b"", "Location: /x/0/"), b""])
async def test_a_write_is_never_sent_twice(reply):
    guarded = Call(method="DELETE", template="/x/{id}", hazard=Hazard.GUARDED, ids=(NOBODY,), token=TOKEN)
    async with raw_server(reply) as server:
        answer, *_ = await asked(server.origin, guarded)
    assert len(server.requests) == len(answer.attempts) == 1


async def test_a_proxy_of_the_environment_is_not_used_for_loopback(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with raw_server(http(200, b"{}", JSON)) as server:
        answer, *_ = await asked(server.origin)
    assert answer.attempts[-1].outcome.status == 200
