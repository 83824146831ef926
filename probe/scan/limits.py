"""How fast to ask, and when to ask again.

Comes in: the limits and what the last attempt brought. Goes out: a turn to send, or a wait. Clock
and sleep are injected, so that tests take no time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime

from probe.evidence import Failure, FailureReason, Limits, Response

WINDOW_S = 60.0
_ASK_LATER = frozenset({429, 503})
_GATEWAY = frozenset({502, 504})
_TRANSIENT = frozenset(
    {FailureReason.CONNECT, FailureReason.RESET, FailureReason.TIMEOUT, FailureReason.PROTOCOL}
)
_FIRST_BACKOFF_S = 0.5

Sleep = Callable[[float], Awaitable[None]]


class Pace:
    """At most `per_minute` sends in any 60 seconds, for all workers together; None for no bound."""

    def __init__(
        self,
        per_minute: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] | None = None if per_minute is None else deque(maxlen=per_minute)
        self._held_until = 0.0

    async def turn(self) -> None:
        """Wait until one more request may go out."""
        wait = self._next_free() - self._clock()
        while wait > 0:
            await self._sleep(wait)
            wait = self._held_until - self._clock()

    def hold(self, seconds: float) -> None:
        """Let nobody send for `seconds`: the server asked for a pause."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    def _next_free(self) -> float:
        free = max(self._clock(), self._held_until)
        if self._sent is None:
            return free
        if len(self._sent) == self._sent.maxlen:
            free = max(free, self._sent[0] + WINDOW_S)
        self._sent.append(free)
        return free


def wait_before_retry(outcome: Response | Failure, retry: int, limits: Limits, now: float) -> float | None:
    """Return the seconds to wait before asking a read again, or None to leave it at this answer.

    `retry` counts from 0; `now` is the time in seconds since the epoch, for a Retry-After that is a
    date. A server that asks for more patience than `limits.retry_after_cap_s` is not asked again.
    """
    if retry >= limits.retries:
        return None
    backoff = _FIRST_BACKOFF_S * 2.0**retry
    if isinstance(outcome, Failure):
        return backoff if outcome.reason in _TRANSIENT else None
    if outcome.status in _ASK_LATER:
        asked = retry_after_s(outcome.header("retry-after"), now)
        wait = backoff if asked is None else asked
        return wait if wait <= limits.retry_after_cap_s else None
    return backoff if outcome.status in _GATEWAY else None


def retry_after_s(text: str, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), or None if unreadable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 9 else float("inf")  # noqa: PLR2004 - more digits than any date has seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
