"""Saving what was given as a table: a button, and where the file is."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from desktop.contribution.csv_export import write_csv
from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme
from engine.api.history_schema import History
from engine.errors import reason_of


class ExportRow(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._history: History | None = None
        self._export = make_button(self.tr("Save as CSV…"), "saveCsv", self._ask_where)
        self._told = make_label(theme, size="small", tone="muted", wrap=True, name="csvSaved")
        row = spaced(QHBoxLayout(self), 0, theme.space("medium"))
        row.addWidget(self._export)
        row.addWidget(self._told, 1)

    def offer(self, history: History) -> None:
        """What would be saved."""
        self._history = history

    def _ask_where(self) -> None:
        if self._history is None:
            return
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = Path(documents) / f"potluck-{self._history.by.value}.csv"
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save what you gave"), str(proposed), self.tr("Tables (*.csv)")
        )
        if path:
            self._save(self._history, Path(path))

    def _save(self, history: History, path: Path) -> None:
        try:
            write_csv(history, path)
        except OSError as error:
            sentence = self.tr("{file} cannot be written ({reason}): choose another place.")
            self._tell(sentence.format(file=path, reason=reason_of(error)), "problem")
        else:
            self._tell(self.tr("Saved in {file}").format(file=path), "muted")

    def _tell(self, sentence: str, tone: str) -> None:
        self._told.setText(sentence)
        set_tone(self._told, tone)
