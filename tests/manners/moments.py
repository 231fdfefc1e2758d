"""How it is on made-up computers."""

import dataclasses
from datetime import datetime

from engine.manners.conditions import Card, Conditions

MONDAY_NOON = datetime(2024, 1, 1, 12)
CARD = Card("one", "RTX 4090", other_load=0.0, celsius=60.0)
QUIET = Conditions(
    at=1000.0,
    local=MONDAY_NOON,
    idle_seconds=3600.0,
    on_battery=False,
    metered=False,
    full_screen=False,
    programs=frozenset({"bash", "firefox"}),
    cards=(CARD,),
    traffic_bytes=0,
    free_disk_bytes=100 << 30,
)


def moment(**changes) -> Conditions:
    """As quiet as can be, but for these changes of the computer or of its card."""
    of_card = {name: changes.pop(name) for name in ("other_load", "celsius") if name in changes}
    cards = (dataclasses.replace(CARD, **of_card),)
    return dataclasses.replace(QUIET, **{"cards": cards, **changes})
