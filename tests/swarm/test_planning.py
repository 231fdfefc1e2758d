"""Computers plan for themselves what to serve: real block servers, which nobody told which layers to take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.api.schema import DonationOrder
from engine.machine.facts import Gpu, Machine
from engine.machine.read import read_machine
from engine.planning.planner import plan
from engine.planning.plans import PlacePlan
from engine.planning.situation import Situation
from engine.private_swarm import PrivateSwarm
from engine.route.settings import SessionSettings
from engine.settings import HostSettings
from engine.wire.records import SpanRecord
from tests.swarm.volunteers import PATIENCE, Volunteer, Volunteers, until, volunteers

pytestmark = [pytest.mark.starter, pytest.mark.timeout(900)]

QUESTION = "Describe a kitchen in which many people cook. Take your time."


@pytest.fixture
async def swarm(starter_store) -> AsyncIterator[PrivateSwarm]:
    async with PrivateSwarm.open(*starter_store) as opened:
        yield opened


@pytest.fixture
async def people(tmp_path: Path, swarm: PrivateSwarm) -> AsyncIterator[Volunteers]:
    async with volunteers(tmp_path, swarm) as everybody:
        yield everybody


def holders(serving: list[Volunteer]) -> list[int]:
    """How many serve each layer."""
    spans = [volunteer.span for volunteer in serving]
    return [sum(start <= layer < end for start, end in spans) for layer in range(30)]


async def test_one_after_another_they_cover_the_model_the_weakest_part_first(
    swarm, people, ask, stream, local_answer
):
    wishes = await people.wishes_for(12)
    serving: list[Volunteer] = []
    for _ in range(3):
        before = holders(serving)
        newcomer = people.one(wishes)
        await newcomer.start()
        serving.append(await newcomer.online())
        start, end = newcomer.span
        assert all(before[start:end]) is False
        assert before[start:end].count(0) == min(before.count(0), end - start)
    assert all(holders(serving))
    prompt = ask(QUESTION)
    assert await stream(swarm, prompt, 12).done == local_answer(prompt, 12)


async def test_who_starts_at_the_same_moment_does_not_pile_up(swarm, people, ask, stream, local_answer):
    wishes = await people.wishes_for(12)
    first, second, third = [people.one(wishes) for _ in range(3)]
    await first.start()
    await first.online()
    await asyncio.gather(second.start(), third.start())
    await asyncio.gather(second.online(), third.online())
    assert all(holders([first, second, third]))

    prompt = ask(QUESTION)
    assert await stream(swarm, prompt, 12).done == local_answer(prompt, 12)


async def test_when_one_leaves_another_moves_if_and_only_if_it_pays(swarm, people, ask, stream, local_answer):
    wishes = await people.wishes_for(16)
    everybody = [people.one(wishes) for _ in range(3)]
    await everybody[0].start()
    await everybody[0].online()
    await asyncio.gather(*(one.start() for one in everybody[1:]))
    await asyncio.gather(*(one.online() for one in everybody[1:]))
    await until(lambda: all(holders(everybody)))

    prompt = ask(QUESTION)
    answer = stream(swarm, prompt, 24, SessionSettings(repair_wait_seconds=PATIENCE))
    await answer.has(3)
    lost = next(one for one in everybody if opens_a_hole(one, everybody))
    left = [one for one in everybody if one is not lost]
    before = {one.servers[0].peer_id: one.span for one in left}
    async with overheard(swarm) as said:
        await lost.vanish()
        await until(lambda: all(one.serves for one in left) and all(holders(left)))
    assert await answer.done == local_answer(prompt, 24)
    after = {one.servers[0].peer_id: one.span for one in left}
    moved = {(peer, span) for peer, span in after.items() if before[peer] != span}
    announced = {(one.peer, (one.start, one.end)) for one in map(there, said) if one is not None}
    assert moved
    assert moved <= announced

    stays, goes = left  # there is no other who could do with the layers of both
    span, [server] = stays.span, goes.servers
    await goes.vanish()
    await forgotten(swarm, server.peer_id)
    before = stays.decisions
    await until(lambda: stays.decisions > before + 2)
    assert (stays.serves, stays.span) == (True, span)


def there(record: SpanRecord) -> SpanRecord | None:
    """As it counts where it goes, once it has begun to leave."""
    return record.there if record.is_on_its_way else None


@asynccontextmanager
async def overheard(swarm: PrivateSwarm) -> AsyncIterator[set[SpanRecord]]:
    """What everybody says meanwhile."""
    said: set[SpanRecord] = set()

    async def listen() -> None:
        while True:
            said.update(await swarm.directory.spans(swarm.manifest.digest))
            await asyncio.sleep(0.05)

    listening = asyncio.create_task(listen())
    try:
        yield said
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def opens_a_hole(one: Volunteer, everybody: list[Volunteer]) -> bool:
    return not all(holders([other for other in everybody if other is not one]))


async def peers(swarm: PrivateSwarm) -> set[str]:
    return {record.peer for record in await swarm.directory.spans(swarm.manifest.digest)}


async def forgotten(swarm: PrivateSwarm, peer: str) -> None:
    """Until the directory knows nothing of this peer any more."""
    async with asyncio.timeout(PATIENCE):
        while peer in await peers(swarm):  # noqa: ASYNC110 (a directory that others write)
            await asyncio.sleep(0.2)


HALVES = {"one": (0, 15), "two": (15, 30)}


def with_two_cards() -> Machine:
    return replace(read_machine(), gpus=tuple(Gpu(index, uid=uid) for index, uid in enumerate(HALVES)))


def a_half_on_each(situation: Situation) -> tuple[PlacePlan, ...]:
    """As the plan would be if these cards could compute; the processor does it in their place."""
    without = replace(situation, machine=replace(situation.machine, gpus=()), serving={})
    return tuple(_on(place, without, layers) for place, layers in HALVES.items())


def _on(place: str, situation: Situation, layers: tuple[int, int]) -> PlacePlan:
    [made] = plan(replace(situation, wishes=replace(situation.wishes, layers=layers)))
    assert made.plan is not None
    return replace(made, place=place, plan=replace(made.plan, place=place))


async def test_two_devices_of_one_computer_serve_side_by_side(swarm, people, ask, stream, local_answer):
    wishes = HostSettings(precision="float32", threads=1)
    both = people.one(wishes, with_two_cards, a_half_on_each)
    await both.start()
    await both.online()
    assert {(server.place, server.start, server.end) for server in both.servers} == {
        (place, *layers) for place, layers in HALVES.items()
    }
    assert len({server.peer_id for server in both.servers}) == 2
    prompt = ask(QUESTION)
    assert await stream(swarm, prompt, 12).done == local_answer(prompt, 12)
    await both.giving.order(DonationOrder(action="pause"))
    await until(lambda: not both.servers)
