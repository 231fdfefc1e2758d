"""What a page says while there is no engine, and the button that helps."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app_state import AppState, LinkPhase
from desktop.engine_link.troubles import help_in_words
from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme


class Offline(QWidget):
    """Shown while nothing is known of the engine. `retry` does what the state says that helps."""

    def __init__(self, theme: Theme, state: AppState, retry: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("offline")
        self._state = state
        self._sentence = make_label(theme, wrap=True, name="offlineSentence")
        self._retry = make_button(self.tr("Try again now"), "offlineRetry", retry, primary=True)
        row = spaced(QHBoxLayout(), 0, 0)
        row.addWidget(self._retry)
        row.addStretch()
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        column.addWidget(self._sentence)
        column.addLayout(row)

    def show_state(self) -> None:
        lost = self._state.phase is LinkPhase.LOST
        self._sentence.setText(self._state.sentence)
        set_tone(self._sentence, "problem" if lost else "muted")
        self._retry.setText(help_in_words(self._state.help))
        self._retry.setVisible(lost)
        self.setVisible(self._state.snapshot is None)
