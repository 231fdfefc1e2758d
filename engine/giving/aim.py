"""What a device is to serve: a plan, and the model that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.condition import Span
from engine.machine.known_speeds import ServerWork
from engine.planning.plans import HostPlan
from engine.precision import Precision
from engine.weights.manifest import Manifest, Part


@dataclass(frozen=True)
class Aim:
    plan: HostPlan
    manifest: Manifest
    work: ServerWork  # to be told how fast it turns out to be

    @property
    def parts(self) -> Sequence[Part]:
        return self.manifest.layers[self.plan.start : self.plan.end]

    @property
    def span(self) -> Span:
        manifest = self.manifest
        return Span(manifest.name, self.plan.start, self.plan.end, manifest.n_layers, manifest.digest)

    def serves_as(self, other: "Aim") -> bool:
        """Whether both are about the same layers of the same model, kept in the same precisions."""
        return self._what == other._what

    @property
    def _what(self) -> tuple[str, int, int, Sequence[Precision]]:
        return self.manifest.digest, self.plan.start, self.plan.end, self.plan.layer_precisions
