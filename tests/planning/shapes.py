"""Models as a plan sees them: of published dimensions, and small ones."""

from dataclasses import replace

from engine.planning.models import LayerSize, ModelShape


def llama(
    name: str, n_layers: int, hidden: int, inner: int, heads: int, groups: int, context: int = 131_072
) -> ModelShape:
    """Llama's layer: four matrices of attention, three of the MLP and two norms, published in bfloat16."""
    keys = groups * hidden // heads
    matrices = 2 * hidden * hidden + 2 * hidden * keys + 3 * hidden * inner
    rows = 2 * hidden + 2 * keys + 2 * inner + hidden
    values = matrices + 2 * hidden
    return ModelShape(
        digest=f"{n_layers:04x}{hidden:06x}{inner:06x}" * 4,
        name=name,
        dtype="bfloat16",
        layers=(LayerSize(values, matrices, rows, 2 * keys, 2 * values),) * n_layers,
        hidden_size=hidden,
        context=context,
        heads=heads,
        attention_width=hidden,
    )


LLAMA_8B = llama("Llama 3.1 8B", 32, 4096, 14336, 32, 8)
LLAMA_70B = llama("Llama 3.1 70B", 80, 8192, 28672, 64, 8)
LLAMA_405B = llama("Llama 3.1 405B", 126, 16384, 53248, 128, 8)
LARGE_MODELS = (LLAMA_8B, LLAMA_70B, LLAMA_405B)


def with_floor(shape: ModelShape, floor: str) -> ModelShape:
    return replace(shape, floor=floor)
