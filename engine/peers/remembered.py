"""Which peers a computer remembers, to find its swarm again when every initial peer is gone. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from engine.membership.addresses import PeerAddress, is_peer_address, is_relayed, peer_of
from engine.wire.records import PeerIdText, SpanRecord

MAX_PEERS = 50
MAX_ADDRESSES = 4  # of a peer
DAY = 24 * 3600.0  # seconds
FORGOTTEN_AFTER = 30 * DAY  # not seen
MISS_COUNTS_AFTER = DAY / 2  # since the last miss that counted: a computer may be off for the night
MAX_MISSES = 5  # in a row


class RememberedPeer(BaseModel):
    """Times are Unix times in seconds. `misses`: how often it did not answer, since it last did."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    peer: PeerIdText
    addresses: tuple[PeerAddress, ...] = Field(min_length=1, max_length=MAX_ADDRESSES)
    first_seen: float = Field(ge=0)
    last_seen: float = Field(ge=0)
    misses: int = Field(default=0, ge=0, le=MAX_MISSES)
    missed_at: float = Field(default=0.0, ge=0)


Memory = tuple[RememberedPeer, ...]  # one for each peer, the most promising first


def swarm_name(tag: str, initial_peers: Iterable[str]) -> str:
    """What a swarm's memory is kept under: a private swarm's tag, else who leads into the swarm."""
    if tag:
        return tag
    peers = " ".join(sorted({peer_of(address) for address in initial_peers}))
    return "public-" + hashlib.sha256(peers.encode()).hexdigest()[:16]


def after_meeting(memory: Memory, servers: Iterable[SpanRecord], now: float) -> Memory:
    """These servers have answered just now."""
    known = {peer.peer: peer for peer in memory}
    for server in servers:
        if addresses := direct_addresses(server):
            before = known.get(server.peer)
            first_seen = before.first_seen if before else now
            known[server.peer] = RememberedPeer(
                peer=server.peer, addresses=addresses, first_seen=first_seen, last_seen=now
            )
    return _most_promising(known.values(), now)


def after_missing(memory: Memory, peers: Collection[str], now: float) -> Memory:
    """These peers did not answer, while others did. One that never does is forgotten."""
    return _most_promising((_missed(peer, now) if peer.peer in peers else peer for peer in memory), now)


def _missed(peer: RememberedPeer, now: float) -> RememberedPeer:
    if now - peer.missed_at < MISS_COUNTS_AFTER:
        return peer
    return peer.model_copy(update={"misses": peer.misses + 1, "missed_at": now})


def _most_promising(peers: Iterable[RememberedPeer], now: float) -> Memory:
    """Those that answer, were seen in the last days, and have been there for the longest."""
    alive = [p for p in peers if p.misses < MAX_MISSES and 0 <= now - p.last_seen < FORGOTTEN_AFTER]
    return tuple(
        sorted(alive, key=lambda p: (p.misses, (now - p.last_seen) // DAY, p.first_seen))[:MAX_PEERS]
    )


def direct_addresses(server: SpanRecord) -> tuple[str, ...]:
    """Where a server says that it is reached without another peer's help."""
    return tuple(
        address
        for address in server.addresses
        if is_peer_address(address) and peer_of(address) == server.peer and not is_relayed(address)
    )[:MAX_ADDRESSES]


def ways_in(memory: Memory, now: float) -> tuple[str, ...]:
    """Addresses of all that is still worth a try."""
    return tuple(address for peer in _most_promising(memory, now) for address in peer.addresses)


def is_worth_saving(memory: Memory, saved: Memory) -> bool:
    """Whether more has changed than when a peer was last seen, or that by much."""
    if [_lasting(peer) for peer in memory] != [_lasting(peer) for peer in saved]:
        return True
    return any(new.last_seen - old.last_seen > DAY / 4 for new, old in zip(memory, saved, strict=True))


def _lasting(peer: RememberedPeer) -> tuple[str, Sequence[str], int]:
    return peer.peer, peer.addresses, peer.misses
