"""Matrices in fewer bits than their layer computes in, as bitsandbytes makes them.

int8: whole numbers, one scale for each row (Dettmers et al. 2022, "LLM.int8()", section 2.1).
nf4: 4 bits, one scale for each block of 64 numbers (Dettmers et al. 2023, "QLoRA", section 3).
"""

import copy
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any, Literal, TypeGuard, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PretrainedConfig

from engine.model.kept import Kept
from engine.model.matrices import BLOCK

Coarse = Literal["int8", "nf4"]

_PIECE = 1 << 20  # numbers that are rounded at once on the device, and unpacked at once on a CPU


def is_coarse(precision: str) -> TypeGuard[Coarse]:
    return precision in get_args(Coarse)


def quantize(
    matrix: Tensor, precision: Coarse, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> "Quantized":
    """`matrix`, `[..., rows, columns]` of whole blocks, kept on `device` to compute in `dtype`."""
    columns = matrix.shape[-1]
    pieces = matrix.reshape(-1, columns).split(max(1, _PIECE // columns))
    return quantize_rows(pieces, matrix.shape, precision, dtype, device)


def quantize_rows(
    pieces: Iterable[Tensor],
    shape: Sequence[int],
    precision: Coarse,
    dtype: torch.dtype,
    device: torch.device | str = "cpu",
) -> "Quantized":
    """The same for a matrix of this `shape` of which some rows come at a time, `[rows, columns]` each.

    Beside what is kept, the device never holds more than one of these pieces, and what rounding it takes.
    """
    *outer, columns = shape
    form = _FORMS[precision]
    kept = torch.empty(prod(outer), columns // form.numbers, dtype=form.dtype, device=device)
    scale = torch.empty(prod(outer), columns // form.block if form.block else 1, device=device)
    at = 0
    for piece in pieces:
        part = slice(at, at := at + len(piece))
        kept[part], scale[part] = form.round(piece.to(device))
    return Quantized(precision, kept.view(*outer, -1), scale.view(*outer, -1), dtype)


def _int8(rows: Tensor) -> tuple[Tensor, Tensor]:
    kept, largest, _ = _bitsandbytes().functional.int8_vectorwise_quant(rows.to(torch.float16))
    return kept, largest[:, None] / 127


def _nf4(rows: Tensor) -> tuple[Tensor, Tensor]:
    if rows.device.type == "cpu":
        return _nf4_on_cpu(rows)
    packed, state = _bitsandbytes().functional.quantize_4bit(rows.float(), blocksize=BLOCK, quant_type="nf4")
    return packed.view(len(rows), -1), state.absmax.view(len(rows), -1)


def _nf4_on_cpu(rows: Tensor) -> tuple[Tensor, Tensor]:
    """The same bits as bitsandbytes, which takes three to six times as long: it seeks each number's place."""
    blocks = rows.float().view(-1, BLOCK)
    largest = blocks.abs().amax(1, keepdim=True)
    shares = (blocks * (1 / largest.clamp(min=1e-38))).clamp_(-1, 1)
    codes = torch.zeros(shares.shape, dtype=torch.uint8)
    for bound in _nf4_bounds():
        codes += shares > bound
    codes = codes.view(len(rows), -1)
    return (codes[:, ::2] << 4) | codes[:, 1::2], largest.view(len(rows), -1)


@cache
def _nf4_bounds() -> list[float]:
    """Half-way between the sixteen values of nf4."""
    values = _bitsandbytes().functional.get_4bit_type("nf4", device="cpu")
    bounds: list[float] = ((values[:-1] + values[1:]) / 2).tolist()
    return bounds


@dataclass(frozen=True)
class _Form:
    """How rows of a matrix are kept."""

    round: Callable[[Tensor], tuple[Tensor, Tensor]]  # `[rows, columns]` to what is kept, and its scales
    dtype: torch.dtype
    numbers: int  # in each value of that dtype
    block: int  # numbers with one scale; 0: a row


_FORMS: Mapping[Coarse, _Form] = {
    "int8": _Form(_int8, torch.int8, numbers=1, block=0),
    "nf4": _Form(_nf4, torch.uint8, numbers=2, block=BLOCK),
}


@cache
def _bitsandbytes() -> Any:
    """Imported where it is needed: it takes a second, and most layers are not quantized."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it advises to install more packages
    import bitsandbytes

    return bitsandbytes


class Quantized(Kept):
    """Numbers in the dtype that a layer computes in, kept in fewer bits.

    Hidden states are never rounded. LLM.int8() does that, too: the starter model's words then diverged six
    times as far from those of float32 (ten times without its threshold for outliers), and with the threshold
    a row came out differently, by 7 %, beside other rows than alone.
    """

    precision: Coarse
    kept: Tensor  # int8 [..., rows, columns]; nf4 [..., rows, columns / 2], two numbers in each
    scale: Tensor  # float32 [..., rows, 1]; nf4 [..., rows, columns / BLOCK]

    @staticmethod
    def __new__(cls, precision: Coarse, kept: Tensor, scale: Tensor, dtype: torch.dtype) -> "Quantized":
        columns = kept.shape[-1] * _FORMS[precision].numbers
        self: Quantized = cls._standing_for((*kept.shape[:-1], columns), dtype, kept.device)
        self.precision, self.kept, self.scale = precision, kept, scale
        return self

    @property
    def kept_bytes(self) -> int:
        return self.kept.nbytes + self.scale.nbytes

    def again(self) -> "Quantized":
        return Quantized(self.precision, self.kept, self.scale, self.dtype)

    def copied(self) -> "Quantized":
        return Quantized(self.precision, self.kept.clone(), self.scale.clone(), self.dtype)

    def numbers(self) -> Tensor:
        if self.precision == "nf4":
            return _bitsandbytes().functional.dequantize_4bit(self.kept.view(-1, 1), self._state())
        made = torch.empty(self.shape, dtype=self.dtype, device=self.device)
        return torch.mul(self.kept, self.scale, out=made)

    def times(self, states: Tensor, bias: Tensor | None = None) -> Tensor:
        """As every kept matrix.

        A CPU unpacks a few rows at a time, whose numbers then stay in its caches: for one row of states and
        4,096 numbers square that is 13 times as fast in int8, 7 times in nf4.
        """
        if self.device.type != "cpu" or self.numel() <= _PIECE:
            return self._times(states, bias)
        out = torch.cat([piece._times(states) for piece in self._pieces()], dim=-1)
        return out if bias is None else out + bias

    def _pieces(self) -> list["Quantized"]:
        rows = max(1, _PIECE // self.shape[-1])
        pairs = zip(self.kept.split(rows), self.scale.split(rows), strict=True)
        return [Quantized(self.precision, kept, scale, self.dtype) for kept, scale in pairs]

    def _times(self, states: Tensor, bias: Tensor | None = None) -> Tensor:
        if self.precision == "nf4":
            return _bitsandbytes().matmul_4bit(states, self.kept.view(-1, 1), self._state(), bias=bias)
        if states.dtype is torch.float16:  # whose range ends where sums of whole numbers may begin
            return F.linear(states, self.numbers(), bias)
        out = (F.linear(states, self.kept.to(states.dtype)) * self.scale.view(-1)).to(states.dtype)
        return out if bias is None else out + bias

    def one(self, index: Any) -> "Quantized":
        """One matrix of a stack."""
        at = int(index)
        return Quantized(self.precision, self.kept[at], self.scale[at], self.dtype)

    def _state(self) -> Any:
        return _bitsandbytes().functional.QuantState(
            absmax=self.scale.view(-1), shape=self.shape, blocksize=BLOCK, quant_type="nf4", dtype=self.dtype
        )

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is Tensor.__getitem__ and _picks_one(*args):
            return args[0].one(args[1])
        return super().__torch_function__(func, types, args, kwargs)


def one_expert_at_a_time(layer: nn.Module) -> None:
    """Let code that could take a whole stack of matrices at once take one after the other.

    For it would get all numbers of the stack at once. transformers reads from a module's config which way.
    """
    for module in layer.modules():
        stacks = [p for p in module.parameters(recurse=False) if isinstance(p, Quantized) and p.dim() == 3]
        if stacks and isinstance(config := getattr(module, "config", None), PretrainedConfig):
            module.config = copy.deepcopy(config)
            module.config._experts_implementation = "eager"


def _picks_one(stack: Tensor, index: Any) -> bool:
    """Whether an index takes one matrix out of a stack of them."""
    if not isinstance(stack, Quantized) or stack.dim() != 3:
        return False
    return isinstance(index, int) or (
        isinstance(index, Tensor) and index.dim() == 0 and not index.is_complex()
    )
