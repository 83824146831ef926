"""Hands messages to channels: tried a few times, kept when that fails, sent with the next scan.

Comes in: a Report, channels, and where the state is kept. Goes out: what could not be delivered, in
words for stderr. No error text holds a channel's address, which is a secret.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from probe.notify.events import notice
from probe.notify.model import Message, Pending, Rules, State, state_from, state_text
from probe.report.model import Report

PAUSES_S = (2.0, 10.0)
_MOST_PENDING = 20


class DeliveryError(Exception):
    """A channel did not take a message; the text says why, and never where to."""


class Channel(Protocol):
    """Something that takes messages. `name` is how the configuration refers to it, never its address."""

    name: str

    async def send(self, message: Message) -> None:
        """Deliver a message. Raises DeliveryError."""


class StateStore(Protocol):
    """Where small texts outlive the process: the history."""

    def state_get(self, key: str) -> str | None:
        """Return what was stored, or None."""

    def state_set(self, key: str, value: str | None) -> None:
        """Store a text."""


async def announce(
    report: Report,
    store: StateStore,
    channels: Sequence[Channel],
    rules: Rules,
    *,
    place: str = "",
    pause: Callable[[float], Awaitable[None]],
) -> tuple[str, ...]:
    """Tell the channels what a scan found, and what they missed before; return what went wrong.

    The message is stored before it is sent and forgotten when it was taken: a crash in between may
    repeat it, with the same key, but never loses it.
    """
    key = f"notify:{report.target.base_url}"
    state, message = notice(report, state_from(store.state_get(key)), rules, place)
    return await hand_over(message, state, store, key, channels, pause)


async def hand_over(
    message: Message | None,
    state: State,
    store: StateStore,
    key: str,
    channels: Sequence[Channel],
    pause: Callable[[float], Awaitable[None]],
) -> tuple[str, ...]:
    """Store a state under `key` with a message, if there is one, and send what is pending."""
    names = tuple(channel.name for channel in channels)
    if message is not None and names:
        state = replace(state, pending=(*state.pending, Pending(message=message, channels=names)))
    dropped = len(state.pending) - _MOST_PENDING
    state = replace(state, pending=state.pending[-_MOST_PENDING:])
    store.state_set(key, state_text(state))
    if not state.pending:
        return ()
    state, troubles = await deliver(state, channels, pause)
    store.state_set(key, state_text(state))
    lost = (f"{dropped} older messages were given up.",) if dropped > 0 else ()
    return (*lost, *troubles)


async def deliver(
    state: State, channels: Sequence[Channel], pause: Callable[[float], Awaitable[None]]
) -> tuple[State, tuple[str, ...]]:
    """Send what is pending; return the state with what still is, and why. A dead channel is tried once."""
    troubles: dict[str, str] = {}
    left: list[Pending] = []
    for item in state.pending:
        waiting = []
        for channel in channels:
            if channel.name not in item.channels:
                continue
            if channel.name not in troubles:
                trouble = await send_patiently(channel, item.message, pause)
                if not trouble:
                    continue
                troubles[channel.name] = trouble
            waiting.append(channel.name)
        if waiting:
            left.append(replace(item, channels=tuple(waiting)))
    said = tuple(
        f"A message was not delivered to {name}: {why}. It will be sent with the next scan."
        for name, why in troubles.items()
    )
    return replace(state, pending=tuple(left)), said


async def send_patiently(
    channel: Channel, message: Message, pause: Callable[[float], Awaitable[None]]
) -> str:
    """Send a message, again after a pause where that fails; return why it failed in the end, or nothing."""
    why = ""
    for wait in (0.0, *PAUSES_S):
        if wait:
            await pause(wait)
        try:
            await channel.send(message)
        except DeliveryError as error:
            why = str(error)
        else:
            return ""
    return why
