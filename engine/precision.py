"""In how many bits a layer's weights are kept: names, order and runs of equal ones. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, Literal, get_args

from pydantic import Field

from engine.api.sentences import both, counted

Native = Literal["bfloat16", "float16", "float32"]  # that layers compute in
Precision = Literal["nf4", "int8", "bfloat16", "float16", "float32"]  # that their matrices are kept in
PRECISIONS: tuple[Precision, ...] = get_args(Precision)  # the coarsest first
NATIVES: tuple[Native, ...] = get_args(Native)
MAX_RUNS = 64

Run = tuple[Precision, Annotated[int, Field(gt=0, le=4096)]]  # so many layers in a row
Runs = Annotated[tuple[Run, ...], Field(max_length=MAX_RUNS)]


def at_least(precision: Precision, floor: Precision) -> bool:
    return PRECISIONS.index(precision) >= PRECISIONS.index(floor)


def coarsest(precisions: Iterable[Precision]) -> Precision:
    """Raises ValueError for none."""
    return min(precisions, key=PRECISIONS.index)


def runs_of(precisions: Sequence[Precision]) -> tuple[Run, ...]:
    """Of each layer's precision, in order."""
    return tuple((precision, len(tuple(layers))) for precision, layers in groupby(precisions))


def per_layer(runs: Iterable[Run]) -> tuple[Precision, ...]:
    return tuple(precision for precision, layers in runs for _ in range(layers))


def in_words(precisions: Sequence[Precision]) -> str:
    """“nf4”, or “nf4 (12 layers) and bfloat16 (4)”, the one of most layers first."""
    counts = {precision: precisions.count(precision) for precision in dict.fromkeys(precisions)}
    ordered = sorted(counts, key=lambda precision: counts[precision], reverse=True)
    if len(ordered) == 1:
        return ordered[0]
    first, *others = ordered
    said_first = counted("{name} ({n} layer)", "{name} ({n} layers)", counts[first], name=first)
    return both([said_first, *(f"{name} ({counts[name]})" for name in others)])
