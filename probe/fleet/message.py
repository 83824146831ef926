"""The one message of a fleet run: which organizations lost what since they were measured last.

Comes in: the head of a finished fleet run and its rows. Goes out: a Message, or none where nothing was
lost. Pure. A loss is in one run only, as the next one is compared with what this one saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from probe.fleet.model import FleetHead, Row
from probe.notify.model import Event, Message
from probe.notify.words import plain
from probe.report.display import count, moment

_MOST_LINES = 20
_MOST_OPERATIONS = 500


def fleet_message(head: FleetHead, rows: Iterable[Row], place: str) -> Message | None:
    """Return what to tell; `place` is the path of the fleet's page. Reads the rows once, keeps few."""
    lines: list[str] = []
    operations: set[str] = set()
    for row in rows:
        if row.lost:
            operations.update(row.lost)
            if len(lines) < _MOST_LINES:
                lines.append(_line(row))
    if not lines:
        return None
    more = head.summary.lost - len(lines)
    lines += [f"and {count(more, 'more organization')}"] if more > 0 else []
    lines += [f"{head.summary.measured} of {head.summary.organizations} were measured.", f"Page: {place}"]
    return Message(
        key=hashlib.sha256(f"fleet\n{head.run}".encode()).hexdigest()[:32],
        events=(Event.LOST,),
        title=f"{count(head.summary.lost, 'organization')} lost something",
        body="\n".join(lines),
        base_url="",
        started_at=head.started_at,
        operations_lost=tuple(sorted(operations)[:_MOST_OPERATIONS]),
        report=place,
    )


def _line(row: Row) -> str:
    since = f", last seen {moment(row.lost_since)}" if row.lost_since else ""
    said = row.headline or f"lost {count(len(row.lost), 'operation')}"
    return plain(f"{row.name}: {said}{since}")
