"""Counts how far a scan is: what has come back, of all that is known to be asked.

Comes in: what the scan plans, what came back, pauses. Goes out: Progress to whoever shows it. What is
done never falls; the total grows, as answers lead to second looks. Knows no clock.
"""

from __future__ import annotations

from collections.abc import Callable

from probe.scan.pace import Waiting
from probe.scan.request import Phase, Progress

WORTH_SAYING_S = 1.0


class Meter:
    """The count of one scan."""

    def __init__(self, on_progress: Callable[[Progress], None], planned: int) -> None:
        self._on_progress = on_progress
        self._phase = Phase.CONTROLS
        self._done = 0
        self._total = planned

    def enter(self, phase: Phase) -> None:
        """Begin a part of the scan."""
        self._phase = phase
        self._tell()

    def plan(self, number: int = 1) -> None:
        """Add questions to those that are known."""
        self._total += number

    def answered(self) -> None:
        """Count one question as done: it came back, however it did."""
        self._done += 1
        self._tell()

    def waits(self, seconds: float, why: Waiting) -> None:
        """Tell that a pause begins, if it is one that anybody would notice."""
        if seconds >= WORTH_SAYING_S:
            self._tell(seconds, why)

    def _tell(self, waiting_s: float = 0.0, waiting: Waiting | None = None) -> None:
        self._on_progress(
            Progress(
                phase=self._phase,
                done=self._done,
                total=self._total,
                waiting_s=waiting_s,
                waiting=waiting,
            )
        )
