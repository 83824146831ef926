"""Gathers exchanges while they come, tells an observer of each, and makes them one Run.

Comes in: exchanges of controls and probes. Goes out: a Run, and before that each step to whoever
wants it (a journal, say). Sends nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from probe.evidence import Exchange, Form, Response, Run, Target, TokenInfo
from probe.gathering import Closing, Opening, Seen, Step, assemble
from probe.scan.clock import utc_now
from probe.scan.request import ScanRequest


class Record:
    """The evidence of a scan so far. `requests_sent` is the client's own count, which goes on counting."""

    def __init__(
        self,
        request: ScanRequest,
        requests_sent: dict[str, int],
        on_step: Callable[[Step], None] = lambda _step: None,
    ) -> None:
        self.exchanges: dict[tuple[str, str], Exchange] = {}
        self.begun: set[tuple[str, str]] = set()
        self.server_version = ""
        self._seen: list[Seen] = []
        self._sent = requests_sent
        self._on_step = on_step
        self._start = time.perf_counter()
        self._opening = _opening(request)
        on_step(self._opening)

    @property
    def answered(self) -> bool:
        """Whether anything was answered so far."""
        return any(isinstance(seen.exchange.outcome, Response) for seen in self._seen)

    @property
    def spoke_json(self) -> bool:
        """Whether a read was answered with JSON, as by an API; nothing less lets a write out."""
        outcomes = (seen.exchange.outcome for seen in self._seen if seen.exchange.request.method == "GET")
        return any(isinstance(item, Response) and item.body.form is Form.JSON for item in outcomes)

    def add_control(self, place: int, exchange: Exchange) -> None:
        """Keep a control; `place` is its place among those planned."""
        self._add(exchange, place)

    def add_exchange(self, exchange: Exchange) -> None:
        """Keep the exchange of a probe."""
        self.exchanges[exchange.operation, exchange.token] = exchange
        self._add(exchange)

    def _add(self, exchange: Exchange, place: int = 0) -> None:
        seen = Seen(
            exchange=exchange,
            place=place,
            server_version=self.server_version,
            finished_at=utc_now(),
            duration_s=self._duration(),
            requests_sent=dict(self._sent),
        )
        self._seen.append(seen)
        self._on_step(seen)

    def so_far(self) -> Run:
        """Return what was gathered so far, told to nobody."""
        return assemble(self._opening, self._seen, self._closing(complete=True, reason=""))

    def close(self, *, complete: bool, reason: str) -> Run:
        """Return what was gathered; what was not asked is skipped for `reason`."""
        closing = self._closing(complete=complete, reason=reason)
        self._on_step(closing)
        return assemble(self._opening, self._seen, closing)

    def _closing(self, *, complete: bool, reason: str) -> Closing:
        return Closing(
            finished_at=utc_now(),
            duration_s=self._duration(),
            complete=complete,
            reason=reason,
            server_version=self.server_version,
            requests_sent=dict(self._sent),
            begun=tuple(sorted(self.begun - set(self.exchanges))),
        )

    def _duration(self) -> float:
        return round(time.perf_counter() - self._start, 3)


def _opening(request: ScanRequest) -> Opening:
    catalog, agenda = request.catalog, request.agenda
    return Opening(
        target=Target(base_url=request.origin, vendor=catalog.vendor.id, catalog_version=catalog.version),
        tokens=tuple(TokenInfo(name=t.name, declared_scopes=t.scopes) for t in request.tokens),
        limits=request.limits,
        started_at=utc_now(),
        simulated=request.simulated,
        operations=tuple(operation.id for operation in catalog.operations),
        planned=tuple((probe.operation.id, probe.token) for wave in agenda.waves for probe in wave),
        skipped=agenda.skipped,
    )
