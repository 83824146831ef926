"""When to ask again: one small function over what the last attempt brought.

Comes in: the limits and an outcome. Goes out: the seconds to wait, or None to leave it at that answer.
How fast the first attempts go out is the affair of `pace`.
"""

from __future__ import annotations

from probe.evidence import Failure, FailureReason, Limits, Response
from probe.scan.pace import TOO_MANY
from probe.scan.ratelimit import retry_after_s

_UNAVAILABLE = 503
_GATEWAY = frozenset({502, 504})
_TRANSIENT = frozenset(
    {FailureReason.CONNECT, FailureReason.RESET, FailureReason.TIMEOUT, FailureReason.PROTOCOL}
)
_FIRST_BACKOFF_S = 0.5


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
