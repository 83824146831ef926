"""Asks one origin: past the lock, at the pace, again where that helps. Every outcome becomes evidence.

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

from probe import __version__
from probe.evidence import Attempt, Body, Failure, FailureReason, Form, Limits, Request, Response
from probe.masking import Mask
from probe.reading import read_body
from probe.scan.calls import HARMLESS_METHODS, Call
from probe.scan.clock import utc_now
from probe.scan.consented import Consented, consented_lock
from probe.scan.limits import Retries
from probe.scan.location import location_of
from probe.scan.lock import lock_reason
from probe.scan.pace import OnWait, Pace, Sleep, Waiting
from probe.scan.ratelimit import retry_after_s
from probe.scan.wire import Raw, Wire, internal_failure

USER_AGENT = f"plan-probe/{__version__}"


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
        self._wire = Wire(origin, limits, mask, tls)
        self._consented = False
        self._slots = asyncio.Semaphore(limits.concurrency)

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)

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
            came = await self._wire.send(call.method, path, headers, call.body)
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

    def _got(self, came: Raw | Failure) -> _Got:
        if isinstance(came, Failure):
            return _Got(came)
        try:
            return self._reading(came)
        except Exception as error:  # noqa: BLE001 - a bug of ours is a value too
            return _Got(internal_failure(error))

    def _reading(self, raw: Raw) -> _Got:
        head = raw.head
        reading = read_body(raw.data, raw.headers, status=head.status, cut=raw.cut, mask=self._mask)
        body = _with_note(reading.body, raw.note)
        outcome = Response(status=head.status, headers=head.headers, body=body)
        return _Got(outcome, reading.document, raw.location)

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


def _with_note(body: Body, note: str) -> Body:
    if not note:
        return body
    import msgspec

    if body.form is Form.EMPTY:
        body = msgspec.structs.replace(body, cut=True)
    return msgspec.structs.replace(body, notes=(*body.notes, note))
