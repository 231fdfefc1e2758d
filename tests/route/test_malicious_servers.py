"""Servers that answer with every kind of nonsense: replaced, whatever it is, and nothing of it is kept."""

import asyncio
import random
from dataclasses import replace

import msgpack
import pytest
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.peers.book import PeerBook
from engine.route.settings import HopSettings
from engine.wire import frames
from engine.wire.messages import Message
from tests.host.malformed import SPOILERS, frame
from tests.host.strangers import TINY, Told, session_words
from tests.in_memory_swarm import IMPATIENT, Fault, MemoryStream, MemorySwarm
from tests.route.test_session import TOLERANCE, outputs_of, undisturbed

ANSWERS = 120
# Long enough for the good server also where other tests take most of the processor.
SETTINGS = replace(IMPATIENT, hop=HopSettings(open_seconds=1.5, step_seconds=1.5, token_seconds=0.0))
LAST = 6  # of the answers of a session may be the first that is nonsense


class Nonsense:
    """Answers with malformed frames made of what the server meant to say, or of any message."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._is_silent = False
        self.could_be_true = False  # a lie in the right form is for audits to find

    async def __call__(self, stream: MemoryStream, answer: bytes) -> None:
        if self._is_silent:
            return
        spoiled = self._rng.choice(SPOILERS)(self._rng, *self._base(answer))
        self.could_be_true |= await _is_sound(spoiled)
        await stream.send(spoiled)
        self._is_silent = self._rng.random() < 0.05  # the client waits for more
        if not self._is_silent:
            stream.close()

    def _base(self, answer: bytes) -> tuple[dict, bytes]:
        if self._rng.random() < 0.2:
            return self._rng.choice(session_words(TINY))
        header = int.from_bytes(answer[:4], "big")
        return msgpack.unpackb(answer[8 : 8 + header]), answer[8 + header :]


async def _is_sound(data: bytes) -> bool:
    return isinstance(await _read(data), Message)


async def _read(data: bytes) -> Message | None:
    try:
        return (await frames.receive(Told("", data)))[0]
    except (ProtocolViolation, PeerUnreachable):
        return None


async def test_whatever_a_server_answers_it_is_replaced(model: PreTrainedModel) -> None:
    rng, expected = random.Random(7), await undisturbed(model)
    replaced = 0
    async with MemorySwarm() as swarm:
        bad, good = swarm.add(model), swarm.add(model)
        tasks = len(asyncio.all_tasks())
        for _ in range(ANSWERS):
            swarm.book = PeerBook(clock=lambda: 0.0)
            nonsense = Nonsense(rng)
            bad.fault = Fault(rng.randrange(LAST), nonsense)
            session = swarm.session(SETTINGS)
            async with asyncio.timeout(30):
                outputs = await outputs_of(session.step)
            session.close()
            await swarm.settled()
            assert nonsense.could_be_true or (outputs - expected).abs().max() <= TOLERANCE
            replaced += bad.fault.struck.is_set() and not nonsense.could_be_true
        assert replaced > ANSWERS / 2
        await _all_end(tasks)
        assert not good.batcher.sessions
        assert good.runner.cache_used_bytes == 0


async def _all_end(tasks: int) -> None:
    for _ in range(250):
        if len(asyncio.all_tasks()) <= tasks:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(asyncio.all_tasks())


@pytest.mark.parametrize("length", [1 << 26, 2**32 - 1])
async def test_a_server_that_claims_a_huge_answer_gets_no_memory(length: int) -> None:
    fields = {"type": "output", "number": 1, "position": 0, "compute_seconds": 0.0, "saw": "0f" * 8}
    tensor = {"dtype": "float32", "tokens": 8192, "hidden": 1 << 16}
    stream = Told("", frame({**fields, "tensor": tensor}, b"", length))
    with pytest.raises(ProtocolViolation):
        await frames.receive(stream)
