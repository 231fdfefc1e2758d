"""How it is on a computer at one moment, as far as the owner's rules ask. None: it cannot be told."""

from dataclasses import dataclass
from datetime import datetime


def program_key(name: str) -> str:
    """By which a program is known, whatever the case, and without what Windows puts behind its name."""
    return name.casefold().removesuffix(".exe")


@dataclass(frozen=True)
class Card:
    """A graphics card that may give."""

    key: str
    name: str
    other_load: float | None = None  # 0 … 1, by other programs
    celsius: float | None = None


@dataclass(frozen=True)
class Conditions:
    at: float  # seconds of one clock that does not jump
    local: datetime  # the time on the owner's clock
    idle_seconds: float | None = None  # since somebody touched the computer
    on_battery: bool | None = None
    metered: bool | None = None
    full_screen: bool | None = None
    programs: frozenset[str] | None = None  # names of those that run
    cards: tuple[Card, ...] = ()
    traffic_bytes: int | None = None  # Potluck's own, up and down, this month
    free_disk_bytes: int | None = None  # on the layer store's disk
