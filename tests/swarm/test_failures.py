"""Real servers die in mid-answer, leave, or cannot start."""

import asyncio
import os
import shutil
import signal

import pytest

from engine.errors import BlockServerFailed, MissingLayers
from engine.host.orders import Order
from engine.private_swarm import PrivateSwarm
from engine.route.session import SessionSettings
from engine.weights.store.layer_store import LayerStore

pytestmark = pytest.mark.starter

QUESTION = "Tell a story about a lighthouse keeper and a very large fish."
TOKENS = 40


@pytest.mark.parametrize("after", [1, 17])
async def test_an_answer_survives_the_death_of_a_server(after, starter_store, ask, stream, local_answer):
    store, manifest = starter_store
    prompt = ask(QUESTION)
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 15), (15, 30), (15, 30)], threads=1)
        answer = stream(swarm, prompt, TOKENS)
        await answer.has(after)
        second = answer.session.report()[1].peer
        victim = next(s for s in swarm.servers if s.report.peer_id == second)
        os.killpg(victim.pid, signal.SIGKILL)
        tokens = await answer.done
        assert answer.session.replayed_spans == 1
    assert tokens == local_answer(prompt, TOKENS)


async def test_an_answer_without_a_spare_ends_with_the_reason_and_keeps_its_text(starter_store, ask, stream):
    store, manifest = starter_store
    impatient = SessionSettings(repair_wait_seconds=1.0)
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 15), (15, 30)], threads=1)
        answer = stream(swarm, ask(QUESTION), TOKENS, impatient)
        await answer.has(5)
        await swarm.servers[1].kill()
        with pytest.raises(MissingLayers) as caught:
            await answer.done
    assert caught.value.gaps == ((15, 30),)
    assert 5 <= len(answer.tokens) < TOKENS


async def test_a_draining_server_ends_its_answer_then_itself(starter_store, ask, stream, local_answer):
    store, manifest = starter_store
    prompt = ask(QUESTION)
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 30)], threads=1)
        [server] = swarm.servers
        answer = stream(swarm, prompt, TOKENS)
        await answer.has(3)
        server.order(Order(order="drain"))
        assert await answer.done == local_answer(prompt, TOKENS)
        assert await server.ended() == 0


async def test_a_server_whose_daemon_is_gone_ends_itself(starter_store):
    store, manifest = starter_store
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 30)], threads=1)
        [server] = swarm.servers
        server.close_orders()
        assert await asyncio.wait_for(server.ended(), 5) == 0


async def test_a_damaged_part_stops_the_server_with_a_sentence(starter_store, tmp_path):
    store, manifest = starter_store
    shutil.copytree(store.root, tmp_path / "store")
    damaged = LayerStore(tmp_path / "store")
    path = damaged.path(manifest.layers[3])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    async with PrivateSwarm.open(damaged, manifest) as swarm:
        with pytest.raises(BlockServerFailed, match="again"):
            await swarm.add_all([(0, 5)], threads=1)
        assert swarm.servers[0].report.failure_code == "wrong_hash"
