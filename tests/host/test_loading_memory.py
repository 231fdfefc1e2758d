"""How much memory loading takes beside what is loaded: little, where layers are quantized on the way."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
import transformers as hf

from engine.model.matrices import matrix_sizes
from engine.model.stack import find_stack
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.weights.tensorfile import file_of

N_LAYERS = 2
SLACK = 90 << 20  # bytes: pieces of rows, what rounding these takes, and what malloc keeps

LOADS = """
import sys, threading
from pathlib import Path
import psutil, torch
from engine.host.loading import build_span
from engine.model.quantized import quantize
from engine.weights.store.layer_store import LayerStore
torch.set_num_threads(1)
quantize(torch.ones(64, 64), sys.argv[3], torch.bfloat16)
store = LayerStore(Path(sys.argv[1]))
manifest = store.manifest(sys.argv[2])
n = manifest.n_layers
own, loaded = psutil.Process(), threading.Event()
bare = peak = own.memory_info().rss
def watch():
    global peak
    while not loaded.wait(0.002):
        peak = max(peak, own.memory_info().rss)
watching = threading.Thread(target=watch)
watching.start()
span = build_span(manifest, store, 0, n, torch.bfloat16, "cpu", (sys.argv[3],) * n)
loaded.set()
watching.join()
print(peak - bare - span.weights_bytes, span.weights_bytes)
"""


@pytest.fixture(scope="module")
def large_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[LayerStore, Manifest]:
    """Layers of some 90 MiB of noise, all of them the same part of the store."""
    return make_large(LayerStore(tmp_path_factory.mktemp("large")), N_LAYERS)


def make_large(store: LayerStore, n_layers: int) -> tuple[LayerStore, Manifest]:
    config = hf.LlamaConfig(
        vocab_size=64,
        hidden_size=2048,
        intermediate_size=5632,
        num_hidden_layers=n_layers,
        num_attention_heads=16,
        num_key_value_heads=4,
        dtype="bfloat16",
        architectures=["LlamaForCausalLM"],
    )
    with torch.device("meta"):
        layer = find_stack(hf.LlamaForCausalLM(config)).layers[0]
    part = store.put(file_of({name: noise(slot) for name, slot in layer.state_dict().items()}))
    sizes = matrix_sizes(layer)
    manifest = Manifest(
        name="Large",
        config=json.loads(config.to_json_string()),
        context=64,
        stack_path="model.layers",
        files={},
        shell=Part("0" * 64, 1),
        layers=(part,) * n_layers,
        cache_values=(1,) * n_layers,
        matrix_values=(sizes.values,) * n_layers,
        matrix_rows=(sizes.rows,) * n_layers,
        dtype="bfloat16",
    )
    store.save_manifest(manifest)
    return store, manifest


def noise(like: torch.Tensor) -> torch.Tensor:
    numbers = np.random.default_rng(0).standard_normal(like.numel(), dtype=np.float32)
    return torch.from_numpy(numbers).to(torch.bfloat16).view(like.shape)


def loading(store: LayerStore, manifest: Manifest, precision: str) -> tuple[int, int]:
    """Bytes that loading took beside the span, in a process of its own; and the span's."""
    command = [sys.executable, "-c", LOADS, str(store.root), manifest.digest, precision]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, timeout=250, env=environment, check=True, capture_output=True)
    beside, held = map(int, done.stdout.split())
    return beside, held


@pytest.mark.parametrize("precision", ["int8", "nf4"])
def test_a_quantized_layer_is_never_whole_in_memory(
    large_model: tuple[LayerStore, Manifest], precision: str
) -> None:
    store, manifest = large_model
    beside, held = loading(store, manifest, precision)
    assert held < 0.6 * N_LAYERS * manifest.layers[0].size
    assert beside < SLACK < 2 * manifest.layers[0].size  # as two layers at a time would take
