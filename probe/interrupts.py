"""Requests to stop (Ctrl-C, SIGTERM, a closed terminal), noted while work must not be torn apart.

Comes in: signals. Goes out: whether there was one, and a call to whoever wants to know at once.
Later ones change nothing, so that what was gathered is written.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

_STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP is not on every system


class Interrupts:
    """As a context: the signals set `noted` and do nothing else.

    Once there was one, they stay ignored after the context too: the process is ending. Outside the
    main thread, which alone may handle signals, nothing is noted.
    """

    def __init__(self) -> None:
        self.noted = False
        self._tell: Callable[[], None] = _nobody
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for name in _STOPPING:
            number = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue  # started by nohup: a closed terminal is no reason to stop
            with suppress(ValueError):  # not the main thread
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.noted else before)

    def telling(self, tell: Callable[[], None] | None) -> None:
        """Call `tell` at the first signal, at once if there was one; None for nobody any more."""
        self._tell = tell or _nobody
        if self.noted:
            self._tell()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if not self.noted:
            self.noted = True
            self._tell()


def _nobody() -> None:
    """Tell nobody."""
