"""`python -m tests.bench.exchange [--mebibytes N] [--rounds N]`: parts from two peers, and a bare stream.

The bare stream carries the same chunks from one peer, and what comes is thrown away: no questions, hashes or
disks. All peers are processes of their own on loopback. Both are measured in turn; medians are printed.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from engine.exchange.fetching import Fetcher, FetchSettings
from engine.exchange.serving import PartServer
from engine.network.directory import Directory
from engine.network.node import Node, NodeSettings, PeerStream
from engine.weights.content_hash import CHUNK_BYTES
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.parts import PARTS_PROTOCOL
from engine.wire.records import ServerState, SpanRecord
from tests.exchange.small_parts import small_model

BARE = "/potluck/bench/bare"
LAYERS = 4


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exchange", description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=128, help="fetched in each round")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions; medians are printed")
    parser.add_argument("--serve", nargs="+", help=argparse.SUPPRESS)  # a peer's store and the first peers
    args = parser.parse_args()
    if args.serve:
        asyncio.run(_serve(Path(args.serve[0]), args.serve[1:]))
    else:
        print(json.dumps(asyncio.run(_measure(args.mebibytes, args.rounds)), indent=2))


# --- a peer


async def _serve(folder: Path, initial_peers: Sequence[str]) -> None:
    """Until stdin ends."""
    store = LayerStore(folder)
    (manifest,) = store.manifests()
    node = await Node.start(NodeSettings(initial_peers=tuple(initial_peers)))
    await node.serve(PARTS_PROTOCOL, PartServer(store).handle)
    await node.serve(BARE, _pour)
    await Directory(node).announce(_record(node, manifest))
    print(node.peer_id, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await node.stop()


async def _pour(stream: PeerStream) -> None:
    chunk = random.Random(0).randbytes(CHUNK_BYTES)
    for _ in range(int.from_bytes(await stream.receive(4), "big")):
        await stream.send(chunk)


def _record(node: Node, manifest: Manifest) -> SpanRecord:
    return SpanRecord(
        peer=node.peer_id,
        addresses=node.addresses,
        model=manifest.digest,
        model_name=manifest.name,
        start=0,
        end=manifest.n_layers,
        n_layers=manifest.n_layers,
        state=ServerState.ONLINE,
        expires=time.time() + 590,
    )


@asynccontextmanager
async def _peer(folder: Path, node: Node) -> AsyncIterator[str]:
    """A process that serves the store in `folder`; its peer id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.exchange", "--serve", str(folder), *node.addresses),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


# --- measuring


async def _measure(mebibytes: int, rounds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="potluck-bench-") as name:
        folder = Path(name)
        model = small_model(n_layers=LAYERS, layer_bytes=mebibytes * (1 << 20) // LAYERS)
        theirs = model.store_at(folder / "theirs").root
        async with AsyncExitStack() as stack:
            node = await Node.start(NodeSettings())
            stack.push_async_callback(node.stop)
            peers = [await stack.enter_async_context(_peer(theirs, node)) for _ in range(2)]
            bare, ours = [], []
            for _ in range(rounds + 1):  # the first round warms up
                bare.append(await _bare_rate(node, peers[0], mebibytes))
                ours.append(await _fetch_rate(node, model.manifest, folder / "mine"))
    return {
        "cores": os.cpu_count(),
        "one bare stream, MB/s": round(median(bare[1:]) / 1e6),
        "fetching from two peers, MB/s": round(median(ours[1:]) / 1e6),
        "fetching from two peers, of one bare stream": round(
            median(a / b for a, b in zip(ours[1:], bare[1:], strict=True)), 2
        ),
    }


async def _bare_rate(node: Node, peer: str, chunks: int) -> float:
    """Bytes per second."""
    async with await node.open(peer, BARE) as stream:
        began = time.monotonic()
        await stream.send(chunks.to_bytes(4, "big"))
        for _ in range(chunks):
            await stream.receive(CHUNK_BYTES)
        return chunks * CHUNK_BYTES / (time.monotonic() - began)


async def _fetch_rate(node: Node, manifest: Manifest, folder: Path) -> float:
    """Bytes per second into an empty store, safe on disk at the end."""
    store = LayerStore(folder)
    store.save_manifest(manifest)
    began = time.monotonic()
    await Fetcher(node, Directory(node), store, FetchSettings()).fetch(manifest.layers, manifest.digest)
    seconds = time.monotonic() - began
    assert all(store.has(part) for part in manifest.layers)
    shutil.rmtree(folder)
    return sum(part.size for part in manifest.layers) / seconds


if __name__ == "__main__":
    main()
