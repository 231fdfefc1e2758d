"""How much memory an import takes: a layer and the shell, whatever the size of the model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers as hf
from safetensors.torch import save_file

from engine.model.stack import find_stack
from engine.weights.sources.folder import INDEX
from tests.weights.small_models import a_tokenizer

N_LAYERS = 10
SLACK = 80 << 20  # bytes: the trial of the cut, and a layer that is written while the next is read

IMPORTS = """
import sys
from pathlib import Path
import psutil
from engine.weights.imports.importing import import_from
from engine.weights.store.layer_store import LayerStore
own, peak = psutil.Process(), 0
bare = own.memory_info().rss
def look(*news):
    global peak
    peak = max(peak, own.memory_info().rss)
class Store(LayerStore):
    def put(self, data):
        look()  # a whole part is in memory, and perhaps what it is made of
        return super().put(data)
from engine.weights.imports.progress import Watch
import_from(sys.argv[1], Store(Path(sys.argv[2])), watch=Watch(look))
print(peak - bare)
"""


@pytest.fixture
def large_folder(tmp_path: Path) -> tuple[Path, int, int]:
    """A model of some hundred MiB of noise, written file by file; how large a layer and the shell are."""
    config = hf.LlamaConfig(
        vocab_size=8000,
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=N_LAYERS,
        num_attention_heads=8,
        dtype="bfloat16",
        architectures=["LlamaForCausalLM"],
    )
    with torch.device("meta"):
        model = hf.LlamaForCausalLM(config).to(torch.bfloat16)
    folder = tmp_path / "folder"
    a_tokenizer().save_pretrained(folder)
    config.save_pretrained(folder)
    sizes, places = {}, {}
    for key in model.state_dict():
        group = key.split(".")[2] if key.startswith(find_stack(model).prefix) else "shell"
        places[key] = f"{group}.safetensors"
    for n, file in enumerate(sorted(set(places.values()))):
        tensors = {k: noise(t, n) for k, t in model.state_dict().items() if places[k] == file}
        save_file(tensors, folder / file, {"format": "pt"})
        sizes[file] = sum(tensor.nbytes for tensor in tensors.values())
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))
    return folder, sizes["0.safetensors"], sizes["shell.safetensors"]


def noise(like: torch.Tensor, seed: int) -> torch.Tensor:
    numbers = np.random.default_rng(seed).integers(0, 1 << 16, like.numel(), dtype=np.uint16)
    return torch.from_numpy(numbers).view(torch.bfloat16).view(like.shape)


def test_an_import_takes_the_memory_of_a_layer_and_the_shell(large_folder, tmp_path):
    folder, layer, shell = large_folder
    command = [sys.executable, "-c", IMPORTS, str(folder), str(tmp_path / "layers")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, timeout=250, env=environment, check=True, capture_output=True)
    grown = int(done.stdout.split()[-1])
    assert layer < grown < layer + shell + SLACK < N_LAYERS * layer / 2
