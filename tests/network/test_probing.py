"""Probes between real nodes, and whoever answers or asks in bad faith."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.network.node import Node, PeerStream
from engine.network.probe_server import ProbeLimits, ProbeServer
from engine.network.probing import Probed, probe
from engine.wire import frames
from engine.wire.messages import Message
from engine.wire.probes import (
    MAX_BULK_BYTES,
    PROBE_PROTOCOL,
    Bulk,
    Echo,
    Ping,
    Pong,
    ProbeRefusal,
    ProbeRefusalCode,
    receive_answer,
    receive_question,
)
from engine.wire.records import Coordinates

HERE = Coordinates(at=(0.1, 0.2, 0.3), height=0.01, error=0.5)
NONCE = "0123456789abcdef"
PING = Ping(nonce=NONCE)

Pair = tuple[Node, Node]


@pytest.fixture
async def pair(start_node) -> Pair:
    """Who asks, and who answers."""
    server = await start_node()
    return await start_node(server, client_only=True), server


async def answer_with(server: Node, limits: ProbeLimits | None = None, clock: float = 0.0) -> None:
    await server.serve(PROBE_PROTOCOL, ProbeServer(lambda: HERE, limits, lambda: clock).handle)


async def ask(pair: Pair, with_bulk: bool = True, seconds: float = 30.0) -> Probed:
    client, server = pair
    return await probe(client, server.peer_id, (), seconds, with_bulk)


async def say(stream: PeerStream, message: Message, payload: bytes = b"") -> Message:
    await frames.send(stream, message, payload)
    return await receive_answer(stream)


async def test_a_probe_brings_the_way_the_place_and_the_speed(pair: Pair) -> None:
    await answer_with(pair[1])
    found = await ask(pair)
    assert found.coordinates == HERE
    assert 0 < found.round_trip < 0.5
    assert found.transfer is not None
    assert found.transfer.nbytes == MAX_BULK_BYTES
    assert min(found.transfer.there, found.transfer.back) > 0
    assert (await ask(pair, with_bulk=False)).transfer is None


async def test_a_peer_that_does_not_answer_probes_is_unreachable(pair: Pair) -> None:
    with pytest.raises(PeerUnreachable):
        await ask(pair)


async def test_silence_is_given_up(pair: Pair) -> None:
    async def silent(stream: PeerStream) -> None:
        await stream.receive(1 << 20)

    await pair[1].serve(PROBE_PROTOCOL, silent)
    with pytest.raises(PeerUnreachable, match="in time"):
        await ask(pair, seconds=0.3)


Reply = Callable[[PeerStream], Awaitable[None]]


async def another_probe(stream: PeerStream) -> None:
    await receive_question(stream)
    await frames.send(stream, Pong(nonce="f" * 16, coordinates=HERE))
    await stream.receive(1)


async def other_bytes(stream: PeerStream) -> None:
    while isinstance(question := await receive_question(stream), Ping):
        await frames.send(stream, Pong(nonce=question.nonce, coordinates=HERE))
    payload = bytes(question.nbytes)
    await frames.send(stream, Echo(nonce=question.nonce, size=len(payload)), payload)
    await stream.receive(1 << 20)


async def noise(stream: PeerStream) -> None:
    await stream.send(b"HTTP/1.1 400 Bad Request")
    await stream.receive(1 << 20)


@pytest.mark.parametrize("reply", [another_probe, other_bytes, noise])
async def test_an_answer_to_something_else_is_no_answer(pair: Pair, reply: Reply) -> None:
    await pair[1].serve(PROBE_PROTOCOL, reply)
    with pytest.raises(ProtocolViolation):
        await ask(pair)


async def test_who_asks_too_often_is_told_and_others_are_served(pair: Pair, start_node) -> None:
    await answer_with(pair[1], ProbeLimits(pings_per_s=40.0))  # ten at one go, and one on credit
    async with await pair[0].open(pair[1].peer_id, PROBE_PROTOCOL) as stream:
        answers = [await say(stream, PING) for _ in range(12)]
        assert [type(answer) for answer in answers] == [Pong] * 11 + [ProbeRefusal]
        with pytest.raises(PeerUnreachable):
            await say(stream, PING)
    with pytest.raises(PeerRefused):
        await ask(pair)
    assert (await ask((await start_node(pair[1]), pair[1]))).round_trip > 0


async def test_bytes_are_bounded_for_each_peer_and_for_all(pair: Pair, start_node) -> None:
    await answer_with(pair[1], ProbeLimits(pings_per_s=80.0, all_bulk_bytes_per_s=2 * MAX_BULK_BYTES))
    others = [(await start_node(pair[1]), pair[1]) for _ in range(2)]
    await ask(pair)
    with pytest.raises(PeerRefused):
        await ask(pair)
    assert (await ask(pair, with_bulk=False)).round_trip > 0
    with pytest.raises(PeerRefused):  # the first echo left a debt with all
        await ask(others[0])
    assert (await ask(others[1], with_bulk=False)).round_trip > 0


async def test_one_peer_holds_a_few_streams_and_no_more(pair: Pair) -> None:
    await answer_with(pair[1], ProbeLimits(streams_of_a_peer=1))
    async with await pair[0].open(pair[1].peer_id, PROBE_PROTOCOL) as stream:
        assert isinstance(await say(stream, PING), Pong)
        with pytest.raises(PeerRefused):
            await ask(pair)
    async with asyncio.timeout(30):
        assert (await _served(pair)).round_trip > 0


async def _served(pair: Pair) -> Probed:
    """Once the server has noticed that another stream has ended."""
    while True:
        with suppress(PeerRefused):
            return await ask(pair, with_bulk=False)
        await asyncio.sleep(0.05)


async def test_a_stream_ends_after_its_time(pair: Pair) -> None:
    await answer_with(pair[1], ProbeLimits(seconds=2.0))
    async with await pair[0].open(pair[1].peer_id, PROBE_PROTOCOL) as stream:
        assert isinstance(await say(stream, PING), Pong)
        with pytest.raises(PeerUnreachable):
            await stream.receive(1)


async def test_nonsense_is_refused_in_words(pair: Pair) -> None:
    await answer_with(pair[1])
    async with await pair[0].open(pair[1].peer_id, PROBE_PROTOCOL) as stream:
        refusal = await say(stream, Pong(nonce=NONCE, coordinates=HERE))
        assert refusal == ProbeRefusal(code=ProbeRefusalCode.BAD_MESSAGE)


async def test_a_bulk_that_never_comes_whole_costs_its_time_alone(pair: Pair) -> None:
    await answer_with(pair[1], ProbeLimits(seconds=0.3))
    head, *_ = frames.encode(Bulk(nonce=NONCE, size=1000), bytes(1000))
    async with await pair[0].open(pair[1].peer_id, PROBE_PROTOCOL) as stream:
        await stream.send(bytes(head), bytes(10))
        with pytest.raises(PeerUnreachable):
            await stream.receive(1)
