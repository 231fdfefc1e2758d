"""The Layers page: what is kept on this disk, how much it may take, and what is on its way."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.layers.keeper import Keeper
from desktop.layers.layer_list import LayerList, Legend
from desktop.layers.list_model import LayerRows, Row
from desktop.layers.said import Said
from desktop.layers.store_panel import StorePanel
from desktop.layers.transfer_list import TransferList
from desktop.layers.wording import clearing_in_words, removal_in_words, shared_in_words
from desktop.widgets.asking import ask_whether
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.offline import Offline
from desktop.widgets.parts import make_button, make_label, make_line, spaced
from desktop.widgets.theme import Theme
from engine.api.store_schema import StoredModel, StoreStatus, TransferKind

COLUMN_WIDTH = 720


class LayersPage(ColumnPage):
    def __init__(
        self,
        theme: Theme,
        state: AppState,
        keeper: Keeper,
        retry: Callable[[], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`retry` tries at once to reach an engine that is lost; `clock` gives Unix time."""
        super().__init__(theme, "layersPage", COLUMN_WIDTH)
        self._theme, self._state, self._keeper = theme, state, keeper
        self._said = Said(theme, keeper)
        self._offline = Offline(theme, state, retry)
        self._looking = make_label(theme, self.tr("Looking at what is here…"), tone="muted", name="looking")
        self._store = StorePanel(theme, keeper)
        self._transfers = TransferList(theme, keeper, tuple(TransferKind))
        self._shared = make_label(theme, size="small", tone="muted", wrap=True, name="sharedLayers")
        self._rows = LayerRows(clock)
        self._list = LayerList(theme, self._rows)
        self._empty = make_label(theme, tone="muted", wrap=True, name="layersEmpty")
        self._actions = _ModelActions(theme, keeper, self._ask_remove)
        self._verify = make_button(self.tr("Check all"), "verifyAll", partial(keeper.verify, None))
        self._verify.setToolTip(self.tr("Read every stored layer, and remove what is damaged"))
        self._clear = make_button(self.tr("Clear…"), "clearStore", self._ask_clear)
        self._legend = Legend(theme)
        self._rest = self._make_rest()
        self._lay_out()
        self._list.selectionModel().currentChanged.connect(lambda *_: self._show_actions())
        QShortcut(
            QKeySequence.StandardKey.Delete,
            self._list,
            activated=self._remove_selected,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        keeper.changed.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._keeper.watch(self, True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keeper.watch(self, False)

    def _lay_out(self) -> None:
        header = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        header.addWidget(make_label(self._theme, self.tr("Layers"), size="title"))
        header.addStretch(1)
        header.addWidget(self._verify)
        header.addWidget(self._clear)
        self.column.addLayout(header)
        for part in (self._offline, self._looking, self._said, self._store, self._transfers, self._rest):
            self.column.addWidget(part)
        self.column.addStretch(1)

    def _make_rest(self) -> QWidget:
        rest = QWidget()
        column = spaced(QVBoxLayout(rest), 0, self._theme.space("small"))
        heading = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        heading.addWidget(make_label(self._theme, self.tr("By model"), bold=True))
        heading.addStretch()
        heading.addWidget(self._legend)
        column.addWidget(make_line())
        column.addSpacing(self._theme.space("small"))
        column.addLayout(heading)
        for part in (self._shared, self._actions, self._empty, self._list):
            column.addWidget(part)
        return rest

    # --- what is shown

    def _show(self) -> None:
        if not self.isVisible():
            return
        status = self._keeper.status
        self._said.show_news()
        self._offline.show_state()
        reached = self._state.snapshot is not None
        self._looking.setVisible(reached and status is None and not self._keeper.trouble)
        for part in (self._store, self._rest):
            part.setVisible(status is not None)
        for button in (self._verify, self._clear):
            button.setEnabled(status is not None and bool(status.held_size))
        self._transfers.show_transfers()
        if status is not None:
            self._show_status(status)

    def _show_status(self, status: StoreStatus) -> None:
        self._store.show_status(status)
        snapshot = self._state.snapshot
        shared = shared_in_words(sum(server.shared_bytes for server in snapshot.servers) if snapshot else 0)
        self._shared.setText(shared)
        self._shared.setVisible(bool(shared))
        self._show_rows(status)
        self._show_actions()

    def _show_rows(self, status: StoreStatus) -> None:
        row = self._selected
        self._rows.show_models(status.models, self._keeper.transfers)
        if row is not None and self._selected is None:
            self._list.setCurrentIndex(self._rows.index_of(row.model.digest))
        self._list.fit()
        for part in (self._list, self._legend, self._actions):
            part.setVisible(bool(status.models))
        self._empty.setVisible(not status.models)
        self._empty.setText(
            self.tr("No layer is here yet. They come when this computer gives, or when you import a model.")
        )

    def _show_actions(self) -> None:
        self._actions.show_row(self._selected)

    @property
    def _selected(self) -> Row | None:
        return self._rows.row_at(self._list.currentIndex())

    # --- what is done

    def _remove_selected(self) -> None:
        if self._selected is not None:
            self._ask_remove(self._selected.model)

    def _ask_remove(self, model: StoredModel) -> None:
        served = next((info for info in self._state.models if info.digest == model.digest), None)
        ask_whether(
            self.window(),
            self.tr("Remove the layers of {model}?").format(model=model.name),
            removal_in_words(model, served.servers if served else 0),
            self.tr("Remove"),
            "askRemove",
            partial(self._keeper.remove, model.digest),
        )

    def _ask_clear(self) -> None:
        if self._keeper.status is not None:
            ask_whether(
                self.window(),
                self.tr("Clear the layer store?"),
                clearing_in_words(self._keeper.status),
                self.tr("Clear"),
                "askClear",
                self._keeper.clear,
            )


class _ModelActions(QWidget):
    """What can be done with the model that is selected."""

    def __init__(self, theme: Theme, keeper: Keeper, remove: Callable[[StoredModel], None]) -> None:
        super().__init__()
        self._keeper, self._remove_model = keeper, remove
        self._row: Row | None = None
        self._hint = make_label(
            theme, self.tr("Select a model to keep, check or remove it."), size="small", tone="muted"
        )
        self._keep = make_button(self.tr("Keep"), "keepLayers", partial(self._set_kept, True))
        self._release = make_button(self.tr("Stop keeping"), "releaseLayers", partial(self._set_kept, False))
        self._check = make_button(self.tr("Check"), "verifyLayers", self._verify)
        self._remove = make_button(self.tr("Remove…"), "removeLayers", self._ask)
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        for part in (self._hint, self._keep, self._release, self._check, self._remove):
            row.addWidget(part)
        row.addStretch()
        self.setMinimumHeight(self._check.sizeHint().height())  # so that the list stays where it is clicked

    def show_row(self, row: Row | None) -> None:
        self._row = row
        kept = row is not None and row.model.kept
        self._hint.setVisible(row is None)
        self._keep.setVisible(row is not None and not kept)
        self._release.setVisible(kept)
        self._check.setVisible(row is not None)
        self._remove.setVisible(row is not None)

    def _set_kept(self, kept: bool) -> None:
        if self._row:
            self._keeper.keep(self._row.model.digest, kept)

    def _verify(self) -> None:
        if self._row:
            self._keeper.verify(self._row.model.digest)

    def _ask(self) -> None:
        if self._row:
            self._remove_model(self._row.model)
