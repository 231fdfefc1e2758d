"""What is asked of the benchmark, and what every scenario needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedModel

from engine.bench.limits import BareProducts
from engine.bench.llama_server import Llama
from engine.generate.shell_models import ShellModel
from engine.weights.store.layer_store import LayerStore


@dataclass(frozen=True)
class BenchSettings:
    tokens: int = 48  # new ones of each answer
    rounds: int = 3  # medians are shown
    servers: tuple[int, ...] = (1, 2, 3)
    streams: tuple[int, ...] = (4, 8, 16, 32)
    prompts: tuple[int, ...] = (16, 512, 4096)  # tokens
    round_trips: tuple[float, ...] = (0.0, 0.02, 0.1)  # seconds, between neighbours
    rates: tuple[float, ...] = (1e9, 1e8)  # bits a second


@dataclass(frozen=True)
class Bench:
    """What every scenario needs."""

    store: LayerStore
    shell: ShellModel
    local: PreTrainedModel  # the whole model, as transformers loads it
    products: BareProducts
    settings: BenchSettings
    llama: Llama | None = None  # to be measured beside

    @property
    def prompts(self) -> Sequence[int]:
        """Their tokens, as far as the model reads them."""
        return [tokens for tokens in self.settings.prompts if tokens < self.shell.manifest.context]

    @property
    def most_servers(self) -> int:
        return max(self.settings.servers)
