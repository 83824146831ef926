"""What an answer says of the server's limit on requests.

Comes in: a response. Goes out: how long to wait, and what is left until when. Headers that cannot be
read say nothing. Sources: RFC 9110, 10.2.3 (Retry-After); the IETF httpapi drafts on RateLimit fields
(separate fields, one field with `limit=, remaining=, reset=`, and one with `r=` and `t=`); and the
X-RateLimit fields of many vendors, whose reset is in seconds from now, or a time since the epoch in
seconds or milliseconds.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from probe.evidence import Response

_PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
_SPEAKS = re.compile(r"rate-?limit|retry-after", re.IGNORECASE)
_REMAINING = re.compile(r"(?:^|[\s,;])(?:remaining|r)\s*=\s*(\d{1,9})(?![\d.])")
_RESET = re.compile(r"(?:^|[\s,;])(?:reset|t)\s*=\s*(\d{1,9})(?![\d.])")
_NUMBER = re.compile(r"\d{1,13}(\.\d{1,6})?")
_EPOCH_S, _EPOCH_MS = 1e9, 1e12


class Told(NamedTuple):
    """What the server says: `wait_s` seconds to wait, `left` requests within the next `reset_s` seconds.

    `wait_s` is infinite where it asks for more patience than we have.
    """

    wait_s: float | None = None
    left: int | None = None
    reset_s: float | None = None


def told_by(response: Response, now: float, longest_s: float) -> Told:
    """Return what an answer says. `now` is since the epoch; `longest_s` is the longest wait that we keep."""
    if not any(_SPEAKS.search(name) for name, _ in response.headers):
        return Told()
    wait = retry_after_s(response.header("retry-after"), now)
    left, reset = _left(response), _reset(response, now)
    if reset is not None and reset > longest_s:
        left = reset = None
    if wait is None and left == 0 and reset is not None:
        wait = reset
    if wait is not None and wait > longest_s:
        wait = float("inf")
    return Told(wait or None, left, reset)


def retry_after_s(text: str, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), or None if unreadable."""
    text = text.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= 9 else float("inf")  # noqa: PLR2004 - more digits than any date has seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _left(response: Response) -> int | None:
    found = _REMAINING.search(response.header("ratelimit"))
    if found:
        return int(found[1])
    number = _first_number(response, "remaining")
    return None if number is None else int(number)


def _reset(response: Response, now: float) -> float | None:
    found = _RESET.search(response.header("ratelimit"))
    if found:
        return float(found[1])
    number = _first_number(response, "reset")
    if number is None:
        return None
    if number >= _EPOCH_MS:
        return max(0.0, number / 1000 - now)
    return max(0.0, number - now) if number >= _EPOCH_S else number


def _first_number(response: Response, name: str) -> float | None:
    for prefix in _PREFIXES:
        text = response.header(prefix + name).strip()
        if _NUMBER.fullmatch(text):
            return float(text)
    return None
