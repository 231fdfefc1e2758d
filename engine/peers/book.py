"""One book on all peers, shared by this computer's sessions, probes and audits. For one event loop."""

import time
from collections.abc import Callable, Iterable
from random import Random

from engine.peers.coordinates import NOWHERE, moved
from engine.peers.links import FailedLinks
from engine.peers.page import Page, SavedPeer
from engine.wire.records import Coordinates, SpanRecord

MAX_PEERS = 4096
ROUND_TRIP_SECONDS = 0.05  # to a peer that nothing is known of


class PeerBook:
    """Writers say what they saw; `engine.route` asks what to make of it. Whatever is noted ages.

    Of more than `max_peers`, those that nothing was noted of for the longest time are forgotten.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        max_peers: int = MAX_PEERS,
    ) -> None:
        self._clock = clock
        self._random = random or Random()
        self._max_peers = max_peers
        self._pages: dict[str, Page] = {}  # the least recently noted first
        self._blank = Page()
        self._failed_links = FailedLinks()
        self._coordinates = NOWHERE

    @property
    def coordinates(self) -> Coordinates:
        """Of this computer."""
        return self._coordinates

    # --- what was seen

    def note_round_trip(self, peer: str, seconds: float, coordinates: Coordinates | None = None) -> None:
        """A probe came back; with it came where the peer sees itself."""
        page, now = self._page(peer), self._clock()
        page.reputation.note_alive()
        if not page.link.note_round_trip(seconds, now):
            return
        smoothed = page.link.round_trip.value(now)
        if coordinates is not None and smoothed is not None:
            self._coordinates = moved(self._coordinates, coordinates, smoothed, self._random)

    def note_transfer(self, peer: str, nbytes: int, seconds: float) -> None:
        """So many bytes went to or came from the peer at one go."""
        self._page(peer).link.note_transfer(nbytes, seconds, self._clock())

    def note_step(self, peer: str, layers: int, tokens: int, compute_seconds: float, seconds: float) -> None:
        """The peer ran `tokens` through `layers`; `seconds` were waited for it, link included.

        What it says of its computing is believed where it is not less than the wait was without the link.
        Steps of one token say how fast it decodes, those of many how much it computes at once.
        """
        page, now = self._page(peer), self._clock()
        page.reputation.note_answer(now)
        round_trip = page.link.round_trip.value(now)
        link = ROUND_TRIP_SECONDS if round_trip is None else round_trip
        computed = max(compute_seconds, seconds - link)
        if tokens == 1:
            page.layer_seconds.note(computed / layers, now)
        elif computed > 0:
            page.layer_tokens_per_s.note(tokens * layers / computed, now)

    def note_heard(self, peer: str, at: float) -> None:
        """It answered a step at that time, by the clock of `time.monotonic`."""
        self._page(peer).heard_at = at

    def note_queues(self, records: Iterable[SpanRecord]) -> None:
        """What servers say of how many steps wait there; only those that something is known of count."""
        for record in records:
            if record.peer in self._pages:
                self._pages[record.peer].queue = record.queue_depth, record.expires

    def note_chosen(self, server: SpanRecord) -> None:
        """A session is about to use it."""
        self._page(server.peer).queue = server.queue_depth, server.expires

    def note_failure(self, peer: str) -> None:
        """It broke off, was silent for too long, or answered nonsense."""
        self._page(peer).reputation.note_failure(self._clock())

    def note_audit(self, peer: str, honest: bool) -> None:
        """What it had computed was computed again elsewhere."""
        self._page(peer).reputation.note_audit(honest, self._clock())

    def note_dispute(self, peer: str) -> None:
        """It and another peer gave different results, and nobody can say who is right."""
        self._page(peer).reputation.note_dispute(self._clock())

    def note_link_failure(self, sender: str, receiver: str) -> None:
        """What one server said that it pushed did not arrive, or arrived changed: neither is blamed."""
        self._failed_links.note(sender, receiver, self._clock())

    def _page(self, peer: str) -> Page:
        """To write on."""
        page = self._pages.pop(peer, None) or Page()
        self._pages[peer] = page
        while len(self._pages) > self._max_peers:
            del self._pages[next(iter(self._pages))]
        return page

    # --- what to make of it

    def round_trip(self, peer: str) -> float | None:
        """Seconds to the peer and back, as measured lately; None if unknown."""
        return self._read(peer).link.round_trip.value(self._clock())

    def layer_seconds(self, peer: str) -> float | None:
        """Measured, of one decode step through one layer; None if unknown."""
        return self._read(peer).layer_seconds.value(self._clock())

    def layer_tokens_per_s(self, peer: str) -> float | None:
        """Measured, in steps of many tokens: tokens through one layer; None if unknown."""
        return self._read(peer).layer_tokens_per_s.value(self._clock())

    def bytes_per_s(self, peer: str) -> float | None:
        """Measured, between here and the peer; None if unknown."""
        return self._read(peer).link.bytes_per_s.value(self._clock())

    def heard_at(self, peer: str) -> float:
        """When it last answered a step of any session, by the clock of `time.monotonic`; 0: never."""
        return self._read(peer).heard_at

    def queue(self, peer: str) -> int:
        """Steps that wait there, as it said lately."""
        steps, until = self._read(peer).queue
        return steps if time.time() < until else 0

    def doubt(self, peer: str) -> float:
        """Seconds to add to a step's cost: the price of trying a peer that is unproven, or failed lately."""
        return self._read(peer).reputation.doubt(self._clock())

    def is_avoided(self, peer: str, last_resort: bool = False) -> bool:
        """Failed a moment ago, is dead as far as is known, or was caught lying.

        `last_resort`: nobody else is left, so that a peer that failed before this moment is tried again.
        """
        return self._read(peer).reputation.is_avoided(self._clock(), last_resort)

    def may_push(self, sender: str, receiver: str) -> bool:
        """Whether to let these two servers pass hidden states on by themselves."""
        self._failed_links.forget_old(self._clock())
        return (sender, receiver) not in self._failed_links

    def carried_links(self) -> frozenset[tuple[str, str]]:
        """Sender and receiver of every link that `may_push` says no to."""
        self._failed_links.forget_old(self._clock())
        return self._failed_links.all()

    def _read(self, peer: str) -> Page:
        return self._pages.get(peer, self._blank)

    # --- across starts

    def saved(self) -> tuple[SavedPeer, ...]:
        """Peers that are well known, the least recently noted first."""
        now = self._clock()
        saved = (page.saved(peer, now) for peer, page in self._pages.items())
        return tuple(peer for peer in saved if peer is not None)

    def restore(self, peers: Iterable[SavedPeer], elapsed: float) -> None:
        """What was saved `elapsed` seconds ago. Of peers that something was noted of since, that counts."""
        now = self._clock()
        since = self._pages
        old = {saved.peer: Page.restored(saved, elapsed, now) for saved in peers if saved.peer not in since}
        self._pages = dict(list({**old, **since}.items())[-self._max_peers :])
