"""What can be done with conversations from a menu: rename, pin, put into a folder, export, delete."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from desktop.chat.conductor import Conductor


class ConversationActions(QObject):
    """For the conversations that `chosen` names when an action is taken. `prefix` begins their names."""

    rename = Signal()
    deleted = Signal(tuple, str)  # ids, and the title of an only one
    export = Signal(tuple, str)  # ids, and "md" or "json"

    def __init__(
        self, parent: QWidget, conductor: Conductor, chosen: Callable[[], Sequence[int]], prefix: str = ""
    ) -> None:
        super().__init__(parent)
        self._window, self._conductor, self._chosen, self._prefix = parent, conductor, chosen, prefix
        self._rename = self._action("rename", self.tr("Rename"), self.rename.emit, "F2")
        self._pin = self._action("pin", self.tr("Pin"), self._toggle_pin)
        self._folders = QMenu(self.tr("Move to folder"), parent)
        self._markdown = self._action(
            "exportMarkdown", self.tr("Export as Markdown…"), lambda: self._export("md")
        )
        self._json = self._action("exportJson", self.tr("Export as JSON…"), lambda: self._export("json"))
        self._delete = self._action(
            "deleteConversation", self.tr("Delete"), self._delete_chosen, QKeySequence.StandardKey.Delete
        )
        self._folders.aboutToShow.connect(self.fill_folders)

    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return [
            self._rename, self._pin, self._folders.menuAction(), self._markdown, self._json, self._delete
        ]  # fmt: skip

    def update(self) -> None:
        """Offer what is possible now."""
        ids = self._chosen()
        for action in self.all():
            action.setEnabled(bool(ids))
        self._rename.setEnabled(len(ids) == 1)
        self._markdown.setEnabled(len(ids) == 1)
        self._pin.setText(self.tr("Unpin") if self._all_pinned() else self.tr("Pin"))

    def fill_folders(self) -> None:
        self._folders.clear()
        for folder in self._conductor.store.folders():
            self._folders.addAction(folder, lambda name=folder: self._put_into(name))
        self._folders.addSeparator()
        self._folders.addAction(self.tr("New folder…"), self._ask_for_folder)
        self._folders.addAction(self.tr("No folder"), lambda: self._put_into(""))

    def _action(
        self,
        name: str,
        text: str,
        action: Callable[[], object],
        key: str | QKeySequence.StandardKey | None = None,
    ) -> QAction:
        full_name = self._prefix + (name[0].upper() + name[1:] if self._prefix else name)
        made = QAction(text, self, objectName=full_name)
        if key and not self._prefix:
            made.setShortcut(key)
            made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        made.triggered.connect(lambda: action())
        return made

    def _all_pinned(self) -> bool:
        found = [self._conductor.store.conversation(each) for each in self._chosen()]
        return bool(found) and all(each is not None and each.pinned for each in found)

    def _toggle_pin(self) -> None:
        self._conductor.pin(self._chosen(), not self._all_pinned())

    def _put_into(self, folder: str) -> None:
        self._conductor.put_into(self._chosen(), folder)

    def _ask_for_folder(self) -> None:
        ask_for_text(
            self._window,
            self.tr("New folder"),
            self.tr("Name of the folder"),
            "",
            self._put_into,
            "askFolder",
        )

    def _export(self, kind: str) -> None:
        if ids := tuple(self._chosen()):
            self.export.emit(ids, kind)

    def _delete_chosen(self) -> None:
        ids = tuple(self._chosen())
        if not ids:
            return
        title = self._conductor.store.title(ids[0])
        self._conductor.delete(ids)
        self.deleted.emit(ids, title)


def ask_for_text(
    parent: QWidget, title: str, label: str, text: str, done: Callable[[str], object], name: str
) -> None:
    """A small dialog for one line; `done` gets it, unless it is empty."""
    dialog = QInputDialog(parent, objectName=name)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(text)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.textValueSelected.connect(lambda typed: done(typed.strip()) if typed.strip() else None)
    dialog.open()
