"""What a server publishes about itself in the directory: parsed once from untrusted bytes, bounded."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from engine.precision import Native, Precision, Runs, per_layer

PROTOCOL_VERSION = 2
MAX_LAYERS = 4096

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PeerIdText = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]{20,80}$")]
Address = Annotated[str, StringConstraints(max_length=300)]
# Strangers' words that people see: no control characters, and nothing that turns a line's direction.
DisplayName = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$", max_length=200),
]


MAX_COORDINATE = 60.0  # seconds
_Seconds = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]


class Coordinates(BaseModel):
    """A place in a made-up space, where the distance of two computers is their round trip in seconds.

    Source: Dabek et al. 2004, "Vivaldi: A Decentralized Network Coordinate System".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    at: tuple[_Seconds, _Seconds, _Seconds]
    height: float = Field(ge=0, le=MAX_COORDINATE)  # of the link that everything from here goes over
    error: float = Field(gt=0, le=10)  # relative; 1: nothing is known


class ServerState(StrEnum):
    CHOOSING = "choosing"  # says what it is about to serve, so that nobody else does the same at this moment
    JOINING = "joining"  # fetches or loads these layers
    ONLINE = "online"
    DRAINING = "draining"
    OFFLINE = "offline"  # a withdrawn record, kept until it expires so that older copies stay hidden


_COMING = {ServerState.ONLINE: ServerState.CHOOSING, ServerState.DRAINING: ServerState.JOINING}


class ModelSpan(BaseModel):
    """Layers [start, end) of one model, and how fast a server computes them."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    model: Digest
    model_name: DisplayName
    start: int = Field(ge=0, lt=MAX_LAYERS)
    end: int = Field(gt=0, le=MAX_LAYERS)
    n_layers: int = Field(gt=0, le=MAX_LAYERS)
    tokens_per_s: float = Field(
        default=0.0, ge=0, le=1e9
    )  # with as many sessions as it takes; 0: not measured

    @model_validator(mode="after")
    def _span_is_inside_the_model(self) -> Self:
        if not self.start < self.end <= self.n_layers:
            raise ValueError("span is not inside the model")
        return self


class SpanRecord(ModelSpan):
    """What one server serves, and how it is doing."""

    protocol: int = Field(default=PROTOCOL_VERSION, ge=1, le=1000)
    peer: PeerIdText
    addresses: tuple[Address, ...] = Field(default=(), max_length=16)
    state: ServerState
    moves_to: ModelSpan | None = None  # means to go there while it is online, and goes while it drains
    precision: Native = "float32"  # that it computes in
    layer_precisions: Runs = ()  # that each layer's matrices are kept in; empty: as it computes
    public_name: str = Field(default="", max_length=64)
    queue_depth: int = Field(default=0, ge=0, le=1_000_000)
    free_cache_tokens: int = Field(default=0, ge=0, le=10**12)
    step_seconds: float = Field(default=0.0, ge=0, le=3600)  # one decode step through the whole span
    busy: float = Field(default=0.0, ge=0, le=1)  # share of the last minute that its device computed
    upload_bytes_per_s: float = Field(default=0.0, ge=0, le=1e12)  # 0: not measured
    encodings: tuple[Annotated[str, StringConstraints(max_length=16)], ...] = Field(
        default=(), max_length=16
    )  # of hidden states, that it takes and gives
    forks: bool = False  # its sessions may begin with what others of the same client hold
    branches: bool = False  # it takes steps of several branches of a text, told apart by masks
    coordinates: Coordinates | None = None
    expires: float = Field(ge=0)  # Unix time, seconds

    @model_validator(mode="after")
    def _every_layer_has_one_precision(self) -> Self:
        layers = sum(layers for _, layers in self.layer_precisions)
        if self.layer_precisions and layers != self.end - self.start:
            raise ValueError("there are not as many precisions as layers")
        return self

    @property
    def usable(self) -> bool:
        return self.state is ServerState.ONLINE and self.protocol == PROTOCOL_VERSION

    @property
    def is_on_its_way(self) -> bool:
        """To other layers: soon it answers no more, and then says that it is there."""
        return self.state is ServerState.DRAINING and self.moves_to is not None

    @property
    def there(self) -> "SpanRecord | None":
        """The record that stands for it where it goes, as of one who comes there; None: it goes nowhere."""
        state = _COMING.get(self.state)
        if self.moves_to is None or state is None:
            return None
        fresh = {"state": state, "moves_to": None, "layer_precisions": (), "busy": 0.0, "queue_depth": 0}
        return self.model_copy(update=dict(self.moves_to) | fresh)

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """Of each layer, in order."""
        return per_layer(self.layer_precisions) or (self.precision,) * (self.end - self.start)

    def precisions_of(self, start: int, end: int) -> tuple[Precision, ...]:
        """Of each of the layers [start, end), which are among its own."""
        return self.precisions[start - self.start : end - self.start]
