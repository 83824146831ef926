"""The line that says how far a scan is, what it waits for, and when it expects to end.

Comes in: Progress as it happens. Goes out: a line of text. Prints nothing; the clock is injected.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from probe.scan.pace import Waiting

if TYPE_CHECKING:
    from probe.scan.request import Progress

_ENOUGH_DONE = 5  # probes before an end is foretold
_ENOUGH_S = 3.0  # and seconds
_MINUTE_S, _LONG_S = 60.0, 90.0


class ProgressText:
    """Makes the line. Remembers how far the scan was, so that a pause can be told with an expected end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None
        self._done = 0

    def line(self, progress: Progress) -> str:
        """Return the line for what has just happened."""
        now = self._clock()
        if self._began is None and progress.done:
            self._began = now
        self._done = max(self._done, progress.done)
        if progress.waiting is not None:
            text = f"waiting {progress.waiting_s:.0f} s: {_why(progress.waiting)}"
        else:
            text = f"{progress.phase}: {progress.done} of {progress.total} probes"
        left = self._seconds_left(now, progress)
        return text if left is None else f"{text}, about {_rough(left)} left"

    def _seconds_left(self, now: float, progress: Progress) -> float | None:
        """Return the seconds until the end, if it goes on as it went; None if too early to tell."""
        if self._began is None or self._done < _ENOUGH_DONE or now - self._began < _ENOUGH_S:
            return None
        spent = now - self._began + progress.waiting_s
        return max(progress.waiting_s, spent / self._done * (progress.total - self._done))


def _why(waiting: Waiting) -> str:
    match waiting:
        case Waiting.BOUND:
            return "no more requests a minute are allowed (--requests-per-minute)"
        case Waiting.ASKED:
            return "the server asked for a pause"
        case Waiting.REFUSED:
            return "the server refuses more requests (429) and does not say for how long"
        case Waiting.RETRY:
            return "before asking again what failed"
        case _:
            assert_never(waiting)


def _rough(seconds: float) -> str:
    if seconds < _LONG_S:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / _MINUTE_S)} min"
