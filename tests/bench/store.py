"""`python -m tests.bench.store [--layers N] [--rounds N]`: loading from the store, beside plain reading.

Plain: two threads read each part's file into a buffer that is used again, unverified, and a third copies it
from there. Ours, as the block server does it: two threads, each reads, verifies and lays out a layer.
In float32 this stores matrices column by column, a slower copy; plain copying is timed in both ways.
All from a warm page cache, in turn; each ratio is the median of those of neighbouring runs.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from statistics import median

import torch
from safetensors.torch import save
from torch import nn
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from engine.host.loading import fill_layers
from engine.model.layout import lay_out
from engine.weights.loading import fill
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.part_tensors import READ_AHEAD
from engine.weights.tensorfile import tensors_in

CONFIG = LlamaConfig(hidden_size=2048, intermediate_size=5632, num_attention_heads=16, num_key_value_heads=4)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.store", description=__doc__)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7, help="repetitions; medians are printed")
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures: dict[str, float] = {}
    for dtype in (torch.bfloat16, torch.float32):
        with tempfile.TemporaryDirectory(prefix="potluck-bench-") as folder:
            figures |= _compare(LayerStore(Path(folder)), args.layers, args.rounds, dtype)
    print(json.dumps(figures, indent=2))


def _compare(store: LayerStore, layers: int, rounds: int, dtype: torch.dtype) -> dict[str, float]:
    parts = [store.put(save(_layer("cpu", dtype).state_dict())) for _ in range(layers)]
    paths, size = [store.path(part) for part in parts], sum(part.size for part in parts)
    ways: dict[str, Callable[[], object]] = {
        "load": lambda: _load(store, parts, dtype),
        "plain": lambda: [buffer.clone() for buffer in _read_ahead(paths)],
        "plain_laid_out": lambda: [_laid_out(buffer, dtype) for buffer in _read_ahead(paths)],
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):  # the first round warms up
        for name, way in ways.items():
            seconds[name].append(_seconds(way))
    ours, *plain = (times[1:] for times in seconds.values())
    kind = str(dtype).removeprefix("torch.")
    return {
        f"{kind}_load_GB_per_s": size / median(ours) / 1e9,
        f"{kind}_load_of_plain_read_and_copy": _ratio(plain[0], ours),
        f"{kind}_load_of_plain_read_and_same_copy": _ratio(plain[1], ours),
    }


def _seconds(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    kept = way()
    took = time.perf_counter() - started
    del kept
    return took


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How fast we are, of their speed."""
    return median(their / our for their, our in zip(theirs, ours, strict=True))


def _load(store: LayerStore, parts: Sequence[Part], dtype: torch.dtype) -> list[nn.Module]:
    layers = [_layer("meta", dtype) for _ in parts]
    fill_layers(layers, parts, store, dtype)
    return layers


def _laid_out(buffer: torch.Tensor, dtype: torch.dtype) -> nn.Module:
    layer = _layer("meta", dtype)
    fill(layer, tensors_in(buffer))
    lay_out(layer)
    return layer


def _read_ahead(paths: Sequence[Path]) -> Iterator[torch.Tensor]:
    """Each file's bytes, in buffers that are used again and again: plain reading at its best."""
    buffers = [torch.empty(paths[0].stat().st_size, dtype=torch.uint8) for _ in range(READ_AHEAD + 1)]
    todo = iter(enumerate(paths))
    with ThreadPoolExecutor(READ_AHEAD) as pool:

        def submit_next(count: int) -> list[Future[torch.Tensor]]:
            return [pool.submit(_read, path, buffers[n % len(buffers)]) for n, path in islice(todo, count)]

        ahead = submit_next(READ_AHEAD)
        while ahead:
            yield ahead.pop(0).result()
            ahead += submit_next(1)


def _read(path: Path, buffer: torch.Tensor) -> torch.Tensor:
    with open(path, "rb", buffering=0) as file:
        file.readinto(buffer.numpy().data)
    return buffer


def _layer(device: str, dtype: torch.dtype) -> nn.Module:
    with torch.device(device):
        return LlamaDecoderLayer(CONFIG, 0).to(dtype).requires_grad_(False)


if __name__ == "__main__":
    main()
