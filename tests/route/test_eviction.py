"""A full cache: sessions kept for a next turn make room, and come back by replay; those in use do not."""

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerRefused
from engine.host.budget import NoRoom
from engine.route.session import SwarmSession
from tests.in_memory_swarm import MemorySwarm
from tests.tiny_models import N_LAYERS, LocalChain, some_states, span_of

TWO_BLOCKS = 2 * 64


@pytest.fixture
def at_once_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.host.room.KEPT_SECONDS", 0.0)


async def steps(session: SwarmSession, *pieces: Tensor) -> list[Tensor]:
    outputs, position = [], 0
    for piece in pieces:
        outputs.append(await session.step(piece, position))
        position += len(piece)
    return outputs


@pytest.mark.usefixtures("at_once_idle")
async def test_an_idle_session_makes_room_and_comes_back_by_replay(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model, cache_tokens=TWO_BLOCKS)
    prompt, more = some_states(70, seed=1), some_states(1, seed=2)
    kept, other = swarm.session(), swarm.session()
    await steps(kept, prompt)
    await steps(other, some_states(70, seed=3))
    assert server.runner.budget.free == 0
    chain = LocalChain([span_of(model)])
    chain(prompt[None], 0)
    assert torch.allclose(await kept.step(more, 70), chain(more[None], 70)[0], atol=1e-5)
    assert kept.replayed_spans == 1
    assert server.opened == 3  # the same server, at once: it is not to blame
    kept.close()
    other.close()


@pytest.mark.usefixtures("at_once_idle")
async def test_a_session_that_grows_takes_others_room_never_its_own(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model, cache_tokens=TWO_BLOCKS)
    older, newer = swarm.session(), swarm.session()
    prompt, more = some_states(64, seed=1), some_states(1, seed=2)
    await steps(older, prompt)
    await steps(newer, some_states(64, seed=3))
    assert server.runner.budget.free == 0
    chain = LocalChain([span_of(model)])
    chain(prompt[None], 0)
    assert torch.allclose(await older.step(more, 64), chain(more[None], 64)[0], atol=1e-5)
    assert older.replayed_spans == 0
    assert await newer.step(more, 64) is not None
    assert newer.replayed_spans == 1
    older.close()
    newer.close()


@pytest.mark.usefixtures("at_once_idle")
async def test_nobody_is_evicted_for_a_step_that_does_not_fit_all_the_same(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model, cache_tokens=TWO_BLOCKS)
    kept = swarm.session()
    await steps(kept, some_states(60, seed=1))
    newcomer = server.batcher.open((0, N_LAYERS))
    with pytest.raises(NoRoom):
        await server.batcher.step(newcomer, some_states(200, seed=2), 0)
    await kept.step(some_states(1, seed=3), 60)
    assert kept.replayed_spans == 0
    kept.close()


async def test_a_step_that_fails_again_and_again_comes_to_an_end(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)

    def fail(forwards: object) -> None:
        raise ValueError("this model does not like it")

    session = swarm.session()
    await steps(session, some_states(9, seed=1))
    server.runner.before = lambda forwards: fail(forwards) if len(forwards[0].hidden) == 1 else None
    with pytest.raises(PeerRefused, match="could not compute"):
        await session.step(some_states(1, seed=2), 9)
    assert server.opened < 20


async def test_sessions_in_use_keep_their_room_and_the_newcomer_is_told(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    swarm.add(model, cache_tokens=TWO_BLOCKS)
    busy, newcomer = swarm.session(), swarm.session()
    await steps(busy, some_states(70, seed=1))
    with pytest.raises(PeerRefused, match="cache is full"):
        await steps(newcomer, some_states(70, seed=3))
    assert busy.is_open
    await busy.step(some_states(1, seed=2), 70)
    busy.close()
