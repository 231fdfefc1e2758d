"""From a model in the store to figures."""

from collections.abc import AsyncIterator, Collection

import torch

from engine.bench.figures import Figure
from engine.bench.limits import BareProducts
from engine.bench.llama_server import Llama
from engine.bench.scenarios import SCENARIOS
from engine.bench.settings import Bench, BenchSettings
from engine.bench.swarms import THREADS
from engine.generate.shell_models import load_shell
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore


async def measure(
    settings: BenchSettings,
    scenarios: Collection[str],
    store: LayerStore,
    manifest: Manifest,
    llama: Llama | None = None,
) -> AsyncIterator[Figure]:
    """Figures as they come. Raises BlockServerFailed where answers are not the local model's."""
    torch.set_num_threads(THREADS)
    local = load_whole(manifest, store)
    bench = Bench(store, load_shell(manifest, store), local, BareProducts(local), settings, llama)
    for name, scenario in SCENARIOS.items():
        if name in scenarios:
            async for one in scenario(bench):
                yield one
