"""What `scan` and `watch` do once a report is written: messages and metrics.

Comes in: an Outcome, channels, where the state is. Goes out: messages, a metrics file, warnings on
stderr. The scan's result stands whatever happens here.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from probe.cli.output import say
from probe.errors import ProbeError

if TYPE_CHECKING:
    from probe.metrics import Board
    from probe.notify.delivery import Channel, StateStore
    from probe.notify.model import Rules
    from probe.rounds import Outcome


class MemoryStore:
    """State for a process without a history: it forgets at its end."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def state_get(self, key: str) -> str | None:
        """Return what was stored, or None."""
        return self._texts.get(key)

    def state_set(self, key: str, value: str | None) -> None:
        """Store a text; None removes it."""
        if value is None:
            self._texts.pop(key, None)
        else:
            self._texts[key] = value


async def tell(
    outcome: Outcome, store: StateStore, channels: tuple[Channel, ...], rules: Rules, folder: Path
) -> None:
    """Send messages; say on stderr which were not delivered."""
    from probe.channels import report_place
    from probe.notify.delivery import announce

    if not channels:
        return
    place = report_place(rules, outcome.report, folder / "report.html")
    try:
        troubles = await announce(outcome.report, store, channels, rules, place=place, pause=asyncio.sleep)
    except ProbeError as error:  # the history that keeps the state failed
        troubles = (f"Messages were not sent: {error.message}",)
    for trouble in troubles:
        say(f"Warning: {trouble}")


def write_metrics(path: Path, board: Board) -> None:
    """Write a file for the textfile collector, which runs as another user; say what went wrong."""
    from probe.masking import Mask
    from probe.report.write import write_artefact
    from probe.secret import secrets_alive

    try:
        write_artefact(path, [board.text()], Mask(secrets_alive()))
        path.chmod(0o644)
    except (ProbeError, OSError) as error:
        text = error.message if isinstance(error, ProbeError) else f"{path} cannot be made readable."
        say(f"Warning: {text}")


def board_for(path: Path | None) -> Board:
    """Return a board that goes on from the file that is there."""
    from probe.metrics import Board

    board = Board()
    if path is not None:
        try:
            board.take_up(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return board
    return board
