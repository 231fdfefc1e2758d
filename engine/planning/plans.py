"""What a plan says."""

from dataclasses import dataclass

from engine.precision import Native, Precision


@dataclass(frozen=True)
class MemoryPlan:
    """Bytes on one device. Together they never exceed `budget`."""

    budget: int  # of what is free, what may be used
    reserve: int  # left to the owner's programs, beside the budget
    weights: int  # as kept, scales of quantization included
    cache: int
    activations: int  # of the largest forward, and of captured decode ticks
    loading: int  # beyond the weights, while they are loaded
    runtime: int  # what the device's libraries take for themselves
    resting: int = 0  # of main memory, beside all that: for sessions that rest
    captured: int = 0  # of the activations, for captured decode ticks; 0: none are captured

    @property
    def total(self) -> int:
        """At its highest. The cache is taken when all layers are loaded."""
        return self.weights + max(self.cache + self.activations, self.loading) + self.runtime


@dataclass(frozen=True)
class HostPlan:
    """Layers [start, end) of one model on one device, and what to run them with."""

    place: str  # key of the device
    device: str  # of torch
    device_name: str  # for people
    model: str  # digest
    model_name: str
    n_layers: int  # of the whole model
    start: int
    end: int
    precision: Native  # to compute in
    layer_precisions: tuple[Precision, ...]  # to keep each layer's matrices in
    threads: int | None  # None: torch decides
    memory: MemoryPlan
    cache_tokens: int  # that the cache holds, of all sessions together
    tokens_per_s: float  # through the span, of many sessions together: an estimate
    why: str  # one sentence


@dataclass(frozen=True)
class Alternative:
    """Something else that the device could do, and why it does not."""

    model_name: str
    start: int
    end: int
    precisions: str  # in words
    worth: float  # of the best one
    why_not: str  # one sentence


@dataclass(frozen=True)
class PlacePlan:
    """What one device does: `plan`, or nothing for the reason `regret`."""

    place: str
    device_name: str
    plan: HostPlan | None
    alternatives: tuple[Alternative, ...] = ()
    regret: str | None = None  # one sentence
