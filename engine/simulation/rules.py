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


@dataclass(frozen=True)
class Serving:
    """What a computer serves."""

    choice: Choice
    seconds: float  # since when
    away_seconds: float  # that a move would take, beside what there is to fetch


class Rule(Protocol):
    name: str
    announces_intent: bool  # says what it is about to serve, and decides again when others have heard it

    def choose(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], stays_seconds: float
    ) -> Choice | None:
        """For a computer that serves nothing.

        `stays_seconds`: how long it is on without a break, on average.
        """

    def move(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving, stays_seconds: float
    ) -> Choice | None:
        """Where to go from what it serves, or None to stay. `view` is without this computer."""


class RandomRule:
    """Any model, any layers of it; never moves."""

    name = "random"
    announces_intent = False

    def __init__(self, random: Random) -> None:
        self._random = random

    def choose(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], stays_seconds: float
    ) -> Choice | None:
        models = list({offer.model: offer for offer in offers})
        if not models:
            return None
        offer = longest_offer(offers, self._random.choice(models))
        start = self._random.randrange(offer.n_layers - max(offer.longest) + 1)
        return Choice(offer, start, start + offer.longest[start])

    def move(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving, stays_seconds: float
    ) -> Choice | None:
        return None


def longest_offer(offers: Sequence[Offer], model: str) -> Offer:
    """Of those for this model, one with most layers; of several, the quickest."""
    return max(
        (offer for offer in offers if offer.model == model),
        key=lambda offer: (max(offer.longest), offer.layer_tokens_per_s),
    )
