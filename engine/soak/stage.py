"""The swarm of a soak: places behind lines around a client that is reached through these lines alone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from engine.emulation.line import LOOPBACK, NOWHERE, Line, free_port
from engine.network.node import NodeSettings
from engine.private_swarm import PrivateSwarm
from engine.soak.coverage import Coverage
from engine.soak.places import Place
from engine.soak.plan import Span, spans_for
from engine.soak.settings import SoakSettings
from engine.soak.tally import Tally
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore


@dataclass(frozen=True)
class Stage:
    swarm: PrivateSwarm
    lines: Sequence[Line]
    places: Sequence[Place]
    spans: Sequence[Span]
    coverage: Coverage

    @property
    def connections(self) -> int:
        """That go over the lines."""
        return sum(line.connections for line in self.lines)

    def left(self) -> list[str]:
        """What is still there of any server that ever was, in words."""
        return [what for place in self.places for family in place.families for what in family.left()]


@asynccontextmanager
async def open_stage(
    settings: SoakSettings, store: LayerStore, manifest: Manifest, tally: Tally
) -> AsyncIterator[Stage]:
    """All places are empty at first. Ends every process that was started, however the block is left."""
    spans = spans_for(manifest.n_layers, settings.servers)
    coverage = Coverage(spans, manifest.n_layers)
    port = free_port()
    client = NodeSettings(listen=(f"/ip4/{LOOPBACK}/tcp/{port}",), announce=(NOWHERE,))
    async with AsyncExitStack() as stack:
        seeds = range(settings.seed, settings.seed + len(spans))
        lines = [await stack.enter_async_context(Line.open(seed=seed)) for seed in seeds]
        swarm = await stack.enter_async_context(PrivateSwarm.open(store, manifest, client))
        places = []
        for slot, (span, line) in enumerate(zip(spans, lines, strict=True)):
            way = f"{await line.way_to(port)}/p2p/{swarm.node.peer_id}"
            places.append(Place(slot, span, line, way, swarm, coverage, tally))
            stack.push_async_callback(places[-1].close)
        yield Stage(swarm, lines, places, spans, coverage)
