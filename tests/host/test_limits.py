"""Shares and rates: what one stranger may have while others are served."""

import asyncio

import pytest

from engine.host.limits import Allowance, Conduct, Holding, HostLimits, whom_to_evict
from engine.wire import frames
from engine.wire.messages import (
    Leaving,
    OpenSession,
    PushTo,
    Refusal,
    RefusalCode,
    SessionOpened,
    StepOutput,
)
from tests.host.seats import Seat, seat_behind
from tests.in_memory_swarm import MODEL, Client, MemoryServer, MemoryStream, step_with
from tests.tiny_models import N_LAYERS, some_states

# --- pure


def test_an_allowance_comes_back() -> None:
    allowance = Allowance(burst=3, per_s=0.5, now=10.0)
    assert [allowance.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert not allowance.take(11.9)
    assert allowance.take(12.0)
    assert not allowance.take(12.0)
    assert [allowance.take(1000.0) for _ in range(4)] == [True, True, True, False]


def test_openings_are_limited_for_each_peer() -> None:
    now = [0.0]
    conduct = Conduct(HostLimits(openings=5, openings_per_s=1.0), lambda: now[0])
    assert [conduct.may_open("a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert conduct.may_open("b")
    now[0] = 2.0
    assert [conduct.may_open("a") for _ in range(3)] == [True, True, False]


def test_who_talks_nonsense_is_left_alone_for_a_while() -> None:
    now = [0.0]
    conduct = Conduct(HostLimits(bad_messages=3, bad_messages_per_s=0.1), lambda: now[0])
    for _ in range(3):
        assert conduct.may_open("a")
        conduct.note_bad_message("a")
    assert not conduct.may_open("a")
    assert conduct.may_open("b")
    now[0] = 11.0
    assert conduct.may_open("a")


def test_a_crowd_of_peers_is_forgotten_again() -> None:
    conduct = Conduct(HostLimits(known_peers=10), lambda: 0.0)
    for n in range(1000):
        conduct.may_open(str(n))
    assert conduct.known_peers == 10


def idle(key: int, blocks: int, at: float = 0.0, peer: str = "a") -> Holding:
    return Holding(key, peer, blocks, at, is_idle=True)


def used(key: int, blocks: int, at: float = 0.0, peer: str = "a", busy: bool = False) -> Holding:
    return Holding(key, peer, blocks, at, is_idle=False, is_busy=busy)


@pytest.mark.parametrize(
    ("holdings", "lacking", "wanted", "evicted"),
    [
        pytest.param([], 1, 1, (), id="nobody has anything"),
        pytest.param([idle(1, 4, 5.0), idle(2, 4, 3.0)], 2, 2, (2,), id="the oldest idle one"),
        pytest.param([idle(1, 4, 5.0), idle(2, 4, 3.0)], 6, 6, (2, 1), id="both idle ones"),
        pytest.param([idle(1, 0), idle(2, 4, 3.0)], 2, 2, (2,), id="one that holds something"),
        pytest.param([used(1, 16), idle(2, 0)], 4, 4, (1,), id="who holds nothing here keeps what it has"),
        pytest.param([used(1, 16)], 4, 4, (1,), id="who holds all gives way"),
        pytest.param([used(1, 8), used(2, 8, 1.0)], 4, 4, (1,), id="no more than is needed"),
        pytest.param([used(1, 16)], 12, 12, (), id="a newcomer gets no more than its share"),
        pytest.param([used(1, 8), used(2, 8, peer="c")], 4, 4, (1,), id="shares of three"),
        pytest.param(
            [used(1, 5), used(2, 5, peer="c"), idle(3, 6, peer="c")], 4, 4, (3,), id="idle ones first"
        ),
        pytest.param([used(1, 16, busy=True)], 4, 4, (), id="none in the middle of a step"),
        pytest.param([used(1, 16, peer="me")], 4, 4, (), id="not one's own in use"),
        pytest.param([used(1, 8, peer="me"), used(2, 8)], 1, 1, (), id="who has a share takes no more"),
        pytest.param([used(1, 2, peer="me"), used(2, 14)], 2, 2, (2,), id="what it has already counts"),
        pytest.param([idle(1, 2), used(2, 4, busy=True)], 4, 4, (), id="nothing where it is not enough"),
    ],
)
def test_whom_to_evict(holdings: list[Holding], lacking: int, wanted: int, evicted: tuple[int, ...]) -> None:
    assert whom_to_evict(holdings, "me", lacking, wanted, total=16) == evicted


# --- at a server


class Visitors:
    """Peers of many names at one server."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._tasks: list[asyncio.Task[None]] = []

    def dial(self, peer: str) -> Client:
        ours, theirs = MemoryStream.pair(self._server.peer, peer)
        task = asyncio.create_task(self._server.spans.handle(theirs))
        task.add_done_callback(lambda _: theirs.close())
        self._server.streams.append(theirs)
        self._tasks.append(task)
        return Client(ours)

    async def seat(self, peer: str) -> Seat:
        client = self.dial(peer)
        opened = await client.open()
        assert isinstance(opened, SessionOpened), opened
        return Seat(client, self._server, opened.ticket)

    async def gone(self) -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(*self._tasks)


async def test_a_lone_peer_may_fill_the_cache_and_others_get_their_share(model, swarm) -> None:
    server = swarm.add(model, cache_tokens=4 * 64)
    visitors = Visitors(server)
    greedy = [await visitors.seat("greedy") for _ in range(4)]
    for seat in greedy:
        await seat.answer(1, some_states(60), 0)
    assert server.runner.budget.free == 0
    newcomer = await visitors.seat("newcomer")
    await newcomer.answer(1, some_states(60), 0)  # the greedy one's oldest session gives way
    await greedy[0].step(2, some_states(1), 60)
    refusal = await greedy[0].hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.EVICTED
    for seat in greedy[1:]:
        await seat.answer(2, some_states(1), 60)


async def test_a_share_is_not_lost_to_who_wants_more(model, swarm) -> None:
    server = swarm.add(model, cache_tokens=4 * 64)
    visitors = Visitors(server)
    modest = await visitors.seat("modest")
    await modest.answer(1, some_states(100), 0)  # two blocks of four
    greedy = [await visitors.seat("greedy") for _ in range(3)]
    await greedy[0].answer(1, some_states(60), 0)
    await greedy[1].answer(1, some_states(60), 0)
    await greedy[2].step(1, some_states(60), 0)
    refusal = await greedy[2].hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NO_ROOM
    await modest.answer(2, some_states(1), 100)


async def test_who_talks_nonsense_is_refused_for_a_while_and_nobody_else(model, swarm) -> None:
    server = swarm.add(model)
    visitors = Visitors(server)
    for _ in range(HostLimits().bad_messages):
        fool = visitors.dial("fool")
        await fool.stream.send(bytes(8))
        assert (await frames.receive(fool.stream))[0].code is RefusalCode.BAD_MESSAGE
    refused = await visitors.dial("fool").open()
    assert (refused.code, "come back in a minute" in refused.text) == (RefusalCode.NO_ROOM, True)
    await visitors.seat("other")


async def test_nonsense_within_a_session_counts_as_well(model, swarm) -> None:
    server = swarm.add(model)
    visitors = Visitors(server)
    for _ in range(HostLimits().bad_messages):
        seat = await visitors.seat("fool")
        await seat.tell(Leaving())  # only servers say so
        assert (await seat.hears()).code is RefusalCode.BAD_MESSAGE
    assert (await visitors.dial("fool").open()).code is RefusalCode.NO_ROOM


async def test_outputs_are_not_redirected_without_end(model, swarm) -> None:
    server = swarm.add(model)
    seat = await Visitors(server).seat("restless")
    for number in range(HostLimits().redirections + 5):
        await seat.tell(PushTo(peer="Qm" + "z" * 30, ticket=f"{number:032x}"))
    refusal = await seat.hears()
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NO_ROOM


async def test_a_flood_of_strangers_leaves_a_chat_alone(model, swarm) -> None:
    """Half-open streams, openings, sessions without steps, and readers that stand still."""
    server, limits = swarm.add(model), HostLimits()
    visitors = Visitors(server)
    quiet = await visitors.seat("good")
    expected = [await quiet.answer(n, some_states(3, n), 3 * (n - 1)) for n in range(1, 21)]
    good = await visitors.seat("good")
    half_open = [visitors.dial("mute") for _ in range(2 * limits.unopened_of_a_peer)]
    slow = [await seat_behind(server) for _ in range(3)]
    for seat, _, _ in slow:
        for number in range(1, 40):
            await seat.tell(*step_with(some_states(1), number - 1, number=number))
    got = []
    for number in range(1, 21):
        for _ in range(10):
            opening = OpenSession(model=MODEL, start=0, end=N_LAYERS)
            await frames.send(visitors.dial("hoarder").stream, opening)
        got.append(await good.answer(number, some_states(3, number), 3 * (number - 1)))
    assert all((ours - theirs).abs().max() < 1e-5 for ours, theirs in zip(got, expected, strict=True))
    held = [session.peer for session in server.batcher.sessions.values()]
    assert held.count("hoarder") == limits.sessions_of_a_peer
    assert server.spans._unopened["mute"] == limits.unopened_of_a_peer
    assert sum(client.stream._other.is_closed for client in half_open) == limits.unopened_of_a_peer
    for _, _, served in slow:
        served.cancel()
    await asyncio.gather(*(served for _, _, served in slow), return_exceptions=True)


async def test_a_flood_costs_a_chat_a_bounded_number_of_turns(model, swarm) -> None:
    """Between two steps of a chat, one stream's flood gets no more than a handful of messages in."""
    server = swarm.add(model)
    visitors = Visitors(server)
    good, flooder = await visitors.seat("good"), await visitors.seat("flooder")
    for number in range(1, 2000):
        await flooder.tell(*step_with(some_states(1), 0, number=number))
    before = len(server.batcher.steps)
    for number in range(1, 11):
        assert isinstance(await _answered(good, number), StepOutput)
    others = len(server.batcher.steps) - before - 10
    assert others <= 10 * 4


async def _answered(seat: Seat, number: int) -> object:
    await seat.step(number, some_states(1, number), number - 1)
    return await seat.hears()
