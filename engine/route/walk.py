"""One step's way through a chain: what the client carries, and when a hop counts as late."""

import time
from collections.abc import Sequence
from math import inf

from engine.errors import PeerUnreachable
from engine.route.chain import Chain
from engine.route.history import Chunk
from engine.route.hop import Hop, HopFailed
from engine.route.links import Link
from engine.route.states import States

# Steps that the client sends a hop before it has answered: those that it computes within a round trip, and no
# more than a server lets wait.
WINDOW = 16


class StepNumbers:
    """Of a session's steps, ever higher."""

    def __init__(self) -> None:
        self.coming = 1

    def __next__(self) -> int:
        self.coming += 1
        return self.coming - 1


class Walk:
    """Chunks that follow each other through the hops; more may be added while it is under way.

    May be run again after a hop was replaced.
    """

    def __init__(self, chain: Chain, chunks: Sequence[Chunk[States]], numbers: StepNumbers) -> None:
        self._chain = chain
        self._chunks: list[Chunk[States]] = []
        self._numbers = numbers
        self.end = chunks[0].position
        chain.start_step()
        self.add(chunks)

    def add(self, chunks: Sequence[Chunk[States]]) -> None:
        """They follow those before."""
        self._chunks += chunks
        self.ask(self._chain.hops, self.end)
        self.end = chunks[-1].end

    def ask(self, hops: Sequence[Hop], position: int = 0) -> None:
        """Have these hops answer what comes from a position on, as new steps."""
        for chunk in self._chunks:
            if chunk.position >= position:
                number = next(self._numbers)
                for hop in hops:
                    hop.ask(number, chunk)

    def unanswered_from(self, hop: Hop) -> int:
        """The position of the first chunk that a hop has not answered."""
        left = (chunk.position for chunk in self._chunks if chunk.position not in hop.answers)
        return next(left, self.end)

    def settle(self, hops: Sequence[Hop], position: int) -> None:
        """These hops come in anew, and hold everything up to there."""
        for hop in hops:
            hop.start_step()
            hop.settled = position

    async def run(self) -> None:
        """Until all is answered. Raises HopFailed: go on with `run` when it has been replaced."""
        while not self.is_done:
            await self.go_on()

    async def go_on(self) -> None:
        """Until something happens. Raises HopFailed as `run`."""
        self._chain.note_failed_links()
        self._chain.check()
        self._mend_spoiled()
        look_again = min(self._tend(at) for at in range(len(self._chain.hops)))
        await self._chain.news(look_again)
        self._chain.note_failed_links()

    def answer_at(self, position: int) -> States | None:
        """What the last hop has answered to the chunk there, unless it has to be made anew."""
        answer = self._chain.hops[-1].answers.get(position)
        return None if answer is None or self._is_spoiled else answer.chunk.hidden

    @property
    def _is_spoiled(self) -> bool:
        return any(link.spoiled_at is not None for link in self._chain.links)

    @property
    def is_done(self) -> bool:
        """A hop that came in meanwhile has been given everything, too, though others may be ahead of it."""
        if self._is_spoiled:
            return False
        if any(chunk.position not in self._chain.hops[-1].answers for chunk in self._chunks):
            return False
        return not any(
            self._lacks(at, chunk) for at in range(len(self._chain.hops)) for chunk in self._chunks
        )

    def _needs(self, hop: Hop, chunk: Chunk[States]) -> bool:
        return chunk.position >= hop.settled and chunk.position not in hop.answers

    def _lacks(self, at: int, chunk: Chunk[States]) -> bool:
        """Whether the client has yet to carry a chunk to a hop."""
        hop, link = self._chain.hops[at], self._chain.links[at]
        return self._needs(hop, chunk) and not (
            link.pushes or link.was_carried(hop.number_at(chunk.position))
        )

    def _mend_spoiled(self) -> None:
        """A hop that saw something else than the client was told, and all behind it, do their work again.

        Raises HopFailed where this goes back behind this step.
        """
        for at, link in enumerate(self._chain.links):
            if (position := link.spoiled_at) is not None:
                if position < self._chunks[0].position:
                    self._chain.give_up(at, position)
                    self._chain.check()
                self._chain.go_back(at, position)
                self.ask(self._chain.hops[at:], position)

    def _tend(self, at: int) -> float:
        """Carry to a hop what it needs. Returns when to look again. Raises HopFailed if it is late."""
        hop, link = self._chain.hops[at], self._chain.links[at]
        waiting = [chunk for chunk in self._chunks if self._needs(hop, chunk)]
        look_again = inf
        for order, chunk in enumerate(waiting):
            if (given := self._given(at, chunk)) is None:
                break
            if order < WINDOW and (not link.pushes or link.is_broken):
                self._carry(hop, link, given)
            if order == 0 and self._is_awaited(at, chunk):
                look_again = self._watch(hop, link, given)
        return look_again

    def _given(self, at: int, chunk: Chunk[States]) -> Chunk[States] | None:
        """What goes into a hop, as far as the client knows it, and the hop still needs it."""
        if at == 0:
            return chunk
        answer = self._chain.hops[at - 1].answers.get(chunk.position)
        return None if answer is None else answer.chunk

    def _is_awaited(self, at: int, chunk: Chunk[States]) -> bool:
        """Whether a hop's answer holds the step up; who has pushed may tell later what."""
        behind = self._chain.hops[at + 1 :]
        if not any(chunk.position in hop.answers for hop in behind):
            return True
        return self._lacks(at + 1, chunk)

    def _watch(self, hop: Hop, link: Link, chunk: Chunk[States]) -> float:
        """The next time at which something is late with the step that a hop has to answer next."""
        since = max(link.given_at[chunk.position], hop.answered_at)
        tokens, now = len(chunk), time.monotonic()
        if link.pushes and not link.was_carried(hop.number_at(chunk.position)):
            carry_at = since + hop.pace.carry_seconds(tokens)
            if now < carry_at:
                return carry_at
            self._carry(hop, link, chunk)
        late_at = hop.pace.late_at(since, tokens)
        if now >= late_at:
            hop.fail(PeerUnreachable("A server did not answer in time."))
            raise HopFailed(hop, PeerUnreachable("A server did not answer in time."))
        return late_at

    def _carry(self, hop: Hop, link: Link, chunk: Chunk[States]) -> None:
        number = hop.number_at(chunk.position)
        if not link.was_carried(number):
            link.give(number, chunk)
