"""Whatever a server answers to a write, or fails to: it arrives once, as it is, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest
from counting_server import counting_server

from probe.catalog.load import load_catalog
from probe.catalog.model import Hazard
from probe.evidence import Limits
from probe.masking import Mask
from probe.scan.calls import Call, FilledId, Origin
from probe.scan.client import Client
from probe.scan.consented import EmbedWish, embed_call
from probe.simulator.tokens import demo_tokens

CATALOG = load_catalog()
TOKEN = demo_tokens(CATALOG)[0]
NINES = "9" * 20
NOBODY = FilledId(name="id", value=NINES, origin=Origin.SENTINEL, shown="sentinel")
LIMITS = Limits(
    concurrency=4,
    requests_per_minute=None,
    connect_timeout_s=5,
    first_byte_timeout_s=5,
    body_timeout_s=5,
    body_cap_bytes=10_000,
    retries=10,
    retry_after_cap_s=60,
)
WISH = EmbedWish(page="page", groups=(1,), person="visitor1")


def guarded(method, name="a"):
    body, required = ("{}", ("name",)) if method in {"POST", "PUT", "PATCH"} else ("", ())
    path = f"/v1/{name}/{{id}}"
    return Call(
        method=method,
        template=path,
        hazard=Hazard.GUARDED,
        ids=(NOBODY,),
        body=body,
        required=required,
        token=TOKEN,
    )


def answer(status, *headers, body="", version="1.1", length=True):
    lines = [f"HTTP/{version} {status} X", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*lines, "", body]).encode()


ELSEWHERE = [
    "/v1/a/1",
    f"/v1/a/{NINES}/",
    "ORIGIN/v1/b",
    "//127.0.0.1:1/x",
    "http://127.0.0.1:1/x",
    "https://127.0.0.1:1/x",
    "",
    "?id=1",
    "../../deploy",
    "/v1/a/1 HTTP/1.1",
    "javascript:alert(1)",
    "file:///etc/passwd",
]
FINAL = (200, 201, 202, 204, 205, 206, 400, 404, 405, 410, 418, 421, 423, 426, 428, 451)
STRANGE = (499, 501, 505, 507, 508, 511, 520, 529, 599, 999)
PAGE = '<meta http-equiv="refresh" content="0">'
TAKEN = ("Connection: Upgrade",)
CHALLENGES = [
    "Basic realm=x",
    'Digest realm="x", nonce="y", qop="auth"',
    "Bearer",
    "Negotiate",
    "NTLM",
    "DPoP",
]
ANSWERS = {
    **{
        f"{status} to {where!r}": answer(status, f"Location: {where}")
        for status in (301, 302, 303, 307, 308)
        for where in ELSEWHERE
    },
    **{
        f"{status} to the same": answer(status, f"Location: /v1/a/{NINES}")
        for status in (300, 301, 305, 306, 307, 308)
    },
    **{f"{status} without an address": answer(status) for status in (300, 301, 302, 303, 304, 307, 308)},
    **{f"401, {what.split()[0]}": answer(401, f"WWW-Authenticate: {what}") for what in CHALLENGES},
    **{f"407, {what.split()[0]}": answer(407, f"Proxy-Authenticate: {what}") for what in CHALLENGES},
    **{
        f"{status}, Retry-After {after}": answer(status, f"Retry-After: {after}")
        for status in (202, 408, 409, 413, 425, 429, 500, 502, 503, 504)
        for after in ("0", "1", "Mon, 01 Jan 2001 00:00:00 GMT")
    },
    **{
        f"{status}": answer(status)
        for status in (200, 201, 202, 204, 205, 206, 400, 404, 405, 410, 418, 421, 423, 426)
    },
    **{
        f"{status} of a server": answer(status)
        for status in (428, 451, 499, 501, 505, 507, 508, 511, 520, 529, 599, 999)
    },
    "a refresh": answer(200, "Refresh: 0; url=/v1/a/1"),
    "a page that refreshes": answer(
        200, "Content-Type: text/html", body='<meta http-equiv="refresh" content="0">'
    ),
    "other places for it": answer(
        201, "Location: /v1/a/1", "Content-Location: /v1/a/1", "Link: </v1/a/1>; rel=next"
    ),
    "another service": answer(200, 'Alt-Svc: h2="127.0.0.1:1", h3=":1"'),
    "an upgrade offered": answer(426, "Upgrade: h2c", "Connection: Upgrade"),
    "go on, then a redirect": answer(100, length=False) * 3 + answer(307, "Location: /v1/a/1"),
    "go on, then 417": answer(100, length=False) + answer(417),
    "417": answer(417, "Expect: 100-continue"),
    "hints, then a redirect": answer(103, "Link: </v1/a/1>; rel=preload", length=False)
    + answer(308, "Location: /x"),
    "an old version": answer(503, version="1.0"),
    "a newer version": answer(503, version="2.0"),
    "cookies to come back with": answer(401, "Set-Cookie: a=b", "Connection: keep-alive"),
    "a hold for all": answer(429, "RateLimit-Remaining: 0", "RateLimit-Reset: 1"),
    "a demand to do it again": answer(
        449, "Content-Type: application/json", body='{"retry":true,"retryable":true}'
    ),
}
# After these, a client would wait for more if the connection stayed.
UNFINISHED = {
    "an upgrade taken": answer(101, "Upgrade: websocket", *TAKEN, length=False) + b"\x81\x05hello",
    "an upgrade to http/2": answer(101, "Upgrade: h2c", *TAKEN, length=False) + b"PRI * HTTP/2.0\r\n\r\n",
    "go on, for ever": answer(100, length=False) * 50,
    "processing, for ever": answer(102, length=False) * 20,
    "two answers at once": answer(200) + answer(307, "Location: /v1/a/1"),
    "a version of nonsense": answer(503, version="9.9"),
    "a status of nonsense": b"HTTP/1.1 abc X\r\n\r\n",
    "half a status line": b"HTTP/1.",
    "half of the headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a body that breaks off": answer(200, "Content-Length: 900", length=False),
    "a chunk that breaks off": answer(200, "Transfer-Encoding: chunked", length=False) + b"5\r\nab",
    "two lengths": answer(200, "Content-Length: 5", "Content-Length: 6", length=False),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no answer": b"",
}
ALL = ANSWERS | UNFINISHED
METHODS = ("POST", "PUT", "PATCH", "DELETE")


class _Jump:
    """A clock whose waits take no time, so that an answer that asks for patience costs none."""

    now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


def client(origin):
    clock = _Jump()
    return Client(origin, LIMITS, Mask([TOKEN.secret]), clock=clock, sleep=clock.sleep)


@pytest.mark.parametrize("case", ALL)
async def test_a_write_arrives_once(case):
    async def sent(method, keep, reset):
        async with (
            counting_server([ALL[case]], keep=keep, reset=reset) as server,
            client(server.origin) as asking,
        ):
            got = await asking.ask(guarded(method))
            assert server.arrived == [f"{method} /v1/a/{NINES}"]
            assert len(got.attempts) == 1
            assert server.connections == 1

    kept = [(method, True, False) for method in METHODS]
    ended = [(method, False, reset) for method in METHODS for reset in (False, True)]
    await asyncio.gather(*(sent(*how) for how in (ended if case in UNFINISHED else kept)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("reset", [False, True])
async def test_a_write_on_a_connection_that_was_used_before_arrives_once(method, reset):
    """The second one meets a connection that ends without an answer; aiohttp would send a DELETE again."""
    answers = [answer(200, "Connection: keep-alive"), b""]
    async with counting_server(answers, keep=True, reset=reset) as server, client(server.origin) as asking:
        await asking.ask(guarded("DELETE", "first"))
        got = await asking.ask(guarded(method, "second"))
        assert server.arrived == [f"DELETE /v1/first/{NINES}", f"{method} /v1/second/{NINES}"]
        assert len(got.attempts) == 1
        assert server.connections == 1


@pytest.mark.parametrize("case", [*list(ANSWERS)[::4], *UNFINISHED])
async def test_the_embed_call_arrives_once_and_never_again(case):
    consented = embed_call(CATALOG, WISH, TOKEN)
    async with counting_server([ALL[case]], keep=case in ANSWERS) as server, client(server.origin) as asking:
        await asking.ask_consented(consented)
        await asking.ask_consented(consented)
        assert server.arrived == ["POST /api/embed-url/external-user"]


@pytest.mark.parametrize(
    "case", ["no answer", "407, Basic", "407, NTLM", "502, Retry-After 0", "307 to ''", "200"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_gets_a_write_once(case, scheme, monkeypatch):
    async def sent(method):
        async with counting_server([ALL[case]]) as proxy:
            monkeypatch.setenv(f"{scheme}_proxy", proxy.origin.replace("//", "//name:word@"))
            async with client(f"{scheme}://api.example.com") as asking:
                await asking.ask(guarded(method))
            line = f"{method} http://api.example.com/v1/a/{NINES}"
            assert proxy.arrived == [line if scheme == "http" else "CONNECT api.example.com:443"]

    for method in METHODS:
        await sent(method)


async def test_the_counting_server_would_see_a_second_one():
    read = Call(method="GET", template="/v1/a", hazard=Hazard.READ)
    async with (
        counting_server([answer(503), answer(200)], keep=True) as server,
        client(server.origin) as asking,
    ):
        await asking.ask(read)
        assert server.arrived == ["GET /v1/a"] * 2
