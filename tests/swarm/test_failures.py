"""Real servers die in mid-answer, leave, or cannot start."""

import asyncio
import os
import shutil
import signal

import pytest

from engine.api.schema import ServerPhase
from engine.errors import BlockServerFailed, MissingLayers
from engine.host.orders import HostConfig, Order, Report
from engine.private_swarm import PrivateSwarm, ServerProcess
from engine.route.settings import SessionSettings
from engine.supervisor.process import ProcessGroup
from engine.supervisor.supervisor import HOST_COMMAND
from engine.weights.store.layer_store import LayerStore
from tests.swarm.conftest import PATIENT, Stream

pytestmark = pytest.mark.starter

QUESTION = "Tell a story about a lighthouse keeper and a very large fish."
TOKENS, FEWER = 40, 24


def server_of(swarm: PrivateSwarm, answer: Stream, hop: int) -> ServerProcess:
    """The one that serves an answer's hop now."""
    peer = answer.session.report()[hop].peer
    return next(server for server in swarm.servers if server.report.peer_id == peer)


async def opened(answer: Stream) -> None:
    """Until its chain stands: no token has come yet."""
    for _ in range(10_000):
        if answer.session.is_open:
            return
        await asyncio.sleep(0.005)
    pytest.fail("the session did not open")


async def test_an_answer_survives_the_deaths_of_its_servers(starter_store, ask, stream, local_answer):
    """In the prompt and at single tokens; then a hang, where samples have to be those of the same seed."""
    store, manifest = starter_store
    prompt = ask(QUESTION)
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 15), (0, 15), (15, 30), (15, 30), (15, 30)], threads=1)
        undisturbed = stream(swarm, prompt, FEWER, PATIENT, seed=5)
        expected = await undisturbed.done
        assert_pushed(undisturbed)

        answer = stream(swarm, prompt, FEWER)
        await opened(answer)
        os.killpg(server_of(swarm, answer, 1).pid, signal.SIGKILL)
        await answer.has(9)
        os.killpg(server_of(swarm, answer, 0).pid, signal.SIGKILL)
        assert await answer.done == local_answer(prompt, FEWER)
        assert answer.session.replayed_spans >= 2  # a busy computer may look like a hang, too

        sampled = stream(swarm, prompt, FEWER, seed=5)
        await sampled.has(5)
        hung = server_of(swarm, sampled, 1)
        os.killpg(hung.pid, signal.SIGSTOP)
        try:
            assert await sampled.done == expected
        finally:
            os.killpg(hung.pid, signal.SIGKILL)
        assert sampled.session.replayed_spans >= 1


def assert_pushed(answer: Stream) -> None:
    """The client has sent hidden states to the first server, and to the second one none."""
    first, second = (hop.peer for hop in answer.report)
    assert answer.node.sent[first] > 1000 * FEWER  # bytes; each token's states are more than that
    assert answer.node.sent[second] < 1000


async def test_a_server_that_leaves_hands_its_cache_over(starter_store, ask, stream, local_answer):
    store, manifest = starter_store
    prompt = ask(QUESTION)
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 15), (15, 30), (15, 30)], threads=1)
        answer = stream(swarm, prompt, TOKENS, PATIENT)
        await answer.has(3)
        leaving = server_of(swarm, answer, 1)
        leaving.order(Order(order="drain"))
        assert await answer.done == local_answer(prompt, TOKENS)
        assert (answer.handed_over_spans, answer.session.replayed_spans) == (1, 0)
        assert await leaving.ended() == 0


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
        answer = stream(swarm, prompt, TOKENS, PATIENT)
        await answer.has(3)
        server.order(Order(order="drain"))
        assert await answer.done == local_answer(prompt, TOKENS)
        assert await server.ended() == 0


async def test_a_server_whose_daemon_is_gone_ends_itself(starter_store):
    store, manifest = starter_store
    config = HostConfig(store=store.root, manifest=manifest.digest, start=0, end=30, threads=1)
    reports: asyncio.Queue[bytes] = asyncio.Queue()
    process = await ProcessGroup.start(HOST_COMMAND, reports.put_nowait, lambda line: None)
    try:
        process.write(config.to_line())
        while Report.model_validate_json(await reports.get()).phase is not ServerPhase.ONLINE:
            pass
        process.close_stdin()
        assert await process.wait() == 0
    finally:
        process.kill()


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
