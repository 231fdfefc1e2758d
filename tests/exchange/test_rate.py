"""Shared rates, by a clock that the test moves; and the rate that a fetch reports."""

import asyncio
from collections import Counter

import pytest

from engine.exchange.progress import RATE_SECONDS, Meter
from engine.exchange.rate import BURST_SECONDS, Bucket, RateLimit


def test_a_bucket_lends_and_waits_for_the_debt() -> None:
    bucket = Bucket(rate=100.0, now=0.0)
    assert bucket.seconds_to_wait(0.0) == 0
    bucket.take(200 + int(100 * BURST_SECONDS), 0.0)
    assert bucket.seconds_to_wait(0.0) == pytest.approx(2.0)
    assert bucket.seconds_to_wait(1.5) == pytest.approx(0.5)
    assert bucket.seconds_to_wait(1.5, queued=100) == pytest.approx(1.5)
    assert bucket.seconds_to_wait(2.0) == 0


def test_a_long_pause_saves_up_no_more_than_a_burst() -> None:
    bucket = Bucket(rate=100.0, now=0.0)
    bucket.take(100, 1000.0)
    assert bucket.seconds_to_wait(1000.0) == pytest.approx(1.0 - BURST_SECONDS)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def turns(limit: RateLimit, clock: Clock, seconds: float) -> None:
    """Let so much time pass for those who wait."""
    clock.now += seconds
    limit._wake(limit._bucket)
    await asyncio.sleep(0)


async def test_without_a_limit_nobody_waits() -> None:
    limit = RateLimit(None)
    await limit.take("a", 1 << 60)
    assert limit.backlog_seconds == 0


async def test_peers_take_turns_however_many_streams_they_have() -> None:
    clock = Clock()
    limit = RateLimit(1000.0, clock)
    got: Counter[str] = Counter()

    async def want(who: str) -> None:
        await limit.take(who, 1000)
        got[who] += 1

    waiting = [asyncio.create_task(want(who)) for who in "aaaaaaab"]
    await asyncio.sleep(0)
    assert got == {"a": 1}
    assert limit.backlog_seconds == pytest.approx(8.0 - BURST_SECONDS)
    for _ in range(2):
        await turns(limit, clock, 1.0)
    assert got == {"a": 2, "b": 1}
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_gives_up_waiting_takes_nothing() -> None:
    clock = Clock()
    limit = RateLimit(1000.0, clock)
    await limit.take("a", 1000)
    gone, next_one = (asyncio.create_task(limit.take(who, 1000)) for who in "bc")
    await asyncio.sleep(0)
    gone.cancel()
    await turns(limit, clock, 1.0)
    await next_one
    assert gone.cancelled()


async def test_a_real_clock_lets_waiters_go_on() -> None:
    limit = RateLimit(1e6)
    async with asyncio.timeout(30):
        for _ in range(3):
            await limit.take("a", 200_000)


def test_a_meter_tells_the_rate_of_the_last_seconds() -> None:
    meter = Meter(now=0.0)
    assert meter.rate(0.0) == 0
    for second in range(1, 101):
        meter.add(10, float(second))
    assert meter.nbytes == 1000
    assert meter.rate(100.0) == pytest.approx(10.0, rel=0.2)
    for second in range(101, 121):
        meter.add(1000, float(second))
    assert meter.rate(120.0) == pytest.approx(1000.0, rel=0.2)
    assert meter.rate(120.0 + 9 * RATE_SECONDS) < 150
