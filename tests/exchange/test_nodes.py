"""Parts between real nodes: through their network processes, found in the real directory."""

import time

from engine.exchange.fetching import Fetcher, FetchProgress, FetchSettings
from engine.exchange.serving import PartServer
from engine.network.directory import Directory
from engine.network.node import Node
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore
from engine.wire.parts import PARTS_PROTOCOL
from engine.wire.records import ServerState, SpanRecord
from tests.exchange.small_parts import SmallModel
from tests.network.conftest import start_node

__all__ = ["start_node"]


async def serve(node: Node, model: SmallModel, store: LayerStore) -> PartServer:
    server = PartServer(store)
    await node.serve(PARTS_PROTOCOL, server.handle)
    record = SpanRecord(
        peer=node.peer_id,
        addresses=node.addresses,
        model=model.manifest.digest,
        model_name=model.manifest.name,
        start=0,
        end=model.manifest.n_layers,
        n_layers=model.manifest.n_layers,
        state=ServerState.ONLINE,
        expires=time.time() + 60,
    )
    await Directory(node).announce(record)
    return server


async def test_two_nodes_pass_a_model_on_to_a_third(start_node, store, model, tmp_path) -> None:
    first = await start_node()
    second = await start_node(first)
    newcomer = await start_node(first, client_only=True)
    parts: tuple[Part, ...] = model.manifest.parts()
    servers = [
        await serve(first, model, model.store_at(tmp_path / "first", parts[:6])),
        await serve(second, model, model.store_at(tmp_path / "second", parts[2:])),
    ]
    seen: list[FetchProgress] = []
    fetcher = Fetcher(newcomer, Directory(newcomer), store, FetchSettings())
    manifest = await fetcher.manifest(model.manifest.digest)
    assert manifest == model.manifest
    await fetcher.fetch(manifest.parts(), manifest.digest, seen.append)
    assert all(store.read(part) == model.data[part] for part in parts)
    assert all(server.sent_bytes > 0 for server in servers)
    assert seen[-1].done_bytes == seen[-1].total_bytes == sum(part.size for part in parts)
    assert seen[-1].bytes_per_s > 0
