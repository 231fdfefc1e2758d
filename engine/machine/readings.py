"""How warm and how full the cards are that give, for people. Pure."""

from collections.abc import Collection

from engine.api.schema import DeviceReading
from engine.machine.facts import Gpu, Machine


def readings_of(machine: Machine, places: Collection[str]) -> tuple[DeviceReading, ...]:
    """Of the cards with these keys that tell at least one of both."""
    read = (_reading_of(card) for card in machine.gpus if card.key in places)
    return tuple(each for each in read if each.celsius is not None or each.memory_bytes is not None)


def _reading_of(card: Gpu) -> DeviceReading:
    knows = card.total_bytes is not None and card.free_bytes is not None
    return DeviceReading(
        place=card.key,
        celsius=card.temperature,
        memory_bytes=card.total_bytes if knows else None,
        memory_used_bytes=(card.total_bytes or 0) - (card.free_bytes or 0) if knows else None,
    )
