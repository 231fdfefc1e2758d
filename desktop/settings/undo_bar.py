"""What was just set, and a way back."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.settings.wording import saved
from desktop.widgets.parts import IconButton, make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import Setting

STAY_MILLISECONDS = 15_000


class UndoBar(QFrame):
    def __init__(self, theme: Theme, undo: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("undoBar")
        self._undo = undo
        self._label = make_label(theme, wrap=True, name="settingSaved")
        self._button = make_button(self.tr("Undo"), "undoSetting", self._take_back)
        self._timer = QTimer(self, singleShot=True, interval=STAY_MILLISECONDS)
        self._timer.timeout.connect(self.hide)
        row = spaced(QHBoxLayout(self), theme.space("small"), theme.space("small"))
        row.addWidget(self._label, 1)
        row.addWidget(self._button)
        row.addWidget(IconButton(theme, "close", self.tr("Put away"), "savedRead", self.hide))
        self._taking_back = False
        self.hide()

    def say(self, setting: Setting) -> None:
        self._label.setText(saved(setting))
        self._button.setVisible(not self._taking_back)
        self._taking_back = False
        self.show()
        self._timer.start()

    def _take_back(self) -> None:
        self._taking_back = True
        self._undo()
