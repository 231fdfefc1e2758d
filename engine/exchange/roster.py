"""Which of a model's servers to ask now: pure, told the time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.layer_ranges import LayerRange
from engine.wire.records import SpanRecord

MAX_STRIKES = 4  # a peer that fails so often without bringing anything is asked no more
FIRST_PAUSE_SECONDS = 0.5  # after a failure; doubles with each further one
LATER_SECONDS = 3.0  # until a peer is asked again that has nothing for us, or is busy


class Ending(Enum):
    """Why a peer is talked to no more for now."""

    NOTHING_TO_ASK = "nothing to ask"
    BUSY = "busy"
    FAILED = "failed"  # gone, silent, or talking nonsense
    BAD = "bad"  # brought wrong bytes


@dataclass
class _Past:
    strikes: int = 0
    not_before: float = 0.0
    bad: bool = False
    busy: bool = False


class Roster:
    """Remembers of one fetch who is being asked, who failed, and who is to be left alone."""

    def __init__(self, own: str, most_at_once: int) -> None:
        self._own = own
        self._most = most_at_once
        self._past: dict[str, _Past] = {}
        self.active: set[str] = set()

    @property
    def bad(self) -> tuple[str, ...]:
        return tuple(peer for peer, past in self._past.items() if past.bad)

    @property
    def somebody_is_busy(self) -> bool:
        """Whether anybody's last word was that it is: it may have what is missing."""
        return any(past.busy for past in self._past.values())

    @property
    def somebody_is_new(self) -> bool:
        """Whether anybody is being asked for the first time: it may bring what is missing."""
        return any(peer not in self._past for peer in self.active)

    def due(
        self, records: Iterable[SpanRecord], wanted: Sequence[LayerRange], now: float
    ) -> list[SpanRecord]:
        """Whom to begin to ask, those first that serve most of the wanted layers. They count as active."""
        askable = [record for record in records if self._may_ask(record.peer, now)]
        askable.sort(key=lambda record: (self._strikes(record.peer), -_overlap(record, wanted), record.peer))
        chosen = askable[: self._most - len(self.active)]
        self.active.update(record.peer for record in chosen)
        return chosen

    def _may_ask(self, peer: str, now: float) -> bool:
        past = self._past.get(peer, _Past())
        healthy = not past.bad and past.strikes < MAX_STRIKES
        return healthy and peer != self._own and peer not in self.active and past.not_before <= now

    def _strikes(self, peer: str) -> int:
        return self._past.get(peer, _Past()).strikes

    def brought(self, peer: str) -> None:
        """Something right came from this peer: earlier failures are forgiven."""
        if peer in self._past:
            self._past[peer].strikes = 0

    def ended(self, peer: str, ending: Ending, now: float) -> None:
        self.active.discard(peer)
        past = self._past.setdefault(peer, _Past())
        if ending is Ending.FAILED:
            past.not_before = now + FIRST_PAUSE_SECONDS * 2**past.strikes
            past.strikes += 1
        else:
            past.not_before = now + LATER_SECONDS
        past.bad = past.bad or ending is Ending.BAD
        past.busy = ending is Ending.BUSY


def _overlap(record: SpanRecord, wanted: Sequence[LayerRange]) -> int:
    return sum(max(0, min(record.end, end) - max(record.start, start)) for start, end in wanted)
