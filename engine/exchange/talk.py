"""One peer that is asked for pieces: questions go out ahead of the answers."""

import asyncio
import time

from engine.duties import until_first_ends
from engine.errors import PeerRefused
from engine.exchange.asking import AskedPeer
from engine.exchange.plan import HASHES, Piece
from engine.exchange.rate import RateLimit
from engine.exchange.work import Arrival, Work
from engine.wire.parts import PartsRefusal

LOOK_FOR_WORK_SECONDS = 0.25  # an idle peer is given what another owes once that is overdue


class Talk:
    def __init__(self, peer: str, asked: AskedPeer, work: Work, rate: RateLimit, model: str) -> None:
        self._peer = peer
        self._asked = asked
        self._work = work
        self._rate = rate
        self._model = model
        self._awaited: asyncio.Queue[Piece] = asyncio.Queue()

    async def join(self) -> bool:
        """Ask what the peer has. Whether anything of it is wanted."""
        unfinished = self._work.plan.unfinished
        places = await self._asked.which([self._work.parts[part].digest for part in unfinished])
        if places:
            self._work.plan.join(self._peer, {unfinished[place] for place in places})
        return bool(places)

    async def pull(self, idle_seconds: float) -> None:
        """Until there was nothing to ask for so long. Raises PeerRefused, PeerUnreachable or
        ProtocolViolation."""
        await until_first_ends(self._ask_ahead(idle_seconds), self._take_answers())

    async def _ask_ahead(self, idle_seconds: float) -> None:
        idle_since = time.monotonic()
        while (now := time.monotonic()) - idle_since < idle_seconds:
            choice = await self._work.choice_for(self._peer, now, LOOK_FOR_WORK_SECONDS)
            if choice is not None:
                await self._ask_next(self._work.nbytes(choice))
            if choice is not None or self._work.plan.owes(self._peer):
                idle_since = time.monotonic()

    async def _ask_next(self, nbytes: int) -> None:
        """Wait for the turn of so many bytes; what is asked for is chosen when it comes."""
        with self._work.hoping():
            await self._rate.take(self._model, nbytes)
        piece = self._work.plan.next(self._peer, time.monotonic())
        self._rate.give_back(nbytes - (0 if piece is None else self._work.nbytes(piece)))
        if piece is not None:
            await self._ask(piece)

    async def _ask(self, piece: Piece) -> None:
        name = self._work.parts[piece.part].digest
        if piece.chunk == HASHES:
            await self._asked.ask_hashes(name)
        else:
            await self._asked.ask_chunk(name, piece.chunk)
        self._awaited.put_nowait(piece)

    async def _take_answers(self) -> None:
        while True:
            piece = await self._awaited.get()
            try:
                data = await self._asked.answer(self._work.nbytes(piece))
            except PeerRefused as refused:
                if refused.refusal != PartsRefusal.MISSING:
                    raise
                self._give_back(piece)
            else:
                self._work.plan.answered(self._peer, time.monotonic(), len(data))
                self._work.ring(self._peer)
                await self._work.arrivals.put(Arrival(self._peer, piece, data))

    def _give_back(self, piece: Piece) -> None:
        self._work.plan.answered(self._peer, time.monotonic(), 0)
        self._work.plan.lacks(self._peer, piece)
        self._work.ring_all()
