"""A made-up computer as it is at a moment."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import accumulate, takewhile
from random import Random

from engine.placement.view import Server, Spot
from engine.planning.models import ModelShape
from engine.simulation.population import Computer
from engine.simulation.rules import Choice


class Stage(Enum):
    OFF = auto()
    IDLE = auto()  # on, but serves nothing
    CHOOSING = auto()
    JOINING = auto()
    ONLINE = auto()
    DRAINING = auto()


@dataclass(frozen=True)
class Fetch:
    """Layers on their way over the computer's line, one after the other."""

    model: str
    missing: Mapping[int, int]  # bytes of each layer that is not in the store
    bytes_per_s: float
    since: float
    is_move: bool

    @property
    def seconds(self) -> float:
        return sum(self.missing.values()) / self.bytes_per_s

    def bytes_until(self, now: float) -> float:
        return min(now - self.since, self.seconds) * self.bytes_per_s

    def layers_until(self, now: float) -> frozenset[int]:
        """That have come as a whole."""
        there = self.bytes_until(now) + 1  # rounding
        sums = zip(self.missing, accumulate(self.missing.values()), strict=True)
        return frozenset(layer for layer, _ in takewhile(lambda one: one[1] <= there, sums))


@dataclass
class Member:
    computer: Computer
    random: Random  # of its coming and going
    stage: Stage = Stage.OFF
    choice: Choice | None = None  # that it serves, or will
    online_since: float = 0.0
    fetch: Fetch | None = None
    turn: int = 0  # rises when plans made for it no longer hold
    told: int = 0  # announcements
    held: dict[str, frozenset[int]] = field(
        default_factory=lambda: defaultdict(frozenset)
    )  # layers, by model

    def fetch_of(self, choice: Choice, shape: ModelShape, now: float, is_move: bool) -> Fetch:
        held = self.held[shape.digest]
        layers = (at for at in range(choice.start, choice.end) if at not in held)
        missing = {at: shape.layers[at].stored_bytes for at in layers}
        return Fetch(shape.digest, missing, self.computer.download_bytes_per_s, now, is_move)

    def load_seconds(self, choice: Choice, shape: ModelShape) -> float:
        """From the disk into the card."""
        nbytes = sum(layer.stored_bytes for layer in shape.layers[choice.start : choice.end])
        return nbytes / self.computer.disk_bytes_per_s

    def server(self, choice: Choice) -> Server:
        """As others see it."""
        rate = choice.offer.layer_tokens_per_s
        return Server(self.computer.peer, choice.start, choice.end, rate, self.spot)

    @property
    def spot(self) -> Spot:
        """Where it says that it is."""
        return (*self.computer.announced.at, self.computer.announced.height)
