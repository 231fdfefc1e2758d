"""When which server could be used, and what follows for an answer that failed: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.soak.plan import Span, uncovered

KNOWN_AFTER_SECONDS = 6.0  # a server announces itself every 5 s
DIAL_SECONDS = 2.0  # a chain has to stand for so long for a client to be able to take it


@dataclass(frozen=True)
class Change:
    at: float
    slot: int
    is_up: bool


@dataclass(frozen=True)
class Stretch:
    """Of time, in which the same servers could be used."""

    since: float
    until: float
    missing: frozenset[int]  # layers that nobody serves


class Coverage:
    """A log of servers that come and go; all are away at first."""

    def __init__(self, spans: Sequence[Span], n_layers: int) -> None:
        self._spans = spans
        self._n_layers = n_layers
        self._changes: list[Change] = []

    def note(self, at: float, slot: int, is_up: bool) -> None:
        """In order of time."""
        self._changes.append(Change(at, slot, is_up))

    def up(self, at: float) -> frozenset[int]:
        """The slots whose servers can be used at that time."""
        last = {change.slot: change.is_up for change in self._changes if change.at <= at}
        return frozenset(slot for slot, is_up in last.items() if is_up)

    def missing(self, at: float) -> frozenset[int]:
        """Layers that nobody serves at that time."""
        return uncovered([self._spans[slot] for slot in self.up(at)], self._n_layers)

    def is_well(self, since: float, until: float, but: int) -> bool:
        """Whether nothing happened to any server in that time, apart from one slot's."""
        others = len(self._spans) - 1
        quiet = all(change.slot == but for change in self._changes if since < change.at <= until)
        return quiet and len(self.up(since) - {but}) == others

    def stretches(self, since: float, until: float) -> list[Stretch]:
        borders = [since, *(c.at for c in self._changes if since < c.at < until), until]
        return [Stretch(a, b, self.missing(a)) for a, b in pairwise(borders) if a < b]

    def chain_seconds(self, since: float, until: float) -> float:
        """The longest time within [since, until) for which all layers were served without a break, by servers
        that had been there long enough for everybody to know.
        """
        longest = 0.0
        stands_since: float | None = None
        for stretch in self.stretches(since - KNOWN_AFTER_SECONDS, until):
            if stretch.missing:
                stands_since = None
                continue
            stands_since = stretch.since if stands_since is None else stands_since
            longest = max(longest, stretch.until - max(since, stands_since + KNOWN_AFTER_SECONDS))
        return longest

    def ever_missing(self, since: float, until: float) -> frozenset[int]:
        """Layers that nobody served at some time in between."""
        return frozenset().union(*(stretch.missing for stretch in self.stretches(since, until)))


def is_fault(coverage: Coverage, at: float, waited: float, named: Sequence[Span] | None) -> str | None:
    """Why an answer that ended with an error `at` is a fault; None if it could not be helped.

    `waited` is how long a session waits for servers by its settings. `named` are the layers that the error
    says are missing; None for another error.
    """
    if coverage.chain_seconds(at - waited, at) >= DIAL_SECONDS:
        return "a chain existed"
    if named is None:
        return "the reason does not name the missing layers"
    said = {layer for start, end in named for layer in range(start, end)}
    if not said or not said <= coverage.ever_missing(at - waited - KNOWN_AFTER_SECONDS, at):
        return "the wrong layers are said to be missing"
    return None
