"""The layer store as the window knows it: looked at while a page shows it, and ordered about."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, Signal

from desktop.app_state import AppState
from desktop.engine_link.calls import Calls
from desktop.layers.engine import StoreEngine
from desktop.sharing.wording import bytes_in_words
from engine.api.catalogue_schema import CataloguedModel
from engine.api.store_schema import Freed, ImportOrder, StoreStatus, Transfer, TransferKind

MODEL_SETTING = "devices.model"
FRESH_SECONDS = 2.0  # while something arrives, the store is not asked more often


class Keeper(QObject):
    """One for both pages. `changed` when the store or the transfers look different."""

    changed = Signal()

    def __init__(
        self,
        state: AppState,
        engine: Callable[[], StoreEngine],
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`engine` raises EngineError while there is none."""
        super().__init__(parent)
        self._state, self._engine, self._clock = state, engine, clock
        self._calls = Calls(self)
        self._calls.failed.connect(self._fail)
        self.status: StoreStatus | None = None
        self.catalogue: tuple[CataloguedModel, ...] = ()
        self.trouble = ""  # why the last order was not followed
        self.news = ""  # what the last order brought
        self.restart_helps = False  # to have it take effect
        self._orders: dict[str, ImportOrder] = {}
        self._read: set[str] = set()  # transfers that were put away
        self._ending: set[str] = set()  # transfers that were cancelled from here
        self._watchers: set[object] = set()
        self._seen: object = None
        self._asked = -FRESH_SECONDS
        self._asking = False
        self._away = False
        state.changed.connect(self._follow)

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """Under way, or ended lately and not put away."""
        snapshot = self._state.snapshot
        shown = snapshot.transfers if snapshot else ()
        return tuple(transfer for transfer in shown if transfer.id not in self._read)

    @property
    def moving(self) -> bool:
        """Whether the store is being copied to another place."""
        return any(t.kind is TransferKind.MOVE and not t.ended for t in self.transfers)

    @property
    def elsewhere(self) -> bool:
        """Whether the store is on another computer, whose folders are not seen from here."""
        return bool(self._state.elsewhere)

    def watch(self, watcher: object, visible: bool) -> None:
        """While a page is visible, the store is looked at."""
        if not visible:
            self._watchers.discard(watcher)
            return
        self._watchers.add(watcher)
        self._seen = None
        self._follow()

    async def close(self) -> None:
        await self._calls.close()

    # --- orders

    def set_limit(self, limit: int | None) -> None:
        self._order(lambda engine: engine.set_store_limit(limit), self._take)

    def keep(self, digest: str, kept: bool) -> None:
        self._order(lambda engine: engine.keep_model(digest, kept), self._take)

    def remove(self, digest: str) -> None:
        self._order(lambda engine: engine.remove_model(digest), self._freed)

    def clear(self) -> None:
        self._order(lambda engine: engine.clear_store(), self._freed)

    def bring(self, order: ImportOrder) -> None:
        """Import a model. One that broke off goes on where it was."""
        self._order(
            lambda engine: engine.import_model(order),
            lambda begun: self._orders.update({begun.id: order}),
        )

    def bring_path(self, path: Path) -> None:
        """Import from a folder or a file of this computer."""
        try:
            self.bring(ImportOrder(source=str(path)))
        except ValidationError:  # thousands of characters, or characters that do not print
            self._fail(self.tr("The name of “{path}” cannot be used: rename it.").format(path=path.name))

    def fetch(self, digest: str, name: str) -> None:
        self._order(lambda engine: engine.fetch_model(digest, name))

    def export(self, digest: str, folder: Path) -> None:
        self._order(lambda engine: engine.export_model(digest, folder))

    def verify(self, digest: str | None = None) -> None:
        self._order(lambda engine: engine.verify_store(digest))

    def move(self, folder: Path) -> None:
        self._order(lambda engine: engine.move_store(folder))

    def stay(self) -> None:
        """Drop the copy that is ready."""
        self._order(lambda engine: engine.keep_store_here(), self._take)

    def restart_engine(self) -> None:
        """It ends; the window starts it again."""
        self._order(lambda engine: engine.quit())

    def give(self, name: str) -> None:
        """Have this computer serve layers of this model, and of no other."""
        self._order(
            lambda engine: engine.change_settings({MODEL_SETTING: name}),
            lambda _: self._wait_for_restart(
                self.tr("From the engine's next start, this computer serves layers of {model}.").format(
                    model=name
                )
            ),
        )

    def cancel(self, transfer: Transfer) -> None:
        self._ending.add(transfer.id)
        self._order(partial(self._cancel, transfer.id))

    async def _cancel(self, transfer_id: str, engine: StoreEngine) -> None:
        try:
            await engine.cancel_transfer(transfer_id)
        except BaseException:
            self._ending.discard(transfer_id)
            raise

    def is_ending(self, transfer: Transfer) -> bool:
        """Whether its end has been asked for."""
        return transfer.id in self._ending

    def put_away(self, transfer: Transfer) -> None:
        self._read.add(transfer.id)
        self._orders.pop(transfer.id, None)
        self.changed.emit()

    def may_go_on(self, transfer: Transfer) -> bool:
        """Whether an import that broke off can be begun again from here."""
        return transfer.id in self._orders

    def go_on(self, transfer: Transfer) -> None:
        self._read.add(transfer.id)
        self.bring(self._orders.pop(transfer.id))

    def _order(
        self,
        call: Callable[[StoreEngine], Coroutine[Any, Any, Any]],
        done: Callable[[Any], object] = lambda _: None,
    ) -> None:
        self.trouble = self.news = ""
        self.restart_helps = False

        async def ask() -> object:
            return await call(self._engine())

        def answered(answer: object) -> None:
            done(answer)
            self._ask()

        self._calls.start(ask(), answered)
        self.changed.emit()

    # --- what is so

    def _follow(self) -> None:
        """Ask again when something else is on its way, has ended, or is served."""
        snapshot = self._state.snapshot
        if snapshot is None:
            self.status, self._seen, self._away = None, None, True
            self.changed.emit()
            return
        for remembered in (self._read, self._ending):
            remembered.intersection_update(transfer.id for transfer in snapshot.transfers)
        if self._away:  # what was said before is of another engine's life
            self._away = self.restart_helps = False
            self.trouble = self.news = ""
        if not self._watchers:
            return
        seen = (
            tuple((transfer.id, transfer.state) for transfer in snapshot.transfers),
            tuple((server.model, server.start, server.end) for server in snapshot.servers),
            tuple(model.digest for model in snapshot.models),
        )
        arriving = any(not transfer.ended for transfer in snapshot.transfers)
        if seen != self._seen or (arriving and self._clock() - self._asked > FRESH_SECONDS):
            self._seen = seen
            self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        if self._asking or not self._watchers:
            return
        self._asking, self._asked = True, self._clock()
        self._calls.start(self._look(), lambda _: self.changed.emit())

    async def _look(self) -> None:
        try:
            self.status = await self._engine().store()
            if not self.catalogue:
                self.catalogue = (await self._engine().catalogue()).models
        finally:
            self._asking = False

    def _take(self, status: StoreStatus) -> None:
        self.status = status

    def _wait_for_restart(self, news: str) -> None:
        self.news, self.restart_helps = news, True

    def _freed(self, freed: Freed) -> None:
        self.news = (
            self.tr("{size} are free again.").format(size=bytes_in_words(freed.size))
            if freed.size
            else self.tr("Nothing was removed: what is left is in use or kept.")
        )

    def _fail(self, sentence: str) -> None:
        self.trouble = sentence
        self.changed.emit()
