"""Bytes that a layer's weights take in memory, by what its matrices are kept in."""

from engine.planning.models import LayerSize
from engine.precision import Native, Precision

BYTES: dict[Native, int] = {"float32": 4, "bfloat16": 2, "float16": 2}  # of one number
NF4_BLOCK = 64  # numbers with one scale; every row of a matrix is made of whole blocks
SCALE_BYTES = 4


def weights_bytes(precision: Precision, layer: LayerSize, native: Native) -> int:
    """With the matrices in `precision`, and the rest in `native`, which the layer computes in.

    int8 has one scale for each row, nf4 one for each block. Tables that the model's code makes for itself,
    and what a model keeps in float32 whatever it computes in, come on top: little, in all known models.
    """
    rest = (layer.values - layer.matrix_values) * BYTES[native]
    if precision == "int8":
        return rest + layer.matrix_values + layer.matrix_rows * SCALE_BYTES
    if precision == "nf4":
        return rest + layer.matrix_values // 2 + layer.matrix_values // NF4_BLOCK * SCALE_BYTES
    return layer.values * BYTES[native]
