"""Sends the message of a fleet run, for `probe fleet --notify`.

Comes in: the configuration, a finished run. Goes out: a message to each channel, warnings on stderr. What
a channel does not take is kept in the history, and goes out with the next fleet run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probe.cli.output import say
from probe.errors import ProbeError, UsageError

if TYPE_CHECKING:
    from probe.fleet.ledger import Ledger
    from probe.fleet.model import Fleet, FleetHead
    from probe.history.location import Location
    from probe.notify.delivery import Channel, StateStore
    from probe.notify.model import Message

_KEY = "notify:fleet"


def channels_of(config: Path | None) -> tuple[Channel, ...]:
    """Return the channels of the configuration. Raises ConfigError, or UsageError where there are none."""
    from probe.channels import channels_from
    from probe.config import DEFAULT_FILE, ConfigFile, read_config

    path = config or Path(DEFAULT_FILE)
    channels = channels_from(read_config(path) if path.exists() else ConfigFile(), path.parent)
    if not channels:
        raise UsageError("--notify has nobody to tell.", f"Name channels in [notify] of {path}.")
    return channels


def tell_losses(
    channels: tuple[Channel, ...], head: FleetHead, fleet: Fleet, ledger: Ledger, where: Location | None
) -> None:
    """Send what was lost, and what earlier runs could not deliver; say what went wrong."""
    import asyncio

    from probe.cli.aftermath import MemoryStore
    from probe.fleet.message import fleet_message

    page = str((ledger.path.parent / "fleet.html").absolute())
    message = fleet_message(head, ledger.rows(fleet.organizations), page)
    try:
        if where is None:
            troubles = asyncio.run(_handed_over(message, MemoryStore(), channels))
        else:
            from probe.history.store import open_history

            with open_history(where) as store:
                troubles = asyncio.run(_handed_over(message, store, channels))
    except ProbeError as error:
        troubles = (f"Messages were not sent: {error.message}",)
    for trouble in troubles:
        say(f"Warning: {trouble}")


async def _handed_over(
    message: Message | None, store: StateStore, channels: tuple[Channel, ...]
) -> tuple[str, ...]:
    import asyncio

    from probe.notify.delivery import hand_over
    from probe.notify.model import state_from

    state = state_from(store.state_get(_KEY))
    return await hand_over(message, state, store, _KEY, channels, asyncio.sleep)
