"""The proof that opens a private swarm's streams, against whoever lacks the key or has recorded one."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest

from engine.errors import PeerUnreachable
from engine.network import proof
from engine.network.proof import MAGIC, NONCE_BYTES, PROOF_BYTES, StreamProof
from engine.network.stream import PeerStream

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
PROTOCOL = "/potluck/test"


@asynccontextmanager
async def connected(opener: str, server: str) -> AsyncIterator[tuple[PeerStream, PeerStream]]:
    """Both ends of a stream, as opener and server hold them: each knows who the other one is."""
    accepted: asyncio.Future[PeerStream] = asyncio.get_running_loop().create_future()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(PeerStream(opener, reader, writer))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        near = PeerStream(server, *await asyncio.open_connection("127.0.0.1", port))
        far = await accepted
        try:
            yield near, far
        finally:
            near.close()
            far.close()


async def both(opening: Awaitable[None], accepting: Awaitable[None]) -> list[str]:
    """Why each side refused; an empty text where it did not."""
    async with asyncio.timeout(30):
        results = await asyncio.gather(opening, accepting, return_exceptions=True)
    assert all(result is None or isinstance(result, PeerUnreachable) for result in results), results
    return ["" if result is None else str(result) for result in results]


async def shake(opener_key: bytes, server_key: bytes, protocols: tuple[str, str]) -> list[str]:
    async with connected("A", "B") as (near, far):

        async def accept() -> None:
            try:
                await StreamProof(server_key, "B").accept(far, protocols[1])
            finally:
                far.close()

        async def open_() -> None:
            try:
                await StreamProof(opener_key, "A").open(near, protocols[0])
            finally:
                near.close()

        return await both(open_(), accept())


async def test_members_come_to_terms_and_the_stream_is_theirs() -> None:
    async with connected("A", "B") as (near, far):
        opener, server = StreamProof(KEY, "A"), StreamProof(KEY, "B")
        assert await both(opener.open(near, PROTOCOL), server.accept(far, PROTOCOL)) == ["", ""]
        await near.send(b"for the protocol")
        assert await far.receive(16) == b"for the protocol"


async def test_another_key_is_noticed_by_both_and_named_to_its_owner() -> None:
    why_opener, why_server = await shake(OTHER_KEY, KEY, (PROTOCOL, PROTOCOL))
    assert why_opener.startswith("This computer does not know the key of the swarm that B is in")
    assert "broke off" in why_server


async def test_a_proof_for_one_protocol_opens_no_other() -> None:
    why_opener, _ = await shake(KEY, KEY, (PROTOCOL, "/potluck/other"))
    assert "does not know the key" in why_opener


async def test_a_caller_that_cannot_answer_is_turned_away() -> None:
    """Whoever ignores the server's proof still has to give one."""
    async with connected("A", "B") as (near, far):

        async def bluff() -> None:
            await near.send(MAGIC + bytes(NONCE_BYTES))
            await near.receive(len(MAGIC) + NONCE_BYTES + PROOF_BYTES)
            await near.send(secrets.token_bytes(PROOF_BYTES))

        _, why = await both(bluff(), StreamProof(KEY, "B").accept(far, PROTOCOL))
        assert "does not know the swarm's key" in why


async def test_nothing_that_was_recorded_can_be_played_again() -> None:
    """Neither to the server by its own caller's id, nor to the caller as its server."""
    said_by_opener, said_by_server = await _recorded()
    async with connected("A", "B") as (near, far):

        async def replay_opener() -> None:
            await near.send(said_by_opener)

        _, why = await both(replay_opener(), StreamProof(KEY, "B").accept(far, PROTOCOL))
        assert "does not know the swarm's key" in why
    async with connected("A", "B") as (near, far):

        async def replay_server() -> None:
            await far.send(said_by_server)

        why, _ = await both(StreamProof(KEY, "A").open(near, PROTOCOL), replay_server())
        assert "does not know the key" in why


async def _recorded() -> tuple[bytes, bytes]:
    """All that the opener A and the server B say in a good handshake, by way of somebody who only listens."""
    async with connected("A", "B") as (near, middle_far), connected("A", "B") as (middle_near, far):
        said = [bytearray(), bytearray()]

        async def pass_on() -> None:
            lengths = (len(MAGIC) + NONCE_BYTES, len(MAGIC) + NONCE_BYTES + PROOF_BYTES, PROOF_BYTES)
            ways = ((middle_far, middle_near, 0), (middle_near, middle_far, 1), (middle_far, middle_near, 0))
            for length, (source, target, who) in zip(lengths, ways, strict=True):
                data = await source.receive(length)
                said[who] += data
                await target.send(data)

        passing = asyncio.create_task(pass_on())
        opener, server = StreamProof(KEY, "A"), StreamProof(KEY, "B")
        assert await both(opener.open(near, PROTOCOL), server.accept(far, PROTOCOL)) == ["", ""]
        await passing
    return bytes(said[0]), bytes(said[1])


async def test_a_man_in_the_middle_is_noticed_by_both() -> None:
    """M passes everything on between A and B, but the transport tells both that they talk to M."""
    async with connected("A", "M") as (near, middle_far), connected("M", "B") as (middle_near, far):

        async def pump(source: PeerStream, target: PeerStream) -> None:
            try:
                while True:
                    await target.send(await source.receive(1))
            except PeerUnreachable:
                target.close()

        pumps = [asyncio.create_task(pump(middle_far, middle_near))]
        pumps.append(asyncio.create_task(pump(middle_near, middle_far)))

        async def open_() -> None:
            try:
                await StreamProof(KEY, "A").open(near, PROTOCOL)
            finally:
                near.close()

        why_opener, why_server = await both(open_(), StreamProof(KEY, "B").accept(far, PROTOCOL))
        assert "does not know the key of the swarm that M is in" in why_opener
        assert why_server != ""
        far.close()
        await asyncio.gather(*pumps)


async def test_a_challenge_thrown_back_proves_nothing() -> None:
    """Somebody without the key has the opener, who serves as well, answer the opener's own question."""
    member = StreamProof(KEY, "A")
    async with connected("A", "M") as (near, mirror), connected("M", "A") as (asking, far):

        async def reflect() -> None:
            await asking.send(await mirror.receive(len(MAGIC) + NONCE_BYTES))
            await mirror.send(await asking.receive(len(MAGIC) + NONCE_BYTES + PROOF_BYTES))

        accepting = asyncio.ensure_future(member.accept(far, PROTOCOL))
        why, _ = await both(member.open(near, PROTOCOL), reflect())
        assert "does not know the key" in why
        asking.close()
        with pytest.raises(PeerUnreachable):
            await accepting


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 40, MAGIC[::-1] + bytes(32)])
async def test_who_does_not_begin_as_a_member_is_turned_away_at_once(first: bytes) -> None:
    async with connected("A", "B") as (near, far):
        _, why = await both(near.send(first), StreamProof(KEY, "B").accept(far, PROTOCOL))
        assert "does not ask as a member" in why


async def test_a_server_of_another_kind_is_named() -> None:
    async with connected("A", "B") as (near, far):
        why, _ = await both(StreamProof(KEY, "A").open(near, PROTOCOL), far.send(b"another answer"))
        assert why == "B is in no private swarm: try another server."


async def test_a_silent_caller_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "PROOF_SECONDS", 0.05)
    async with connected("A", "B") as (_, far):
        with pytest.raises(PeerUnreachable, match="was too slow"):
            await StreamProof(KEY, "B").accept(far, PROTOCOL)


@pytest.mark.parametrize(("limit", "silent"), [("MAX_UNPROVEN_OF_ONE", "A"), ("MAX_UNPROVEN", "C")])
async def test_callers_who_prove_nothing_make_room_for_members(
    monkeypatch: pytest.MonkeyPatch, limit: str, silent: str
) -> None:
    monkeypatch.setattr(proof, limit, 2)
    monkeypatch.setattr(proof, "PROOF_SECONDS", 60.0)  # nobody goes for taking long
    server = StreamProof(KEY, "B")
    async with (
        connected(silent, "B") as (_, first),
        connected(silent, "B") as (_, second),
        connected("A", "B") as (near, third),
    ):
        oldest, next_one = (asyncio.ensure_future(server.accept(one, PROTOCOL)) for one in (first, second))
        await asyncio.sleep(0)
        opener = StreamProof(KEY, "A")
        assert await both(opener.open(near, PROTOCOL), server.accept(third, PROTOCOL)) == ["", ""]
        with pytest.raises(PeerUnreachable, match="was too slow"):
            await oldest
        assert not next_one.done()
        next_one.cancel()
        await asyncio.gather(next_one, return_exceptions=True)
