"""Sessions that stay open between the turns of a chat, so that a following turn sends only its new tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.generate.speculation.experience import Experience
from engine.precision import PRECISIONS, Precision
from engine.route.session import SwarmSession


@dataclass
class HeldSession:
    """A session and the token ids whose keys and values its servers hold."""

    model: str  # manifest digest
    session: SwarmSession
    tokens: list[int] = field(default_factory=list)
    floor: Precision = PRECISIONS[0]  # that its servers' layers keep to, also those that come in later
    experience: Experience = field(default_factory=Experience)


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading items agree."""
    for index, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return index
    return min(len(a), len(b))


def best_match(held: Sequence[Sequence[int]], tokens: Sequence[int]) -> int | None:
    """Index of the held tokens that `tokens` continue; None if none share most of what they hold.

    Two chats often begin alike (a system prompt): that alone is no reason to take one chat's session for
    another.
    """
    shared = [(common_prefix(h, tokens), index) for index, h in enumerate(held)]
    candidates = [(n, index) for n, index in shared if 2 * n > len(held[index])]
    return max(candidates, default=(0, None))[1]


class HeldSessions:
    """At most `limit` idle sessions; the longest unused one is closed for a new one."""

    def __init__(self, limit: int = 4) -> None:
        self._limit = limit
        self._idle: list[HeldSession] = []  # the latest used last

    def take(self, model: str, tokens: Sequence[int], floor: Precision = PRECISIONS[0]) -> HeldSession | None:
        """The idle session that holds most of a beginning of `tokens`; it is idle no longer."""
        alike = [held for held in self._idle if (held.model, held.floor) == (model, floor)]
        mine = [held for held in alike if held.session.is_open]
        index = best_match([held.tokens for held in mine], tokens)
        if index is None:
            return None
        self._idle.remove(mine[index])
        return mine[index]

    def put(self, held: HeldSession) -> None:
        if not held.session.is_open:
            held.session.close()  # it may be about to open
            return
        self._idle.append(held)
        while len(self._idle) > self._limit:
            self._idle.pop(0).session.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().session.close()
