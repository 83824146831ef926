"""What a message is, and what is remembered between scans so that none is forgotten or repeated.

Comes in: nothing. Goes out: plain frozen records. The state is JSON in the history, without a secret.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct


class Event(StrEnum):
    """What is worth a message."""

    LOST = "lost"
    RECOVERED = "recovered"
    NOT_MEASURED = "not-measured"
    TEST = "test"


class Rules(Struct, frozen=True, kw_only=True):
    """What the user wants to hear of. `report_url` is a template with {host} and {time}, or empty."""

    on: frozenset[Event] = frozenset(Event)
    not_measured_after: int = 3
    report_url: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """One message for one scan. `key` is the same for the same events: a receiver can tell a repeat."""

    key: str
    events: tuple[Event, ...]
    title: str
    body: str
    base_url: str
    started_at: str
    operations_lost: tuple[str, ...] = ()
    operations_recovered: tuple[str, ...] = ()
    report: str = ""


class Pending(Struct, frozen=True, kw_only=True):
    """A message with the names of the channels that have not taken it yet."""

    message: Message
    channels: tuple[str, ...]


class State(Struct, frozen=True, kw_only=True):
    """What is remembered of an organization.

    `lost` are the operations that are lost and were told, or need no telling. `returning` are those of
    them that could not be seen when others were told as recovered. `unmeasured` counts the
    scans in a row without a conclusion; `told_unmeasured` is true once that was told.
    """

    lost: tuple[str, ...] = ()
    returning: tuple[str, ...] = ()
    unmeasured: int = 0
    told_unmeasured: bool = False
    pending: tuple[Pending, ...] = ()


def state_from(text: str | None) -> State:
    """Return the state that was stored; what cannot be read is no state."""
    if not text:
        return State()
    try:
        return msgspec.json.decode(text, type=State)
    except msgspec.DecodeError:
        return State()


def state_text(state: State) -> str:
    """Return the state as it is stored."""
    return msgspec.json.encode(state).decode()
