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
HELPERS = 0.5  # share of the servers around that may come to complete a model


@dataclass(frozen=True)
class Aim:
    """Of one model."""

    tokens_per_s: float  # that there would be if all capacity were divided as it should be
    weight: float  # share of all work
    own_rate: float  # layer-tokens/s that this computer could add
    hope: float  # how likely it is to be completed, if it is not
    ease: float  # 1: all models have twice what is wanted, so that better answers count; 0: not even enough

    @property
    def part(self) -> float:
        """Of one layer's aim, what this computer could serve of it."""
        return self.own_rate / self.tokens_per_s


def aims(
    models: Mapping[str, ModelView], holes: Mapping[str, int], offers: Sequence[Offer]
) -> dict[str, Aim]:
    """By digest. The offers are about all of these models, and no others. `holes`: layers nobody holds."""
    around = sum(len(model.servers) for model in models.values())
    own = {digest: max(of.layer_tokens_per_s for of in offers if of.model == digest) for digest in models}
    longest = {digest: max(max(of.longest) for of in offers if of.model == digest) for digest in models}
    hope = {digest: _hope(longest[digest], around, holes[digest]) for digest in models}
    wanted = _wanted(models, holes, hope)
    work = {digest: wanted[digest] * model.n_layers / own[digest] for digest, model in models.items()}
    computers = 1 + sum(_rate(model) / own[digest] for digest, model in models.items())
    total = sum(work.values())
    asked = sum(of.wanted_tokens_per_s * of.n_layers / own[digest] for digest, of in models.items())
    ease = _ease(asked, computers)
    return {
        digest: Aim(wanted[digest] * computers / total, work[digest] / total, own[digest], hope[digest], ease)
        for digest in models
    }


def _ease(asked: float, computers: float) -> float:
    """`asked`: how many computers it takes to serve what is wanted."""
    return min(max(computers / asked - 1.0, 0.0), 1.0) if asked > 0 else 1.0


def _hope(longest: int, around: int, holes: int) -> float:
    """Whether it takes fewer computers like this one than there are."""
    return min(1.0, longest * (1 + HELPERS * around) / holes) ** 2 if holes else 1.0


def _rate(model: ModelView) -> float:
    return sum(server.layer_tokens_per_s for server in model.servers)


def _wanted(
    models: Mapping[str, ModelView], holes: Mapping[str, int], hope: Mapping[str, float]
) -> dict[str, float]:
    """Tokens/s in relation to each other. What nobody can complete takes nothing from others."""
    wishes = [model.wanted_tokens_per_s for model in models.values() if model.wanted_tokens_per_s > 0]
    average = sum(wishes) / len(wishes) if wishes else 1.0
    least = {digest: average * (UNKNOWN_SHARE if holes[digest] else LEAST_SHARE) for digest in models}
    return {
        digest: hope[digest] * max(model.wanted_tokens_per_s, least[digest])
        for digest, model in models.items()
    }
