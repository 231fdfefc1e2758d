"""Waking those who wait."""

import asyncio

import pytest

from engine.host.signal import Signal


async def test_everybody_who_waits_is_woken_once() -> None:
    signal = Signal()
    waiting = [asyncio.create_task(signal.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    signal.send()
    await asyncio.gather(*waiting)
    late = asyncio.create_task(signal.wait())
    await asyncio.sleep(0.01)
    assert not late.done()
    signal.send()
    await late


async def test_who_gives_up_leaves_nothing_behind() -> None:
    signal = Signal()
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await signal.wait()
    assert not signal._waiting


async def test_a_condition_is_looked_at_again_with_each_signal() -> None:
    signal, true = Signal(), [False]
    waiting = asyncio.create_task(signal.until(lambda: true[0]))
    await asyncio.sleep(0)
    signal.send()
    await asyncio.sleep(0)
    assert not waiting.done()
    true[0] = True
    signal.send()
    await waiting
