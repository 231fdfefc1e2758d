"""Which of a layer's tensors may be kept in fewer bits than it computes in: found by what they are for."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd
from transformers.pytorch_utils import Conv1D

from engine.model.dtypes import may_be_coarse

FEWEST_NUMBERS = 4096  # of a matrix: in smaller ones there is nothing to gain
FEWEST_ROWS = 64  # what has fewer outputs decides something (a gate, a router), and is small
BLOCK = 64  # each row is made of whole blocks of so many numbers: nf4 has one scale for each


@dataclass(frozen=True)
class MatrixSizes:
    """Of a layer's matrices together."""

    values: int
    rows: int


def matrix_sizes(layer: nn.Module) -> MatrixSizes:
    found = matrices(layer).values()
    return MatrixSizes(sum(m.numel() for m in found), sum(m.numel() // m.shape[-1] for m in found))


def matrices(layer: nn.Module) -> dict[str, Tensor]:
    """A skeleton layer's parameters that may be kept in fewer bits, by their names in its state dict.

    Weights of linear layers, `[outputs, inputs]` or the other way round, and stacks of the matrices of
    experts, `[experts, …, …]`. Rows are what lies one after the other in memory.
    """
    experts = _expert_counts(layer)
    found = {
        f"{path}.{name}" if path else name: parameter
        for path, module in layer.named_modules()
        for name, parameter in module.named_parameters(recurse=False)
        if _is_operand(module, name, parameter) and not _is_router(module, experts)
    }
    return {name: parameter for name, parameter in found.items() if _is_worth_it(parameter)}


def _is_operand(module: nn.Module, name: str, parameter: Tensor) -> bool:
    """Whether a parameter is a matrix that hidden states are multiplied with, or a stack of these."""
    if isinstance(module, nn.Linear | Conv1D):
        return name == "weight" and parameter.dim() == 2
    return parameter.dim() == 3 and not isinstance(module, _ConvNd)


def _is_router(module: nn.Module, experts: frozenset[int]) -> bool:
    return isinstance(module, nn.Linear) and module.out_features in experts


def _expert_counts(layer: nn.Module) -> frozenset[int]:
    """Numbers of things of one kind that the layer has, and may choose from."""
    stacks = {p.shape[0] for module in layer.modules() for p in _own_parameters(module) if p.dim() == 3}
    lists = {len(module) for module in layer.modules() if isinstance(module, nn.ModuleList)}
    return frozenset(stacks | lists)


def _own_parameters(module: nn.Module) -> Iterator[nn.Parameter]:
    return module.parameters(recurse=False) if not isinstance(module, _ConvNd) else iter(())


def _is_worth_it(parameter: Tensor) -> bool:
    rows, columns = parameter.shape[-2:]
    large = rows >= FEWEST_ROWS and rows * columns >= FEWEST_NUMBERS
    return large and columns % BLOCK == 0 and may_be_coarse(parameter)
