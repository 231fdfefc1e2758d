"""The Models page: what the swarm can answer with, what it lacks, and what of it is on this computer."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.layers.keeper import Keeper
from desktop.layers.said import Said
from desktop.layers.transfer_list import TransferList
from desktop.layers.wording import removal_in_words
from desktop.models.card import Actions, ModelCard
from desktop.models.catalogue_list import CatalogueList
from desktop.models.importing import ImportButton, dropped_models
from desktop.models.known import KnownModel, found, known_models
from desktop.widgets.asking import ask_folder, ask_whether
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.offline import Offline
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.store_schema import TransferKind

COLUMN_WIDTH = 720
SEARCH_FROM = 10  # models: fewer are seen at a glance
MOST_SHOWN = 60  # more are found by searching
SHOWN_WORK = (TransferKind.IMPORT, TransferKind.FETCH, TransferKind.EXPORT, TransferKind.VERIFY)


class ModelsPage(ColumnPage):
    """`chat_wanted` carries a model's name."""

    chat_wanted = Signal(str)

    def __init__(self, theme: Theme, state: AppState, keeper: Keeper, retry: Callable[[], object]) -> None:
        """`retry` tries at once to reach an engine that is lost."""
        super().__init__(theme, "modelsPage", COLUMN_WIDTH)
        self.setAcceptDrops(True)
        self._theme, self._state, self._keeper = theme, state, keeper
        self._search = QLineEdit(objectName="searchModels", placeholderText=self.tr("Search models"))
        self._search.setAccessibleName(self.tr("Search models"))
        self._search.setClearButtonEnabled(True)
        self._search.findChild(QToolButton).setAccessibleName(self.tr("Clear the search"))
        self._import = ImportButton(theme, keeper)
        self._said = Said(theme, keeper)
        self._offline = Offline(theme, state, retry)
        self._transfers = TransferList(theme, keeper, SHOWN_WORK)
        self._empty = make_label(theme, tone="muted", wrap=True, name="modelsEmpty")
        self._cards: dict[str, ModelCard] = {}
        self._order: tuple[str, ...] = ()
        self._list = QWidget()
        self._rows = spaced(QVBoxLayout(self._list), 0, theme.space("large"))
        self._catalogue = CatalogueList(theme, self._import.ask_hub)
        self._lay_out()
        self._search.textChanged.connect(lambda _: self._show())
        QShortcut(QKeySequence.StandardKey.Find, self, activated=self._search.setFocus)
        keeper.changed.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._keeper.watch(self, True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keeper.watch(self, False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_models(event) and not self._keeper.elsewhere:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in dropped_models(event):
            self._keeper.bring_path(path)

    def _lay_out(self) -> None:
        header = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        header.addWidget(make_label(self._theme, self.tr("Models"), size="title"))
        header.addStretch(1)
        header.addWidget(self._search, 2)
        header.addWidget(self._import)
        self.column.addLayout(header)
        for part in (self._offline, self._said, self._transfers, self._empty, self._list, self._catalogue):
            self.column.addWidget(part)
        self.column.addStretch(1)

    # --- what is shown

    def _show(self) -> None:
        if not self.isVisible():
            return
        reached = self._state.snapshot is not None
        models = self._models()
        wanted = found(models, self._search.text())
        self._import.setEnabled(reached)
        self._import.setVisible(not self._keeper.elsewhere)
        self._search.setVisible(reached and len(models) + len(self._keeper.catalogue) > SEARCH_FROM)
        self._said.show_news()
        self._offline.show_state()
        self._transfers.show_transfers()
        self._show_cards(wanted[:MOST_SHOWN] if reached else ())
        self._show_empty(len(models), len(wanted))
        here = {model.catalogued.source for model in models if model.catalogued}
        rest = [entry for entry in self._keeper.catalogue if entry.source not in here]
        self._catalogue.show_models(rest if reached else (), self._search.text())

    def _models(self) -> tuple[KnownModel, ...]:
        snapshot, status = self._state.snapshot, self._keeper.status
        servers = snapshot.servers if snapshot else ()
        return known_models(
            self._state.models,
            status.models if status else (),
            [(server.model, (server.start, server.end)) for server in servers if server.serves],
            self._keeper.catalogue,
        )

    def _show_cards(self, models: Sequence[KnownModel]) -> None:
        order = tuple(model.digest for model in models)
        for gone in set(self._cards) - set(order):
            card = self._cards.pop(gone)
            card.hide()
            self._rows.removeWidget(card)
            card.deleteLater()
        for at, model in enumerate(models):
            if model.digest not in self._cards:
                self._cards[model.digest] = ModelCard(self._theme, self._actions())
            if order != self._order:
                self._rows.insertWidget(at, self._cards[model.digest])
            self._cards[model.digest].show_model(model, files=not self._keeper.elsewhere)
        self._order = order
        self._list.setVisible(bool(models))

    def _show_empty(self, known: int, wanted: int) -> None:
        self._empty.setVisible(self._state.snapshot is not None)
        if not known and self._keeper.status is None and not self._keeper.trouble:
            self._empty.setText(self.tr("Looking at what is here…"))
        elif not known:
            brought = self.tr("No model is known yet. Import one, or press Start on Home to bring the first.")
            coming = self.tr("No model is known yet. The first one is on its way; or import one.")
            self._empty.setText(brought if self._state.may_be_started else coming)
        elif not wanted:
            self._empty.setText(self.tr("No model that is known here has this in its name."))
        elif wanted > MOST_SHOWN:
            more = self.tr("{count} of {all} models are shown: search for the others by name.")
            self._empty.setText(more.format(count=MOST_SHOWN, all=wanted))
        else:
            self._empty.setVisible(False)

    # --- what is done

    def _actions(self) -> Actions:
        return Actions(
            chat=lambda model: self.chat_wanted.emit(model.name),
            fetch=lambda model: self._keeper.fetch(model.digest, model.name),
            keep=lambda model: self._keeper.keep(model.digest, True),
            release=lambda model: self._keeper.keep(model.digest, False),
            give=lambda model: self._keeper.give(model.name),
            verify=lambda model: self._keeper.verify(model.digest),
            export=self._export,
            remove=self._remove,
        )

    def _export(self, model: KnownModel) -> None:
        title = self.tr("Choose an empty folder for {model}").format(model=model.name)
        ask_folder(self.window(), title, "exportFolder", partial(self._keeper.export, model.digest))

    def _remove(self, model: KnownModel) -> None:
        if model.stored is None:
            return
        ask_whether(
            self.window(),
            self.tr("Remove {model} from this computer?").format(model=model.name),
            removal_in_words(model.stored, model.served.servers if model.served else 0),
            self.tr("Remove"),
            "askRemove",
            partial(self._keeper.remove, model.digest),
        )
