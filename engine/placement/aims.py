"""How much of each model there should be.

Capacity is divided so that all models are served in proportion to what is wanted of them. What a token
through a layer of one model costs in relation to another is told by their sizes, which are the same for all:
so who is comparatively good at a model serves that one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.placement.view import ModelView, Offer

LEAST_SHARE = 0.05  # of the average model's tokens, for one that nobody wants
UNKNOWN_SHARE = 0.5  # the same, for one that nobody can want, because it is not complete
AS_QUICK = 0.5  # of the most that this computer could add: what adds less does not say how long a span can be
HELPERS = 0.25  # share of the servers of other models that may come to complete one


@dataclass(frozen=True)
class Aim:
    """Of one model."""

    tokens_per_s: float  # that there would be if all capacity were divided as it should be
    weight: float  # share of all work
    own_rate: float  # layer-tokens/s that this computer could add
    span: int  # layers in a row that this computer could hold, about as quick
    hope: float  # how likely it is to be completed, if it is not
    ease: float  # 1: all models have twice what is wanted, so that better answers count; 0: not even enough

    @property
    def part(self) -> float:
        """Of one layer's aim, what this computer could serve of it."""
        return self.own_rate / self.tokens_per_s


@dataclass(frozen=True)
class Served:
    """What there is of one model."""

    view: ModelView
    layer_tokens_per_s: float  # of all its servers
    tokens_per_s: float
    holes: int  # layers that nobody holds


def aims(served: Mapping[str, Served], offers: Sequence[Offer]) -> dict[str, Aim]:
    """By digest. The offers are about all of these models, and no others."""
    own = {digest: max(of.layer_tokens_per_s for of in offers if of.model == digest) for digest in served}
    price, hope = _prices(own, offers), _hopes(served, offers)
    wanted = _wanted(served, hope)
    work = {digest: wanted[digest] * of.view.n_layers * price[digest] for digest, of in served.items()}
    capacity = sum(of.layer_tokens_per_s * price[digest] for digest, of in served.items())
    capacity += max((own[digest] * price[digest] for digest in served), default=0.0)
    total, ease = sum(work.values()), _ease(served, hope)
    return {
        digest: Aim(
            tokens_per_s=wanted[digest] * capacity / total,
            weight=work[digest] / total,
            own_rate=own[digest],
            span=_span([of for of in offers if of.model == digest], AS_QUICK * own[digest]),
            hope=hope[digest],
            ease=ease,
        )
        for digest in served
    }


def _span(offers: Sequence[Offer], least_rate: float) -> int:
    return max(max(of.longest) for of in offers if of.layer_tokens_per_s >= least_rate)


def _prices(own: Mapping[str, float], offers: Sequence[Offer]) -> dict[str, float]:
    """What a token through a layer costs: by its size, or else by what this computer can do."""
    sizes = {digest: max(of.layer_bytes for of in offers if of.model == digest) for digest in own}
    return sizes if all(sizes.values()) else {digest: 1 / rate for digest, rate in own.items()}


def _hopes(served: Mapping[str, Served], offers: Sequence[Offer]) -> dict[str, float]:
    around = sum(len(of.view.servers) for of in served.values())
    longest = {digest: max(max(of.longest) for of in offers if of.model == digest) for digest in served}
    elsewhere = {digest: around - len(of.view.servers) for digest, of in served.items()}
    return {digest: _hope(longest[digest], elsewhere[digest], of.holes) for digest, of in served.items()}


def _hope(longest: int, elsewhere: int, holes: int) -> float:
    """Whether it takes fewer computers like this one than may come."""
    return min(1.0, longest * (1 + HELPERS * elsewhere) / holes) ** 2 if holes else 1.0


def _ease(served: Mapping[str, Served], hope: Mapping[str, float]) -> float:
    hopeful = max((hope[digest] for digest, of in served.items() if of.holes), default=0.0)
    wanted = [of for of in served.values() if of.view.wanted_tokens_per_s > 0 and not of.holes]
    least = min((of.tokens_per_s / of.view.wanted_tokens_per_s for of in wanted), default=2.0)
    return min(max(least - 1.0, 0.0), 1.0) * (1 - hopeful)


def _wanted(served: Mapping[str, Served], hope: Mapping[str, float]) -> Mapping[str, float]:
    """Tokens/s in relation to each other. What nobody can complete takes nothing from others."""
    wishes = {digest: of.view.wanted_tokens_per_s for digest, of in served.items()}
    known = [wish for wish in wishes.values() if wish > 0]
    if not known:
        return hope
    average = sum(known) / len(known)
    least = {d: average * (UNKNOWN_SHARE if of.holes else LEAST_SHARE) for d, of in served.items()}
    return {digest: hope[digest] * max(wishes[digest], least[digest]) for digest in served}
