"""Models of bytes without meaning: what a store keeps, without what a model computes."""

from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

LAYER_BYTES = 3_000_000


def stored_model(
    store: LayerStore, name: str = "tiny", n_layers: int = 3, seed: int = 0, here: int | None = None
) -> Manifest:
    """A model whose first `here` layers are in the store, or all of them. Other seeds give other layers."""
    layers = [store.put(_bytes(seed * 100 + index)) for index in range(n_layers)]
    manifest = Manifest(
        name=name,
        config={},
        stack_path="model.layers",
        context=64,
        files={"tokenizer.json": store.put(b"{}")},
        shell=store.put(_bytes(99)),
        layers=tuple(layers),
        cache_values=(0,) * n_layers,
        matrix_values=(0,) * n_layers,
        matrix_rows=(0,) * n_layers,
        dtype="float32",
    )
    for layer in layers[n_layers if here is None else here :]:
        store.path(layer).unlink()
    store.save_manifest(manifest)
    return manifest


def damage(store: LayerStore, part: Part) -> None:
    data = bytearray(store.path(part).read_bytes())
    data[-1] ^= 1
    store.path(part).write_bytes(data)


def _bytes(seed: int) -> bytes:
    return bytes([seed % 256]) * LAYER_BYTES
