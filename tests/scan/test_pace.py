"""The pace against servers that count: on a virtual clock, with answers that take 50 ms."""

import asyncio
import math
import random

import pytest
from virtual_time import Clock, run_virtually

from probe.evidence import Body, Failure, FailureReason, Form, Limits, Response
from probe.scan.pace import Pace, Waiting

LATENCY_S = 0.05
CONCURRENCY = 20
MINUTE = 60.0


def limits(per_minute=None, cap_s=60.0, concurrency=CONCURRENCY) -> Limits:
    return Limits(
        concurrency=concurrency,
        requests_per_minute=per_minute,
        connect_timeout_s=1,
        first_byte_timeout_s=1,
        body_timeout_s=1,
        body_cap_bytes=1024,
        retries=2,
        retry_after_cap_s=cap_s,
    )


class FixedWindow:
    """So many in each minute of the server's own clock, which began before we came."""

    phase = 17.0

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.counts: dict[int, int] = {}

    def take(self, now: float) -> tuple[bool, int, float]:
        window = int((now + self.phase) // MINUTE)
        used = self.counts.get(window, 0)
        self.counts[window] = min(self.rate, used + 1)
        return used < self.rate, self.rate - self.counts[window], (window + 1) * MINUTE - self.phase - now

    def ideal(self, number: int) -> float:
        windows = (number - 1) // self.rate
        return windows * MINUTE - self.phase if windows else 0.0


class SlidingWindow:
    """So many in any minute."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.log: list[float] = []

    def take(self, now: float) -> tuple[bool, int, float]:
        self.log = [moment for moment in self.log if moment > now - MINUTE]
        fits = len(self.log) < self.rate
        if fits:
            self.log.append(now)
        return fits, self.rate - len(self.log), self.log[0] + MINUTE - now

    def ideal(self, number: int) -> float:
        return (number - 1) // self.rate * MINUTE


class TokenBucket:
    """A minute's worth at once, then one by one."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.tokens = float(rate)
        self.last = 0.0

    def take(self, now: float) -> tuple[bool, int, float]:
        self.tokens = min(self.rate, self.tokens + (now - self.last) * self.rate / MINUTE)
        self.last = now
        fits = self.tokens >= 1
        if fits:
            self.tokens -= 1
        return fits, int(self.tokens), (1 - self.tokens % 1) * MINUTE / self.rate

    def ideal(self, number: int) -> float:
        return max(0.0, (number - self.rate) * MINUTE / self.rate)


def headers_of(style: str, fits: bool, left: int, reset_s: float):
    seconds = str(math.ceil(reset_s))
    match style:
        case "retry-after":
            return () if fits else (("retry-after", seconds),)
        case "x-ratelimit":
            return ("x-ratelimit-remaining", str(left)), ("x-ratelimit-reset", seconds)
        case "ratelimit":
            return (("ratelimit", f'"default";r={left};t={seconds}'),)
        case _:
            return ()


async def ask_all(pace: Pace, server, style: str, number: int):
    """Return when all was answered, how many got through, how many were refused, and the send times."""
    loop = asyncio.get_running_loop()
    dice = random.Random(7)  # noqa: S311 - latencies, no secrets
    todo, sent, answered, refused = [None] * number, [], 0, 0

    async def ask() -> bool:
        at = await pace.turn()
        sent.append(loop.time())
        there = dice.uniform(0.3, 0.7) * LATENCY_S
        await asyncio.sleep(there)
        fits, left, reset_s = server.take(loop.time())
        await asyncio.sleep(LATENCY_S - there)
        status = 200 if fits else 429
        headers = headers_of(style, fits, left, reset_s)
        pace.heard(at, Response(status=status, headers=headers, body=Body(form=Form.EMPTY)), loop.time())
        return fits

    async def worker() -> None:
        nonlocal answered, refused
        while todo and not pace.hopeless:
            todo.pop()
            while not await ask():
                refused += 1
                if pace.hopeless:
                    return
            answered += 1

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return loop.time(), answered, refused, sent


def asked(server, style: str, number: int, given: Limits):
    async def go():
        pace = Pace(given, clock=asyncio.get_running_loop().time)
        return await ask_all(pace, server, style, number)

    return run_virtually(go())


MOST_REFUSED = {"none": 0.35, "retry-after": 0.18, "x-ratelimit": 0.02, "ratelimit": 0.02}


@pytest.mark.parametrize("style", MOST_REFUSED)
@pytest.mark.parametrize("rate", [30, 120, 300])
@pytest.mark.parametrize("kind", [FixedWindow, SlidingWindow, TokenBucket])
@pytest.mark.parametrize("number", [330, 1000])
def test_nothing_is_lost_and_the_end_comes_near_the_ideal(kind, rate, style, number):
    server = kind(rate)
    took, answered, refused, _sent = asked(server, style, number, limits())
    ideal = max(server.ideal(number), math.ceil(number / CONCURRENCY) * LATENCY_S)
    assert answered == number
    assert took <= 1.15 * ideal
    assert refused <= MOST_REFUSED[style] * (number + refused)


@pytest.mark.parametrize("style", ["none", "ratelimit"])
def test_never_above_what_the_user_allows(style):
    _took, answered, _refused, sent = asked(SlidingWindow(200), style, 300, limits(per_minute=50))
    assert answered == 300
    assert all(later - earlier > MINUTE - 1e-6 for earlier, later in zip(sent, sent[50:], strict=False))


def test_a_server_that_refuses_for_ever_is_given_up():
    took, answered, refused, _sent = asked(FixedWindow(0), "none", 1000, limits())
    assert answered == 0
    assert took < 120
    assert refused < 60


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_refusals_that_have_nothing_to_do_with_the_pace_do_not_slow_it_without_bound(share):
    class Moody:
        dice = random.Random(3)  # noqa: S311 - a mood, no secret

        def take(self, _now):
            return self.dice.random() > share, 0, 0.0

    took, answered, refused, _sent = asked(Moody(), "none", 300, limits())
    assert answered == 300
    assert took <= 2.0 * (answered + refused) + 10 * refused


def test_a_reset_beyond_our_patience_holds_nobody():
    class Hourly(FixedWindow):
        def take(self, now):
            fits, left, _reset = super().take(now)
            return fits, left, 3600.0

    took, *_ = asked(Hourly(10), "x-ratelimit", 10, limits())
    assert took < 1


async def test_no_bound_means_no_wait():
    clock = Clock()
    pace = Pace(limits(), clock=clock, sleep=clock.sleep)
    for _ in range(1000):
        pace.heard(await pace.turn(), Failure(reason=FailureReason.RESET), 0.0)
    assert clock.now == 0


async def test_a_hold_lets_nobody_send():
    clock = Clock()
    pace = Pace(limits(), clock=clock, sleep=clock.sleep)
    pace.hold(7)
    await asyncio.gather(pace.turn(), pace.turn())
    assert clock.now >= 7


async def test_what_is_waited_for_is_told():
    clock = Clock()
    told = []
    pace = Pace(
        limits(per_minute=2), clock=clock, sleep=clock.sleep, on_wait=lambda *pause: told.append(pause)
    )
    for _ in range(3):
        await pace.turn()
    assert told == [(60.0, Waiting.BOUND)]
