"""All that is known before it is decided what to give. Reads, and changes nothing."""

import asyncio
import dataclasses
import random
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from engine.beside import beside
from engine.giving.candidates import Candidates, Swarm
from engine.giving.losses import Word, word_of
from engine.machine.facts import Machine
from engine.machine.known_speeds import SpeedBook
from engine.placement.intents import Intents
from engine.placement.reading import view_of
from engine.planning.models import ModelShape, shape_of
from engine.planning.plans import HostPlan
from engine.planning.situation import Situation
from engine.settings import HostSettings
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import Coordinates, SpanRecord


@dataclass(frozen=True)
class Standing:
    """What this computer does now."""

    peers: frozenset[str] = frozenset()  # as which its block servers are known
    serving: Mapping[str, HostPlan] = field(default_factory=dict)  # by device key
    served_seconds: Mapping[str, float] = field(default_factory=dict)
    moving: frozenset[str] = frozenset()  # device keys: on their way to what they will serve instead
    waiting: tuple[int, ...] = ()  # processes that are about to be told what to serve
    failed: frozenset[str] = frozenset()  # models that could not be fetched or served
    gone: frozenset[Word] = frozenset()  # last words of others that are there no more


@dataclass(frozen=True)
class Surveyed:
    situation: Situation
    manifests: Mapping[str, Manifest]  # of the situation's models, by digest


class Survey:
    """Looks at the machine, the store and the swarm."""

    def __init__(
        self,
        store: LayerStore,
        wishes: HostSettings,
        read_machine: Callable[[], Machine],
        book: SpeedBook,
        draw: Callable[[], float] = random.random,
        drafts_bytes: Callable[[], int] = lambda: 0,
        here: Callable[[], Coordinates | None] = lambda: None,
    ) -> None:
        """`drafts_bytes`: of memory that a draft model takes, which makes room for a block server.
        `here`: this computer's place among the others.
        """
        self._store = store
        self._wishes = wishes
        self._read_machine = read_machine
        self._book = book
        self._draw = draw
        self._drafts_bytes = drafts_bytes
        self._here = here
        self._candidates = Candidates(store, wishes.model)
        self._intents = Intents()
        self._shapes: dict[str, ModelShape] = {}  # by digest

    @property
    def wishes(self) -> HostSettings:
        """Of the owner."""
        return self._wishes

    def follow(self, wishes: HostSettings) -> None:
        """From the next look on."""
        if wishes.model != self._wishes.model:
            self._candidates = Candidates(self._store, wishes.model)
        self._wishes = wishes

    async def situation(
        self,
        swarm: Swarm,
        standing: Standing,
        otherwise: Manifest | None = None,
        rank_below: str | None = None,
    ) -> Surveyed:
        """`otherwise`: the model to serve where others serve none. `rank_below`: see `view_of`.

        Raises UnknownModel, UnsupportedModel or SwarmError where the owner's model cannot be had.
        """
        records = self._intents.believed(_of_others(await swarm.records(), standing), time.monotonic())
        for digest in standing.failed:
            self._candidates.ignore(digest)
        own = {plan.model for plan in standing.serving.values()}
        models = await self._candidates.among(swarm, records, own, otherwise)
        digests = {manifest.digest for manifest in models}
        known = [record for record in records if _is_about(record, digests)]  # others may be thousands
        view = await asyncio.to_thread(view_of, known, standing.peers, rank_below, self._here())
        machine = await asyncio.to_thread(self._machine, standing.waiting)
        held, room = await beside(self._held, models), await beside(self._room, models)
        return Surveyed(
            Situation(
                machine=machine,
                speeds=self._book.speeds(machine),
                models=tuple(self._shape(manifest) for manifest in models),
                wishes=self._wishes,
                swarm=view,
                held=held,
                room=room,
                serving=standing.serving,
                served_seconds=standing.served_seconds,
                moving=standing.moving,
                draw=self._draw(),
            ),
            {manifest.digest: manifest for manifest in models},
        )

    def _machine(self, waiting: Sequence[int]) -> Machine:
        """What its own processes have taken already is theirs to use."""
        machine = self._read_machine()
        taken = sum(map(_resident_bytes, waiting)) + self._drafts_bytes()
        return dataclasses.replace(machine, available_bytes=machine.available_bytes + taken)

    def _held(self, models: Sequence[Manifest]) -> dict[str, frozenset[int]]:
        return {
            manifest.digest: frozenset(
                index for index, part in enumerate(manifest.layers) if self._store.has(part)
            )
            for manifest in models
        }

    def _room(self, models: Sequence[Manifest]) -> dict[str, int]:
        return {manifest.digest: self._store.room_for(manifest) for manifest in models}

    def _shape(self, manifest: Manifest) -> ModelShape:
        digest = manifest.digest
        if digest not in self._shapes:
            self._shapes[digest] = shape_of(manifest)
        return self._shapes[digest]


def _of_others(records: Iterable[SpanRecord], standing: Standing) -> list[SpanRecord]:
    """Who are there, as far as is known."""
    others = (record for record in records if record.peer not in standing.peers)
    return [record for record in others if word_of(record) not in standing.gone]


def _is_about(record: SpanRecord, digests: Container[str]) -> bool:
    return record.model in digests or (record.moves_to is not None and record.moves_to.model in digests)


def _resident_bytes(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
