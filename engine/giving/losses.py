"""Which servers are there no more, before their records expire. Pure.

Who seems to be gone (its connection broke off, it answers no probes, a chat lost it) and does not renew its
record either, is. A server that only this computer cannot reach goes on renewing it.
"""

from collections.abc import Collection, Iterable

from engine.wire.records import SpanRecord

RENEWED_WITHIN = 6.0  # seconds: servers announce themselves every 5

Word = tuple[str, float]  # a peer, and when what it said last expires


def word_of(record: SpanRecord) -> Word:
    return record.peer, record.expires


class Losses:
    """Times are of this computer's clock, in seconds."""

    def __init__(self) -> None:
        self.gone: frozenset[Word] = frozenset()  # their last words
        self._since: dict[Word, float] = {}  # when it was first seen
        self._suspected: frozenset[Word] = frozenset()
        self._met: frozenset[str] = frozenset()  # this computer was connected to them

    @property
    def is_in_doubt(self) -> bool:
        """Whether somebody seems to be gone, and may be there yet."""
        return bool(self._suspected - self.gone)

    @property
    def peers(self) -> frozenset[str]:
        """Of the last look."""
        return frozenset(peer for peer, _ in self._since)

    def connected_to(self, peers: Collection[str]) -> None:
        """At this moment. Without any, this computer's own line may be down."""
        if peers:
            self.suspect(self._met - set(peers))
        self._met = (self._met | set(peers)) & self.peers

    def suspect(self, peers: Collection[str]) -> None:
        """They seem to be gone, until they say something new."""
        self._suspected |= {word for word in self._since if word[0] in peers}

    def look(self, records: Iterable[SpanRecord], now: float) -> None:
        """At what the directory holds."""
        self._since = {word: self._since.get(word, now) for word in map(word_of, records)}
        self._suspected &= self._since.keys()
        self.gone = frozenset(word for word in self._suspected if now - self._since[word] >= RENEWED_WITHIN)
