"""Long work on the layer store: how far each piece is, what came of it, and what can be done about it."""

from collections.abc import Collection

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.layers.keeper import Keeper
from desktop.layers.wording import ended_in_words, tone_of_end
from desktop.sharing.wording import transfer_in_words
from desktop.widgets.parts import IconButton, make_button, make_label, set_tone, spaced
from desktop.widgets.progress_bar import ProgressStrip
from desktop.widgets.theme import Theme
from engine.api.store_schema import Transfer, TransferKind, TransferState


class TransferList(QWidget):
    """Of these kinds, in the order in which they began. Hidden while there are none."""

    def __init__(self, theme: Theme, keeper: Keeper, kinds: Collection[TransferKind]) -> None:
        super().__init__()
        self.setObjectName("transfers")
        self._theme, self._keeper, self._kinds = theme, keeper, kinds
        self._rows: dict[str, _Row] = {}
        self._column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        self.hide()

    def show_transfers(self) -> None:
        shown = {t.id: t for t in self._keeper.transfers if t.kind in self._kinds and _says_something(t)}
        for gone in set(self._rows) - set(shown):
            row = self._rows.pop(gone)
            row.hide()
            self._column.removeWidget(row)
            row.deleteLater()
        for transfer in shown.values():
            if transfer.id not in self._rows:
                self._rows[transfer.id] = _Row(self._theme, self._keeper)
                self._column.addWidget(self._rows[transfer.id])
            self._rows[transfer.id].show_transfer(transfer)
        self.setVisible(bool(shown))


def _says_something(transfer: Transfer) -> bool:
    """Layers that arrived for serving come and go without a word."""
    return not transfer.ended or bool(transfer.outcome or transfer.failure) or _can_go_on(transfer)


def _can_go_on(transfer: Transfer) -> bool:
    return transfer.kind is TransferKind.IMPORT and transfer.state is TransferState.CANCELLED


class _Row(QWidget):
    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._transfer: Transfer | None = None
        self._words = make_label(theme, size="small", tone="muted", wrap=True, name="transfer")
        self._bar = ProgressStrip(theme)
        self._cancel = make_button(self.tr("Cancel"), "cancelTransfer", self._on_cancel)
        self._go_on = make_button(self.tr("Go on"), "goOn", self._on_go_on)
        self._away = IconButton(theme, "close", self.tr("Put away"), "putAway", self._on_away)
        left = spaced(QVBoxLayout(), 0, theme.space("small"))
        left.addWidget(self._words)
        left.addWidget(self._bar)
        row = spaced(QHBoxLayout(self), 0, theme.space("medium"))
        row.addLayout(left, 1)
        for button in (self._cancel, self._go_on, self._away):
            row.addWidget(button)

    def show_transfer(self, transfer: Transfer) -> None:
        self._cancel.setEnabled(not self._keeper.is_ending(transfer))
        if transfer == self._transfer:
            return
        self._transfer = transfer
        words = ended_in_words(transfer) if transfer.ended else transfer_in_words(transfer)
        self._words.setText(words)
        set_tone(self._words, tone_of_end(transfer) if transfer.ended else "muted")
        self._bar.show_share(transfer.done_bytes / max(1, transfer.total_bytes), words)
        self._bar.setVisible(not transfer.ended)
        self._cancel.setVisible(not transfer.ended and transfer.cancellable)
        self._away.setVisible(transfer.ended)
        broke_off = transfer.state in (TransferState.FAILED, TransferState.CANCELLED)
        self._go_on.setVisible(broke_off and self._keeper.may_go_on(transfer))

    def _on_cancel(self) -> None:
        if self._transfer:
            self._keeper.cancel(self._transfer)

    def _on_go_on(self) -> None:
        if self._transfer:
            self._keeper.go_on(self._transfer)

    def _on_away(self) -> None:
        if self._transfer:
            self._keeper.put_away(self._transfer)
