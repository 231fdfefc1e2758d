"""One fetch under way: peers are asked side by side, and what they send is checked and kept.

    servers of the model -> a talk with each -> arrivals -> keepers (hash and write, in threads) -> store

What to ask whom is decided in `plan`, whom to talk to in `roster`.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.api.sentences import said
from engine.duties import set_or_due, until_first_ends
from engine.errors import (
    PartBusy,
    PartsMissing,
    PeerRefused,
    PeerUnreachable,
    ProtocolViolation,
    WrongHash,
)
from engine.exchange.asking import AskedPeer, Dialler
from engine.exchange.assembling import OpenParts, PartSink
from engine.exchange.plan import HASHES
from engine.exchange.progress import FetchProgress, Meter
from engine.exchange.rate import RateLimit
from engine.exchange.roster import Ending, Roster
from engine.exchange.talk import Talk
from engine.exchange.wanted import layers_of, missing_sentence
from engine.exchange.work import Arrival, Work
from engine.weights.content_hash import are_hashes_of
from engine.weights.manifest import Manifest, Part
from engine.wire.parts import PartsRefusal
from engine.wire.records import SpanRecord

log = logging.getLogger("potluck.exchange")

_ENDINGS = {
    PartsRefusal.MISSING: Ending.NOTHING_TO_ASK,  # it does not know the model
    PartsRefusal.BUSY: Ending.BUSY,
    PartsRefusal.TOO_FAST: Ending.BUSY,
    PartsRefusal.BAD_MESSAGE: Ending.FAILED,
}

KEEPERS = 2  # chunks that are hashed and written at once
BUSY_PART_SECONDS = 1.0  # between two looks at a part that another process has in hand


@dataclass(frozen=True)
class FetchSettings:
    download_bytes_per_s: float | None = None  # of all fetches of one fetcher; None: no limit
    peers: int = 8  # asked at once
    answer_seconds: float = 30.0  # a peer that brings no whole answer for so long is gone
    idle_seconds: float = 3.0  # without a question a peer is let go, and asked later what it has by then
    look_again_seconds: float = 2.0  # between two looks into the directory
    patience_seconds: float = 20.0  # without anything on its way, until parts count as missing
    busy_patience_seconds: float = 120.0  # the same while somebody says that it is busy


class Node(Dialler, Protocol):
    peer_id: str


class Servers(Protocol):
    """The part of the swarm's directory that a fetch needs."""

    async def spans(self, model: str) -> Sequence[SpanRecord]: ...


class Download:
    """Parts of one model, none of which is in the store. `run` it once."""

    def __init__(
        self,
        node: Node,
        servers: Servers,
        store: PartSink,
        settings: FetchSettings,
        rate: RateLimit,
        manifest: Manifest,
        parts: Sequence[Part],
    ) -> None:
        self._node = node
        self._servers = servers
        self._settings = settings
        self._rate = rate
        self._manifest = manifest
        self._work = Work(parts)
        self._open = OpenParts(store, parts)
        self._roster = Roster(node.peer_id, settings.peers)
        self._meter = Meter(time.monotonic())
        self._found_bytes = 0  # that earlier fetches had brought
        self._talks: dict[str, asyncio.Task[None]] = {}  # by peer
        self._busy: dict[int, bytes] = {}  # parts that another process has in hand, and their hash lists
        self._beginning: set[int] = set()
        self._look = asyncio.Event()
        self._done = asyncio.Event()
        self._hopeful_at = time.monotonic()  # when something was last on its way

    @property
    def progress(self) -> FetchProgress:
        """Of these parts alone."""
        return FetchProgress(
            done_bytes=self._found_bytes + self._meter.nbytes,
            total_bytes=sum(part.size for part in self._work.parts),
            bytes_per_s=self._meter.rate(time.monotonic()),
            peers=self._work.plan.peers,
        )

    async def run(self) -> None:
        """Until all parts are in the store. Raises PartsMissing or StoreError."""
        keepers = (self._keep_arrivals() for _ in range(KEEPERS))
        try:
            await until_first_ends(
                self._done.wait(), self._talk_to_peers(), self._retry_busy_parts(), *keepers
            )
        finally:
            await self._end_talks()
            await self._open.close()

    async def _end_talks(self) -> None:
        talks = tuple(self._talks.values())
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    # --- peers

    async def _talk_to_peers(self) -> None:
        while True:
            records = await self._servers.spans(self._manifest.digest)
            wanted = layers_of(self._manifest, self._unfinished())
            for record in self._roster.due(records, wanted, time.monotonic()):
                self._talks[record.peer] = asyncio.create_task(self._talk(record))
            self._lose_patience()
            self._look.clear()
            await set_or_due(self._look, self._settings.look_again_seconds)

    def _lose_patience(self) -> None:
        now = time.monotonic()
        if self._work.hopeful or self._busy or self._roster.somebody_is_new:
            self._hopeful_at = now
        busy, settings = self._roster.somebody_is_busy, self._settings
        patience = settings.busy_patience_seconds if busy else settings.patience_seconds
        if now - self._hopeful_at >= patience:
            raise PartsMissing(missing_sentence(self._manifest, self._unfinished(), busy))

    def _unfinished(self) -> set[Part]:
        return {self._work.parts[part] for part in self._work.plan.unfinished}

    async def _talk(self, record: SpanRecord) -> None:
        ending = Ending.FAILED
        try:
            ending = await self._pull_from(record)
        except PeerRefused as refused:
            log.info("%s refuses: %s", record.peer, refused.refusal)
            ending = _ENDINGS[PartsRefusal(refused.refusal)]
        except (PeerUnreachable, ProtocolViolation) as error:
            log.info("%s brings no parts: %s", record.peer, error)
        finally:
            self._work.leave(record.peer)
            self._roster.ended(record.peer, ending, time.monotonic())
            self._look.set()

    async def _pull_from(self, record: SpanRecord) -> Ending:
        settings, model = self._settings, self._manifest.digest
        async with AskedPeer.dial(self._node, record, model, settings.answer_seconds) as asked:
            talk = Talk(record.peer, asked, self._work, self._rate, model)
            if await talk.join():
                await talk.pull(settings.idle_seconds)
        return Ending.NOTHING_TO_ASK

    def _drop(self, peer: str) -> None:
        """What this peer sent is wrong: nothing of this fetch is asked of it any more."""
        if peer in self._roster.bad:
            return
        log.warning("%s sent wrong bytes for %s and is asked no more", peer, self._manifest.name)
        self._work.leave(peer)
        self._roster.ended(peer, Ending.BAD, time.monotonic())
        self._talks[peer].cancel()

    # --- what they bring

    async def _keep_arrivals(self) -> None:
        while True:
            arrival = await self._work.arrivals.get()
            with self._work.hoping():
                try:
                    await self._keep(arrival)
                except WrongHash:
                    self._drop(arrival.peer)

    async def _keep(self, arrival: Arrival) -> None:
        piece = arrival.piece
        if arrival.peer in self._roster.bad or not self._work.plan.wants(piece):
            return  # somebody else was faster, if it is right
        if piece.chunk == HASHES:
            await self._keep_hashes(piece.part, arrival.data)
        else:
            await self._keep_chunk(arrival)

    async def _keep_chunk(self, arrival: Arrival) -> None:
        piece, plan = arrival.piece, self._work.plan
        await self._open.write(piece.part, piece.chunk, arrival.data)
        self._roster.brought(arrival.peer)
        if plan.wants(piece):
            self._meter.add(len(arrival.data), time.monotonic())
            if plan.keep(piece):
                await self._finish(piece.part)

    async def _keep_hashes(self, place: int, hashes: bytes) -> None:
        part = self._work.parts[place]
        if not are_hashes_of(hashes, part.digest, part.size):
            raise WrongHash(said("The list of chunks of part {part} is wrong.", part=part.digest[:12]))
        if place not in self._beginning and place not in self._busy:
            await self._begin(place, hashes)

    async def _begin(self, place: int, hashes: bytes) -> None:
        self._beginning.add(place)
        try:
            missing = await self._open.begin(place, hashes)
        except PartBusy:
            self._busy[place] = hashes
            return
        finally:
            self._beginning.discard(place)
        self._busy.pop(place, None)
        self._found_bytes += self._work.begin(place, missing)
        if not missing:
            await self._finish(place)

    async def _retry_busy_parts(self) -> None:
        while True:
            await asyncio.sleep(BUSY_PART_SECONDS)
            for place, hashes in tuple(self._busy.items()):
                await self._begin(place, hashes)

    async def _finish(self, place: int) -> None:
        await self._open.finish(place)
        self._work.plan.finish(place)
        if self._work.plan.done:
            self._done.set()
