"""How far a fleet is: how many organizations are done, and which one it waits for, until when.

Comes in: the Progress of each organization that is under way, each finished row. Goes out: a line of
text, and the lines of the rows, above it. The clocks are injected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from probe.cli.live import Live, on_terminal, ticking
from probe.cli.progress import Clock, ScanProgress, whole, why_text
from probe.cli.streams import tell
from probe.report.display import capital, one_line

if TYPE_CHECKING:
    from probe.fleet.model import Organization, Row
    from probe.scan.pace import Waiting
    from probe.scan.request import Progress

_LONGEST_HOST = 60


def _now() -> datetime:
    return datetime.now(UTC)


class FleetProgress:
    """Remembers how far each organization under way is. Times of day are UTC."""

    def __init__(
        self,
        done: int,
        total: int,
        *,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.done, self.total = done, total
        self._clock, self._now = clock, now
        self._under_way: dict[str, tuple[str, ScanProgress]] = {}

    def note(self, organization: Organization, progress: Progress) -> None:
        """Take in what has just happened to an organization."""
        host = one_line(urlsplit(organization.base_url).netloc, _LONGEST_HOST)
        _, scan = self._under_way.setdefault(organization.id, (host, ScanProgress(self._clock)))
        scan.note(progress)

    def finished(self, row: Row) -> None:
        """Count an organization as done."""
        self.done += 1
        self._under_way.pop(row.id, None)

    def text(self) -> str:
        """Return the line for this moment."""
        scans = list(self._under_way.values())
        text = f"{self.done} of {self.total} organizations done"
        if not scans:
            return text
        waits = [(wait[0], host, wait[1]) for host, scan in scans if (wait := scan.wait()) is not None]
        if waits:
            return f"{text}; {self._wait_text(waits, len(scans))}"
        asked, known = sum(scan.done for _, scan in scans), sum(scan.total for _, scan in scans)
        return f"{text}, {len(scans)} under way: {asked} of {known} asked"

    def _wait_text(self, waits: list[tuple[float, str, Waiting]], under_way: int) -> str:
        """Say who waits: by name the one that waits longest."""
        seconds, host, why = max(waits)
        until = self._now() + timedelta(seconds=seconds)
        who = f"{host} waits until {until:%H:%M:%S} UTC ({whole(seconds)} s)"
        return f"{who}, {len(waits)} of {under_way} under way wait: {why_text(why)}"


class FleetTeller:
    """Says a line for each finished organization, and between them how far the fleet is."""

    def __init__(self, done: int, total: int, *, quiet: bool) -> None:
        self._progress = FleetProgress(done, total)
        self._quiet = quiet
        self.live = Live(self._progress.text, drawn=on_terminal() and not quiet)

    def progress(self, organization: Organization, progress: Progress) -> None:
        """Show how far an organization is."""
        self._progress.note(organization, progress)
        if not self._quiet:
            self.live.changed()

    def row(self, row: Row) -> None:
        """Say how an organization ended; with --quiet only where it lost something."""
        self._progress.finished(row)
        said = row.reason or ": ".join(filter(None, (row.plan or "plan undetermined", row.headline)))
        word = row.state.value.replace("_", " ")
        place = f"[{self._progress.done}/{self._progress.total}]"
        line = f"{place} {one_line(row.name, 80)}: {word}. {one_line(capital(said), 300)}"
        if not self._quiet:
            self.live.say(line)
        elif row.lost:
            tell(line)


@contextmanager
def fleet_teller(done: int, total: int, *, quiet: bool) -> Iterator[FleetTeller]:
    """Give what tells how a fleet goes on."""
    teller = FleetTeller(done, total, quiet=quiet)
    if quiet:
        yield teller
        return
    with ticking(teller.live):
        yield teller
