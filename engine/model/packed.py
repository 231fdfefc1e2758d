"""Matrices in the order in which oneDNN multiplies them on a CPU. The numbers stay the same.

Put in order once, they need not be gone through in steps that a processor's caches dislike, nor copied for
every product: on one core of an EPYC with AVX-512, in float32, the starter model's layers take 25, 25, 33 and
74 ms for 1, 4, 8 and 32 rows, and 35, 46, 53 and 101 ms as they are stored.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.kept import Kept

MOST_FILLED = 1.002  # of its size: what a matrix may take when it is filled up to whole panels
FEWEST_ROWS = 4  # of states: fewer go another way through oneDNN, slower than this many
USUAL_ROWS = 8  # what the order is chosen for
PANEL = 64  # outputs that lie together
_EVERY = 61  # outputs apart: looked at to see how a matrix lies


class Packed(Kept):
    """A matrix `[outputs, inputs]`. A row of states comes out the same, bit for bit, whatever is beside."""

    packed: Tensor  # oneDNN's own: torch cannot look into it
    panels: Tensor | None  # the same memory, as `_panels` tells; None: not asked for, or it lies otherwise

    @staticmethod
    def __new__(
        cls, packed: Tensor, shape: Sequence[int], dtype: torch.dtype, panels: Tensor | None = None
    ) -> "Packed":
        self: Packed = cls._standing_for(shape, dtype)
        self.packed, self.panels = packed, panels
        return self

    @property
    def kept_bytes(self) -> int:
        return int(_operations()._nbytes(self.packed))

    def again(self) -> "Packed":
        return Packed(self.packed, self.shape, self.dtype, self.panels)

    def copied(self) -> "Packed":
        return Packed(self.packed.clone(), self.shape, self.dtype)

    def numbers(self) -> Tensor:
        return self.packed.to_dense(self.dtype)

    def times(self, states: Tensor, bias: Tensor | None = None) -> Tensor:
        outputs, inputs = self.shape
        rows = states.reshape(-1, inputs)
        count = len(rows)
        if not 0 < count < FEWEST_ROWS:
            return _product(states, self.packed, bias)
        filled = torch.cat([rows] * -(-FEWEST_ROWS // count))
        return _product(filled, self.packed, bias)[:count].view(*states.shape[:-1], outputs)

    def rows(self, ids: Tensor) -> Tensor:
        """`[...]` to `[..., inputs]`: what embeddings look up."""
        if self.panels is None:
            return self.numbers()[ids]
        return self.panels[ids // PANEL, :, ids % PANEL].flatten(-2)

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is F.embedding and isinstance(args[1], Packed):
            return args[1].rows(args[0])
        return super().__torch_function__(func, types, args, kwargs)


def pack(matrix: Tensor) -> Packed | None:
    """`[outputs, inputs]`; None where that cannot be done, or takes more memory."""
    if matrix.device.type != "cpu" or not _can_pack(matrix.dtype):
        return None
    packed = Packed(_put_in_order(matrix), matrix.shape, matrix.dtype)
    return packed if packed.kept_bytes <= MOST_FILLED * matrix.nbytes else None


def pack_for_look_ups(matrix: Tensor) -> Packed | None:
    """As `pack`, for a head that embeddings share: None also where its rows cannot be found again."""
    packed = pack(matrix)
    if packed is None:
        return None
    packed.panels = _panels(packed)
    some = torch.arange(0, len(matrix), _EVERY)
    if packed.panels is None or not torch.equal(packed.rows(some), matrix[some]):
        return None
    return packed


def _panels(matrix: Packed) -> Tensor | None:
    """`[panels, inputs / pair, 64, pair]`: how AVX-512 processors have it, two bfloat16 being a pair.

    torch tells where it lies, not how; whoever asks compares.
    """
    pair = 4 // matrix.dtype.itemsize
    size = matrix.kept_bytes // matrix.dtype.itemsize
    inputs = matrix.shape[1]
    if inputs % pair or size % (PANEL * inputs):
        return None
    memory = (ctypes.c_byte * matrix.kept_bytes).from_address(_operations().data_ptr(matrix.packed))
    return torch.frombuffer(memory, dtype=matrix.dtype).view(-1, inputs // pair, PANEL, pair)


@cache
def is_faster(dtype: torch.dtype) -> bool:
    """Whether one row takes no longer by a packed matrix: with AVX2 it takes twice as long as by columns, and
    where the processor knows no bfloat16 five times as long.
    """
    if dtype is torch.bfloat16:
        return torch.cpu._is_avx512_bf16_supported()
    return dtype is torch.float32 and torch.backends.cpu.get_cpu_capability() == "AVX512"


@cache
def _can_pack(dtype: torch.dtype) -> bool:
    """Whether this torch, on this processor, multiplies such numbers by packed matrices."""
    if dtype not in (torch.float32, torch.bfloat16) or not torch.backends.mkldnn.is_available():
        return False
    matrix = torch.eye(PANEL, dtype=dtype)
    try:
        return torch.equal(_product(matrix, _put_in_order(matrix), None), matrix)
    except (AttributeError, RuntimeError):  # there is no such operation, or none for these numbers
        return False


def _operations() -> Any:
    return torch.ops.mkldnn


def _put_in_order(matrix: Tensor) -> Tensor:
    packed: Tensor = _operations()._reorder_linear_weight(matrix, USUAL_ROWS)
    return packed


def _product(states: Tensor, packed: Tensor, bias: Tensor | None) -> Tensor:
    product: Tensor = _operations()._linear_pointwise(states, packed, bias, "none", [], "")
    return product
