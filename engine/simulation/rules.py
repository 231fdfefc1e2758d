"""How computers choose what to serve: one interface, several rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from engine.placement.view import Offer, SwarmView


@dataclass(frozen=True)
class Choice:
    """Serving layers [start, end) of an offer's model."""

    offer: Offer
    start: int
    end: int

    def overlaps(self, other: "Choice") -> bool:
        """Whether both are about some of the same layers."""
        same = self.offer.model == other.offer.model
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Serving:
    """What a computer serves."""

    choice: Choice
    seconds: float  # since when
    away_seconds: float  # that a move would take, beside what there is to fetch
    is_ready: bool  # to move: it has decided before, and fetched what it lacked


@dataclass(frozen=True)
class Manners:
    """How a rule's decisions are carried out."""

    announces_intent: bool = False  # and decide again when others have heard it
    announces_moves: bool = False  # the same, before a server leaves; and say where to while it drains
    fetches_ahead: bool = False  # go on serving until the layers of the next place are there
    mends: bool = False  # think again soon after a layer's last server has gone


class Rule(Protocol):
    manners: Manners

    def choose(self, peer: str, view: SwarmView, offers: Sequence[Offer]) -> Choice | None:
        """For a computer that serves nothing."""

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        """Where to go from what it serves, or None to stay. `view` is without this computer."""


class RandomRule:
    """Any model, any layers of it; never moves."""

    manners = Manners()

    def __init__(self, random: Random) -> None:
        self._random = random

    def choose(self, peer: str, view: SwarmView, offers: Sequence[Offer]) -> Choice | None:
        models = list({offer.model: offer for offer in offers})
        if not models:
            return None
        offer = quickest_offer(offers, self._random.choice(models))
        start = self._random.randrange(offer.n_layers - max(offer.longest) + 1)
        return Choice(offer, start, start + offer.longest[start])

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        return None


def quickest_offer(offers: Sequence[Offer], model: str) -> Offer:
    """Of those for this model, the one that computes most; of several, one with most layers."""
    return max(
        (offer for offer in offers if offer.model == model),
        key=lambda offer: (offer.layer_tokens_per_s, max(offer.longest)),
    )
