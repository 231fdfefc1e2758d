"""Which servers are there no more, before their records expire. Pure.

Who seems to be gone (its connection broke off, it answers no probes, a chat lost it) and does not renew its
record either, is. A server that only this computer cannot reach goes on renewing it. Where nobody renews
anything that this computer hears of, its own line may be down: then it knows of nobody that they are gone.
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
        self._is_connected = True  # to anybody, as far as is known

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
        self._is_connected = bool(peers)
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
        lasting = frozenset(word for word, since in self._since.items() if now - since >= RENEWED_WITHIN)
        self.gone = self._suspected & lasting if self._hears(lasting) else frozenset()

    def _hears(self, lasting: frozenset[Word]) -> bool:
        """Whether what the directory holds is news: `lasting` are words that are not."""
        others = self._since.keys() - self._suspected
        return not others <= lasting if others else self._is_connected
