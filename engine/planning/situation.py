"""All that a plan is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.machine.facts import Machine
from engine.machine.speeds import Speeds
from engine.placement.choice import STAY_SECONDS
from engine.placement.view import SwarmView
from engine.planning.models import ModelShape
from engine.planning.plans import HostPlan
from engine.settings import HostSettings


@dataclass(frozen=True)
class Situation:
    machine: Machine
    speeds: Speeds
    models: tuple[ModelShape, ...]  # that may be served: of this computer's store, or of the swarm
    wishes: HostSettings = field(default_factory=HostSettings)
    swarm: SwarmView = field(default_factory=SwarmView)  # without what this computer itself serves
    held: Mapping[str, frozenset[int]] = field(default_factory=dict)  # layers in the store, by model
    room: Mapping[str, int] = field(default_factory=dict)  # bytes of layers that the store may hold, by model
    serving: Mapping[str, HostPlan] = field(default_factory=dict)  # now, by device key
    served_seconds: Mapping[str, float] = field(default_factory=dict)  # since when, by device key
    moving: frozenset[str] = frozenset()  # device keys: have begun to fetch what they will serve instead
    stay_seconds: float = STAY_SECONDS  # that this computer will probably go on giving
    draw: float = (
        0.0  # at random from [0, 1), anew for each decision about what is served: not all move at once
    )
