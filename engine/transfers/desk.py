"""The layer store as its owner's programs steer it: quick orders at once, long ones as transfers."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from engine.api.store_schema import (
    Freed,
    ImportOrder,
    KeptOrder,
    LimitOrder,
    StoreStatus,
    Transfer,
    TransferKind,
    VerifyOrder,
)
from engine.errors import BadRequest, PotluckError, Stopped
from engine.transfers.board import Entry, TransferBoard
from engine.transfers.jobs import ImportJob, Job, VerifyJob
from engine.transfers.status import store_status
from engine.transfers.work import WORKER_COMMAND, Work
from engine.weights.imports.progress import Phase
from engine.weights.store.layer_store import LayerStore

MAX_WAITING = 32  # jobs

log = logging.getLogger("potluck.transfers")


class StoreDesk:
    """Works one job after another: each may need the memory of a whole layer, and the whole disk."""

    def __init__(
        self, store: LayerStore, board: TransferBoard, command: Sequence[str] = WORKER_COMMAND
    ) -> None:
        self._store = store
        self._board = board
        self._command = command
        self._turn = asyncio.Lock()
        self._tasks: dict[asyncio.Task[None], tuple[Job, Entry]] = {}

    # --- at once

    async def status(self) -> StoreStatus:
        usage = await asyncio.to_thread(self._store.usage)
        return store_status(self._store.root, usage, self._board.transfers)

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

    def cancel(self, transfer_id: str) -> Transfer:
        """Raises UnknownTransfer."""
        return self._board.cancel(transfer_id)

    async def close(self) -> None:
        """End all work. Comes back when every process is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, job: Job, kind: TransferKind, model: str) -> Transfer:
        if (known := self._under_way(job)) is not None:
            return known
        if len(self._tasks) >= MAX_WAITING:
            raise BadRequest("Too much work on the layer store is waiting: let some of it end, or cancel it.")
        entry = self._board.begin(kind, model, cancel=lambda: task.cancel(), waiting=True)
        task = asyncio.get_running_loop().create_task(self._work(job, entry))
        self._tasks[task] = job, entry
        task.add_done_callback(self._tasks.pop)
        task.add_done_callback(lambda _: entry.cancelled())  # if it has not ended otherwise
        return entry.transfer

    def _under_way(self, job: Job) -> Transfer | None:
        begun = (entry.transfer for other, entry in self._tasks.values() if other == job)
        return next((transfer for transfer in begun if not transfer.ended), None)

    async def _work(self, job: Job, entry: Entry) -> None:
        try:
            async with self._turn:
                entry.run()
                work = Work(self._store.root, job, partial(_tell, entry), self._command)
                entry.done(await work.run())
        except Stopped:
            entry.cancelled()
        except PotluckError as error:
            log.warning("%s of %s failed: %s", entry.transfer.kind, entry.transfer.model, error)
            entry.fail(error)


def anchored(source: str) -> str:
    """A source that means the same in whichever folder the engine runs. Raises BadRequest."""
    if source.startswith(("package:", "hub:")) or Path(source).is_absolute():
        return source
    if source.startswith((".", "~")) or source.count("/") != 1:
        raise BadRequest(f"“{source}” is no model's source: name a whole path, or a hub's owner/name.")
    return f"hub:{source}"


def _tell(entry: Entry, phase: Phase, done: int, total: int) -> None:
    if phase in ("copying", "reading"):
        entry.progress(done, total)
