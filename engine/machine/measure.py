"""`python -m engine.machine.measure DEVICE THREADS PRECISION…`: how fast a device is in each precision.

Writes one line for each precision (`engine.machine.measurement`). A process of its own: it takes torch's
memory with it and frees the card. A precision that lacks memory at this moment gets no line.
"""

import logging
import math
import sys
import time
from collections.abc import Callable, Sequence

import torch
from pydantic import TypeAdapter
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaModel
from transformers.cache_utils import DynamicCache

from engine.machine.measurement import Measurement, Rates
from engine.model.kept import Kept, kept_bytes
from engine.model.layout import lay_out
from engine.model.quantized import is_coarse, quantize
from engine.precision import NATIVES, Native, Precision

log = logging.getLogger("potluck.machine")

PRECISIONS_ASKED: TypeAdapter[list[Precision]] = TypeAdapter(list[Precision])
SECONDS = 0.4  # that each of the two rates is measured for
LEAST_RUNS, MOST_RUNS = 2, 50
# A square matrix as wide as those of large models, as often as is needed to be larger than all caches. A CPU
# unpacks coarse ones into main memory; a card may have 100 MB of cache, and needs many rows to be busy.
WIDTH = 4096
MATRICES_BYTES = 256 << 20
LAYERS = 8  # of a model with next to no numbers
MOST_MATRICES, ROWS = 4, 64
MOST_MATRICES_ON_CARD, ROWS_ON_CARD = 12, 256


def main(device: str, threads: int, precisions: Sequence[Precision]) -> None:
    torch.set_num_threads(threads)
    layer_seconds = seconds_of_a_layer(torch.device(device))  # fails where nothing works on this device
    for precision in precisions:
        try:
            found = measured(torch.device(device), precision, layer_seconds)
            print(found.model_dump_json(), flush=True)
        except (MemoryError, torch.OutOfMemoryError) as error:
            log.warning("there is no memory to measure %s in %s: %s", device, precision, error)


@torch.inference_mode()
def seconds_of_a_layer(device: torch.device) -> float:
    """That a layer of a language model takes with next to no numbers in it: the code alone."""
    config = LlamaConfig(
        hidden_size=64, intermediate_size=64, num_hidden_layers=LAYERS, num_attention_heads=1, vocab_size=8
    )
    with device:
        model = LlamaModel(config)
    row, cache = torch.zeros(1, 1, 64, device=device), DynamicCache(config=config)
    return _seconds(lambda: model(inputs_embeds=row, past_key_values=cache), device) / LAYERS


@torch.inference_mode()
def measured(device: torch.device, precision: Precision, layer_seconds: float = 0.0) -> Measurement:
    """Raises MemoryError or torch.OutOfMemoryError."""
    try:
        return Measurement(precision=precision, rates=_rates(device, precision, layer_seconds))
    except (torch.OutOfMemoryError, torch.AcceleratorError):
        raise
    except (RuntimeError, NotImplementedError, TypeError) as error:  # as torch and bitsandbytes say “cannot”
        if "memory" in str(error):
            raise MemoryError(str(error)) from error
        log.warning("%s cannot compute in %s: %s", device, precision, error)
        return Measurement(precision=precision, rates=None)


def _rates(device: torch.device, precision: Precision, layer_seconds: float) -> Rates:
    weights = matrices(device, precision)
    count, few = _many(device, weights)
    reading, computing = seconds_of_products(device, weights)
    return Rates(
        flops_per_s=2 * count * sum(weight.numel() for weight in few) / computing,
        bytes_per_s=sum(map(kept_bytes, weights)) / reading,
        layer_seconds=layer_seconds,
    )


def seconds_of_products(device: torch.device, weights: Sequence[Tensor]) -> tuple[float, float]:
    """Of one row with all of them, and of many rows with as many as `_many` says."""
    count, few = _many(device, weights)
    row, rows = (torch.randn(n, WIDTH, device=device, dtype=weights[0].dtype) for n in (1, count))
    reading = _seconds(lambda: _multiply(row, weights), device)
    return reading, _seconds(lambda: _multiply(rows, few), device)


def _many(device: torch.device, weights: Sequence[Tensor]) -> tuple[int, Sequence[Tensor]]:
    """How many rows keep a device busy, and with which matrices."""
    return (ROWS, weights[:1]) if device.type == "cpu" else (ROWS_ON_CARD, weights)


def matrices(device: torch.device, precision: Precision) -> list[Tensor]:
    """Kept as a span keeps its own."""
    dtype = getattr(torch, native_for(device, precision))
    matrix = torch.randn(WIDTH, WIDTH, device=device, dtype=dtype) / math.sqrt(WIDTH)
    first = quantize(matrix, precision, dtype, device) if is_coarse(precision) else _laid_out(matrix)
    most = MOST_MATRICES if device.type == "cpu" else MOST_MATRICES_ON_CARD
    count = min(most, -(-MATRICES_BYTES // kept_bytes(first)))
    return [first, *(_copy(first) for _ in range(count - 1))]


def _copy(matrix: Tensor) -> Tensor:
    """Kept in the same way, elsewhere in memory."""
    return matrix.copied() if isinstance(matrix, Kept) else matrix.clone()


def native_for(device: torch.device, precision: Precision) -> Native:
    """What a device computes in that keeps its weights in `precision`."""
    if precision in NATIVES:
        return precision
    if device.type == "cpu":
        return "float32"
    has_bfloat16 = device.type == "xpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported(False))
    return "bfloat16" if has_bfloat16 else "float16"


def _laid_out(matrix: Tensor) -> Tensor:
    rows, columns = matrix.shape
    layer = nn.Linear(columns, rows, bias=False, device="meta")
    layer.weight = nn.Parameter(matrix, requires_grad=False)
    lay_out(layer)
    return layer.weight.data


def _multiply(states: Tensor, weights: Sequence[Tensor]) -> None:
    for weight in weights:
        F.linear(states, weight)


def _seconds(run: Callable[[], object], device: torch.device) -> float:
    """Of the fastest of some runs: other programs only ever make one longer.

    Beside six busy processes on two cores, the middle one varied by half, the fastest by a quarter.
    """
    taken: list[float] = []
    while len(taken) < LEAST_RUNS or (sum(taken) < SECONDS and len(taken) < MOST_RUNS):
        taken.append(_once(run, device))
    return min(taken)


def _once(run: Callable[[], object], device: torch.device) -> float:
    started = time.perf_counter()
    run()
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    return max(time.perf_counter() - started, 1e-9)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), PRECISIONS_ASKED.validate_python(sys.argv[3:]))
