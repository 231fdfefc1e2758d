"""How much of each model there should be.

Capacity is divided so that all models are served in proportion to what is wanted of them. What a layer of one
model costs in relation to a layer of another is told by what this computer could do of each: all
is counted in computers like this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.placement.view import ModelView, Offer

LEAST_SHARE = 0.05  # of the average model's tokens, for one that nobody wants
UNKNOWN_SHARE = 0.5  # the same, for one that nobody can want, because it is not complete


@dataclass(frozen=True)
class Aim:
    """Of one model."""

    tokens_per_s: float  # that there would be if all capacity were divided as it should be
    weight: float  # share of all work
    own_rate: float  # layer-tokens/s that this computer could add

    @property
    def part(self) -> float:
        """Of one layer's aim, what this computer could serve of it."""
        return self.own_rate / self.tokens_per_s


def aims(
    models: Mapping[str, ModelView], complete: frozenset[str], offers: Sequence[Offer]
) -> dict[str, Aim]:
    """By digest, for `models` that the offers are about."""
    own = {digest: max(o.layer_tokens_per_s for o in offers if o.model == digest) for digest in models}
    computers = 1 + sum(_rate(model) / own[digest] for digest, model in models.items())
    wanted = _wanted(models, complete)
    work = {digest: wanted[digest] * model.n_layers / own[digest] for digest, model in models.items()}
    total = sum(work.values())
    return {
        digest: Aim(wanted[digest] * computers / total, work[digest] / total, own[digest])
        for digest in models
    }


def _rate(model: ModelView) -> float:
    return sum(server.layer_tokens_per_s for server in model.servers)


def _wanted(models: Mapping[str, ModelView], complete: frozenset[str]) -> dict[str, float]:
    wishes = [model.wanted_tokens_per_s for digest, model in models.items() if digest in complete]
    average = sum(wishes) / len(wishes) if any(wishes) else 1.0
    return {
        digest: max(
            model.wanted_tokens_per_s, average * (LEAST_SHARE if digest in complete else UNKNOWN_SHARE)
        )
        for digest, model in models.items()
    }
