"""`python -m tests.exchange.interrupted FOLDER`: fetch slowly into FOLDER/mine, and say how much has come."""

import asyncio
import sys
from pathlib import Path

from engine.exchange.fetching import FetchProgress
from engine.weights.store.layer_store import LayerStore
from tests.exchange.memory_swarm import MemorySwarm, Slow
from tests.exchange.small_parts import small_model


def say(progress: FetchProgress) -> None:
    print(progress.done_bytes, flush=True)


async def main(folder: Path) -> None:
    model = small_model()
    store = LayerStore(folder / "mine")
    store.save_manifest(model.manifest)
    async with MemorySwarm(folder) as swarm:
        swarm.add(model, stream=Slow)
        await swarm.fetcher(store).fetch(model.layers, model.manifest.digest, say)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
