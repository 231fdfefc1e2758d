"""Models as a plan sees them."""

from dataclasses import dataclass

from engine.precision import Native, Precision


@dataclass(frozen=True)
class LayerSize:
    """Counts of numbers, but for `stored_bytes`."""

    values: int  # all weights
    matrix_values: int  # of these, in matrices, which may be kept in fewer bits
    matrix_rows: int  # of these matrices together
    cache_values: int  # kept of each token
    stored_bytes: int  # of its part in the layer store, which is what travels


@dataclass(frozen=True)
class ModelShape:
    digest: str
    name: str
    dtype: Native  # that the weights were published in
    layers: tuple[LayerSize, ...]
    hidden_size: int
    context: int  # tokens
    floor: Precision = "nf4"  # coarser ones spoil its answers too much
    batches: bool = True  # False: sessions run one at a time

    @property
    def n_layers(self) -> int:
        return len(self.layers)
