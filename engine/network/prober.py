"""The periodic check on other computers: how far away they are, and whether they still answer.

What it finds goes into the book of peers, and from there into every choice of a chain.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.duties import set_or_due
from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.network.probing import Dialler, Probed, Transfer, probe
from engine.peers.book import PeerBook
from engine.peers.peak import Peak
from engine.wire.records import PROTOCOL_VERSION, SpanRecord

log = logging.getLogger("potluck.network")


class Servers(Protocol):
    """The part of the swarm's directory that tells whom to probe."""

    async def spans(self, model: str) -> Sequence[SpanRecord]: ...
    async def models(self) -> Sequence[SpanRecord]: ...


@dataclass(frozen=True)
class ProbeSettings:
    seconds: float = 10.0  # between two rounds while models are in use
    idle_seconds: float = 60.0
    first_seconds: float = 1.0  # between the first two: each pause is twice as long as the one before
    jitter: float = 0.3  # of the time between two rounds, so that computers do not fall into step
    patience_seconds: float = 3.0  # for one probe
    failures: int = 3  # in a row, until a peer counts as dead
    retry_seconds: float = 1.0
    bulk_seconds: float = 300.0  # between two measurements of bytes per second
    peers: int = 32  # of a round, at most
    others: int = 4  # of these, picked at random from the whole swarm
    at_once: int = 8


class Prober:
    """Rounds of probes for as long as `run` runs.

    `in_use` says which models (digests) matter here now, `news` that there may be another one.
    """

    def __init__(
        self,
        dialler: Dialler,
        own_peer: str,
        directory: Servers,
        book: PeerBook,
        in_use: Callable[[], Collection[str]],
        news: asyncio.Event | None = None,
        settings: ProbeSettings | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._dialler = dialler
        self._own_peer = own_peer
        self._directory = directory
        self._book = book
        self._in_use = in_use
        self._news = news or asyncio.Event()
        self._settings = settings or ProbeSettings()
        self._rng = rng or random.Random()
        self._turns = asyncio.Semaphore(self._settings.at_once)
        self._bulk_at: dict[str, float] = {}  # when a peer's bytes per second were last measured
        self._upload = Peak()
        self._warming_up = self._settings.first_seconds
        self.answering: dict[str, SpanRecord] = {}  # peers of the last round that answered
        self.silent: tuple[str, ...] = ()  # and those that did not, while others did

    @property
    def upload_bytes_per_s(self) -> float:
        """Of this computer, as its peers received it; 0: not measured."""
        return self._upload.value

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except Exception:  # whatever a round meets, the next one may fare better
                log.exception("A round of probes failed")
            await self._pause()

    async def round(self) -> None:
        """Probe everybody of interest once; who does not answer gets further chances.

        Where nobody answers, this computer's own line may be down: then nobody is blamed.
        """
        servers = await self._whom_to_probe()
        answered = await asyncio.gather(*(self._check(server) for server in servers))
        self.answering = {s.peer: s for s, alive in zip(servers, answered, strict=True) if alive}
        silent = tuple(server.peer for server in servers if server.peer not in self.answering)
        self.silent = silent if self.answering else ()
        for peer in self.silent:
            log.info("peer %s does not answer probes", peer)
            self._book.note_failure(peer)
        self._bulk_at = {s.peer: self._bulk_at[s.peer] for s in servers if s.peer in self._bulk_at}

    async def _pause(self) -> None:
        """Until the next round, or until a model comes into use."""
        settings = self._settings
        seconds = min(self._warming_up, settings.seconds if self._in_use() else settings.idle_seconds)
        self._warming_up *= 2
        self._news.clear()
        await set_or_due(self._news, seconds * (1 + settings.jitter * self._rng.uniform(-1, 1)))

    async def _whom_to_probe(self) -> list[SpanRecord]:
        wanted = [record for model in self._in_use() for record in await self._directory.spans(model)]
        anybody = await self._directory.models()
        self._book.note_queues(wanted)
        return whom_to_probe(wanted, anybody, self._own_peer, self._settings, self._rng)

    async def _check(self, server: SpanRecord) -> bool:
        """Whether it answers at all, if asked several times."""
        for attempt in range(self._settings.failures):
            if attempt:
                await asyncio.sleep(self._settings.retry_seconds)
            async with self._turns:
                if await self._answers(server):
                    return True
        return False

    async def _answers(self, server: SpanRecord) -> bool:
        with_bulk, now = self._is_bulk_due(server), time.monotonic()
        seconds = self._settings.patience_seconds
        try:
            found = await probe(self._dialler, server.peer, server.addresses, seconds, with_bulk)
        except PeerRefused:
            return True  # alive, and busy
        except (PeerUnreachable, ProtocolViolation) as error:
            log.debug("peer %s: %s", server.peer, error)
            return False
        self._note(server.peer, found, now)
        return True

    def _is_bulk_due(self, server: SpanRecord) -> bool:
        last = self._bulk_at.get(server.peer)
        is_due = last is None or time.monotonic() - last > self._settings.bulk_seconds
        return is_due and server.model in self._in_use()

    def _note(self, peer: str, found: Probed, now: float) -> None:
        self._book.note_round_trip(peer, found.round_trip, found.coordinates)
        if found.transfer is not None:
            self._bulk_at[peer] = now
            self._note_transfer(peer, found.transfer, now)

    def _note_transfer(self, peer: str, transfer: Transfer, now: float) -> None:
        self._book.note_transfer(peer, 2 * transfer.nbytes, transfer.there + transfer.back)
        self._upload.note(transfer.nbytes / transfer.there, now)


def whom_to_probe(
    wanted: Iterable[SpanRecord],
    anybody: Iterable[SpanRecord],
    own_peer: str,
    settings: ProbeSettings,
    rng: random.Random,
) -> list[SpanRecord]:
    """Servers of the models in use, as many as fit, and some others; each peer once, never this one."""
    first = _speaking_our_protocol(wanted, {own_peer})
    others = _speaking_our_protocol(anybody, {own_peer, *(record.peer for record in first)})
    few = rng.sample(others, min(settings.others, len(others)))
    room = settings.peers - len(few)
    return rng.sample(first, min(room, len(first))) + few


def _speaking_our_protocol(records: Iterable[SpanRecord], but: Collection[str]) -> list[SpanRecord]:
    """Without those that are silent because they start anew elsewhere."""
    ours = (record for record in records if record.protocol == PROTOCOL_VERSION and not record.is_on_its_way)
    by_peer = {record.peer: record for record in ours}
    return [record for peer, record in by_peer.items() if peer not in but]
