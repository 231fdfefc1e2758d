"""What a device could serve of a model, in each way that makes sense: pure."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from engine.machine.speeds import Speed, Speeds, step_seconds
from engine.placement.view import Offer
from engine.planning.memory import least_tokens, longest, reaches, rows_of, usual_tokens
from engine.planning.models import LayerSize, ModelShape
from engine.planning.places import Place
from engine.planning.quality import quality
from engine.planning.weights import weights_bytes
from engine.precision import PRECISIONS, Precision, at_least
from engine.settings import HostSettings

MOST_SECONDS = 8.0  # that a single token takes through a span: clients give a server up after 10
DOWNLOAD_BYTES_PER_S = 12.5e6  # where nothing was measured: 100 Mbit/s
_UNKNOWN = Speed(flops_per_s=1e10, bytes_per_s=1e9)  # of a device of which nothing is known

_BESIDE = " beside a cache of "


@dataclass(frozen=True)
class Way:
    """One precision for all layers, beside a cache of so many tokens at least."""

    precision: Precision
    cache_tokens: int
    fitting: tuple[int, ...]  # layers in a row that memory holds, for each first one
    quick: tuple[int, ...]  # that a token goes through in time

    @cached_property
    def longest(self) -> tuple[int, ...]:
        return tuple(map(min, self.fitting, self.quick))

    @property
    def label(self) -> str:
        return f"{self.precision}{_BESIDE}{self.cache_tokens}"

    @property
    def holds_all(self) -> bool:
        return self.longest[0] == len(self.longest)


def precision_in(offer: Offer) -> Precision:
    """Of the way that an offer stands for."""
    name = offer.label.partition(_BESIDE)[0]
    return next(precision for precision in PRECISIONS if precision == name)


def offers_of(
    place: Place, shape: ModelShape, held: Collection[int], speeds: Speeds, wishes: HostSettings
) -> tuple[Offer, ...]:
    """One for each way, the coarsest precision first. `held`: layers in the store."""
    return tuple(offer_of(way, place, shape, held, speeds) for way in ways_of(place, shape, wishes))


def ways_of(place: Place, shape: ModelShape, wishes: HostSettings) -> tuple[Way, ...]:
    """Those that make sense: none that is coarser than one which holds the whole model with as much cache."""
    ways = all_ways(place, shape, wishes)
    return tuple(
        way
        for at, way in enumerate(ways)
        if not any(finer.holds_all and finer.cache_tokens >= way.cache_tokens for finer in ways[at + 1 :])
    )


def all_ways(place: Place, shape: ModelShape, wishes: HostSettings) -> tuple[Way, ...]:
    """In which at least one layer fits: the coarsest precision first, and of each the smallest cache."""
    return tuple(
        way for precision in allowed(place, shape, wishes) for way in _ways(place, shape, precision, wishes)
    )


def allowed(place: Place, shape: ModelShape, wishes: HostSettings) -> tuple[Precision, ...]:
    """What the device can do and the model's floor lets it; the owner's precision before either's."""
    if wishes.precision is not None:
        return tuple(precision for precision in place.precisions if precision == wishes.precision)
    return tuple(p for p in place.precisions if at_least(p, shape.floor) or p == place.precision)


def _ways(place: Place, shape: ModelShape, precision: Precision, wishes: HostSettings) -> Iterator[Way]:
    """With the usual cache, and with the least where more layers fit beside it."""
    quick = (shape.n_layers,) * shape.n_layers if wishes.layers else _in_time(place, shape, precision)
    usual, least = (
        Way(precision, tokens, longest(place, shape, precision, tokens, wishes.cache_bytes), quick)
        for tokens in (usual_tokens(shape), least_tokens(shape))
    )
    if sum(least.longest) > sum(usual.longest):
        yield least
    if any(usual.longest):
        yield usual


def _in_time(place: Place, shape: ModelShape, precision: Precision) -> tuple[int, ...]:
    """How many layers in a row, from each on, a single token goes through in `MOST_SECONDS`; one at least."""
    seconds = [layer_seconds(place, shape, layer, precision, 1) for layer in shape.layers]
    return tuple(max(1, layers) for layers in reaches((list(accumulate(seconds, initial=0.0)), MOST_SECONDS)))


def offer_of(
    way: Way,
    place: Place,
    shape: ModelShape,
    held: Collection[int],
    speeds: Speeds,
    room: float = math.inf,
) -> Offer:
    """`room`: bytes that the layers may take in the store, where all of a span have to be."""
    stored = list(accumulate((layer.stored_bytes for layer in shape.layers), initial=0))
    precisions = (way.precision,) * shape.n_layers
    return Offer(
        model=shape.digest,
        n_layers=shape.n_layers,
        longest=tuple(map(min, way.longest, reaches((stored, room)))),
        layer_tokens_per_s=shape.n_layers
        * tokens_per_s(place, shape, shape.layers, precisions, rows_of(shape, way.cache_tokens)),
        missing_bytes=tuple(
            0 if index in held else layer.stored_bytes for index, layer in enumerate(shape.layers)
        ),
        bytes_per_s=speeds.download_bytes_per_s or DOWNLOAD_BYTES_PER_S,
        quality=quality(precisions, shape.n_layers),
        label=way.label,
        layer_bytes=stored[-1] / shape.n_layers,
    )


def tokens_per_s(
    place: Place, shape: ModelShape, layers: Sequence[LayerSize], precisions: Sequence[Precision], rows: int
) -> float:
    """Through all of these layers, of so many sessions together."""
    seconds = sum(
        layer_seconds(place, shape, layer, precision, rows)
        for precision, layer in zip(precisions, layers, strict=True)
    )
    return rows / seconds if seconds else 0.0


def layer_seconds(
    place: Place, shape: ModelShape, layer: LayerSize, precision: Precision, rows: int
) -> float:
    """Of one forward of so many tokens. Of experts, each token needs a few, and all tokens together more."""
    read = 1 - layer.expert_share * (1 - min(1.0, rows * shape.expert_use))
    multiplied = 1 - layer.expert_share * (1 - shape.expert_use)
    size = weights_bytes(precision, layer, place.precision)
    return step_seconds(_speed(place, precision), int(size * read), int(layer.values * multiplied), rows)


def _speed(place: Place, precision: Precision) -> Speed:
    return place.speeds.get(precision, _UNKNOWN)
