"""Shows on stderr, while work goes on, how far it is.

Comes in: a function that says it at any moment, and a call whenever something happened. Goes out: on a
terminal one line, redrawn in place; elsewhere (a pipe, a file, a CI log) a plain line at each change of
phase and about every ten seconds, with the time since the start. The clock is injected; a thread gives
the ticks.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from probe.cli.streams import tell

if TYPE_CHECKING:
    from probe.cli.progress import Clock
    from probe.scan.request import Progress

_TICK_S = 1.0
_REDRAW_S = 0.1
_LINE_EVERY_S = 10.0
_CLEAR = "\r\x1b[K"


def _write(text: str) -> None:
    tell(text, nl=False)


def on_terminal() -> bool:
    """Return whether stderr is a terminal on which a line can be redrawn."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Live:
    """A text that changes. `text` says it for the moment; `drawn` says whether it is redrawn in place."""

    def __init__(
        self,
        text: Callable[[], str],
        *,
        drawn: bool,
        clock: Clock = time.monotonic,
        write: Callable[[str], None] = _write,
    ) -> None:
        self._text, self._drawn, self._clock, self._write = text, drawn, clock, write
        self._lock = threading.RLock()
        self._began = clock()
        self._last = self._began - (_REDRAW_S if drawn else 0)  # the first change is shown at once
        self._phase = ""

    def changed(self, phase: str = "") -> None:
        """Show that something happened: at once, but no more often than an eye can follow."""
        with self._lock:
            new, self._phase = phase != self._phase, phase
            if new or (self._drawn and self._clock() - self._last >= _REDRAW_S):
                self._show()

    def tick(self) -> None:
        """Show that time goes on."""
        with self._lock:
            if self._drawn or self._clock() - self._last >= _LINE_EVERY_S:
                self._show()

    def say(self, line: str) -> None:
        """Print a line that stays, above the one that is redrawn."""
        with self._lock:
            self.clear()
            self._write(f"{line}\n")
            self._last = self._clock()

    def clear(self) -> None:
        """Take the redrawn line away."""
        if self._drawn:
            self._write(_CLEAR)

    def _show(self) -> None:
        self._last = self._clock()
        if self._drawn:
            width = shutil.get_terminal_size((80, 24)).columns
            self._write(f"{_CLEAR}{self._text()[: width - 1]}")
        else:
            self._write(f"[{self._last - self._began:.0f} s] {self._text()}\n")


def _leave_signals() -> None:
    """Leave requests to stop to the main thread, which waits for them in its event loop."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


@contextmanager
def ticking(live: Live) -> Iterator[None]:
    """Tick once a second meanwhile, and take the redrawn line away at the end."""
    over = threading.Event()

    def ticks() -> None:
        _leave_signals()
        while not over.wait(_TICK_S):
            live.tick()

    thread = threading.Thread(target=ticks, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        live.clear()


@contextmanager
def scan_progress(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Give what shows the progress of one scan; nothing with --quiet."""
    if quiet:
        yield lambda _progress: None
        return
    from probe.cli.progress import ScanProgress

    scan = ScanProgress()
    live = Live(scan.text, drawn=on_terminal())

    def show(progress: Progress) -> None:
        scan.note(progress)
        live.changed(scan.phase)

    with ticking(live):
        yield show
