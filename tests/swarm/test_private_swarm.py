"""Two computers in a private swarm, with real engines: created, invited to, joined, and closed to a third."""

import asyncio
import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from engine.api.schema import ServerStatus
from engine.errors import PeerUnreachable, SwarmUnreachable
from engine.membership.invite import parse_invite
from engine.membership.key import SwarmKey
from engine.network.node import Node, NodeSettings
from engine.settings import Paths
from engine.weights.store.layer_store import LayerStore
from engine.wire import frames
from engine.wire.messages import SESSION_PROTOCOL, Message, OpenSession
from engine.wire.parts import PARTS_PROTOCOL, AskManifest
from tests.swarm.running_engine import READY, running_engine
from tests.swarm.test_newcomer import Soup, home_in, says

LOOPBACK = ("--listen", "/ip4/127.0.0.1/tcp/0")


async def swarm(paths: Paths, *arguments: str) -> str:
    """What `potluck-engine swarm …` prints on the computer with these folders."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "engine.cli", "swarm", *arguments),
        env={**os.environ, "POTLUCK_HOME": str(paths.data.parent)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return said.decode()


def all_that_is_shown(paths: Paths) -> str:
    """Logs and command lines."""
    logs = [file.read_text() for file in paths.logs.iterdir()]
    lines = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
    return "\n".join([*logs, *lines])


async def is_answered(node: Node, server: ServerStatus, protocol: str, question: Message) -> bool:
    """Whether the block server says anything."""
    try:
        async with await node.open(server.peer_id, protocol, server.addresses) as stream:
            await frames.send(stream, question)
            return len(await stream.receive(8)) == 8
    except PeerUnreachable:
        return False


async def what_is_answered(server: ServerStatus, model: str, settings: NodeSettings) -> list[bool]:
    """What a computer gets that knows the block server's addresses: a session, a model's description."""
    node = await Node.start(settings)
    try:
        session = OpenSession(model=model, start=server.start, end=server.end)
        return [
            await is_answered(node, server, SESSION_PROTOCOL, session),
            await is_answered(node, server, PARTS_PROTOCOL, AskManifest(model=model)),
        ]
    finally:
        await node.stop()


async def test_who_has_the_link_chats_and_who_has_not_gets_nothing(tmp_path: Path) -> None:
    host, guest = home_in(tmp_path / "host"), home_in(tmp_path / "guest")
    soup = Soup(LayerStore(host.layer_store))
    await swarm(host, "create", "Sunday soup")
    async with running_engine(host, "--donate", "--model", "Soup", *LOOPBACK) as giving:
        [server] = (await giving.until(lambda s: s.condition.reason in READY)).servers
        link = (await swarm(host, "invite")).strip()
        await swarm(guest, "join", link)
        async with running_engine(guest, "--model", "Soup", *LOOPBACK) as chatting:
            seen = await chatting.until(lambda s: any(model.complete for model in s.models))
            assert (seen.swarm.name, [model.name for model in seen.models]) == ("Sunday soup", ["Soup"])
            assert await says(chatting, 12) == soup.answer(12)
            assert json.loads(await swarm(guest, "--json"))["peers"] >= 1
            await swarm(guest, "leave", "--yes")
            left = await chatting.until(lambda s: not s.swarm.name and bool(s.swarm.addresses))
            assert (left.swarm.peers, [model.servers for model in left.models]) == (0, [0])
        invite, model = parse_invite(link), soup.manifest.digest
        assert server is not None
        for key, answered in ((invite.key, True), (None, False), (SwarmKey.generate(), False)):
            settings = NodeSettings(swarm_key=key)
            assert await what_is_answered(server, model, settings) == [answered, answered]
        with pytest.raises(SwarmUnreachable):
            await Node.start(NodeSettings(server.addresses))
        shown = all_that_is_shown(host) + all_that_is_shown(guest)
        assert not any(secret in shown for secret in (invite.key.to_text(), invite.key.secret.hex(), link))
