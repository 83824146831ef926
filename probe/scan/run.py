"""One scan: controls, probes, second looks. The only module that is concurrent, by its pool.

Comes in: a ScanRequest and a client. Goes out: a Run, the evidence, complete or as far as it came.
Knows nothing of what answers mean: whether to go on after the controls is asked of the caller.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from urllib.parse import urlsplit

import msgspec

from probe.catalog.model import Hazard
from probe.evidence import INTERRUPTED, ControlRole, Exchange, OwnScopes, Run
from probe.gathering import Step
from probe.scan.agenda import Probe
from probe.scan.answered import is_success, may_lack_route, refuse_upgrade, version_in
from probe.scan.calls import HARMLESS_METHODS, Call, operation_call
from probe.scan.client import Answer, Client
from probe.scan.controls import (
    Control,
    anonymous_controls,
    closing_controls,
    document_control,
    garbage_token,
    no_such_routes,
    random_name,
    token_controls,
)
from probe.scan.discovery import Discovery
from probe.scan.meter import Meter
from probe.scan.ownscopes import own_scopes
from probe.scan.pool import Job, work_through
from probe.scan.record import Record
from probe.scan.request import Phase, ScanRequest
from probe.target import is_loopback

NO_API = "not sent: no read was answered with JSON, so this may be another server"
REFUSED = "not asked: the server refused every request for too long (429)"


class Scan:
    """Runs one scan. `stop` ends it early, with what was gathered. `on_step` is told of each answer."""

    def __init__(
        self,
        request: ScanRequest,
        client: Client,
        stop: asyncio.Event,
        *,
        meter: Meter,
        on_step: Callable[[Step], None] = lambda _step: None,
        name: Callable[[], str] = random_name,
    ) -> None:
        self._request = request
        self._client = client
        self._stop = stop
        self._meter = meter
        self._name = name
        self._tokens = {token.name: token for token in request.tokens}
        self._record = Record(request, client.requests_sent, on_step)
        self._discovery = Discovery()
        self._calls: dict[tuple[str, str], Call] = {}
        self._planned = 0
        self._withheld = ""
        self._queue: deque[Job] = deque()
        self._at_the_end: deque[Job] = deque()
        self._last: deque[Job] = deque()
        self._wave_of = {
            (probe.operation.id, probe.token): place
            for place, wave in enumerate(request.agenda.waves)
            for probe in wave
        }
        self._answered = {key: asyncio.Event() for key in self._wave_of}
        self._open_tokens = Counter(operation for operation, _token in self._wave_of)

    async def run(
        self, reason_to_stop: Callable[[Run], str], go_on: Callable[[Run], Awaitable[None]] | None = None
    ) -> Run:
        """Ask everything and return the evidence.

        `reason_to_stop` reads the controls alone and says why not to go on, or returns an empty
        text. `go_on` is given the evidence when everything was asked, and may ask again. Raises
        ConfigError if http is answered by a move to https, before a token has left this machine.
        """
        self._meter.enter(Phase.CONTROLS)
        await self._ask_first()
        reason = INTERRUPTED if self._stop.is_set() else reason_to_stop(self._record.so_far())
        if not reason:
            await self._ask_rest()
            reason = REFUSED if self._client.hopeless else ""
            if go_on is not None and not reason and not self._stop.is_set():
                await go_on(self._record.so_far())
        return self._record.close(complete=not self._stop.is_set(), reason=reason or self._withheld)

    async def _ask_first(self) -> None:
        """Ask the controls: all at once, save where a token would travel in clear text to another machine."""
        request = self._request
        anonymous = anonymous_controls(request.catalog, self._name)
        with_token = token_controls(request.catalog, request.tokens, garbage_token(), self._name)
        here = urlsplit(request.origin)
        if here.scheme == "https" or is_loopback(here.hostname or ""):
            await self._ask_controls((*anonymous, *with_token))
            self._refuse_upgrade("the tokens went no further than this machine")
            return
        await self._ask_controls(anonymous)
        self._refuse_upgrade("no token was sent")
        if self._record.answered:
            await self._ask_controls(with_token)

    def _refuse_upgrade(self, what_was_sent: str) -> None:
        outcomes = [control.outcome for control in self._record.so_far().controls]
        refuse_upgrade(self._request.origin, outcomes, what_was_sent)

    async def _ask_rest(self) -> None:
        """Ask the reads, then the writes if something behind this address has spoken as an API does."""
        request = self._request
        self._meter.enter(Phase.OPERATIONS)
        if not self._record.server_version:
            self._plan_controls([document_control(request.catalog, request.tokens[0])])
        probes = [probe for wave in request.agenda.waves for probe in wave]
        writes = [probe for probe in probes if probe.operation.method not in HARMLESS_METHODS]
        reads = (probe for probe in probes if probe.operation.method in HARMLESS_METHODS)
        self._queue.extend(partial(self._ask_probe, probe) for probe in reads)
        if writes:
            await self._work()
            self._plan_writes(writes)
        self._plan_closing()
        await self._work()

    def _plan_writes(self, writes: list[Probe]) -> None:
        request = self._request
        if not self._record.spoke_json:
            self._withheld = NO_API
            return
        methods = sorted({probe.operation.method for probe in writes})
        self._plan_controls(no_such_routes(request.catalog, request.tokens[0], methods, self._name))
        self._queue.extend(partial(self._ask_probe, probe) for probe in writes)

    async def ask_again(self, pairs: Iterable[tuple[str, str]]) -> Run:
        """Ask reads (operation, token) of this scan once more, then the closing controls.

        Return all that was gathered. For `go_on`, while `run` runs.
        """
        operations = self._request.catalog.by_id
        self._meter.enter(Phase.AGAIN)
        for name, token in pairs:
            operation = operations[name]
            if operation.hazard is not Hazard.READ:
                raise ValueError("only a read is asked again")
            ids = self._discovery.fill(operation, token)
            call = self._calls.get((name, token)) or operation_call(operation, ids, self._tokens[token])
            role = ControlRole.CONFIRMATION
            self._plan_controls([Control(role=role, call=call, operation=name, token_name=token)])
        self._plan_closing()
        await self._work()
        return self._record.so_far()

    async def _work(self) -> None:
        # One more for each that may be under way: it sends while the answer before it is read.
        await work_through(self._take, 2 * self._request.limits.concurrency, self._stop)

    def _take(self) -> Job | None:
        if self._client.hopeless:
            return None
        for queue in (self._queue, self._at_the_end, self._last):
            if queue:
                return queue.popleft()
        return None

    async def _ask_controls(self, controls: Iterable[Control]) -> None:
        self._plan_controls(controls)
        await self._work()

    def _plan_controls(self, controls: Iterable[Control], queue: deque[Job] | None = None) -> None:
        queue = self._queue if queue is None else queue
        for control in controls:
            self._planned += 1
            self._meter.plan()
            queue.append(partial(self._ask_control, self._planned, control))

    def _plan_closing(self) -> None:
        self._plan_controls(closing_controls(self._request.catalog, self._request.tokens), self._last)

    async def _ask_control(self, place: int, control: Control) -> None:
        answer = await self._client.ask(control.call)
        if control.role is ControlRole.API_DOCUMENT and not self._record.server_version:
            pointer = self._request.catalog.vendor.version_pointer
            self._record.server_version = version_in(answer.document, pointer)
        exchange = Exchange(
            operation=control.operation,
            token=control.token_name,
            role=control.role,
            request=answer.request,
            attempts=answer.attempts,
        )
        self._record.add_control(place, exchange)
        self._meter.answered()

    async def _ask_probe(self, probe: Probe) -> None:
        key = (probe.operation.id, probe.token)
        await self._lists_for(probe)
        ids = self._discovery.fill(probe.operation, probe.token)
        call = operation_call(probe.operation, ids, self._tokens[probe.token])
        self._record.begun.add(key)
        answer = await self._client.ask(call)
        self._calls[key] = call
        self._record.add_exchange(
            Exchange(
                operation=probe.operation.id,
                token=probe.token,
                request=answer.request,
                attempts=answer.attempts,
                own_scopes=self._own_scopes(probe, answer),
            )
        )
        if is_success(answer):
            self._discovery.learn(probe.operation.id, probe.token, answer.document)
        self._answered[key].set()
        self._plan_second_looks(probe.operation.id)
        self._meter.answered()

    def _own_scopes(self, probe: Probe, answer: Answer) -> OwnScopes | None:
        catalog = self._request.catalog
        listing = catalog.vendor.token_listing
        if listing is None or listing.operation != probe.operation.id or not is_success(answer):
            return None
        if not isinstance(answer.document, dict | list):
            return None  # a page, not a list of tokens
        return own_scopes(answer.document, self._tokens[probe.token], listing, catalog.scopes)

    async def _lists_for(self, probe: Probe) -> None:
        """Wait for the lists of earlier waves that this probe's ids come from.

        The queue gave them out before, so each is with another worker or answered.
        """
        wave = self._wave_of[probe.operation.id, probe.token]
        for item in probe.operation.ask.ids:
            for token in self._tokens:
                source = (item.source, token)
                if self._wave_of.get(source, wave) < wave:
                    await self._answered[source].wait()

    def _plan_second_looks(self, operation: str) -> None:
        """Once every token has asked a read that seems not to be there: ask without one, and later again."""
        self._open_tokens[operation] -= 1
        if self._open_tokens[operation]:
            return
        answers = self._record.exchanges
        walled = [token for token in self._tokens if may_lack_route(answers.get((operation, token)))]
        if not walled:
            return
        call = self._calls[operation, walled[0]]
        bare = msgspec.structs.replace(call, token=None)
        second = Control(role=ControlRole.SECOND_LOOK, call=bare, operation=operation)
        later = Control(role=ControlRole.STABILITY, call=call, operation=operation, token_name=walled[0])
        place = list(self._open_tokens).index(operation) + self._planned
        self._meter.plan(2)
        self._queue.append(partial(self._ask_control, place, second))
        self._at_the_end.append(partial(self._ask_control, place, later))
