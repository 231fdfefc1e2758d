"""The layer store as its owner's programs steer it: quick orders at once, long ones as transfers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.api.catalogue_schema import CataloguedModel, CatalogueList
from engine.api.sentences import said
from engine.api.store_schema import (
    ExportOrder,
    FetchOrder,
    Freed,
    ImportOrder,
    KeptOrder,
    LimitOrder,
    MoveOrder,
    StoreStatus,
    Transfer,
    TransferKind,
    VerifyOrder,
)
from engine.errors import BadRequest, PotluckError, Stopped
from engine.exchange.progress import FetchProgress
from engine.planning.catalogue import SMALL, floor_of, shipped
from engine.planning.catalogue import Entry as CatalogueEntry
from engine.store_place import Place
from engine.transfers.board import Entry, TransferBoard
from engine.transfers.jobs import ExportJob, ImportJob, Job, MoveJob, VerifyJob, imported
from engine.transfers.relocation import Relocation
from engine.transfers.status import store_status
from engine.transfers.work import WORKER_COMMAND, Work
from engine.weights.imports.progress import Phase
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

MAX_WAITING = 32  # jobs

log = logging.getLogger("potluck.transfers")


OnFetched = Callable[[FetchProgress], None]
# Gets all of the model with this digest into the store. Raises a PotluckError.
Bring = Callable[[str, OnFetched], Awaitable[Manifest]]


@dataclass(frozen=True)
class FetchJob:
    """Work that the engine does itself, because it is in the swarm."""

    model: str  # digest


class StoreDesk:
    """Works one job after another: each may need the memory of a whole layer, and the whole disk."""

    def __init__(
        self,
        store: LayerStore,
        board: TransferBoard,
        relocation: Relocation,
        bring: Bring,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._store = store
        self._board = board
        self._relocation = relocation
        self._bring = bring
        self._command = command
        self._turn = asyncio.Lock()
        self._tasks: dict[asyncio.Task[None], tuple[Job | FetchJob, Entry]] = {}

    # --- at once

    async def status(self) -> StoreStatus:
        usage = await asyncio.to_thread(self._store.usage)
        status = store_status(self._store.root, usage, self._board.transfers)
        place, absent = await asyncio.to_thread(self._place)
        paths = {
            "next_path": _text(place.next),
            "begun_path": "" if self._moving else _text(place.begun),
            "absent_path": _text(absent),
        }
        return status.model_copy(update=paths)

    def _place(self) -> tuple[Place, Path | None]:
        """And where the store belongs, if that is away; may wait for a disk that does not answer."""
        place = self._relocation.place
        return place, place.absent

    async def set_limit(self, order: LimitOrder) -> StoreStatus:
        await asyncio.to_thread(self._store.set_limit, order.limit)
        return await self.status()

    async def keep(self, digest: str, order: KeptOrder) -> StoreStatus:
        """Raises UnknownModel."""
        await asyncio.to_thread(self._keep, digest, order.kept)
        return await self.status()

    def _keep(self, digest: str, kept: bool) -> None:
        self._store.keep(self._store.manifest(digest).digest, kept)

    async def remove(self, digest: str) -> Freed:
        """Raises UnknownModel."""
        return Freed(size=await asyncio.to_thread(self._store.remove, digest))

    async def clear(self) -> Freed:
        return Freed(size=await asyncio.to_thread(self._store.clear))

    # --- as transfers

    async def start_import(self, order: ImportOrder) -> Transfer:
        """The same import that is under way already is not begun twice. Raises BadRequest."""
        job = ImportJob(source=anchored(order.source), name=order.name, revision=order.revision)
        return self._begin(job, TransferKind.IMPORT, order.name or order.source)

    async def start_verify(self, order: VerifyOrder) -> Transfer:
        """Raises UnknownModel or BadRequest."""
        name = (await asyncio.to_thread(self._store.manifest, order.model)).name if order.model else ""
        return self._begin(VerifyJob(model=order.model), TransferKind.VERIFY, name)

    async def start_fetch(self, order: FetchOrder) -> Transfer:
        """Raises BadRequest."""
        return self._begin(FetchJob(order.model), TransferKind.FETCH, order.name or order.model[:12])

    async def start_export(self, order: ExportOrder) -> Transfer:
        """Raises UnknownModel or BadRequest."""
        if not Path(order.folder).is_absolute():
            raise BadRequest(said("“{folder}” is no whole path: choose a folder.", folder=order.folder))
        manifest = await asyncio.to_thread(self._store.manifest, order.model)
        job = ExportJob(model=order.model, folder=order.folder)
        return self._begin(job, TransferKind.EXPORT, manifest.name)

    async def start_move(self, order: MoveOrder) -> Transfer:
        """Raises BadRequest."""
        folder = await asyncio.to_thread(self._relocation.folder_for, Path(order.folder))
        await asyncio.to_thread(self._relocation.begin, folder)
        return self._begin(MoveJob(folder=str(folder)), TransferKind.MOVE, "")

    async def stay(self) -> StoreStatus:
        """Drop the copy that was begun, or that the next start would take up. Raises BadRequest."""
        if self._moving:
            raise BadRequest(said("The layers are being copied: cancel that first."))
        await asyncio.to_thread(self._relocation.forget)
        return await self.status()

    @property
    def _moving(self) -> bool:
        return any(isinstance(job, MoveJob) for job, _ in self._tasks.values())

    def catalogue(self) -> CatalogueList:
        return CatalogueList(models=tuple(map(_catalogued, shipped().model)))

    def cancel(self, transfer_id: str) -> Transfer:
        """Raises UnknownTransfer."""
        return self._board.cancel(transfer_id)

    async def close(self) -> None:
        """End all work. Comes back when every process is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, job: Job | FetchJob, kind: TransferKind, model: str) -> Transfer:
        if (known := self._under_way(job)) is not None:
            return known
        if len(self._tasks) >= MAX_WAITING:
            raise BadRequest(
                said("Too much work on the layer store is waiting: let some of it end, or cancel it.")
            )
        entry = self._board.begin(kind, model, cancel=lambda: task.cancel(), waiting=True)
        task = asyncio.get_running_loop().create_task(self._work(job, entry))
        self._tasks[task] = job, entry
        task.add_done_callback(self._tasks.pop)
        task.add_done_callback(lambda _: entry.cancelled())  # if it has not ended otherwise
        return entry.transfer

    def _under_way(self, job: Job | FetchJob) -> Transfer | None:
        begun = (entry.transfer for other, entry in self._tasks.values() if other == job)
        return next((transfer for transfer in begun if not transfer.ended), None)

    async def _work(self, job: Job | FetchJob, entry: Entry) -> None:
        try:
            if isinstance(job, FetchJob):
                entry.done(await self._fetch(job, entry))
                return
            async with self._turn:
                entry.run()
                outcome = await Work(self._store.root, job, partial(_tell, entry), self._command).run()
                if isinstance(job, MoveJob):
                    await asyncio.to_thread(self._relocation.copied, Path(job.folder))
                entry.done(outcome)
        except Stopped:
            entry.cancelled()
        except PotluckError as error:
            log.warning("%s of %s failed: %s", entry.transfer.kind, entry.transfer.model, error)
            entry.fail(error)

    async def _fetch(self, job: FetchJob, entry: Entry) -> str:
        """Beside other work: it waits for other computers, not for this one's disk."""
        entry.run()
        manifest = await self._bring(job.model, partial(_tell_of_fetch, entry))
        await asyncio.to_thread(self._keep, manifest.digest, True)
        return imported(manifest)


def _tell_of_fetch(entry: Entry, progress: FetchProgress) -> None:
    entry.progress(progress.done_bytes, progress.total_bytes, len(progress.peers))


def _catalogued(entry: CatalogueEntry) -> CataloguedModel:
    floor = floor_of(entry.source, entry.parameters or SMALL)
    return CataloguedModel(
        source=entry.source, parameters=entry.parameters, licence=entry.licence, floor=floor
    )


def _text(path: Path | None) -> str:
    return "" if path is None else str(path)


def anchored(source: str) -> str:
    """A source that means the same in whichever folder the engine runs. Raises BadRequest."""
    if source.startswith(("package:", "hub:")) or Path(source).is_absolute():
        return source
    if source.startswith((".", "~")) or source.count("/") != 1:
        raise BadRequest(
            said("“{source}” is no model's source: name a whole path, or a hub's owner/name.", source=source)
        )
    return f"hub:{source}"


def _tell(entry: Entry, phase: Phase, done: int, total: int) -> None:
    if phase in ("copying", "reading"):
        entry.progress(done, total)
