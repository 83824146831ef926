"""When to ask again, over what the last attempt brought and how others fared meanwhile.

Comes in: the limits, the pace and an outcome. Goes out: the seconds to wait, or None to leave it at
that answer. How fast the first attempts go out is the affair of `pace`.
"""

from __future__ import annotations

import time

from probe.evidence import Failure, FailureReason, Limits, Response
from probe.scan.pace import TOO_MANY, Pace
from probe.scan.ratelimit import retry_after_s

_UNAVAILABLE = 503
_GATEWAY = frozenset({502, 504})
_TRANSIENT = frozenset(
    {FailureReason.CONNECT, FailureReason.RESET, FailureReason.TIMEOUT, FailureReason.PROTOCOL}
)
_FIRST_BACKOFF_S = 0.5
_MOST_REFUSALS = 6  # of one call, while others get through


def wait_before_retry(outcome: Response | Failure, retry: int, limits: Limits, now: float) -> float | None:
    """Return the seconds to wait before asking a read again, or None to leave it at this answer.

    `retry` counts from 0; `now` is the time in seconds since the epoch, for a Retry-After that is a
    date. A server that asks for more patience than `limits.retry_after_cap_s` is not asked again. A 429
    needs no wait of its own: the pace holds everybody back.
    """
    if retry >= limits.retries:
        return None
    backoff = _FIRST_BACKOFF_S * 2.0**retry
    if isinstance(outcome, Failure):
        return backoff if outcome.reason in _TRANSIENT else None
    if outcome.status in (TOO_MANY, _UNAVAILABLE):
        asked = retry_after_s(outcome.header("retry-after"), now)
        wait = backoff if asked is None else asked
        if wait > limits.retry_after_cap_s:
            return None
        return 0.0 if outcome.status == TOO_MANY else wait
    return backoff if outcome.status in _GATEWAY else None


class Retries:
    """How often one call is asked again.

    A 429 counts only where others got through meanwhile: it may be meant for this call alone. While
    nobody gets through, all wait, until the pace calls it hopeless. A server that has answered nobody
    yet, and lets a whole timeout pass, is not given another.
    """

    def __init__(self, limits: Limits, pace: Pace) -> None:
        self._limits = limits
        self._pace = pace
        self._retry = 0
        self._refused = 0
        self._accepted = pace.accepted

    def wait_after(self, outcome: Response | Failure) -> float | None:
        """Return the seconds to wait before asking again, 0 to leave that to the pace, None to stop."""
        if (
            isinstance(outcome, Failure)
            and outcome.reason is FailureReason.TIMEOUT
            and not self._pace.heard_of
        ):
            return None
        if not isinstance(outcome, Response) or outcome.status != TOO_MANY:
            wait = wait_before_retry(outcome, self._retry, self._limits, time.time())
            self._retry += 1
            return wait
        self._refused += self._pace.accepted > self._accepted
        self._accepted = self._pace.accepted
        if self._pace.hopeless or self._refused > _MOST_REFUSALS:
            return None
        return wait_before_retry(outcome, 0, self._limits, time.time())
