"""Gathers exchanges while they come and makes them one Run, in an order that timing does not change.

Comes in: exchanges of controls and probes. Goes out: a Run. Sends nothing.
"""

from __future__ import annotations

import time

from probe.evidence import ControlRole, Exchange, Run, Skipped, Target, TokenInfo
from probe.scan.clock import utc_now
from probe.scan.request import ScanRequest

INTERRUPTED = "not asked: the scan was interrupted"
_ROLES = list(ControlRole)


class Record:
    """The evidence of a scan so far."""

    def __init__(self, request: ScanRequest) -> None:
        self.exchanges: dict[tuple[str, str], Exchange] = {}
        self.server_version = ""
        self._request = request
        self._controls: list[tuple[int, Exchange]] = []
        self._started_at = utc_now()
        self._start = time.perf_counter()

    @property
    def controls(self) -> list[Exchange]:
        """The controls by role, then in the order in which they were planned."""
        ordered = sorted(self._controls, key=lambda item: (_ROLES.index(_role(item[1])), item[0]))
        return [exchange for _, exchange in ordered]

    def add_control(self, place: int, exchange: Exchange) -> None:
        """Keep a control; `place` is its place among those planned."""
        self._controls.append((place, exchange))

    def as_run(self, requests_sent: dict[str, int], *, complete: bool, reason: str) -> Run:
        """Return what was gathered; what was not asked is skipped for `reason`."""
        request = self._request
        order = {operation.id: place for place, operation in enumerate(request.catalog.operations)}
        names = {token.name: place for place, token in enumerate(request.tokens)}
        unasked = [
            Skipped(operation=probe.operation.id, token=probe.token, reason=reason or INTERRUPTED)
            for wave in request.agenda.waves
            for probe in wave
            if (probe.operation.id, probe.token) not in self.exchanges
        ]
        skipped = [*request.agenda.skipped, *unasked]
        asked = sorted(self.exchanges, key=lambda key: (order[key[0]], names[key[1]]))
        return Run(
            target=Target(
                base_url=request.origin,
                vendor=request.catalog.vendor.id,
                catalog_version=request.catalog.version,
                server_version=self.server_version,
            ),
            tokens=tuple(TokenInfo(name=t.name, declared_scopes=t.scopes) for t in request.tokens),
            limits=request.limits,
            started_at=self._started_at,
            finished_at=utc_now(),
            duration_s=round(time.perf_counter() - self._start, 3),
            complete=complete,
            simulated=request.simulated,
            controls=tuple(self.controls),
            exchanges=tuple(self.exchanges[key] for key in asked),
            skipped=tuple(sorted(skipped, key=lambda item: (order[item.operation], names[item.token]))),
            requests_sent=dict(sorted(requests_sent.items())),
        )


def _role(exchange: Exchange) -> ControlRole:
    if exchange.role is None:
        raise ValueError("a control has a role")
    return exchange.role
