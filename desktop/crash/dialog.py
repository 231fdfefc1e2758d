"""The crash report: all of it is seen before any of it goes anywhere."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.app_state import Crash
from desktop.crash.report import report_of
from desktop.settings.copying import CopyButton
from desktop.widgets.parts import make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.errors import reason_of
from engine.settings import Paths

FILE_NAME = "potluck-crash.txt"


class CrashDialog(QDialog):
    """`paths` say where the logs are, and the keys that are left out."""

    def __init__(self, theme: Theme, crash: Crash, paths: Paths, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("crashDialog")
        self.setWindowTitle(self.tr("What happened"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(600, 520)
        self._report = report_of(crash, paths)
        self._text = self._make_text(theme)
        self._copy = CopyButton(self.tr("Copy"), "copyCrash")
        self._copy.clicked.connect(lambda: self._copy.copy(self._report))
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="crashTrouble")
        self._trouble.hide()
        self._lay_out(theme, crash)

    def _make_text(self, theme: Theme) -> QPlainTextEdit:
        text = QPlainTextEdit(self._report, objectName="crashText", readOnly=True)
        text.setAccessibleName(self.tr("Crash report"))
        font = theme.code_font()
        font.setPointSizeF(theme.font("small").pointSizeF())
        text.setFont(font)
        text.setTabChangesFocus(True)
        return text

    def _lay_out(self, theme: Theme, crash: Crash) -> None:
        told = self.tr(
            "Put together just now from what lies on this computer; not saved, and sent to nobody. Copy or "
            "save it if you want to pass it on. It holds no chat, key or invite link, but may name other "
            "computers."
        )
        buttons = spaced(QHBoxLayout(), 0, theme.space("small"))
        buttons.addWidget(self._copy)
        buttons.addWidget(make_button(self.tr("Save…"), "saveCrash", self._ask_where))
        buttons.addStretch()
        buttons.addWidget(make_button(self.tr("Close"), "closeCrash", self.reject, primary=True))
        column = spaced(QVBoxLayout(self), theme.space("large"), theme.space("medium"))
        column.addWidget(make_label(theme, crash.sentence, bold=True, wrap=True, name="crashSentence"))
        column.addWidget(make_label(theme, told, size="small", tone="muted", wrap=True))
        column.addWidget(self._text, 1)
        column.addWidget(self._trouble)
        column.addLayout(buttons)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the crash report"), FILE_NAME, objectName="saveCrashAs")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, file: Path) -> None:
        try:
            file.write_text(self._report)
        except OSError as error:
            said = self.tr("The report cannot be saved there: {why}.")
            self._trouble.setText(said.format(why=reason_of(error)))
            self._trouble.show()
