"""Fifty thousand malformed messages, while somebody chats."""

import asyncio
import gc
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable, ProtocolViolation
from engine.wire import frames
from engine.wire.messages import Refusal, SessionOpened, StepOutput
from engine.wire.parts import receive_answer as receive_part
from engine.wire.probes import receive_answer as receive_probe
from engine.wire.pushes import receive_push
from engine.wire.reach import receive_seen
from tests.host.seats import Seat
from tests.host.strangers import Door, Told, doors, told
from tests.in_memory_swarm import MemoryServer, MemorySwarm
from tests.tiny_models import LocalChain, some_prompt, span_of

MESSAGES = 50_000
AT_ONCE = 24
WARM_UP = 5_000  # messages after which memory should grow no more
GROWTH_BYTES = 48 << 20
SHARES = {"session": 0.4, "push": 0.25, "parts": 0.15, "probe": 0.12, "reach": 0.08}
ANSWER_TOKENS = 40


class Chat:
    """Greedy tokens after one prompt, with the layers at a server and the rest here."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._prompt = some_prompt(9)
        self.numbers = 0

    async def answer(self, seat: Seat) -> list[int]:
        """Starts from the beginning: what the session holds is taken back."""
        hidden, position, tokens = self._embedded(self._prompt[0]), 0, []
        while len(tokens) < ANSWER_TOKENS:
            self.numbers += 1
            out = await seat.answer(self.numbers, hidden, position)
            position += len(hidden)
            tokens.append(self._next(out))
            hidden = self._embedded(torch.tensor(tokens[-1:]))
        return tokens

    def expected(self) -> list[int]:
        chain = LocalChain([span_of(self._model)])
        hidden, position, tokens = self._embedded(self._prompt[0]), 0, []
        while len(tokens) < ANSWER_TOKENS:
            out = chain(hidden[None], position)[0]
            position += len(hidden)
            tokens.append(self._next(out))
            hidden = self._embedded(torch.tensor(tokens[-1:]))
        return tokens

    @torch.inference_mode()
    def _embedded(self, ids: Tensor) -> Tensor:
        return self._model.get_input_embeddings()(ids).clone()

    @torch.inference_mode()
    def _next(self, out: Tensor) -> int:
        return int(self._model.lm_head(self._model.model.norm(out[-1:])).argmax())


@asynccontextmanager
async def chatting(chat: Chat, seat: Seat) -> AsyncIterator[list[list[int]]]:
    """Answers, one after the other, for as long as the block runs."""
    answers: list[list[int]] = []

    async def go_on() -> None:
        while True:
            answers.append(await chat.answer(seat))

    task = asyncio.create_task(go_on())
    try:
        yield answers
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert not task.done() or task.cancelled(), task.exception()


async def flood(rng: random.Random, rooms: list[Door], count: int) -> Counter[str]:
    """How many malformed messages were delivered, by door. Each is checked to have had a fit end."""
    delivered: Counter[str] = Counter()
    chosen = iter(rng.choices(rooms, weights=[SHARES[door.name] for door in rooms], k=count))

    async def keep_talking() -> None:
        for door in chosen:
            await check_answers(door, await told(rng, door))
            delivered[door.name] += 1

    await asyncio.gather(*(keep_talking() for _ in range(AT_ONCE)))
    return delivered


async def check_answers(door: Door, stream: Told) -> None:
    """Whatever was answered are whole messages of the protocol; after a refusal there is none."""
    heard = Told("", bytes(stream.answers))
    while not heard.is_over:
        try:
            message = await _receive(door.name, heard)
        except (ProtocolViolation, PeerUnreachable) as error:
            raise AssertionError(f"{door.name} answered {bytes(stream.answers)!r}") from error
        if isinstance(message, Refusal) and message.code != "not_handed_over":
            assert not heard._rest


async def _receive(name: str, stream: Told) -> object:
    if name == "session":
        return (await frames.receive(stream))[0]
    if name == "push":
        return await receive_push(stream)
    if name == "parts":
        return (await receive_part(stream, 1 << 24))[0]
    if name == "reach":
        return await receive_seen(stream)
    answer = await receive_probe(stream)
    await frames.receive_payload(stream, answer)
    return answer


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.timeout(900)  # fifty thousand messages
async def test_nobody_who_talks_nonsense_harms_a_chat(
    model: PreTrainedModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gc.collect()
    caplog.clear()  # what earlier tests have left is complained of here
    rng, chat = random.Random(20), Chat(model)
    expected = chat.expected()
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        seat, other = await Seat.take(swarm, server), await Seat.take(swarm, server)
        rooms = doors(server, tmp_path, other.ticket)
        tasks = len(asyncio.all_tasks())
        async with chatting(chat, seat) as answers:
            await flood(rng, rooms, WARM_UP)
            before = _memory()
            delivered = await flood(rng, rooms, MESSAGES - WARM_UP)
            assert _memory() - before < GROWTH_BYTES
        assert WARM_UP + delivered.total() >= MESSAGES
        assert min(delivered.values()) > MESSAGES / 20  # of each protocol
        assert answers  # how many depends on who gets the interpreter: all share this process
        assert all(answer == expected for answer in answers)
        await _nothing_is_left(server, tasks)
    assert loud(caplog) == []


async def _nothing_is_left(server: MemoryServer, tasks: int) -> None:
    """But the two sessions that are still open."""
    for _ in range(100):
        if len(asyncio.all_tasks()) <= tasks:
            break
        await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) <= tasks
    assert len(server.batcher.sessions) == 2
    assert len(server.spans._sessions) == 2
    assert not server.spans._unopened
    assert not server.spans._facilities.arrivals._in_flight.held
    assert server.runner.cache_used_bytes <= server.runner.budget.size.bytes * 2


def _memory() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


async def test_the_floods_are_what_they_claim_to_be(model: PreTrainedModel, tmp_path: Path) -> None:
    """Most are refused, some are cut off, and some get an honest answer before."""
    rng = random.Random(3)
    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        other = await Seat.take(swarm, server)
        kinds = Counter[type]()
        for door in doors(server, tmp_path, other.ticket)[:1] * 800:
            heard = Told("", bytes((await told(rng, door)).answers))
            last: object = None
            while not heard.is_over:
                last = await _receive(door.name, heard)
                kinds[type(last)] += 1
            kinds[type(None)] += last is None
    assert all(kinds[kind] > 5 for kind in (SessionOpened, StepOutput, Refusal, type(None))), kinds
