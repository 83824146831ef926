"""How fast to ask one origin: never above what the user allows, as fast as the server allows.

Comes in: a turn for each send, and what each answer said of the limit. Goes out: waits. One object per
host; clock and sleep are injected, so that tests take no time. Knows nothing of what an answer means.

Four gates, each of which may let a send wait:
- the user's bound, a sliding minute;
- a pause: the server said how long (Retry-After, a reset), or, where it refused without a word, a
  scout goes alone after a growing while, and the rest follow when it gets through;
- what the server says is left until its window starts anew;
- a gap between sends, where the server gives out its turns one by one (a token bucket). It is
  measured: the time between two refusals through the number of answers between them. Each success
  makes it a little smaller, a refusal doubles it or sets it to what was measured, whichever is less.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum

from probe.evidence import Failure, Limits, Response
from probe.scan.ratelimit import Told, told_by

WINDOW_S = 60.0
TOO_MANY = 429

_FIRST_SCOUT_S = 0.5
_LAST_SCOUT_S = 6.0
_WIDEST_S = 2.0  # between sends: 429 may have other reasons than the pace, which no gap will cure
_FASTER = 0.98  # of the gap, for each success
_WORTH_SAYING_S = 1.0
_BUNCHES = 2  # as many concurrent turns between two refusals are no bucket any more
_PATIENCE = 1.25  # of the longest pause that is kept: no answer at all for so long is the end of asking

Sleep = Callable[[float], Awaitable[None]]


class Waiting(StrEnum):
    """What a pause is for."""

    BOUND = "bound"
    ASKED = "asked"
    REFUSED = "refused"
    RETRY = "retry"
    CONFIRM = "confirm"


OnWait = Callable[[float, Waiting], None]


class Pace:
    """The turns of all workers of one host.

    `accepted` counts the answers that were no refusal; `heard_of` says whether any came at all.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        on_wait: OnWait = lambda _seconds, _why: None,
    ) -> None:
        per_minute = limits.requests_per_minute
        self._clock, self._sleep, self._on_wait = clock, sleep, on_wait
        self._limits = limits
        self._sent: deque[float] | None = None if per_minute is None else deque(maxlen=per_minute)
        self.accepted = 0
        self.heard_of = False
        self._under_way = 0
        self._allowed = limits.concurrency  # under way at a time, while a scout or the ones after it find out
        self._room = asyncio.Event()
        self._held_until = 0.0
        self._left: int | None = None
        self._left_heard = 0.0
        self._left_until = 0.0
        self._gap = 0.0
        self._next = 0.0
        self._since_refusal = 0
        self._burst = 0
        self._refused_at: float | None = None
        self._scout_s = _FIRST_SCOUT_S
        self._silent_since: float | None = None

    async def turn(self) -> float:
        """Wait until one more request may go out; return the time of that, for `heard`."""
        while wait := self._wait():
            if wait == float("inf"):
                self._room.clear()
                await self._room.wait()
            else:
                if wait >= _WORTH_SAYING_S:
                    self._on_wait(wait, self._why())
                await self._sleep(wait)
        now = self._clock()
        self._under_way += 1
        self._next = max(now, self._next) + self._gap if self._gap else now
        if self._sent is not None:
            self._sent.append(now)
        return now

    def _wait(self) -> float:
        """Return the seconds until a turn could be had, 0 for now, infinite until an answer comes."""
        now = self._clock()
        self._begin_anew(now)
        free = now if self.hopeless else max(now, self._held_until, self._next if self._gap else now)
        if self._sent is not None and len(self._sent) == self._sent.maxlen:
            free = max(free, self._sent[0] + WINDOW_S)
        if self._left is not None and self._left <= self._under_way:
            if self._under_way:
                return float("inf")  # their answers say what is left
            free = max(free, self._left_until)
        if free <= now and self._under_way >= self._allowed:
            return float("inf")
        return free - now

    def _why(self) -> Waiting:
        """Say what the next turn waits for."""
        full = self._sent is not None and len(self._sent) == self._sent.maxlen
        others = max(self._held_until, self._left_until if self._left is not None else 0.0)
        if full and self._sent and self._sent[0] + WINDOW_S >= others:
            return Waiting.BOUND
        return Waiting.REFUSED if self._scout_s > _FIRST_SCOUT_S else Waiting.ASKED

    def _begin_anew(self, now: float) -> None:
        """Forget what was left once its window is over; where it was used up, one goes first."""
        if self._left is None or now < self._left_until:
            return
        if self._left <= 0:
            self._allowed = 1
        self._left = None

    def hold(self, seconds: float) -> None:
        """Let nobody send for `seconds`: the server asked all of us for a pause."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    def heard(self, sent_at: float, outcome: Response | Failure, wall_time: float) -> None:
        """Take in what came of what was sent at `sent_at`; `wall_time` is now, in seconds since the epoch."""
        self._under_way -= 1
        if isinstance(outcome, Response):
            self.heard_of = True
            told = told_by(outcome, wall_time, self._limits.retry_after_cap_s)
            if outcome.status == TOO_MANY:
                self._refused(sent_at, told)
            else:
                self._accepted(sent_at, told)
        self._room.set()

    def _accepted(self, sent_at: float, told: Told) -> None:
        self._since_refusal += 1
        self.accepted += 1
        self._silent_since = None
        self._scout_s = _FIRST_SCOUT_S
        self._allowed = min(self._limits.concurrency, self._allowed * 2)
        if self._burst and self._burst - self._since_refusal <= self._under_way:
            self._allowed = 1  # here it refused last time: one goes first
        self._gap *= _FASTER
        if told.left is not None and told.reset_s is not None:
            self._note_left(sent_at, told.left, told.reset_s)

    def _note_left(self, sent_at: float, left: int, reset_s: float) -> None:
        """Keep the lowest number left, until an answer to what was sent after hearing it says otherwise.

        Answers overtake each other; what is under way may or may not be counted in it already, so it is
        taken off when a turn is asked for.
        """
        now = self._clock()
        if self._left is None or left < self._left or sent_at >= self._left_heard:
            self._left, self._left_heard, self._left_until = left, now, now + reset_s

    def _refused(self, sent_at: float, told: Told) -> None:
        now = self._clock()
        if self._silent_since is None:
            self._silent_since = now
        if told.wait_s == float("inf"):
            return  # nobody waits for that: each gets its refusal
        if self._refused_at is not None and sent_at < self._refused_at:
            if told.wait_s is not None:
                self.hold(told.wait_s)
            return  # it went out before we knew
        self._measure(now)
        self._left, self._allowed = None, 1
        if told.wait_s is not None:
            self._allowed = self._limits.concurrency
            self.hold(told.wait_s)
        else:
            self.hold(min(self._scout_s, self._limits.retry_after_cap_s))
            self._scout_s = min(_LAST_SCOUT_S, self._scout_s * 2)

    def _measure(self, now: float) -> None:
        """Set the gap from the answers since the last refusal, where there were few."""
        answers, self._since_refusal = self._since_refusal, 0
        before, self._refused_at = self._refused_at, now
        self._burst = answers or self._burst
        if before is None or not answers:
            return
        measured = (now - before) / answers
        few = answers <= _BUNCHES * self._limits.concurrency
        widest = min(_WIDEST_S, self._limits.retry_after_cap_s)
        self._gap = min(measured, self._gap * 2 or measured, widest) if few else 0.0

    @property
    def hopeless(self) -> bool:
        """Whether the server has refused everything for longer than any pause that we would keep."""
        if self._silent_since is None:
            return False
        return self._clock() - self._silent_since >= _PATIENCE * self._limits.retry_after_cap_s
