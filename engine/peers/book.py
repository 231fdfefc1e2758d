"""One book on all peers, shared by this computer's sessions, probes and audits. For one event loop."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.wire.records import Coordinates

AVOID_SECONDS = 3.0  # a peer that has failed


@dataclass
class _Page:
    round_trip: float | None = None
    layer_seconds: float | None = None
    coordinates: Coordinates | None = None
    failed_at: float | None = None
    lied: bool = False
    carried_links: set[str] = field(default_factory=set)


class PeerBook:
    """Writers say what they saw; `engine.route` asks what to make of it. Whatever is noted ages."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pages: defaultdict[str, _Page] = defaultdict(_Page)
        self.coordinates = Coordinates(at=(0.0, 0.0, 0.0), height=0.0, error=1.0)  # of this computer

    # --- what was seen

    def note_round_trip(self, peer: str, seconds: float, coordinates: Coordinates | None = None) -> None:
        """A probe came back; with it came where the peer sees itself."""
        page = self._pages[peer]
        page.round_trip, page.coordinates, page.failed_at = seconds, coordinates, None

    def note_transfer(self, peer: str, nbytes: int, seconds: float) -> None:
        """So many bytes went to or came from the peer at one go."""

    def note_step(self, peer: str, layers: int, tokens: int, compute_seconds: float, seconds: float) -> None:
        """The peer ran `tokens` through `layers`; `seconds` were waited for it, link included."""
        if tokens == 1:
            self._pages[peer].layer_seconds = seconds / layers

    def note_failure(self, peer: str) -> None:
        """It broke off, was silent for too long, or answered nonsense."""
        self._pages[peer].failed_at = self._clock()

    def note_audit(self, peer: str, honest: bool) -> None:
        """What it had computed was computed again elsewhere."""
        self._pages[peer].lied |= not honest

    def note_link_failure(self, sender: str, receiver: str) -> None:
        """What one server said that it pushed did not arrive, or arrived changed: neither is blamed."""
        self._pages[sender].carried_links.add(receiver)

    # --- what to make of it

    def round_trip(self, peer: str) -> float | None:
        """Seconds to the peer and back, as measured lately; None if unknown."""
        return self._pages[peer].round_trip

    def layer_seconds(self, peer: str) -> float | None:
        """Measured, of one decode step through one layer; None if unknown."""
        return self._pages[peer].layer_seconds

    def bytes_per_s(self, peer: str) -> float | None:
        """Measured, between here and the peer; None if unknown."""
        return None

    def doubt(self, peer: str) -> float:
        """Seconds to add to a step's cost: the price of trying a peer that is unproven, or failed lately."""
        return 0.0

    def is_avoided(self, peer: str) -> bool:
        """Failed a moment ago, is dead as far as is known, or was caught lying."""
        page = self._pages[peer]
        failed = page.failed_at is not None and self._clock() - page.failed_at < AVOID_SECONDS
        return failed or page.lied

    def may_push(self, sender: str, receiver: str) -> bool:
        """Whether to let these two servers pass hidden states on by themselves."""
        return receiver not in self._pages[sender].carried_links

    def carried_links(self) -> frozenset[tuple[str, str]]:
        """Sender and receiver of every link that `may_push` says no to."""
        pages = self._pages.items()
        return frozenset((sender, receiver) for sender, page in pages for receiver in page.carried_links)
