"""Words about who serves what in the swarm: GET /potluck/v1/swarm/map -> SwarmMap."""

from enum import StrEnum

from engine.api.base import Schema
from engine.api.schema import HopReport
from engine.precision import Runs

Ways = tuple[tuple[str, tuple[HopReport, ...]], ...]  # of answers: the model's digest, the servers


class MapState(StrEnum):
    CHOOSING = "choosing"
    JOINING = "joining"
    ONLINE = "online"
    DRAINING = "draining"


class MapServer(Schema):
    """What a server says of itself, where that can be true; the round trip is measured here."""

    peer: str
    start: int  # layers are the half-open range [start, end)
    end: int
    state: MapState
    precisions: Runs  # that its layers are kept in
    tokens_per_s: float = 0.0  # through its layers, with as many sessions as it takes; 0: not known
    busy: float = 0.0  # 0 … 1, of the last minute
    waiting: int = 0  # steps in its queue
    round_trip: float | None = None  # seconds
    protocol: int = 0  # version
    own: bool = False  # of this computer

    @property
    def layers(self) -> int:
        return self.end - self.start

    @property
    def layer_tokens_per_s_now(self) -> float:
        """What it does at this moment."""
        return self.tokens_per_s * self.layers * self.busy


class MapModel(Schema):
    digest: str
    name: str
    n_layers: int
    servers: tuple[MapServer, ...] = ()
    answers: tuple[tuple[HopReport, ...], ...] = ()  # the ways of those that this engine makes at this moment


class SwarmMap(Schema):
    models: tuple[MapModel, ...] = ()  # the one with the most servers first
