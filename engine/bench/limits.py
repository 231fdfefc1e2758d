"""What no server could pass: the bare matrix products that an answer is made of, on one thread."""

import time
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.model.layout import laid_out
from engine.model.matrices import matrices
from engine.model.stack import find_stack

WARM_UP = 2
PRODUCTS = "bare matrix products, as if nothing else took time"


class BareProducts:
    """Products of rows with every matrix of the layers, and with the head, each laid out as this processor
    multiplies it fastest. Nothing else.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        layers = find_stack(model).layers
        self._matrices = [laid_out(m) for layer in layers for m in matrices(layer).values() if m.dim() == 2]
        self._head = laid_out(model.get_output_embeddings().weight.data)

    def layers_seconds(self, rows: int, rounds: int) -> float:
        """Of one forward of so many rows through all layers: the fastest of some."""
        return _fastest(partial(_multiply, self._matrices, rows), rounds)

    def token_seconds(self, rounds: int = 5) -> float:
        """Of one row through layers and head."""
        return self.layers_seconds(1, rounds) + self.head_seconds(rounds)

    def head_seconds(self, rounds: int, rows: int = 1) -> float:
        return _fastest(partial(_multiply, [self._head], rows), rounds)


def _fastest(work: partial[None], rounds: int) -> float:
    seconds = []
    for _ in range(WARM_UP + rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds[WARM_UP:])


@torch.inference_mode()
def _multiply(weights: Sequence[Tensor], rows: int) -> None:
    """`weights` are `[outputs, inputs]`."""
    inputs = {weight.shape[1]: torch.ones(rows, weight.shape[1], dtype=weight.dtype) for weight in weights}
    for weight in weights:
        nn.functional.linear(inputs[weight.shape[1]], weight)
