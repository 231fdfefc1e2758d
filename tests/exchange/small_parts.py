"""A model that is only bytes: enough for whoever passes it on."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.weights.content_hash import CHUNK_BYTES, content_name
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

N_LAYERS = 6
LAYER_BYTES = 2 * CHUNK_BYTES + 1000  # three chunks, the last one short


@dataclass(frozen=True)
class SmallModel:
    manifest: Manifest
    data: dict[Part, bytes]

    @property
    def layers(self) -> tuple[Part, ...]:
        return self.manifest.layers

    def fill(self, store: LayerStore, parts: Collection[Part] | None = None) -> LayerStore:
        """Put the manifest and these parts, or all, into the store."""
        store.save_manifest(self.manifest)
        for part in self.manifest.parts() if parts is None else parts:
            store.put(self.data[part])
        return store

    def store_at(self, folder: Path, parts: Collection[Part] | None = None) -> LayerStore:
        return self.fill(LayerStore(folder), parts)


def small_model(seed: int = 0, n_layers: int = N_LAYERS, layer_bytes: int = LAYER_BYTES) -> SmallModel:
    chance = random.Random(seed)
    data: dict[Part, bytes] = {}

    def part(size: int) -> Part:
        body = chance.randbytes(size)
        named = Part(content_name(body), size)
        data[named] = body
        return named

    manifest = Manifest(
        name="Small",
        config={"architectures": ["SmallForCausalLM"], "seed": seed},
        context=64,
        stack_path="model.layers",
        files={"tokenizer.json": part(5000)},
        shell=part(CHUNK_BYTES),
        layers=tuple(part(layer_bytes) for _ in range(n_layers)),
        cache_values=(2,) * n_layers,
        matrix_values=(0,) * n_layers,
        matrix_rows=(0,) * n_layers,
        dtype="float32",
    )
    return SmallModel(manifest, data)
