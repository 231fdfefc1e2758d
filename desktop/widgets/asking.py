"""Questions to the owner: a file, a folder, or whether something shall really be done."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

translate = QCoreApplication.translate


def ask_folder(parent: QWidget, title: str, name: str, chosen: Callable[[Path], object]) -> None:
    dialog = _make_dialog(parent, title, name, chosen)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.open()


def ask_file(parent: QWidget, title: str, name: str, kinds: str, chosen: Callable[[Path], object]) -> None:
    """`kinds` as Qt writes them: “GGUF files (*.gguf)”."""
    dialog = _make_dialog(parent, title, name, chosen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(kinds)
    dialog.open()


def _make_dialog(parent: QWidget, title: str, name: str, chosen: Callable[[Path], object]) -> QFileDialog:
    dialog = QFileDialog(parent, title, objectName=name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    return dialog


def ask_whether(
    parent: QWidget, question: str, consequence: str, action: str, name: str, do: Callable[[], object]
) -> None:
    """`action` names what is done if the owner is sure; staying out of it is the default."""
    box = QMessageBox(parent, objectName=name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(consequence)
    sure = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    sure.setObjectName("sure")
    leave = box.addButton(translate("Asking", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(leave)
    sure.clicked.connect(lambda: do())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
