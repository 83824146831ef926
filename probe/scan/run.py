"""One scan: controls, waves, second looks. The only module that is concurrent.

Comes in: a ScanRequest and a client. Goes out: a Run, the evidence, complete or as far as it came.
Knows nothing of what answers mean: whether to go on after the controls is asked of the caller.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from probe.catalog.model import Catalog
from probe.errors import ConfigError
from probe.evidence import ControlRole, Exchange, Form, Limits, Response, Run, Skipped, Target, TokenInfo
from probe.scan.agenda import Agenda, Probe
from probe.scan.client import Answer, Client, utc_now
from probe.scan.controls import (
    Control,
    anonymous_controls,
    document_control,
    garbage_token,
    random_name,
    token_controls,
)
from probe.scan.discovery import Discovery
from probe.scan.requests import Call, operation_call
from probe.secret import Token

INTERRUPTED = "not asked: the scan was interrupted"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}")

Item = TypeVar("Item")


class ScanRequest(Struct, frozen=True, kw_only=True):
    """What to scan: an origin, a catalog, at least one token, an agenda, limits."""

    origin: str
    catalog: Catalog
    tokens: tuple[Token, ...]
    agenda: Agenda
    limits: Limits
    simulated: bool = False


class Progress(Struct, frozen=True, kw_only=True):
    """How far the scan is: `done` of `total` probes; `waiting_s` where a pause has just begun."""

    phase: str
    done: int
    total: int
    waiting_s: float = 0.0


class Scan:
    """Runs one scan. `stop` ends it early, with what was gathered."""

    def __init__(
        self,
        request: ScanRequest,
        client: Client,
        stop: asyncio.Event,
        *,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        name: Callable[[], str] = random_name,
    ) -> None:
        self._request = request
        self._client = client
        self._stop = stop
        self._on_progress = on_progress
        self._name = name
        self._garbage = garbage_token()
        self._discovery = Discovery()
        self._controls: list[Exchange] = []
        self._exchanges: dict[tuple[str, str], Exchange] = {}
        self._calls: dict[tuple[str, str], Call] = {}
        self._server_version = ""
        self._started_at = utc_now()
        self._start = time.perf_counter()
        self._tokens = {token.name: token for token in request.tokens}
        self._total = sum(len(wave) for wave in request.agenda.waves)

    async def run(self, reason_to_stop: Callable[[Run], str]) -> Run:
        """Ask everything and return the evidence.

        `reason_to_stop` reads the controls alone and says why not to go on, or returns an empty
        text. Raises ConfigError before any token is sent, if http is answered by a move to https.
        """
        await self._ask_controls(anonymous_controls(self._request.catalog, self._name))
        self._refuse_upgrade()
        await self._ask_controls(
            token_controls(
                self._request.catalog, self._request.tokens, self._garbage, self._methods(), self._name
            )
        )
        if not self._server_version and not self._stop.is_set():
            await self._ask_controls([document_control(self._request.catalog, self._request.tokens[0])])
        reason = INTERRUPTED if self._stop.is_set() else reason_to_stop(self._as_run(""))
        if not reason:
            for wave in self._request.agenda.waves:
                await self._pool(wave, self._ask_probe)
            await self._look_again()
        return self._as_run(reason)

    async def _ask_controls(self, controls: Iterable[Control]) -> None:
        planned = list(controls)
        answers: dict[int, Exchange] = {}

        async def ask(numbered: tuple[int, Control]) -> None:
            place, control = numbered
            answers[place] = await self._ask_control(control)

        await self._pool(list(enumerate(planned)), ask)
        self._controls += [answers[place] for place in sorted(answers)]

    async def _ask_control(self, control: Control) -> Exchange:
        self._report("controls")
        answer = await self._client.ask(control.call)
        if control.role is ControlRole.API_DOCUMENT and not self._server_version:
            self._server_version = _version_in(answer.document, self._request.catalog.vendor.version_pointer)
        return Exchange(
            operation=control.operation,
            token=control.token_name,
            role=control.role,
            request=answer.request,
            attempts=answer.attempts,
        )

    async def _ask_probe(self, probe: Probe) -> None:
        ids = self._discovery.fill(probe.operation, probe.token)
        call = operation_call(probe.operation, ids, self._tokens[probe.token])
        answer = await self._client.ask(call)
        key = (probe.operation.id, probe.token)
        self._calls[key] = call
        self._exchanges[key] = Exchange(
            operation=probe.operation.id, token=probe.token, request=answer.request, attempts=answer.attempts
        )
        if _is_success(answer):
            self._discovery.learn(probe.operation.id, probe.token, answer.document)
        self._report("operations")

    async def _look_again(self) -> None:
        """Ask each walled read once without a token, and once more with it, later in the run."""
        walled = self._walled()
        await self._ask_controls(
            Control(role=ControlRole.SECOND_LOOK, call=_without_token(self._calls[key]), operation=key[0])
            for key in walled
        )
        await self._ask_controls(
            Control(role=ControlRole.STABILITY, call=self._calls[key], operation=key[0], token_name=key[1])
            for key in walled
        )

    def _walled(self) -> list[tuple[str, str]]:
        """Name the reads that met a web page, one token for each operation, in the agenda's order."""
        found: dict[str, tuple[str, str]] = {}
        for probe in self._probes():
            key = (probe.operation.id, probe.token)
            exchange = self._exchanges.get(key)
            if exchange and probe.operation.method == "GET" and _is_page(exchange):
                found.setdefault(probe.operation.id, key)
        return list(found.values())

    async def _pool(self, items: Iterable[Item], work: Callable[[Item], Awaitable[None]]) -> None:
        """Work on all items, `concurrency` at a time, until done or told to stop."""
        queue = deque(items)

        async def worker() -> None:
            while queue and not self._stop.is_set():
                await work(queue.popleft())

        count = min(self._request.limits.concurrency, len(queue))
        workers = [asyncio.create_task(worker()) for _ in range(count)]
        stopped = asyncio.create_task(self._stop.wait())
        try:
            pending: set[asyncio.Task[Any]] = set(workers)
            while pending and not self._stop.is_set():
                done, pending = await asyncio.wait({*pending, stopped}, return_when=asyncio.FIRST_COMPLETED)
                pending.discard(stopped)
                for task in done - {stopped}:
                    task.result()
        finally:
            for task in (*workers, stopped):
                task.cancel()
            await asyncio.gather(*workers, stopped, return_exceptions=True)

    def _refuse_upgrade(self) -> None:
        """Stop before any token is sent, if plain http is answered by a move to https."""
        here = urlsplit(self._request.origin)
        if here.scheme != "http":
            return
        for exchange in self._controls:
            location = _location(exchange)
            if location.scheme == "https" and location.hostname == here.hostname:
                raise ConfigError(
                    f"{self._request.origin} moves every caller to https; no token was sent.",
                    f"Use https://{location.netloc} as the base URL.",
                )

    def _methods(self) -> list[str]:
        """Name the methods in use, GET first; controls need it even where no probe does."""
        return ["GET", *sorted({probe.operation.method for probe in self._probes()} - {"GET"})]

    def _probes(self) -> Iterable[Probe]:
        return (probe for wave in self._request.agenda.waves for probe in wave)

    def _report(self, phase: str) -> None:
        done = len(self._exchanges)
        self._on_progress(Progress(phase=phase, done=done, total=self._total))

    def _as_run(self, reason: str) -> Run:
        order = {operation.id: place for place, operation in enumerate(self._request.catalog.operations)}
        names = list(self._tokens)

        def place(operation: str, token: str) -> tuple[int, int]:
            return order[operation], names.index(token)

        unasked = [
            Skipped(operation=probe.operation.id, token=probe.token, reason=reason or INTERRUPTED)
            for probe in self._probes()
            if (probe.operation.id, probe.token) not in self._exchanges
        ]
        skipped = [*self._request.agenda.skipped, *unasked]
        return Run(
            target=Target(
                base_url=self._request.origin,
                vendor=self._request.catalog.vendor.id,
                catalog_version=self._request.catalog.version,
                server_version=self._server_version,
            ),
            tokens=tuple(TokenInfo(name=t.name, declared_scopes=t.scopes) for t in self._request.tokens),
            limits=self._request.limits,
            started_at=self._started_at,
            finished_at=utc_now(),
            duration_s=round(time.perf_counter() - self._start, 3),
            complete=not self._stop.is_set(),
            simulated=self._request.simulated,
            controls=tuple(self._controls),
            exchanges=tuple(self._exchanges[key] for key in sorted(self._exchanges, key=lambda k: place(*k))),
            skipped=tuple(sorted(skipped, key=lambda item: place(item.operation, item.token))),
            requests_sent=dict(sorted(self._client.requests_sent.items())),
        )


def _is_success(answer: Answer) -> bool:
    outcome = answer.attempts[-1].outcome
    return isinstance(outcome, Response) and 200 <= outcome.status < 300  # noqa: PLR2004 - the 2xx range


def _is_page(exchange: Exchange) -> bool:
    return isinstance(exchange.outcome, Response) and exchange.outcome.body.form is Form.HTML


def _location(exchange: Exchange) -> Any:  # noqa: ANN401 - urlsplit's own result type
    text = exchange.outcome.header("location") if isinstance(exchange.outcome, Response) else ""
    return urlsplit(text)


def _without_token(call: Call) -> Call:
    return Call(
        method=call.method,
        template=call.template,
        hazard=call.hazard,
        ids=call.ids,
        query=call.query,
        body=call.body,
    )


def _version_in(document: Any, pointer: str) -> str:  # noqa: ANN401 - any JSON value
    for key in pointer.strip("/").split("/"):
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) and _VERSION.fullmatch(document) else ""
