"""What Potluck noted: filtered by how grave it is and by words, and copied for somebody who helps."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from desktop.settings.controls import PatientPicker
from desktop.settings.copying import CopyButton
from desktop.widgets.parts import make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.log_lines import LEVELS, LogLine

SHOWN = 1000  # lines, the latest
TYPING_MILLISECONDS = 200


class Logs(QWidget):
    """`read` gives the lines, `diagnostics` the text to copy, from these lines."""

    def __init__(
        self,
        theme: Theme,
        read: Callable[[], tuple[LogLine, ...]],
        diagnostics: Callable[[tuple[LogLine, ...]], str],
    ) -> None:
        super().__init__()
        self._read, self._diagnostics = read, diagnostics
        self._lines: tuple[LogLine, ...] = ()
        self._level = PatientPicker(theme, "logLevel", self.tr("Show from which level on"))
        for text, level in (
            (self.tr("Everything"), "DEBUG"),
            (self.tr("Warnings and errors"), "WARNING"),
            (self.tr("Errors"), "ERROR"),
        ):
            self._level.addItem(text, level)
        self._words = QLineEdit(objectName="logWords", clearButtonEnabled=True)
        self._words.setPlaceholderText(self.tr("Filter by words"))
        self._words.setAccessibleName(self._words.placeholderText())
        self._words.findChild(QToolButton).setAccessibleName(self.tr("Clear the filter"))
        self._text = self._make_text(theme)
        self._none = make_label(theme, tone="muted", wrap=True, name="logNone")
        self._copy = CopyButton(self.tr("Copy diagnostics"), "copyDiagnostics")
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MILLISECONDS)
        self._lay_out(theme)
        self._connect()

    def refresh(self) -> None:
        self._lines = self._read()
        self._show()

    def _make_text(self, theme: Theme) -> QPlainTextEdit:
        text = QPlainTextEdit(objectName="logText", readOnly=True)
        text.setAccessibleName(self.tr("Log"))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = theme.code_font()
        font.setPointSizeF(theme.font("small").pointSizeF())
        text.setFont(font)
        text.setMinimumHeight(320)
        text.setTabChangesFocus(True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return text

    def _lay_out(self, theme: Theme) -> None:
        head = spaced(QHBoxLayout(), 0, theme.space("small"))
        head.addWidget(self._level)
        head.addWidget(self._words, 1)
        head.addWidget(make_button(self.tr("Read again"), "refreshLog", self.refresh))
        hint = self.tr(
            "Diagnostics hold the version, this computer's parts, what Potluck does, what you have set and "
            "the last lines of the log, which may name other computers. No chat, key or invite link."
        )
        foot = spaced(QHBoxLayout(), 0, theme.space("medium"))
        foot.addWidget(make_label(theme, hint, size="small", tone="muted", wrap=True), 1)
        foot.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(self._text, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._level.activated.connect(lambda _: self._show())
        self._words.textChanged.connect(lambda _: self._timer.start())
        self._timer.timeout.connect(self._show)
        self._copy.clicked.connect(lambda: self._copy.copy(self._diagnostics(self._lines)))

    def _show(self) -> None:
        lines = filtered(self._lines, self._level.currentData(), self._words.text())[-SHOWN:]
        self._text.setPlainText("\n".join(map(str, lines)))
        self._text.moveCursor(self._text.textCursor().MoveOperation.End)
        self._text.moveCursor(self._text.textCursor().MoveOperation.StartOfLine)
        self._text.setVisible(bool(lines))
        self._none.setVisible(not lines)
        self._none.setText(
            self.tr("Nothing of this kind was noted.") if self._lines else self.tr("The log is empty.")
        )


def filtered(lines: tuple[LogLine, ...], level: str, words: str) -> tuple[LogLine, ...]:
    """From that level on, with all of these words."""
    least, wanted = LEVELS.index(level), words.lower().split()
    return tuple(
        line
        for line in lines
        if (LEVELS.index(line.level) if line.level in LEVELS else 1) >= least
        and all(word in str(line).lower() for word in wanted)
    )
