"""The first words on every stream of a private swarm: both peers prove that they know the swarm's key.

    opener → server    MAGIC, 32 fresh random bytes
    server → opener    MAGIC, 32 fresh random bytes, the server's proof
    opener → server    the opener's proof; what the stream is for follows at once

A proof is an HMAC-SHA256 over the prover's role, the protocol, both peer ids and both sides' random bytes.
The transport has made sure of the peer ids, so a proof is worth nothing in another stream, for another
protocol, to another peer or in the other direction. A server that does not know the key learns nothing from
the opener but 32 random bytes: it has to prove itself first.
"""

import asyncio
import hmac
import logging
import secrets

import msgpack

from engine.api.sentences import said
from engine.errors import PeerUnreachable
from engine.network.stream import PeerStream

logger = logging.getLogger("potluck.network")

MAGIC = b"potluck\x01"
NONCE_BYTES = 32
PROOF_BYTES = 32
PROOF_SECONDS = 5.0  # that a caller has for all of it
MAX_UNPROVEN = 256  # streams whose callers have proved nothing yet; the oldest ones make room for more
MAX_UNPROVEN_OF_ONE = 32

_OPENER, _SERVER = "opener", "server"


class StreamProof:
    """Of one node, known as `own` in its swarm."""

    def __init__(self, key: bytes, own: str) -> None:
        self._key = key
        self._own = own
        self._unproven: dict[asyncio.Timeout, str] = {}  # oldest first, by whom

    async def open(self, stream: PeerStream, protocol: str) -> None:
        """As the one who opened it. Raises PeerUnreachable unless the server knows the key."""
        mine = secrets.token_bytes(NONCE_BYTES)
        await stream.send(MAGIC + mine)
        if await stream.receive(len(MAGIC)) != MAGIC:
            raise PeerUnreachable(
                said("{peer} is in no private swarm: try another server.", peer=stream.peer)
            )
        theirs, proof = await stream.receive(NONCE_BYTES), await stream.receive(PROOF_BYTES)
        transcript = (protocol, self._own, stream.peer, mine, theirs)
        if not self._proves(proof, _SERVER, *transcript):
            raise PeerUnreachable(
                said(
                    "This computer does not know the key of the swarm that {peer} is in: ask for an invite "
                    "link.",
                    peer=stream.peer,
                )
            )
        await stream.send(self._proof(_OPENER, *transcript))

    async def accept(self, stream: PeerStream, protocol: str) -> None:
        """As the one who serves it. Raises PeerUnreachable unless the caller knows the key."""
        patience = asyncio.timeout(PROOF_SECONDS)
        try:
            async with patience:
                self._make_room(stream.peer)
                self._unproven[patience] = stream.peer
                await self._accept(stream, protocol)
        except TimeoutError:
            raise _refused(stream.peer, "was too slow") from None
        finally:
            self._unproven.pop(patience, None)

    async def _accept(self, stream: PeerStream, protocol: str) -> None:
        if await stream.receive(len(MAGIC)) != MAGIC:
            raise _refused(stream.peer, "does not ask as a member")
        theirs = await stream.receive(NONCE_BYTES)
        mine = secrets.token_bytes(NONCE_BYTES)
        transcript = (protocol, stream.peer, self._own, theirs, mine)
        await stream.send(MAGIC + mine + self._proof(_SERVER, *transcript))
        if not self._proves(await stream.receive(PROOF_BYTES), _OPENER, *transcript):
            raise _refused(stream.peer, "does not know the swarm's key")

    def _proof(self, role: str, *transcript: str | bytes) -> bytes:
        return hmac.digest(self._key, msgpack.packb([role, *transcript]), "sha256")

    def _proves(self, proof: bytes, role: str, *transcript: str | bytes) -> bool:
        return hmac.compare_digest(proof, self._proof(role, *transcript))

    def _make_room(self, peer: str) -> None:
        """A member proves itself within a round trip: whoever keeps many streams waiting loses them first."""
        waiting = [patience for patience in self._unproven if not patience.expired()]
        of_this_one = [patience for patience in waiting if self._unproven[patience] == peer]
        if len(of_this_one) >= MAX_UNPROVEN_OF_ONE:
            of_this_one[0].reschedule(0)
        elif len(waiting) >= MAX_UNPROVEN:
            waiting[0].reschedule(0)


def _refused(peer: str, why: str) -> PeerUnreachable:
    return PeerUnreachable(f"A caller was turned away: {peer} {why}.")
