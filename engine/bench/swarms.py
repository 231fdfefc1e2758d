"""Swarms of real processes on this computer: near each other, or far apart."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from engine.emulation.lane import Conditions
from engine.emulation.line import LOOPBACK, NOWHERE, Line, free_port
from engine.network.node import NodeSettings
from engine.private_swarm import PrivateSwarm, even_spans
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

THREADS = 1  # of each process's arithmetic


@asynccontextmanager
async def near(store: LayerStore, manifest: Manifest, servers: int) -> AsyncIterator[PrivateSwarm]:
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all(even_spans(manifest.n_layers, servers), threads=THREADS)
        yield swarm


@asynccontextmanager
async def far_apart(
    store: LayerStore, manifest: Manifest, servers: int, conditions: Conditions
) -> AsyncIterator[PrivateSwarm]:
    """Each server behind a line of its own; nobody is reached but through one."""
    port = free_port()
    client = NodeSettings(listen=(f"/ip4/{LOOPBACK}/tcp/{port}",), announce=(NOWHERE,))
    async with AsyncExitStack() as stack:
        spans = even_spans(manifest.n_layers, servers)
        lines = [await stack.enter_async_context(Line.open(seed=seed)) for seed in range(servers)]
        swarm = await stack.enter_async_context(PrivateSwarm.open(store, manifest, client))
        for span, line in zip(spans, lines, strict=True):
            server = await swarm.add(
                *span,
                threads=THREADS,
                initial_peers=(f"{await line.way_to(port)}/p2p/{swarm.node.peer_id}",),
                listen=(line.listen,),
                announce=(line.announce,),
            )
            await server.online()
        for line in lines:
            line.conditions = conditions
        yield swarm
