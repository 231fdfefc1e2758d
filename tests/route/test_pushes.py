"""Hidden states that go from server to server: what the client still sends, and who is blamed for what."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.host.forward import Forward
from engine.route.pace import Pace
from engine.route.session import SwarmSession
from engine.route.settings import HopSettings
from engine.route.walk import WINDOW
from engine.wire import frames
from engine.wire.messages import MAX_NUMBER, Step, StepOutput
from tests.in_memory_swarm import IMPATIENT, Fault, MemoryServer, MemoryStream, MemorySwarm, read_back
from tests.tiny_models import HIDDEN, LocalChain, some_states, span_of, tiny_model

TOLERANCE = 1e-5
PROMPT, STEPS = 9, 5  # the prompt goes in chunks of 4, 4 and 1 tokens
STATES_BYTES = 4 * HIDDEN * (PROMPT + STEPS)  # that go over each link
SPANS = ((0, 2), (2, 4), (4, 5))
KNOWING = replace(IMPATIENT, hop=HopSettings(step_seconds=60.0, least_step_seconds=2.0))
WATCHFUL = replace(IMPATIENT, hop=HopSettings(step_seconds=2.0, token_seconds=0.0, least_step_seconds=2.0))


def chain_of(swarm: MemorySwarm, model: PreTrainedModel, **faults: Fault) -> list[MemoryServer]:
    """Three servers, and three less liked ones; `first`, `second` and `third` may have a fault."""
    names = ("first", "second", "third")
    chain = [swarm.add(model, *span, fault=faults.get(name)) for name, span in zip(names, SPANS, strict=True)]
    for span in SPANS:
        swarm.add(model, *span, step_seconds=0.5)
    return chain


async def answer(session: SwarmSession, steps: int = STEPS) -> Tensor:
    outputs = [await session.step(some_states(PROMPT), 0)]
    for position in range(PROMPT, PROMPT + steps):
        outputs.append(await session.step(some_states(1, seed=position), position))
    return torch.cat(outputs)


def undisturbed(model: PreTrainedModel, steps: int = STEPS) -> Tensor:
    chain = LocalChain([span_of(model)])
    outputs = [chain(some_states(PROMPT)[None], 0)[0]]
    for position in range(PROMPT, PROMPT + steps):
        outputs.append(chain(some_states(1, seed=position)[None], position)[0])
    return torch.cat(outputs)


def same(ours: Tensor, theirs: Tensor) -> bool:
    return bool((ours - theirs).abs().max() <= TOLERANCE)


def sent_to(swarm: MemorySwarm, server: MemoryServer) -> int:
    """Bytes, by clients."""
    return sum(stream.sent for stream in swarm.client_streams if stream.peer == server.peer)


async def test_a_prompt_goes_through_while_the_client_hears_of_nothing(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Its pieces follow each other, however long the way from a server to the client is."""
    has_passed = asyncio.Event()

    async def late(stream: MemoryStream, answer: bytes) -> None:
        await has_passed.wait()
        await stream.send(answer)

    first, _, third = chain_of(swarm, model, first=Fault(1, late))
    pieces = WINDOW * IMPATIENT.chunk_tokens
    loop, come = asyncio.get_running_loop(), count(1)

    def note(forwards: Sequence[Forward]) -> None:
        if next(come) == WINDOW:
            loop.call_soon_threadsafe(has_passed.set)

    third.runner.before = note
    session = swarm.session(KNOWING)
    output = await session.step(some_states(pieces), 0)
    assert len(output) == pieces
    assert len(first.batcher.steps) == len(third.batcher.steps) == WINDOW
    assert swarm.book.link_failures == swarm.book.failures == []


async def test_the_client_sends_hidden_states_to_the_first_server_only(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    first, second, third = chain_of(swarm, model)
    assert same(await answer(swarm.session()), undisturbed(model))
    assert sent_to(swarm, first) > STATES_BYTES
    assert sent_to(swarm, second) < STATES_BYTES / 2
    assert sent_to(swarm, third) < STATES_BYTES / 2
    assert [stream.peer for stream in swarm.push_streams] == [second.peer, third.peer]
    assert all(stream.sent > STATES_BYTES for stream in swarm.push_streams)
    assert (swarm.book.failures, swarm.book.link_failures) == ([], [])


async def test_links_that_may_not_push_are_carried(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    first, second, third = chain_of(swarm, model)
    swarm.book.note_link_failure(first.peer, second.peer)
    assert same(await answer(swarm.session()), undisturbed(model))
    assert [stream.peer for stream in swarm.push_streams] == [third.peer]
    assert sent_to(swarm, second) > STATES_BYTES


async def test_a_step_back_goes_over_the_same_links(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    """As a rejected draft does."""
    servers = chain_of(swarm, model)
    session, chain = swarm.session(), LocalChain([span_of(model)])
    walked = [(9, 0), (5, 9), (2, 11), (4, 8), (1, 12), (3, 10), (1, 13)]  # tokens, position
    for number, (tokens, position) in enumerate(walked):
        hidden = some_states(tokens, seed=number)
        assert same(await session.step(hidden, position), chain(hidden[None], position)[0])
    assert sent_to(swarm, servers[1]) < STATES_BYTES / 2
    assert (session.replayed_spans, len(swarm.push_streams)) == (0, 2)


async def dies(stream: MemoryStream, said: bytes) -> None:
    stream.close()


async def tells_slowly(stream: MemoryStream, said: bytes) -> None:
    await asyncio.sleep(0.1)
    await stream.send(said)


async def is_silent(stream: MemoryStream, said: bytes) -> None:
    """What was meant to be said is lost; the stream stays."""


@pytest.mark.parametrize("at", range(1, 1 + 3 + STEPS))
@pytest.mark.parametrize("which", ["first", "second", "third"])
async def test_only_the_server_that_dies_is_blamed_and_replaced(
    which: str, at: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    servers = chain_of(swarm, model, **{which: Fault(at, dies)})
    broken = servers[["first", "second", "third"].index(which)]
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert swarm.book.failures == [broken.peer]
    assert swarm.book.link_failures == []
    assert session.replayed_spans == 1
    healthy = [server for server in servers if server is not broken]
    assert {hop.peer for hop in session.report()} > {server.peer for server in healthy}
    assert [server.opened for server in servers] == [1, 1, 1]


async def test_a_step_behind_one_that_has_to_be_made_anew_goes_on(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """The first server pushes the prompt's second chunk and dies before it has told it; the third one still
    works on the first chunk, which stays as it is.
    """
    chain_of(swarm, model, first=Fault(2, dies), third=Fault(1, tells_slowly))
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert session.replayed_spans == 1


async def test_a_server_that_tells_only_the_next_one_is_replaced_in_the_end(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """It pushes, so that the answer goes on, but nobody could be rebuilt behind it."""
    first, *_ = chain_of(swarm, model, first=Fault(4, is_silent))
    session = swarm.session()
    assert same(await answer(session, steps=1), undisturbed(model, steps=1))
    assert session.replayed_spans == 0
    quick = HopSettings(step_seconds=0.3, token_seconds=0.0, least_step_seconds=0.3)
    session._route.chain.hops[0].pace = Pace(quick)
    await asyncio.sleep(0.3)
    hidden, chain = some_states(1, seed=PROMPT + 1), LocalChain([span_of(model)])
    chain(some_states(PROMPT)[None], 0)
    chain(some_states(1, seed=PROMPT)[None], PROMPT)
    assert same(await session.step(hidden, PROMPT + 1), chain(hidden[None], PROMPT + 1)[0])
    assert swarm.book.failures == [first.peer]


async def tells_late(stream: MemoryStream, said: bytes) -> None:
    message, _ = await read_back(said)
    await asyncio.sleep(0.3 if isinstance(message, StepOutput) and message.position == PROMPT else 0)
    await stream.send(said)


async def test_who_waited_for_a_slow_server_is_not_late_itself(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    quick = HopSettings(step_seconds=2.0, token_seconds=0.0, least_step_seconds=2.0)
    first, *_ = chain_of(swarm, model, second=Fault(0, tells_late))
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    session._route.chain.hops[1].pace = Pace(quick)
    go = threading.Event()
    first.runner.before = lambda forwards: go.wait(30)
    threading.Timer(2.3, go.set).start()
    hidden = [some_states(1, seed=at) for at in (PROMPT, PROMPT + 1)]
    outputs = [await session.step(states, PROMPT + at) for at, states in enumerate(hidden)]
    assert same(torch.cat(outputs), undisturbed(model, steps=2)[PROMPT:])
    assert swarm.book.failures == []


async def test_what_is_pushed_and_never_arrives_is_carried_and_nobody_is_blamed(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.tamper = is_silent
    first, second, third = chain_of(swarm, model)
    session = swarm.session(WATCHFUL)
    assert same(await answer(session), undisturbed(model))
    assert swarm.book.failures == []
    assert set(swarm.book.link_failures) == {(first.peer, second.peer), (second.peer, third.peer)}
    assert session.replayed_spans == 0
    assert sent_to(swarm, second) > STATES_BYTES


async def test_a_link_that_breaks_is_carried_at_once(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    """The server says so: nothing is waited for."""
    patient = replace(IMPATIENT, hop=HopSettings(step_seconds=100.0))
    first, second, _ = chain_of(swarm, model)
    session = swarm.session(patient)
    await session.step(some_states(PROMPT), 0)
    [link] = [stream for stream in swarm.push_streams if stream.peer == second.peer]
    link.close()
    async with asyncio.timeout(30):
        outputs = [await session.step(some_states(1, seed=at), at) for at in range(PROMPT, PROMPT + STEPS)]
    assert same(torch.cat(outputs), undisturbed(model)[PROMPT:])
    assert (swarm.book.failures, swarm.book.link_failures) == ([], [(first.peer, second.peer)])
    assert session.replayed_spans == 0


async def changes(stream: MemoryStream, said: bytes) -> None:
    await stream.send(said[:-4] + bytes(4))  # the last number


@pytest.mark.parametrize("family", ["llama", "gemma2"])
async def test_what_is_pushed_otherwise_than_told_is_computed_again(family: str, swarm: MemorySwarm) -> None:
    """The answer rests on what the client was told, which audits can look at."""
    model = tiny_model(family)
    swarm.tamper = changes
    first, second, third = chain_of(swarm, model)
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert swarm.book.failures == []
    assert set(swarm.book.link_failures) == {(first.peer, second.peer), (second.peer, third.peer)}
    assert session.replayed_spans == 0


async def changes_the_last_step(stream: MemoryStream, said: bytes) -> None:
    message, _ = await read_back(said)
    is_last = isinstance(message, Step) and message.position == PROMPT
    await (changes if is_last else MemoryStream.send)(stream, said)


async def test_what_was_pushed_by_a_server_that_died_before_it_told_is_computed_again(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    """Nobody can say what it was: the next server, who is well, must not stay with it."""
    swarm.tamper = changes_the_last_step
    first, *_ = chain_of(swarm, model, first=Fault(4, dies))
    session = swarm.session()
    outputs = [await session.step(some_states(PROMPT), 0)]
    outputs += [await session.step(some_states(1, seed=at), at) for at in (PROMPT, PROMPT + 1)]
    assert same(torch.cat(outputs), undisturbed(model, steps=2))
    assert swarm.book.failures == [first.peer]


async def adds_a_step_of_its_own(stream: MemoryStream, said: bytes) -> None:
    message, body = await read_back(said)
    await stream.send(said)
    if isinstance(message, Step) and message.position == PROMPT:
        own = message.model_copy(update={"number": MAX_NUMBER, "position": PROMPT + 1})
        await frames.send(stream, own, body)


async def test_nobody_is_blamed_for_steps_that_another_server_has_brought_it(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.tamper = adds_a_step_of_its_own
    chain_of(swarm, model)
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert swarm.book.failures == []
    assert swarm.book.link_failures != []


async def claims_to_have_seen_otherwise(stream: MemoryStream, said: bytes) -> None:
    message, body = await read_back(said)
    if isinstance(message, StepOutput):
        message = message.model_copy(update={"saw": "0" * 16})
    await frames.send(stream, message, body)


async def test_a_first_server_that_works_with_something_else_is_replaced(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    first, *_ = chain_of(swarm, model, first=Fault(2, claims_to_have_seen_otherwise))
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert swarm.book.failures == [first.peer]


async def test_servers_that_die_one_after_another(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    """In the prompt, at single tokens, and in the replay that another one's death has made necessary."""
    faults = {"first": Fault(2, dies), "second": Fault(5, dies), "third": Fault(6, dies)}
    servers = chain_of(swarm, model, **faults)
    for span in SPANS:
        swarm.add(model, *span, step_seconds=0.2, fault=Fault(3, dies))
    session = swarm.session()
    assert same(await answer(session), undisturbed(model))
    assert {server.peer for server in servers} <= set(swarm.book.failures)
    assert swarm.book.link_failures == []


async def test_a_hang_costs_what_is_usual_for_the_server_and_not_the_most(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    _, second, _ = chain_of(swarm, model)
    session, over = swarm.session(KNOWING), threading.Event()
    async with asyncio.timeout(30):
        await answer(session, steps=3)
        second.runner.before = lambda forwards: over.wait(30)
        at = PROMPT + 3
        outputs = [await session.step(some_states(1, seed=at), at) for at in (at, at + 1)]
    over.set()
    assert same(torch.cat(outputs), undisturbed(model)[PROMPT + 3 :])
    assert swarm.book.failures == [second.peer]
