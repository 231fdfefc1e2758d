"""What a device is to serve: a plan, and the model that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.condition import Span
from engine.machine.known_speeds import ServerWork
from engine.planning.plans import HostPlan
from engine.precision import Precision
from engine.weights.manifest import Manifest, Part
from engine.wire.records import ModelSpan


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

    @property
    def as_announced(self) -> ModelSpan:
        """To others, before it is served."""
        plan, manifest = self.plan, self.manifest
        return ModelSpan(
            model=manifest.digest,
            model_name=manifest.name,
            start=plan.start,
            end=plan.end,
            n_layers=manifest.n_layers,
            tokens_per_s=plan.tokens_per_s,
        )

    def serves_as(self, other: "Aim") -> bool:
        """Whether both are about the same layers of the same model, kept in the same precisions."""
        return self._what == other._what

    def overlaps(self, other: "Aim") -> bool:
        """Whether both are about some of the same layers."""
        one, two = self.plan, other.plan
        return one.model == two.model and one.start < two.end and two.start < one.end

    @property
    def _what(self) -> tuple[str, int, int, Sequence[Precision]]:
        return self.manifest.digest, self.plan.start, self.plan.end, self.plan.layer_precisions
