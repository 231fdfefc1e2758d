"""The swarm as a placement sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Spot = tuple[float, float, float, float]  # network coordinates x, y, z and height, in seconds of a round trip


class Server(NamedTuple):
    """Layers [start, end), and what computes them. A tuple, because there may be ten thousand."""

    peer: str
    start: int
    end: int
    layer_tokens_per_s: float  # tokens times layers a second, with as many sessions as it takes
    spot: Spot | None = None  # where it says that it is; None: it does not know


@dataclass(frozen=True)
class ModelView:
    digest: str
    name: str
    n_layers: int
    servers: tuple[Server, ...] = ()
    wanted_tokens_per_s: float = 0.0  # by those who chat now, waiting ones included


@dataclass(frozen=True)
class SwarmView:
    models: Mapping[str, ModelView] = field(default_factory=dict)  # by digest
    here: Spot | None = None  # where who looks is; None: it is not known


@dataclass(frozen=True)
class Offer:
    """What one computer could serve of one model in one way."""

    model: str  # digest
    n_layers: int
    longest: tuple[int, ...]  # for each first layer, how many in a row fit into memory; as many as layers
    layer_tokens_per_s: float
    missing_bytes: tuple[int, ...]  # of each layer, that would have to be fetched; 0: it is in the store
    bytes_per_s: float  # at which they would come
    quality: float = 1.0  # of answers in this way, of those in full precision: at most 1
    label: str = ""  # by which the caller knows it again
    layer_bytes: float = 0.0  # of the model's average layer as it travels; 0: unknown


@dataclass(frozen=True)
class Candidate:
    """Serving layers [start, end) of an offer's model."""

    offer: Offer
    start: int
    end: int
    worth: float  # comparable among the candidates of one question
    missing_bytes: int
    why: str  # half a sentence: “nobody serves layers 9–16 yet”
