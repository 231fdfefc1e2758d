"""Who is watched for, and what of it says nothing about others."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from engine.giving.losses import RENEWED_WITHIN
from engine.giving.occasions import Occasions
from engine.giving.vigil import Vigil
from engine.peers.book import PeerBook
from engine.settings import ReplanSettings
from tests.giving.records import PEER, record

OTHER, OWN = PEER[:-1] + "B", PEER[:-1] + "C"


@dataclass
class Line:
    """A node, and the rest of what a vigil asks of a swarm."""

    peers: Collection[str]
    own_servers: set[str] = field(default_factory=lambda: {OWN})
    book: PeerBook = field(default_factory=PeerBook)

    @property
    def node(self) -> "Line":
        return self

    async def connected(self) -> Collection[str]:
        return self.peers


async def test_own_block_servers_say_nothing_of_this_computer_s_line() -> None:
    settings = ReplanSettings()
    vigil = Vigil(settings, Occasions(settings, lambda a, b: a), asyncio.Event())
    line = Line({PEER, OTHER, OWN})
    records = [record(), record(peer=OTHER)]
    vigil._losses.look(records, 0.0)
    await vigil._glance(line, ())
    line.peers = {OWN}
    await vigil._glance(line, ())
    vigil._losses.look(records, RENEWED_WITHIN)
    assert (vigil.gone, vigil._losses.is_in_doubt) == (frozenset(), False)
    line.peers = {OWN, OTHER}
    await vigil._glance(line, ())
    assert vigil._losses.is_in_doubt
