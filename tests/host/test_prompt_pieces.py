"""Prompts in pieces beside others: what comes out is what comes out at once."""

import asyncio
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.host.batcher import Batcher
from engine.host.hosted_session import HostedSession
from engine.host.prompt_share import PromptShare
from engine.host.runner import SpanRunner
from engine.model.extras import StepExtras
from tests.host.at_work import at_work
from tests.host.test_own_caches import CONFIGS as OWN_CACHES
from tests.host.test_own_caches import FORGETFUL, model_of
from tests.in_memory_swarm import RecordingRunner
from tests.tiny_models import CONFIGS, HIDDEN, N_LAYERS, runner_of, some_states, span_of, tiny_model

ALL = (0, N_LAYERS)
TOLERANCE = 1e-5
PROMPT, PIECE = 45, 7


class Always(PromptShare):
    """Somebody else always decodes, and each tick leaves time for one piece."""

    def __init__(self) -> None:
        super().__init__(0.001)
        self.pieces: list[int] = []
        self.longest = 60.0
        self._allowed = 0

    @property
    def short_tokens(self) -> int:
        return PIECE - 1

    def note_short(self, *args: object, **kwargs: object) -> None:
        self._allowed = PIECE

    def note_piece(self, tokens: int, *args: object, **kwargs: object) -> None:
        self.pieces.append(tokens)
        self._allowed = 0

    def longest_seconds(self, tokens: int, part: float = 1.0) -> float:
        return self.longest

    def seconds_beside(self, session: int, now: float) -> float:
        return 60.0

    def seconds_to_piece(self, *args: object, **kwargs: object) -> float:
        return 60.0

    def gives_way(self, *args: object, **kwargs: object) -> bool:
        return False

    def piece_tokens(self, tokens: int, *args: object, **kwargs: object) -> int:
        return min(tokens, self._allowed)


def beside_others(batcher: Batcher) -> Always:
    batcher._prompts = share = Always()
    return share


async def chat(batcher: Batcher, until: "asyncio.Future[Any]") -> list[Tensor]:
    """Single tokens, one after the other."""
    session, outputs = batcher.open(ALL), []
    while not until.done():
        hidden = some_states(1, seed=len(outputs))
        outputs.append((await batcher.step(session, hidden, len(outputs))).hidden)
    batcher.close(session)
    return outputs


async def run(
    batcher: Batcher, session: HostedSession, hidden: Tensor, extras: StepExtras | None = None
) -> Tensor:
    return (await batcher.step(session, hidden, session.cache.length, extras)).hidden


async def beside_a_chat(batcher: Batcher, hidden: Tensor, extras: StepExtras | None = None) -> Tensor:
    """What a prompt gives, and one token behind it, while another session decodes."""
    session = batcher.open(ALL)
    reading = asyncio.create_task(run(batcher, session, hidden, extras))
    await asyncio.sleep(0)  # it waits for its first piece
    beside = await chat(batcher, reading)
    assert [len(out) for out in beside] == [1] * len(beside)
    next_token = await run(batcher, session, some_states(1, seed=99))
    return torch.cat([reading.result(), next_token])


async def at_once(batcher: Batcher, hidden: Tensor) -> Tensor:
    session = batcher.open(ALL)
    return torch.cat([await run(batcher, session, part) for part in (hidden, some_states(1, seed=99))])


@pytest.mark.parametrize("family", [*CONFIGS, *OWN_CACHES])
async def test_a_prompt_in_pieces_gives_what_it_gives_at_once(family: str) -> None:
    model = tiny_model(family) if family in CONFIGS else model_of(family)
    hidden = some_states(PROMPT, seed=7)
    async with at_work(Batcher(SpanRunner(span_of(model), HIDDEN, cache_bytes=1 << 24))) as batcher:
        expected = await at_once(batcher, hidden)
        share = beside_others(batcher)
        got = await beside_a_chat(batcher, hidden)
    assert (got - expected).abs().max() <= TOLERANCE * max(1.0, expected.abs().max().item())
    assert share.pieces == ([] if family in FORGETFUL else [PIECE] * (PROMPT // PIECE) + [PROMPT % PIECE])


async def test_positions_go_with_their_pieces() -> None:
    hidden, positions = some_states(PROMPT, seed=7), torch.arange(0, 2 * PROMPT, 2)[None]
    async with at_work(Batcher(runner_of(tiny_model()))) as batcher:
        expected = await run(batcher, batcher.open(ALL), hidden, StepExtras(positions))
        share = beside_others(batcher)
        got = await beside_a_chat(batcher, hidden, StepExtras(positions))
    assert (got[:PROMPT] - expected).abs().max() <= TOLERANCE
    assert len(share.pieces) == 1 + PROMPT // PIECE


async def test_what_sees_later_tokens_is_not_cut() -> None:
    hidden = some_states(PROMPT, seed=7)
    masks = {"": torch.ones(PROMPT, PROMPT, dtype=torch.bool)}
    async with at_work(Batcher(runner_of(tiny_model()))) as batcher:
        expected = await run(batcher, batcher.open(ALL), hidden, StepExtras(masks=masks))
        share = beside_others(batcher)
        got = await run(batcher, batcher.open(ALL), hidden, StepExtras(masks=masks))
    assert torch.equal(got, expected)
    assert share.pieces == []


async def test_prompts_take_turns() -> None:
    order: list[int] = []
    async with at_work(Batcher(runner_of(tiny_model(), kind=RecordingRunner))) as batcher:
        share = beside_others(batcher)
        sessions = [batcher.open(ALL), batcher.open(ALL)]
        caches = [session.cache for session in sessions]
        batcher.runner.before = lambda forwards: order.extend(
            caches.index(forward.session) for forward in forwards if forward.session in caches
        )
        prompts = asyncio.gather(*(run(batcher, s, some_states(3 * PIECE)) for s in sessions))
        await asyncio.sleep(0)
        await chat(batcher, prompts)
    assert share.pieces == [PIECE] * 6
    assert order == [0, 1] * 3


async def test_alone_a_prompt_runs_at_once() -> None:
    async with at_work(Batcher(runner_of(tiny_model(), kind=RecordingRunner))) as batcher:
        lengths: list[int] = []
        batcher.runner.before = lambda forwards: lengths.append(len(forwards[0].hidden))
        await run(batcher, batcher.open(ALL), some_states(PROMPT))
    assert lengths == [PROMPT]


async def test_a_prompt_that_was_held_for_long_runs_at_once() -> None:
    async with at_work(Batcher(runner_of(tiny_model()))) as batcher:
        share = beside_others(batcher)
        share.longest = 0.05
        got = await run(batcher, batcher.open(ALL), some_states(PROMPT))  # nobody has a tick meanwhile
    assert (len(got), share.pieces) == (PROMPT, [PROMPT])


async def test_who_leaves_between_two_pieces_gives_its_room_back() -> None:
    async with at_work(Batcher(runner_of(tiny_model()))) as batcher:
        share = beside_others(batcher)
        free, leaving, other = batcher.runner.free_tokens, batcher.open(ALL), batcher.open(ALL)
        reading = asyncio.create_task(run(batcher, leaving, some_states(PROMPT)))
        await asyncio.sleep(0)
        for position in range(3):
            await run(batcher, other, some_states(1, seed=position))
        reading.cancel()
        batcher.close(leaving)
        await asyncio.gather(reading, return_exceptions=True)
        await run(batcher, other, some_states(1, seed=9))
        batcher.close(other)
        assert 1 <= len(share.pieces) <= 4
        assert (batcher.runner.free_tokens, batcher.queue_depth) == (free, 0)


async def test_a_piece_that_fails_ends_its_step_alone() -> None:
    async with at_work(Batcher(runner_of(tiny_model(), kind=RecordingRunner))) as batcher:
        beside_others(batcher)
        failing = batcher.open(ALL)

        def fail(forwards: object) -> None:
            if failing.cache.length >= 2 * PIECE and any(f.session is failing.cache for f in forwards):
                raise RuntimeError("broken")

        batcher.runner.before = fail
        reading = asyncio.create_task(run(batcher, failing, some_states(PROMPT)))
        await asyncio.sleep(0)
        await chat(batcher, reading)
        with pytest.raises(RuntimeError, match="broken"):
            await reading
        assert batcher.queue_depth == 0
