"""Models as large as those that swarms serve: published numbers of layers and widths of the Llama 3 family.

Source: Grattafiori et al. 2024, "The Llama 3 Herd of Models", table 3. The model that comes later is as
large as Qwen3 32B (Yang et al. 2025, "Qwen3 Technical Report", table 1).
"""

from hashlib import sha256

from engine.planning.models import LayerSize, ModelShape

BYTES_PER_VALUE = 2  # bfloat16, as published

HEAD_WIDTH = 128
CONTEXT = 8192  # tokens
KEY_WIDTH = 1024  # of all key heads together, and of all value heads


def _shape(name: str, layers: int, hidden: int, inner: int, heads: int) -> ModelShape:
    attention = 2 * hidden * heads * HEAD_WIDTH + 2 * hidden * KEY_WIDTH
    matrices = attention + 3 * hidden * inner
    values = matrices + 2 * hidden
    rows = heads * HEAD_WIDTH + 2 * KEY_WIDTH + 2 * inner + 2 * hidden
    layer = LayerSize(values, matrices, rows, 2 * KEY_WIDTH, BYTES_PER_VALUE * values)
    digest = sha256(name.encode()).hexdigest()
    return ModelShape(
        digest,
        name,
        "bfloat16",
        (layer,) * layers,
        hidden,
        CONTEXT,
        heads=heads,
        attention_width=heads * HEAD_WIDTH,
    )


def known_models() -> dict[str, ModelShape]:
    """By the name that the command line knows them by."""
    return {
        "8b": _shape("8B", 32, 4096, 14336, 32),
        "32b": _shape("32B", 64, 5120, 25600, 64),
        "70b": _shape("70B", 80, 8192, 28672, 64),
        "405b": _shape("405B", 126, 16384, 53248, 128),
    }
