"""How far one scan is, in words: what is done, what it waits for, when it expects to end.

Comes in: Progress as it happens. Goes out: a line of text. Prints nothing; the clock is injected, so
that a pause counts down between two events.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from probe.scan.pace import Waiting

if TYPE_CHECKING:
    from probe.scan.request import Progress

Clock = Callable[[], float]

_ENOUGH_DONE = 5  # answers before an end is foretold
_ENOUGH_S = 3.0  # and seconds
_MINUTE_S, _LONG_S = 60.0, 90.0


class ScanProgress:
    """Remembers what a scan told last, and says it at any later moment."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None
        self._until = 0.0
        self._why: Waiting | None = None
        self.phase, self.done, self.total = "", 0, 0

    def note(self, progress: Progress) -> None:
        """Take in what has just happened."""
        now = self._clock()
        if self._began is None and progress.done:
            self._began = now
        if progress.waiting is not None:
            self._note_wait(now + progress.waiting_s, progress.waiting)
        elif self._why is Waiting.RETRY and progress.done > self.done:
            self._why = None  # only one waits, and the others go on
        self.phase, self.done, self.total = progress.phase.value, progress.done, progress.total

    def _note_wait(self, until: float, why: Waiting) -> None:
        if why is Waiting.RETRY and self.wait() is not None:
            return  # what holds everybody is what there is to say
        self._until, self._why = until, why

    def wait(self) -> tuple[float, Waiting] | None:
        """Return the seconds that a pause still takes, and what it is for; None where there is none."""
        why, left = self._why, self._until - self._clock()  # another thread may change it meanwhile
        return (left, why) if why is not None and left > 0 else None

    def text(self) -> str:
        """Return the line for this moment."""
        left, wait = self._seconds_left(), self.wait()
        text = f"{self.phase}: {self.done} of {self.total} done"
        if left is not None:
            text += f", about {rough(left)} left"
        return text if wait is None else f"{text}; waiting {whole(wait[0])} s: {why_text(wait[1])}"

    def _seconds_left(self) -> float | None:
        """Return the seconds until the end, if it goes on as it went; None if too early to tell."""
        now, wait = self._clock(), self.wait()
        if self._began is None or self.done < _ENOUGH_DONE or now - self._began < _ENOUGH_S:
            return None
        pause = wait[0] if wait is not None else 0.0
        spent = now - self._began + pause
        return max(pause, spent / self.done * (self.total - self.done))


def why_text(waiting: Waiting) -> str:
    """Return what a pause is for, in a few words."""
    match waiting:
        case Waiting.BOUND:
            return "the pace (--requests-per-minute)"
        case Waiting.ASKED:
            return "the server asked for a pause"
        case Waiting.REFUSED:
            return "the server refuses (429) and says not for how long"
        case Waiting.RETRY:
            return "before what failed is asked again"
        case Waiting.CONFIRM:
            return "before what looks lost is asked again"
        case _:
            assert_never(waiting)


def whole(seconds: float) -> int:
    """Return the seconds that a pause still takes as a whole number, never 0 before it is over."""
    return max(1, math.ceil(seconds))


def rough(seconds: float) -> str:
    """Return a time in seconds or minutes.

    >>> rough(45.2), rough(600)
    ('46 s', '10 min')
    """
    if seconds < _LONG_S:
        return f"{whole(seconds)} s"
    return f"{round(seconds / _MINUTE_S)} min"
