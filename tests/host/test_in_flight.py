"""Large steps wait for each other where there is no room; small ones never do."""

import asyncio
from contextlib import AsyncExitStack

from engine.host.in_flight import SMALL_BYTES, InFlight

LARGE = 4 * SMALL_BYTES


async def enter(stack: AsyncExitStack, flight: InFlight, peer: str, size: int = LARGE) -> bool:
    """Whether there is room at once."""
    try:
        async with asyncio.timeout(0.02):
            await stack.enter_async_context(flight.hold(peer, size))
    except TimeoutError:
        return False
    return True


async def test_a_peer_has_its_share_and_no_more():
    flight = InFlight(total=10 * LARGE, of_a_peer=2 * LARGE)
    async with AsyncExitStack() as stack:
        assert await enter(stack, flight, "greedy")
        assert await enter(stack, flight, "greedy")
        assert not await enter(stack, flight, "greedy")
        assert await enter(stack, flight, "other")
        assert await enter(stack, flight, "greedy", SMALL_BYTES)
        assert flight.held == 3 * LARGE
    assert flight.held == 0


async def test_all_together_have_a_limit():
    flight = InFlight(total=2 * LARGE, of_a_peer=LARGE)
    async with AsyncExitStack() as stack:
        assert [await enter(stack, flight, peer) for peer in "abc"] == [True, True, False]
        assert await enter(stack, flight, "c", SMALL_BYTES)


async def test_a_step_larger_than_any_limit_runs_alone():
    flight = InFlight(total=LARGE, of_a_peer=LARGE)
    async with AsyncExitStack() as stack:
        assert await enter(stack, flight, "a", 9 * LARGE)
        assert not await enter(stack, flight, "b")


async def test_who_waits_comes_in_when_another_is_done():
    flight = InFlight(total=LARGE, of_a_peer=LARGE)
    order: list[str] = []

    async def step(peer: str) -> None:
        async with flight.hold(peer, LARGE):
            order.append(peer)
            await asyncio.sleep(0)
            assert flight.held == LARGE

    async with asyncio.timeout(30):
        await asyncio.gather(*(step(peer) for peer in "abcd"))
    assert sorted(order) == list("abcd")


async def test_who_leaves_while_waiting_holds_nothing():
    flight = InFlight(total=LARGE, of_a_peer=LARGE)
    async with flight.hold("a", LARGE):
        waiting = asyncio.create_task(enter(AsyncExitStack(), flight, "b"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert flight.held == LARGE
    assert flight.held == 0
