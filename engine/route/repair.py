"""Other servers in a hop's place, brought to where the hop was."""

import time
from collections.abc import Sequence

from engine.api.sentences import said
from engine.errors import PeerRefused, SessionLost
from engine.peers.book import PeerBook
from engine.route.chain import Chain
from engine.route.history import Chunk, History
from engine.route.hop import Hop, HopFailed
from engine.route.opening import Meanwhile, Opener
from engine.route.states import States
from engine.route.walk import StepNumbers, Walk
from engine.wire.messages import RefusalCode

LOST = said("The connection to the swarm was lost: send the message again.")

OLD_SECONDS = 1.0  # of a failure: it was there before the step that noticed it


class Route:
    """A chain, and what went into it: all that a hop's replacement needs."""

    def __init__(self, chain: Chain, opener: Opener, book: PeerBook, chunk_tokens: int) -> None:
        self.chain = chain
        self.takes = chain.hops[0].ends.takes  # how what goes into it is encoded
        self.inputs = History()
        self.numbers = StepNumbers()
        self._opener = opener
        self._book = book
        self._chunk_tokens = chunk_tokens
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        self.chain.close()

    def _check_open(self, hops: Sequence[Hop]) -> None:
        """For hops that are about to come in. Raises SessionLost."""
        if self._is_closed:
            close(hops)
            raise SessionLost(LOST)

    async def go_back(self, position: int) -> None:
        """What stood there, and behind, is forgotten. Answers to what stays are waited for."""
        for hop in self.chain.hops:
            await self.chain.hear(hop, position)
        self.chain.go_back(0, position)
        self.inputs.crop(position)

    def known_of(self, hop: Hop) -> int:
        """Up to where it is known what went into a hop."""
        at = self.chain.index(hop)
        return self.inputs.length if at == 0 else self.chain.hops[at - 1].outputs.length

    async def past_of(self, hop: Hop, start: int, upto: int) -> list[Chunk[States]]:
        """What went into a hop at positions [start, upto). Raises HopFailed if it is not told."""
        at = self.chain.index(hop)
        if at == 0:
            return self.inputs.between(start, upto, self._chunk_tokens)
        giver = self.chain.hops[at - 1]
        await self.chain.hear(giver, upto)
        if giver.failure is not None and giver.outputs.length < upto:
            raise HopFailed(giver, giver.failure)
        return giver.outputs.between(start, upto, self._chunk_tokens)

    async def replay(self, hops: Sequence[Hop], past: Sequence[Chunk[States]]) -> None:
        """Have hops that follow each other see this; nothing is pushed meanwhile. Raises HopFailed."""
        if past:
            await Walk(Chain(hops, self._book), past, self.numbers).run()

    def swap(self, hop: Hop, fresh: Sequence[Hop]) -> None:
        """What the hop has answered stays; those in its place add what is missing."""
        last, known = fresh[-1], hop.outputs.length
        for chunk in last.outputs.between(known, last.outputs.length, self._chunk_tokens):
            hop.outputs.extend(chunk)
        last.outputs, last.answers, last.own_from = hop.outputs, hop.answers, known
        at = self.chain.index(hop)
        self.chain.put_in(at, at + 1, fresh, since=self.numbers.coming)
        hop.close()

    async def repair(self, walk: Walk, hop: Hop, deadline: float, meanwhile: Meanwhile) -> None:
        """Replace a hop that has failed in mid-step; `meanwhile` is for `Opener.open`. Raises what that
        raises, and HopFailed where the hop before has to be replaced first.
        """
        upto = walk.unanswered_from(hop)
        past = await self.past_of(hop, 0, upto)
        hop.close()
        self._blame(hop, deadline)
        fresh = await self._opened(hop, past, deadline, meanwhile)
        walk.settle(fresh, upto)
        self.swap(hop, fresh)
        walk.ask(fresh, upto)

    async def _opened(
        self, hop: Hop, past: Sequence[Chunk[States]], deadline: float, meanwhile: Meanwhile
    ) -> list[Hop]:
        """Hops for the same layers that have seen `past`."""
        while True:
            wait = deadline - time.monotonic()
            fresh = await self._opener.open(hop.planned.start, hop.planned.end, wait, meanwhile, hop.ends)
            self._check_open(fresh)
            try:
                await self.replay(fresh, past)
            except HopFailed as again:
                close(fresh)
                self._opener.avoid(again.hop.peer, again.cause)
            except BaseException:
                close(fresh)
                raise
            else:
                self._check_open(fresh)
                return fresh

    def _blame(self, hop: Hop, deadline: float) -> None:
        """A server that gave an idle session's cache away, or is leaving, does well; of one whose connection
        broke while nobody used it, nothing is known now. After the deadline it is asked no more all the same.
        """
        cause = hop.failure or PeerRefused("A server was left.")
        evicted = isinstance(cause, PeerRefused) and cause.refusal == RefusalCode.EVICTED
        is_old = time.monotonic() - hop.failed_at > OLD_SECONDS
        if hop.is_leaving:
            cause = PeerRefused("A server has left.", RefusalCode.DRAINING)
        if not (evicted or is_old) or time.monotonic() > deadline:
            self._opener.avoid(hop.peer, cause)


def close(hops: Sequence[Hop]) -> None:
    for hop in hops:
        hop.close()
