"""Conversations to files and back, by dialogs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.chat.archive import Archive, archive_of, markdown_of, put_into, read_archive
from desktop.chat.conductor import Conductor
from desktop.engine_link.calls import Calls
from engine.errors import PotluckError, reason_of


class Archiving(QObject):
    said = Signal(str)  # one sentence: what was done, or why not
    imported = Signal(int)  # the first conversation that came in

    def __init__(self, conductor: Conductor, parent: QWidget) -> None:
        super().__init__(parent)
        self._conductor, self._window = conductor, parent
        self._calls = Calls(self)
        self._calls.failed.connect(self.said)

    def choose_export(self, conversation_ids: Sequence[int], kind: str) -> None:
        """`kind` is md or json."""
        name = _file_name(self._conductor.store.title(conversation_ids[0]))
        if len(conversation_ids) > 1:
            name = self.tr("chats")
        dialog = self._dialog(self.tr("Export"), "exportDialog", kind)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.selectFile(f"{name}.{kind}")
        dialog.fileSelected.connect(lambda path: self.export(conversation_ids, kind, Path(path)))
        dialog.open()

    def choose_import(self) -> None:
        dialog = self._dialog(self.tr("Import chats"), "importDialog", "json")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_in(Path(path)))
        dialog.open()

    def export(self, conversation_ids: Sequence[int], kind: str, path: Path) -> None:
        store = self._conductor.store
        if kind == "md":
            text = markdown_of(store.title(conversation_ids[0]), store.branch(conversation_ids[0]))
        else:
            text = archive_of(store, conversation_ids).model_dump_json(indent=1)
        self._calls.start(self._write(path, text), lambda _: self._say_written(path))

    def take_in(self, path: Path) -> None:
        self._calls.start(asyncio.to_thread(read_archive, path), self._put)

    async def close(self) -> None:
        await self._calls.close()

    def _put(self, archive: Archive) -> None:
        ids = put_into(self._conductor.store, archive)
        self._conductor.listed.emit()
        self.said.emit(self.tr("Imported chats: {count}").format(count=len(ids)))
        self.imported.emit(ids[0])

    async def _write(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(path.write_text, text, "utf-8")
        except OSError as error:
            sentence = self.tr("{name} cannot be written: {why}.").format(
                name=path.name, why=reason_of(error)
            )
            raise PotluckError(sentence) from None

    def _say_written(self, path: Path) -> None:
        self.said.emit(self.tr("Exported to {name}").format(name=path.name))

    def _dialog(self, title: str, name: str, kind: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, objectName=name)
        dialog.setNameFilter(f"*.{kind}")
        dialog.finished.connect(dialog.deleteLater)
        return dialog


def _file_name(title: str) -> str:
    """A title without what file systems refuse."""
    kept = "".join(each if each.isalnum() or each in " -_,()" else " " for each in title)
    return " ".join(kept.split())[:80].strip() or "conversation"
