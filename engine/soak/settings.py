"""How a soak is to be."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.soak.conversations import CONVERSATIONS
from engine.soak.references import Turn

FIRST_ACT_SHARE = 1 / 3  # of the time; then everything is measured for the first time
LONGEST_FIRST_ACT_SECONDS = 120.0


@dataclass(frozen=True)
class SoakSettings:
    minutes: float
    seed: int = 0
    servers: int = 4
    chats: int = 3  # at once
    conversations: Sequence[Sequence[Turn]] = CONVERSATIONS

    @property
    def acts(self) -> tuple[float, float]:
        """Seconds before and after the first measurement."""
        seconds = self.minutes * 60
        first = min(seconds * FIRST_ACT_SHARE, LONGEST_FIRST_ACT_SECONDS)
        return first, seconds - first
