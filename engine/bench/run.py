"""From a model in the store to figures."""

import logging
from collections.abc import AsyncIterator, Collection

import torch

from engine.bench.figures import Failure, Figure
from engine.bench.limits import BareProducts
from engine.bench.llama_server import Llama
from engine.bench.scenarios import SCENARIOS
from engine.bench.settings import Bench, BenchSettings
from engine.bench.swarms import THREADS
from engine.errors import PotluckError
from engine.generate.shell_models import load_shell
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.bench")


async def measure(
    settings: BenchSettings,
    scenarios: Collection[str],
    store: LayerStore,
    manifest: Manifest,
    llama: Llama | None = None,
) -> AsyncIterator[Figure | Failure]:
    """Figures as they come, of each scenario until it fails."""
    torch.set_num_threads(THREADS)
    local = load_whole(manifest, store)
    bench = Bench(store, load_shell(manifest, store), local, BareProducts(local), settings, llama)
    for name, scenario in SCENARIOS.items():
        if name in scenarios:
            try:
                async for one in scenario(bench):
                    yield one
            except PotluckError as error:
                yield Failure(name, str(error))
            except Exception as error:  # others can be measured all the same
                log.warning("scenario %s failed", name, exc_info=error)
                yield Failure(name, f"It ended with {type(error).__name__}, as told in the terminal.")
