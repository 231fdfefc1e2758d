"""What made-up computers could serve: the real planning's offers, for cards and lines as drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.machine.estimates import estimated
from engine.placement.view import Offer
from engine.planning.models import ModelShape
from engine.planning.offers import offers_of
from engine.planning.places import places_of
from engine.settings import HostSettings
from engine.simulation.cards import Card, machine_with
from engine.simulation.population import Computer

NOTHING: frozenset[int] = frozenset()


class Offering:
    """Made once for each card; computers with the same one differ by their lines and by what they hold."""

    def __init__(self, models: Sequence[ModelShape]) -> None:
        self._models = {model.digest: model for model in models}
        self._of_cards: dict[Card, tuple[Offer, ...]] = {}

    def of_card(self, card: Card) -> tuple[Offer, ...]:
        if card not in self._of_cards:
            self._of_cards[card] = tuple(
                offer for model in self._models.values() for offer in _offers(card, model)
            )
        return self._of_cards[card]

    def of(self, computer: Computer, held: Mapping[str, frozenset[int]]) -> tuple[Offer, ...]:
        """`held`: layers in its store, by model."""
        return tuple(
            replace(
                offer,
                missing_bytes=_missing(self._models[offer.model], held.get(offer.model, NOTHING)),
                bytes_per_s=computer.download_bytes_per_s,
            )
            for offer in self.of_card(computer.card)
        )


def _missing(model: ModelShape, held: frozenset[int]) -> tuple[int, ...]:
    return tuple(0 if at in held else layer.stored_bytes for at, layer in enumerate(model.layers))


def _offers(card: Card, model: ModelShape) -> tuple[Offer, ...]:
    machine, wishes = machine_with(card), HostSettings()
    speeds = estimated(machine)
    places = places_of(machine, speeds, wishes)
    return tuple(
        offer
        for place in places
        if place.key == card.gpu.key and place.refusal is None
        for offer in offers_of(place, model, NOTHING, speeds, wishes)
    )
