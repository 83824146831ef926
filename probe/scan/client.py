"""The only module that speaks HTTP. Every outcome becomes evidence; nothing raises for what a server does.

Comes in: Calls. Goes out: attempts, already masked, and for a moment the parsed answer for finding
ids. A redirect is an answer; only a slash more or less on the same origin is followed, for reads.
A write goes out once at most, and only past the lock. Knows nothing of what an answer means.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from probe import __version__
from probe.evidence import Attempt, Body, Failure, FailureReason, Form, Headers, Limits, Request, Response
from probe.masking import Mask
from probe.proxy import proxy_for, route
from probe.reading import read_body
from probe.reading.headers import keep_headers
from probe.scan.calls import HARMLESS_METHODS, Call
from probe.scan.clock import utc_now
from probe.scan.connector import CleanConnector
from probe.scan.consented import Consented, consented_lock
from probe.scan.failure import failure_of
from probe.scan.limits import Retries
from probe.scan.location import location_of
from probe.scan.lock import lock_reason
from probe.scan.pace import OnWait, Pace, Sleep, Waiting
from probe.scan.ratelimit import retry_after_s

USER_AGENT = f"plan-probe/{__version__}"
_CHUNK = 64 * 1024
_UNREAD = Body(form=Form.EMPTY)


@dataclass(frozen=True, slots=True)
class _Raw:
    """An answer as it came: its head as evidence, and what is needed to read its body."""

    head: Response
    headers: Headers
    data: bytes
    cut: bool
    note: str
    location: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Got:
    """One outcome, and what is needed of it for a moment: the parsed JSON, and the location as it came."""

    outcome: Response | Failure
    document: Any = field(default=None, repr=False)
    location: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking brought: the record, the attempts, and the last answer's parsed JSON or None.

    `document` may hold anything that the server sent: it is for finding ids and is never stored.
    """

    request: Request
    attempts: tuple[Attempt, ...]
    document: Any = field(default=None, repr=False)


class Client:
    """Asks one origin, within the limits, with fixed headers and no memory of cookies."""

    def __init__(
        self,
        origin: str,
        limits: Limits,
        mask: Mask,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        on_wait: OnWait = lambda _seconds, _why: None,
    ) -> None:
        self.origin = origin
        self.requests_sent: dict[str, int] = {}
        self._limits = limits
        self._mask = mask
        self._clock, self._sleep = clock, sleep
        self._on_wait = on_wait
        self._pace = Pace(limits, clock=clock, sleep=sleep, on_wait=self._on_wait)
        self._proxy, self._in_clear = proxy_for(origin), origin.startswith("http:")
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._consented = False
        self._slots = asyncio.Semaphore(limits.concurrency)

    async def __aenter__(self) -> Self:
        connector = CleanConnector(
            limit=self._limits.concurrency,
            ttl_dns_cache=300,
            ssl=self._tls or True,  # True is aiohttp's own context, which verifies too
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout_s),
            skip_auto_headers=("Content-Type",),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, call: Call) -> Answer:
        """Send a call, again where the retry policy says so, and return everything that came back."""
        headers = _headers_for(call)
        request = call.record(tuple((name.lower(), value) for name, value in headers.items()))
        locked = lock_reason(call)
        if locked:
            outcome = Failure(reason=FailureReason.LOCKED, detail=f"not sent: {locked}")
            return Answer(request, (Attempt(started_at=utc_now(), elapsed_ms=0, outcome=outcome),))
        return await self._ask_until_settled(call, headers, request)

    async def ask_consented(self, consented: Consented) -> Answer:
        """Send the one write that a person asked for by name, once; a second one is refused.

        No scan comes here: only `probe.embed` does, and `consented` holds nothing but its call.
        """
        call = consented.call
        headers = _headers_for(call)
        request = call.record(tuple((name.lower(), value) for name, value in headers.items()))
        locked = consented_lock(consented) or ("one was sent already" if self._consented else "")
        if locked:
            outcome = Failure(reason=FailureReason.LOCKED, detail=f"not sent: {locked}")
            return Answer(request, (Attempt(started_at=utc_now(), elapsed_ms=0, outcome=outcome),))
        self._consented = True
        attempt, got = await self._attempt(call, call.path, headers, None)
        return Answer(request, (attempt,), got.document)

    @property
    def hopeless(self) -> bool:
        """Whether the server has refused everything with 429 for longer than we wait."""
        return self._pace.hopeless

    async def _ask_until_settled(self, call: Call, headers: dict[str, str], request: Request) -> Answer:
        attempts: list[Attempt] = []
        path, since, retries = call.path, None, Retries(self._limits, self._pace)
        while True:
            attempt, got = await self._attempt(call, path, headers, since)
            attempts.append(attempt)
            if call.method not in HARMLESS_METHODS:
                break
            followed = "" if path != call.path else self._canonical(path, got)
            if followed:
                path, since = followed, None
                continue
            since = self._clock()
            wait = retries.wait_after(attempt.outcome)
            if wait is None:
                break
            if wait:
                await self._wait(wait, attempt.outcome)
        return Answer(request, tuple(attempts), got.document)

    async def _wait(self, seconds: float, outcome: Response | Failure) -> None:
        why = Waiting.RETRY
        if isinstance(outcome, Response) and retry_after_s(outcome.header("retry-after"), time.time()):
            self._pace.hold(seconds)  # the server speaks to all of us, not to this probe alone
            why = Waiting.ASKED
        self._on_wait(seconds, why)
        await self._sleep(seconds)

    async def _attempt(
        self, call: Call, path: str, headers: dict[str, str], since: float | None
    ) -> tuple[Attempt, _Got]:
        """Send once; `since` is when the attempt before it was answered, or None for a first one.

        The slot is free as soon as the answer is here: who waits for one sends before this one is read.
        What a write brought is read at once, so that no kill leaves a write that was answered unnoted.
        """
        async with self._slots:
            sent_at = await self._pace.turn()
            started_at, start = utc_now(), time.perf_counter()
            self.requests_sent[call.method] = self.requests_sent.get(call.method, 0) + 1
            came = await self._came(call, path, headers)
            elapsed_ms = round((time.perf_counter() - start) * 1000)
            self._pace.heard(sent_at, came if isinstance(came, Failure) else came.head, time.time())
        if call.method in HARMLESS_METHODS:
            await asyncio.sleep(0)
        got = self._got(came)
        waited_ms = 0 if since is None else round((sent_at - since) * 1000)
        attempt = Attempt(
            started_at=started_at, elapsed_ms=elapsed_ms, outcome=got.outcome, waited_ms=waited_ms
        )
        return attempt, got

    async def _came(self, call: Call, path: str, headers: dict[str, str]) -> _Raw | Failure:
        try:
            return await self._exchange(call, path, headers)
        except _BrokenOffError as error:
            return self._failure(error.cause)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return self._failure(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours is a value too, and stops no other probe
            return _internal(error)

    def _got(self, came: _Raw | Failure) -> _Got:
        if isinstance(came, Failure):
            return _Got(came)
        try:
            return self._reading(came)
        except Exception as error:  # noqa: BLE001 - as above
            return _Got(_internal(error))

    async def _exchange(self, call: Call, path: str, headers: dict[str, str]) -> _Raw:
        assert self._session is not None  # noqa: S101 - the client is used inside `async with` only
        first_byte_s = self._limits.connect_timeout_s + self._limits.first_byte_timeout_s
        async with asyncio.timeout(first_byte_s):
            response = await self._session.request(
                call.method,
                URL(self.origin + path, encoded=True),
                data=call.body.encode() if call.body else None,
                allow_redirects=False,
                middlewares=(_send_once,),
                **route(self._proxy, headers, in_clear=self._in_clear),
            )
        async with response:
            data, cut, note = await self._read(response)
        pairs = tuple((name.lower(), value) for name, value in response.headers.items())
        head = Response(status=response.status, headers=keep_headers(pairs, self._mask), body=_UNREAD)
        return _Raw(head, pairs, data, cut, note, response.headers.get("Location", ""))

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool, str]:
        """Read at most the cap; return the bytes, whether there was more, and what went wrong."""
        raw = bytearray()
        cap = self._limits.body_cap_bytes
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                while len(raw) <= cap:
                    chunk = await response.content.read(_CHUNK)
                    if not chunk:
                        return bytes(raw), False, ""
                    raw += chunk
        except TimeoutError:
            response.close()
            return (
                bytes(raw[:cap]),
                True,
                f"the body did not end within {self._limits.body_timeout_s:g} seconds",
            )
        except (aiohttp.ClientError, OSError):
            return bytes(raw[:cap]), True, "the connection ended before the body did"
        response.close()
        return bytes(raw[:cap]), True, f"the body is longer than {cap} bytes; the rest was not read"

    def _reading(self, raw: _Raw) -> _Got:
        head = raw.head
        reading = read_body(raw.data, raw.headers, status=head.status, cut=raw.cut, mask=self._mask)
        body = _with_note(reading.body, raw.note)
        outcome = Response(status=head.status, headers=head.headers, body=body)
        return _Got(outcome, reading.document, raw.location)

    def _failure(self, error: Exception) -> Failure:
        return failure_of(error, self._mask, through_proxy=self._proxy is not None)

    def _canonical(self, path: str, got: _Got) -> str:
        """Return the path to follow to, if a redirect only adds or drops a slash on this origin."""
        location = location_of(self.origin + path, got.outcome, got.location)
        if location is None:
            return ""
        here = urlsplit(self.origin + path)
        if (location.scheme, location.netloc) != (here.scheme, here.netloc) or location.query != here.query:
            return ""
        if location.path == here.path or location.path.rstrip("/") != here.path.rstrip("/"):
            return ""
        return location.path + (f"?{here.query}" if here.query else "")


class _BrokenOffError(Exception):
    """The connection broke while a request was under way."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending an idempotent request again by itself when the connection breaks.

    It would send a DELETE twice; and every send is an attempt, which the evidence must show.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenOffError(error) from error


def _headers_for(call: Call) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": USER_AGENT,
    }
    if call.body:
        headers["Content-Type"] = "application/json"
    if call.token is not None:
        headers["Authorization"] = f"Bearer {call.token.secret.reveal()}"
    return headers


def _internal(error: Exception) -> Failure:
    return Failure(reason=FailureReason.INTERNAL, detail=type(error).__name__)


def _with_note(body: Body, note: str) -> Body:
    if not note:
        return body
    import msgspec

    if body.form is Form.EMPTY:
        body = msgspec.structs.replace(body, cut=True)
    return msgspec.structs.replace(body, notes=(*body.notes, note))
