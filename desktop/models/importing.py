"""Bringing a model in: from a folder, a GGUF file, or a hub."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.layers.keeper import Keeper
from desktop.widgets.asking import ask_file, ask_folder
from desktop.widgets.parts import make_button, make_field, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.store_schema import ImportOrder

Bring = Callable[[ImportOrder], object]
REPOSITORY = re.compile(r"[A-Za-z0-9_.\-]+/[A-Za-z0-9_.\-]+")
REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./\-]*")


class ImportButton(QPushButton):
    """Its menu asks where the model is."""

    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self.setText(self.tr("Import…"))
        self.setObjectName("importModel")
        self.setProperty("menu", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._theme, self._keeper = theme, keeper
        menu = QMenu(self)
        for name, text, action in (
            ("importFolder", self.tr("A folder with a model…"), self._ask_folder),
            ("importFile", self.tr("A GGUF file…"), self._ask_file),
            ("importHub", self.tr("A model of a hub…"), self.ask_hub),
        ):
            menu.addAction(text, action).setObjectName(name)
        self.setMenu(menu)

    def ask_hub(self, repository: str = "") -> None:
        HubDialog(self._theme, self._keeper.bring, repository, self.window()).open()

    def _ask_folder(self) -> None:
        title = self.tr("Choose the folder with config.json and safetensors files")
        ask_folder(self.window(), title, "chooseFolder", self._keeper.bring_path)

    def _ask_file(self) -> None:
        kinds = self.tr("GGUF files (*.gguf)")
        ask_file(self.window(), self.tr("Choose a GGUF file"), "chooseFile", kinds, self._keeper.bring_path)


class HubDialog(QDialog):
    """Asks for a repository, and for what to call the model."""

    def __init__(self, theme: Theme, bring: Bring, repository: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hubDialog")
        self.setWindowTitle(self.tr("Import a model of a hub"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self._bring = bring
        self._wrong = make_label(theme, size="small", tone="problem", wrap=True, name="hubWrong")
        self._wrong.hide()
        typed = self._wrong.hide
        self._repository = make_field("hubRepository", repository, self.tr("owner/name"), typed)
        self._revision = make_field("hubRevision", "", self.tr("the newest"), typed)
        self._name = make_field("hubName", "", self.tr("as the hub does"), typed)
        self._go = make_button(self.tr("Import"), "hubImport", self._import, primary=True)
        self._go.setDefault(True)
        self._lay_out(theme)
        self._repository.setFocus()

    def _lay_out(self, theme: Theme) -> None:
        told = self.tr(
            "Its weights are read layer by layer and stored here as parts. What is read stays if you cancel."
        )
        form = QFormLayout()
        form.setSpacing(theme.space("small"))
        form.addRow(self.tr("Repository"), self._repository)
        form.addRow(self.tr("Branch, tag or commit"), self._revision)
        form.addRow(self.tr("Call it"), self._name)
        buttons = spaced(QHBoxLayout(), 0, theme.space("small"))
        buttons.addStretch()
        buttons.addWidget(make_button(self.tr("Cancel"), "hubCancel", self.reject))
        buttons.addWidget(self._go)
        column = spaced(QVBoxLayout(self), theme.space("large"), theme.space("medium"))
        column.addWidget(make_label(theme, told, size="small", tone="muted", wrap=True))
        column.addLayout(form)
        column.addWidget(self._wrong)
        column.addLayout(buttons)

    def _import(self) -> None:
        repository, revision = self._repository.text().strip(), self._revision.text().strip()
        if not REPOSITORY.fullmatch(repository):
            self._refuse(self.tr("Write the repository as owner/name, as its page on the hub does."))
        elif revision and not REVISION.fullmatch(revision):
            self._refuse(self.tr("A branch, tag or commit has letters, digits, dots, slashes and dashes."))
        else:
            self._bring(_order(repository, revision, self._name.text().strip()))
            self.accept()

    def _refuse(self, sentence: str) -> None:
        self._wrong.setText(sentence)
        self._wrong.show()
        self.adjustSize()


def _order(repository: str, revision: str, name: str) -> ImportOrder:
    return ImportOrder(source=f"hub:{repository}", name=name[:200] or None, revision=revision or None)


def dropped_models(event: QDragEnterEvent | QDropEvent) -> Sequence[Path]:
    """Folders and GGUF files among what is dragged."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir() or path.suffix.lower() == ".gguf"]
