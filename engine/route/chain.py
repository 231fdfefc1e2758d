"""The hops of a session in their order, the links between them, and what their answers say of them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from math import inf

from engine.api.schema import HopReport
from engine.duties import set_or_due
from engine.errors import PeerRefused, PeerUnreachable
from engine.peers.book import PeerBook
from engine.precision import runs_of
from engine.route.floors import effective
from engine.route.hop import Answer, Hop, HopFailed
from engine.route.links import Link
from engine.wire.messages import RefusalCode


class Chain:
    """Hops of layers that follow each other; `links[k]` leads to `hops[k]`."""

    def __init__(
        self, hops: Sequence[Hop], book: PeerBook, on_leaving: Callable[[Hop], None] = lambda hop: None
    ) -> None:
        self.hops: list[Hop] = []
        self.links: list[Link] = []
        self._book = book
        self.on_leaving = on_leaving
        self.gone_back: list[int] = []  # to these positions, in order
        self._news = asyncio.Event()
        self.put_in(0, 0, hops, since=0)

    def put_in(self, at: int, until: int, hops: Sequence[Hop], since: int) -> None:
        """Hops in place of [at, until). Their links are new, and carried; `since` as in `Link.follow`."""
        self.hops[at:until] = hops
        before: list[Hop | None] = [None, *self.hops]
        last = at + len(hops)
        fresh = [Link(*ends) for ends in zip(before[at : last + 1], self.hops[at : last + 1], strict=False)]
        for link in self.links[until : until + 1]:  # to the hop behind, which stays
            fresh[-1].follow(link, since)
        self.links[at : until + 1] = fresh
        for hop in hops:
            hop.watcher = self
            if hop.is_leaving:
                self.on_leaving(hop)
        self._news.set()

    def index(self, hop: Hop) -> int:
        return self.hops.index(hop)

    def start_step(self) -> None:
        for hop in self.hops:
            hop.start_step()
        for link in self.links:
            link.start_step()

    def push_from(self, number: int) -> None:
        """Have servers push to each other wherever nothing speaks against it."""
        for link in self.links:
            if link.giver is None or link.pushes or link.giver.failure or link.taker.failure:
                continue
            if self._book.may_push(link.giver.peer, link.taker.peer):
                link.push_from(number)

    def note_failed_links(self) -> None:
        """From here on the client carries what they should have pushed."""
        for link in self.links:
            has_failed = link.has_failed or link.taker.was_misled
            if has_failed and link.giver is not None and link.pushes:
                self._book.note_link_failure(link.giver.peer, link.taker.peer)
                link.carry()

    def check(self) -> None:
        """Raises HopFailed for the first hop that has failed."""
        for hop in self.hops:
            if hop.failure is not None:
                raise HopFailed(hop, hop.failure)

    def go_back(self, at: int, position: int) -> None:
        """What hops from index `at` on have made of positions from there on is of no use any more."""
        self.gone_back.append(position)
        for hop in self.hops[at:]:
            hop.go_back(position)
        for link in self.links[at:]:
            link.forget(position)

    def give_up(self, at: int, position: int) -> None:
        """Hops from index `at` on hold something wrong from a position on: they are to be built anew."""
        self.go_back(at, position)
        for hop in self.hops[at:]:
            hop.fail(PeerRefused("What a server holds is of no use any more.", RefusalCode.EVICTED))

    def has_peer(self, peer: str) -> bool:
        return any(hop.peer == peer for hop in self.hops)

    def give_up_peer(self, peer: str) -> None:
        """All that came from a peer is wrong, wherever it stands in the chain."""
        for at, hop in enumerate(self.hops):
            if hop.peer == peer:
                self.give_up(at, 0)
                return

    # --- waiting

    async def news(self, until: float) -> None:
        """Returns when a hop has said something since the last return, or at that time."""
        seconds = None if until == inf else max(until - time.monotonic(), 0)
        await set_or_due(self._news, seconds)
        self._news.clear()

    async def hear(self, hop: Hop, position: int) -> None:
        """Returns when a hop has told its outputs up to a position, or has failed."""
        while hop.outputs.length < position and hop.failure is None:
            if hop.late_at is None or time.monotonic() >= hop.late_at:
                hop.fail(PeerUnreachable("A server did not tell its outputs in time."))
            else:
                await self.news(hop.late_at)

    def fail_silent(self) -> None:
        """The first hop that pushed long ago, and has still not told what. Those behind may wait for it."""
        for hop in self.hops:
            if hop.late_at is not None and time.monotonic() > hop.late_at:
                hop.fail(PeerUnreachable("A server did not tell its outputs in time."))
                return

    # --- what hops say

    def on_news(self) -> None:
        self._news.set()

    def on_answer(self, hop: Hop, answer: Answer) -> None:
        at = self.index(hop)
        self._measure(at, answer)
        self.links[at].on_taken(answer)
        if at + 1 < len(self.links):
            self.hops[at + 1].note_given(answer.chunk.position)
            self.links[at + 1].on_told(answer)

    def _measure(self, at: int, answer: Answer) -> None:
        hop, tokens = self.hops[at], len(answer.chunk)
        given = [link.given_at.get(answer.chunk.position, 0.0) for link in self.links[: at + 1]]
        since = max(*given, hop.answered_at) if any(given) else answer.at
        seconds = max(answer.at - since, answer.compute_seconds)
        hop.seconds += seconds
        hop.pace.note(tokens, seconds)
        layers = hop.planned.end - hop.planned.start
        self._book.note_step(hop.peer, layers, tokens, answer.compute_seconds, seconds)
        self._book.note_heard(hop.peer, answer.at)

    def start_counting(self) -> None:
        for hop in self.hops:
            hop.start_counting()

    def report(self) -> tuple[HopReport, ...]:
        return tuple(
            HopReport(
                peer=hop.peer,
                start=hop.planned.start,
                end=hop.planned.end,
                steps=hop.steps,
                seconds=hop.seconds,
                compute_seconds=hop.compute_seconds,
                precisions=runs_of(effective(hop.planned.server, hop.planned.start, hop.planned.end)),
            )
            for hop in self.hops
        )

    def close(self) -> None:
        for hop in self.hops:
            hop.close()
