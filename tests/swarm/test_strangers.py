"""Malformed messages over real streams to a real block server, while it takes part in an answer."""

import asyncio
import random
from collections import Counter

import pytest

from engine.api.schema import ServerPhase
from engine.errors import PeerUnreachable
from engine.network.node import Node, NodeSettings
from engine.private_swarm import PrivateSwarm
from engine.wire.messages import SESSION_PROTOCOL
from engine.wire.parts import PARTS_PROTOCOL
from engine.wire.probes import PROBE_PROTOCOL
from engine.wire.pushes import PUSH_PROTOCOL
from engine.wire.reach import REACH_PROTOCOL
from tests.host.strangers import (
    TICKET,
    Aim,
    Door,
    conversation,
    fork_of,
    opening,
    part_words,
    probe_words,
    push_words,
    reach_words,
    session_words,
)
from tests.swarm.conftest import PATIENT

pytestmark = pytest.mark.starter

QUESTION = "Tell a story about a lighthouse keeper and a very large fish."
TOKENS = 40
CONVERSATIONS = 600
STRANGERS = 3
AT_ONCE = 4  # of each stranger
LISTENING_SECONDS = 0.05


def doors(aim: Aim) -> list[Door]:
    """By protocol; what handles them is elsewhere."""
    part = "0f" * 32
    return [
        Door(SESSION_PROTOCOL, None, session_words(aim), [opening(aim), fork_of(TICKET, aim)]),
        Door(PUSH_PROTOCOL, None, push_words(aim)),
        Door(PARTS_PROTOCOL, None, part_words(aim.model, part)),
        Door(PROBE_PROTOCOL, None, probe_words()),
        Door(REACH_PROTOCOL, None, reach_words()),
    ]


class Stranger:
    """A node that talks nonsense to one peer."""

    def __init__(self, node: Node, peer: str, rng: random.Random, rooms: list[Door]) -> None:
        self._node = node
        self._peer = peer
        self._rng = rng
        self._rooms = rooms
        self.said: Counter[str] = Counter()

    async def talk(self, count: int) -> None:
        for _ in range(count):
            door = self._rng.choice(self._rooms)
            stream = await self._node.open(self._peer, door.name)
            async with stream:
                try:
                    await stream.send(*filter(None, conversation(self._rng, door)))
                    async with asyncio.timeout(LISTENING_SECONDS):
                        await stream.receive(1 << 20)
                except (PeerUnreachable, TimeoutError):
                    self.said[door.name] += 1


async def test_strangers_who_talk_nonsense_change_no_answer(starter_store, ask, stream, local_answer) -> None:
    store, manifest = starter_store
    prompt = ask(QUESTION)
    aim = Aim(manifest.digest, manifest.n_layers, manifest.config["hidden_size"])
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, manifest.n_layers)], threads=1)
        [server] = swarm.servers
        nodes = [await Node.start(NodeSettings(swarm.node.addresses)) for _ in range(STRANGERS)]
        strangers = [
            Stranger(node, server.report.peer_id, random.Random(seed), doors(aim))
            for seed, node in enumerate(nodes)
        ]
        share = CONVERSATIONS // STRANGERS // AT_ONCE
        answer = stream(swarm, prompt, TOKENS, PATIENT)
        await asyncio.gather(*(s.talk(share) for s in strangers for _ in range(AT_ONCE)))
        assert await answer.done == local_answer(prompt, TOKENS)
        assert answer.session.replayed_spans == 0
        assert sum((s.said for s in strangers), Counter()).total() >= share * STRANGERS * AT_ONCE
        for node in nodes:
            await node.stop()
        assert await stream(swarm, prompt, 8).done == local_answer(prompt, 8)
        assert server.report.phase is ServerPhase.ONLINE
        assert not [line for line in server._complaints if "ERROR" in line or "Traceback" in line]
