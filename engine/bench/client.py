"""`python -m engine.bench.client STORE MODEL TOKENS PEER…`: a client with nothing else in its process.

It joins a swarm through its peers, answers once, and writes one line: what memory it then holds.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import torch
from pydantic import BaseModel, ConfigDict, Field

from engine.bench.prompts import of_length
from engine.bench.swarms import THREADS
from engine.bench.timing import through_swarm
from engine.generate.shell_models import load_shell
from engine.network.node import NodeSettings
from engine.private_swarm import PrivateSwarm
from engine.weights.store.layer_store import LayerStore

PROMPT = 256  # tokens


class Held(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    resident_bytes: int = Field(gt=0)


async def answer_once(store: LayerStore, digest: str, tokens: int, peers: Sequence[str]) -> None:
    manifest = store.manifest(digest)
    shell = load_shell(manifest, store)
    settings = NodeSettings(initial_peers=tuple(peers), client_only=True)
    async with PrivateSwarm.open(store, manifest, settings) as swarm:
        await through_swarm(swarm, shell, of_length(shell, PROMPT), tokens)


def main(store: Path, digest: str, tokens: int, peers: Sequence[str]) -> None:
    torch.set_num_threads(THREADS)
    asyncio.run(answer_once(LayerStore(store), digest, tokens, peers))
    print(Held(resident_bytes=psutil.Process().memory_info().rss).model_dump_json(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
