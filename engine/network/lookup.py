"""A fresh look at every copy of one DHT dictionary.

hivemind's own `get` drops a peer's whole answer for one bad entry, stops at an answer that claims to be valid
for ever, and lets a plain value replace a dictionary. Here every answer is taken apart entry by entry, so
that nobody can hide another's entry.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from engine.network._hivemind import (
    DHTID,
    DHTNode,
    DictionaryDHTValue,
    MSGPackSerializer,
    PeerID,
    dht_pb2,
    traverse_dht,
)

logger = logging.getLogger("potluck.network")

_PEERS_ASKED_AT_ONCE = 4


@dataclass(frozen=True)
class Entry:
    """One subkey's value, as somebody claims it: nothing in it is checked."""

    subkey: object
    value: object
    expires: object


class Lookup:
    """Walks towards the nodes that hold `key`. What they hold is in `entries`, also when cut short."""

    def __init__(self, dht: DHTNode, key: bytes) -> None:
        self._dht = dht
        self._key_id = DHTID.generate(key)
        self._peers: dict[DHTID, PeerID] = {}
        self.entries: list[Entry] = []

    @property
    def key_id(self) -> bytes:
        return bytes(self._key_id.to_bytes())

    async def run(self) -> None:
        self._read_own_storage()
        protocol = self._dht.protocol
        self._peers.update(
            protocol.routing_table.get_nearest_neighbors(
                self._key_id, protocol.bucket_size, exclude=self._dht.node_id
            )
        )
        await traverse_dht(
            queries=[self._key_id],
            initial_nodes=list(self._peers),
            beam_size=protocol.bucket_size,
            num_workers=_PEERS_ASKED_AT_ONCE,
            queries_per_call=1,
            get_neighbors=self._ask,
            visited_nodes={self._key_id: {self._dht.node_id}},
        )

    def _read_own_storage(self) -> None:
        held = self._dht.protocol.storage.get(self._key_id)
        if held is not None:
            self.entries.extend(_entries(held.value))

    async def _ask(self, node: DHTID, _: object) -> dict[DHTID, tuple[tuple[DHTID, ...], bool]]:
        """One node's entries and neighbours; none where it does not answer well."""
        protocol, blacklist, peer = self._dht.protocol, self._dht.blacklist, self._peers[node]
        if peer in blacklist:
            return {self._key_id: ((), False)}
        request = dht_pb2.FindRequest(keys=[self.key_id], peer=protocol.node_info)
        try:
            answer = await protocol.get_stub(peer).rpc_find(request, timeout=protocol.wait_timeout)
            neighbours = self._take(answer)
            blacklist.register_success(peer)
        except Exception as error:  # a stranger's answer can fail to parse in any way
            logger.debug("DHT node %s gave no usable answer: %r", peer, error)
            blacklist.register_failure(peer)
            await protocol.update_routing_table(node, peer, responded=False)
            neighbours = ()
        return {self._key_id: (neighbours, False)}

    def _take(self, answer: dht_pb2.FindResponse) -> tuple[DHTID, ...]:
        (result,) = answer.results
        neighbours = {
            DHTID.from_bytes(node): PeerID(peer)
            for node, peer in zip(result.nearest_node_ids, result.nearest_peer_ids, strict=True)
        }
        if result.type == dht_pb2.FOUND_DICTIONARY:
            self.entries.extend(_entries(MSGPackSerializer.loads(result.value)))
        self._peers.update(neighbours)
        return tuple(neighbours)


def _entries(dictionary: object) -> Iterator[Entry]:
    if isinstance(dictionary, DictionaryDHTValue):
        for subkey, (value, expires) in dictionary.items():
            yield Entry(subkey, value, expires)
