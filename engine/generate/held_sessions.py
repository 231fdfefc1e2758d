"""Sessions that stay open between the turns of a chat, so that a following turn sends only its new tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.generate.prefixes import common_prefix
from engine.generate.speculation.experience import Experience
from engine.precision import PRECISIONS, Precision
from engine.route.session import SwarmSession

FORK_TOKENS = 64  # as many as a block of a server's cache: less is computed again as soon as it is shared


@dataclass
class HeldSession:
    """A session and the token ids whose keys and values its servers hold."""

    model: str  # manifest digest
    session: SwarmSession
    tokens: list[int] = field(default_factory=list)
    floor: Precision = PRECISIONS[0]  # that its servers' layers keep to, also those that come in later
    experience: Experience = field(default_factory=Experience)
    is_branch: bool = False  # a later one shares most of what it holds


def best_match(held: Sequence[Sequence[int]], tokens: Sequence[int]) -> int | None:
    """Index of the held tokens that `tokens` continue; None if none share most of what they hold.

    Two chats often begin alike (a system prompt): that alone is no reason to take one chat's session for
    another.
    """
    shared = [(common_prefix(h, tokens), index) for index, h in enumerate(held)]
    candidates = [(n, index) for n, index in shared if 2 * n > len(held[index])]
    return max(candidates, default=(0, None))[1]


def worth_forking(held: HeldSession, tokens: Sequence[int], is_used: bool) -> int:
    """How many leading tokens to take over from a session that stays as it is; 0: none.

    One that is idle, and would lose hardly anything, is better taken itself.
    """
    shared = common_prefix(held.tokens, tokens)
    is_kept = is_used or len(held.tokens) - shared >= FORK_TOKENS
    return shared if is_kept and shared >= FORK_TOKENS else 0


class HeldSessions:
    """At most `limit` idle sessions, and as many whose beginnings later ones share; the longest unused one is
    closed for a new one.
    """

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

    def to_fork(
        self, model: str, tokens: Sequence[int], floor: Precision, used: Iterable[HeldSession] = ()
    ) -> tuple[HeldSession, int] | None:
        """The session whose beginning a new one is to share, idle or in use, and how many tokens of it; None
        where another one is better taken, or none shares enough.
        """
        in_use = list(used)
        alike = [h for h in (*in_use, *self._idle) if (h.model, h.floor) == (model, floor)]
        mine = [held for held in alike if held.session.is_open]
        if not mine:
            return None
        best = max(mine, key=lambda held: (common_prefix(held.tokens, tokens), -len(held.tokens)))
        shared = worth_forking(best, tokens, is_used=best in in_use)
        return (best, shared) if shared else None

    def put(self, held: HeldSession) -> None:
        if not held.session.is_open:
            held.session.close()  # it may be about to open
            return
        self._note_branches(held)
        self._idle.append(held)
        for kind in (True, False):
            of_kind = [other for other in self._idle if other.is_branch == kind]
            for other in of_kind[: -self._limit]:
                self._idle.remove(other)
                other.session.close()

    def _note_branches(self, latest: HeldSession) -> None:
        latest.is_branch = False
        for other in self._idle:
            if other.model == latest.model:
                other.is_branch |= best_match([other.tokens], latest.tokens) is not None

    def close(self) -> None:
        while self._idle:
            self._idle.pop().session.close()
