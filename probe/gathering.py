"""What a scan tells while it runs, and how that becomes one Run, in an order that timing does not change.

Comes in: what was meant to be asked, each finished exchange, how it ended. Goes out: a Run. The scan
makes one from memory, the reader of a journal from a file: the same evidence, the same Run. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec
from msgspec import Struct

from probe.evidence import (
    INTERRUPTED,
    UNANSWERED,
    ControlRole,
    Exchange,
    Limits,
    Run,
    Skipped,
    Target,
    TokenInfo,
)

_ROLES = list(ControlRole)


class Opening(Struct, frozen=True, kw_only=True):
    """What is known before the first request.

    `operations` are the catalog's ids in its order, `planned` the pairs of operation and token that
    will be asked, `skipped` those that will not.
    """

    target: Target
    tokens: tuple[TokenInfo, ...]
    limits: Limits
    started_at: str
    simulated: bool
    operations: tuple[str, ...]
    planned: tuple[tuple[str, str], ...]
    skipped: tuple[Skipped, ...]


class Seen(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="seen", tag_field="type"):
    """One finished exchange, and how far the scan was by then.

    `place` is a control's place among those planned. `requests_sent` counts all sends so far, by method.
    """

    exchange: Exchange
    place: int = 0
    server_version: str = ""
    finished_at: str
    duration_s: float
    requests_sent: dict[str, int]


class Closing(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="closing", tag_field="type"):
    """How a scan ended: `reason` says why the rest was not asked; `begun` are pairs without an answer."""

    finished_at: str
    duration_s: float
    complete: bool
    reason: str = ""
    server_version: str = ""
    requests_sent: dict[str, int]
    begun: tuple[tuple[str, str], ...] = ()


Step: TypeAlias = Opening | Seen | Closing


def assemble(opening: Opening, seen: Iterable[Seen], closing: Closing) -> Run:
    """Return everything that was gathered as one Run; what has no answer is skipped with its reason."""
    operations = {name: place for place, name in enumerate(opening.operations)}
    names = {token.name: place for place, token in enumerate(opening.tokens)}
    controls, asked = [], {}
    for item in seen:
        exchange = item.exchange
        if exchange.role is None:
            asked[exchange.operation, exchange.token] = exchange
        else:
            controls.append((_ROLES.index(exchange.role), item.place, exchange))

    def order(pair: tuple[str, str]) -> tuple[int, int]:
        return operations[pair[0]], names[pair[1]]

    skipped = [*opening.skipped, *_unasked(opening, asked, closing)]
    return Run(
        target=msgspec.structs.replace(opening.target, server_version=closing.server_version),
        tokens=opening.tokens,
        limits=opening.limits,
        started_at=opening.started_at,
        finished_at=closing.finished_at,
        duration_s=closing.duration_s,
        complete=closing.complete,
        simulated=opening.simulated,
        controls=tuple(exchange for *_, exchange in sorted(controls, key=lambda item: item[:2])),
        exchanges=tuple(asked[pair] for pair in sorted(asked, key=order)),
        skipped=tuple(sorted(skipped, key=lambda item: order((item.operation, item.token)))),
        requests_sent=dict(sorted(closing.requests_sent.items())),
    )


def steps_of(run: Run, operations: Iterable[str]) -> Iterator[Step]:
    """Yield the steps that `assemble` makes this run of; `operations` are the catalog's ids in its order."""
    yield Opening(
        target=run.target,
        tokens=run.tokens,
        limits=run.limits,
        started_at=run.started_at,
        simulated=run.simulated,
        operations=tuple(operations),
        planned=tuple((exchange.operation, exchange.token) for exchange in run.exchanges),
        skipped=run.skipped,
    )
    for place, exchange in enumerate((*run.controls, *run.exchanges)):
        yield Seen(
            exchange=exchange,
            place=place,
            server_version=run.target.server_version,
            finished_at=run.finished_at,
            duration_s=run.duration_s,
            requests_sent=run.requests_sent,
        )
    yield Closing(
        finished_at=run.finished_at,
        duration_s=run.duration_s,
        complete=run.complete,
        server_version=run.target.server_version,
        requests_sent=run.requests_sent,
    )


def _unasked(opening: Opening, asked: Iterable[tuple[str, str]], closing: Closing) -> list[Skipped]:
    answered, begun = set(asked), set(closing.begun)
    return [
        Skipped(
            operation=operation,
            token=token,
            reason=UNANSWERED if (operation, token) in begun else closing.reason or INTERRUPTED,
        )
        for operation, token in opening.planned
        if (operation, token) not in answered
    ]
