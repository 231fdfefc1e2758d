"""What a server publishes about itself in the directory: parsed once from untrusted bytes, bounded."""

from enum import StrEnum
from typing import Annotated

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


class SpanRecord(BaseModel):
    """One server's layers [start, end) of one model, and how it is doing."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    protocol: int = Field(default=PROTOCOL_VERSION, ge=1, le=1000)
    peer: PeerIdText
    addresses: tuple[Address, ...] = Field(default=(), max_length=16)
    model: Digest
    model_name: DisplayName
    start: int = Field(ge=0, lt=MAX_LAYERS)
    end: int = Field(gt=0, le=MAX_LAYERS)
    n_layers: int = Field(gt=0, le=MAX_LAYERS)
    state: ServerState
    precision: Native = "float32"  # that it computes in
    layer_precisions: Runs = ()  # that each layer's matrices are kept in; empty: as it computes
    public_name: str = Field(default="", max_length=64)
    queue_depth: int = Field(default=0, ge=0, le=1_000_000)
    free_cache_tokens: int = Field(default=0, ge=0, le=10**12)
    step_seconds: float = Field(default=0.0, ge=0, le=3600)  # one decode step through the whole span
    tokens_per_s: float = Field(
        default=0.0, ge=0, le=1e9
    )  # with as many sessions as it takes; 0: not measured
    busy: float = Field(default=0.0, ge=0, le=1)  # share of the last minute that its device computed
    upload_bytes_per_s: float = Field(default=0.0, ge=0, le=1e12)  # 0: not measured
    coordinates: Coordinates | None = None
    expires: float = Field(ge=0)  # Unix time, seconds

    @model_validator(mode="after")
    def _span_is_inside_the_model(self) -> "SpanRecord":
        if not self.start < self.end <= self.n_layers:
            raise ValueError("span is not inside the model")
        return self

    @model_validator(mode="after")
    def _every_layer_has_one_precision(self) -> "SpanRecord":
        layers = sum(layers for _, layers in self.layer_precisions)
        if self.layer_precisions and layers != self.end - self.start:
            raise ValueError("there are not as many precisions as layers")
        return self

    @property
    def usable(self) -> bool:
        return self.state is ServerState.ONLINE and self.protocol == PROTOCOL_VERSION

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """Of each layer, in order."""
        return per_layer(self.layer_precisions) or (self.precision,) * (self.end - self.start)

    def precisions_of(self, start: int, end: int) -> tuple[Precision, ...]:
        """Of each of the layers [start, end), which are among its own."""
        return self.precisions[start - self.start : end - self.start]
