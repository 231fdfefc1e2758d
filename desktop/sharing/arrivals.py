"""What is on its way into the layer store: one line and one thin bar for each transfer."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.sharing.wording import transfer_in_words
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.progress_bar import ProgressStrip
from desktop.widgets.theme import Theme
from engine.api.store_schema import Transfer, TransferState

MOST = 3  # shown at once


class Arrivals(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("arrivals")
        self._lines = [_Arrival(theme) for _ in range(MOST)]
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        for line in self._lines:
            column.addWidget(line)

    def show_transfers(self, transfers: Sequence[Transfer]) -> None:
        running = [t for t in transfers if t.state is TransferState.RUNNING][:MOST]
        for index, line in enumerate(self._lines):
            line.setVisible(index < len(running))
            if index < len(running):
                line.show_transfer(running[index])
        self.setVisible(bool(running))


class _Arrival(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = make_label(theme, size="small", tone="muted", wrap=True, name="arrival")
        self._bar = ProgressStrip(theme)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addWidget(self._words)
        column.addWidget(self._bar)

    def show_transfer(self, transfer: Transfer) -> None:
        words = transfer_in_words(transfer)
        self._words.setText(words)
        self._bar.show_share(transfer.done_bytes / max(1, transfer.total_bytes), words)
