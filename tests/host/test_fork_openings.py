"""Who may begin a session with another one, and what strangers learn by trying."""

import pytest
from torch import Tensor
from transformers import PreTrainedModel

from engine.wire.messages import ForkOf, OpenSession, Refusal, RefusalCode, SessionOpened
from tests.host.seats import Seat
from tests.host.test_limits import Visitors
from tests.host.test_own_caches import model_of
from tests.in_memory_swarm import MODEL, MemoryServer, MemorySwarm
from tests.tiny_models import N_LAYERS, LocalChain, some_states, span_of

PROMPT = some_states(70, seed=1)
NOBODYS = "0f" * 16


async def ask(visitors: Visitors, peer: str, ticket: str, position: int = 70, end: int = N_LAYERS) -> object:
    fork = ForkOf(ticket=ticket, position=position)
    reply, _ = await visitors.dial(peer).ask(OpenSession(model=MODEL, start=0, end=end, fork=fork))
    return reply


@pytest.fixture
async def server(swarm: MemorySwarm, model: PreTrainedModel) -> MemoryServer:
    return swarm.add(model)


async def test_a_client_begins_with_what_another_session_of_its_own_holds(server, model) -> None:
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(5, PROMPT, 0)
    client = visitors.dial("me")
    opening = OpenSession(model=MODEL, start=0, end=N_LAYERS, fork=ForkOf(ticket=seat.ticket, position=66))
    opened, _ = await client.ask(opening)
    assert isinstance(opened, SessionOpened)
    assert opened.forked_after == 5
    assert opened.ticket != seat.ticket
    fork, hidden = Seat(client, server, opened.ticket), some_states(3, seed=2)
    chain = LocalChain([span_of(model)])
    chain(PROMPT[None], 0)
    assert _same(await fork.answer(1, hidden, 66), chain(hidden[None], 66)[0])
    chain(PROMPT[None], 0)
    assert _same(await seat.answer(6, hidden[:1], 70), chain(hidden[None, :1], 70)[0])


def _same(ours: Tensor, theirs: Tensor) -> bool:
    return bool((ours - theirs).abs().max() < 1e-5)


async def test_another_peer_s_ticket_is_refused_as_one_that_nobody_has(server) -> None:
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(1, PROMPT, 0)
    used = server.runner.budget.used
    theirs = await ask(visitors, "stranger", seat.ticket)
    assert isinstance(theirs, Refusal)
    assert theirs.code is RefusalCode.UNKNOWN_TICKET
    assert theirs == await ask(visitors, "stranger", NOBODYS) == await ask(visitors, "me", NOBODYS)
    # Neither what it holds nor for which layers makes a difference.
    assert theirs == await ask(visitors, "stranger", seat.ticket, position=1000)
    assert theirs == await ask(visitors, "stranger", seat.ticket, end=1)
    assert server.runner.budget.used == used
    assert len(server.batcher.sessions) == 1


@pytest.mark.parametrize(
    ("position", "end"), [pytest.param(71, N_LAYERS, id="beyond"), pytest.param(70, 1, id="layers")]
)
async def test_what_a_session_does_not_hold_is_no_beginning(server, position: int, end: int) -> None:
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(1, PROMPT, 0)
    refusal = await ask(visitors, "me", seat.ticket, position, end)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NOT_FORKED
    await seat.answer(2, some_states(1), 70)


async def test_a_session_that_was_evicted_or_cropped_or_closed_is_no_beginning(server) -> None:
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(1, PROMPT, 0)
    await seat.answer(2, some_states(1), 10)
    assert (await ask(visitors, "me", seat.ticket, 12)).code is RefusalCode.NOT_FORKED
    [hosted] = server.batcher.sessions.values()
    hosted.evicted = True
    assert (await ask(visitors, "me", seat.ticket, 5)).code is RefusalCode.NOT_FORKED
    seat.client.stream.close()
    await visitors.gone()
    assert (await ask(visitors, "me", seat.ticket, 5)).code is RefusalCode.UNKNOWN_TICKET


async def test_a_state_of_its_own_cannot_be_shared(swarm: MemorySwarm) -> None:
    server = swarm.add(model_of("mamba2"))
    assert not server.record.forks
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(1, some_states(9), 0)
    assert (await ask(visitors, "me", seat.ticket, 9)).code is RefusalCode.NOT_FORKED


async def test_forks_are_sessions_as_all_others(server) -> None:
    """They end with their stream, and count for their peer's limits."""
    visitors = Visitors(server)
    seat = await visitors.seat("me")
    await seat.answer(1, PROMPT, 0)
    limit = server.spans._limits.sessions_of_a_peer
    replies = [await ask(visitors, "me", seat.ticket) for _ in range(limit)]
    assert sum(isinstance(reply, SessionOpened) for reply in replies) == limit - 1
    assert replies[-1].code is RefusalCode.NO_ROOM
    assert server.runner.budget.used == 2
    for stream in server.streams:
        stream.close()
    await visitors.gone()
    assert server.runner.budget.used == 0
