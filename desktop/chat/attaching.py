"""Files on their way into a draft: read beside the window's thread, checked, kept."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.chat.attachments import MAX_FILES, from_image, read_files
from desktop.chat.records import NewAttachment
from desktop.chat.store import ChatStore
from desktop.engine_link.calls import Calls
from engine.api.schema import ModelInfo
from engine.errors import BadRequest


class Attaching(QObject):
    """`model` is the one that will answer; a model that is known to be blind gets no pictures."""

    changed = Signal()  # a draft has other files than before
    failed = Signal(str)

    def __init__(self, store: ChatStore, model: Callable[[], ModelInfo | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._model, self._window = store, model, parent
        self._calls = Calls(self)
        self._calls.failed.connect(self.failed)

    def choose(self, conversation_id: int | None) -> None:
        dialog = QFileDialog(self._window, self.tr("Attach files"), objectName="attachDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.add_files(conversation_id, [Path(n) for n in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add_files(self, conversation_id: int | None, paths: Sequence[Path]) -> None:
        self._calls.start(
            asyncio.to_thread(read_files, paths), lambda files: self._keep(conversation_id, files)
        )

    def add_image(self, conversation_id: int | None, image: QImage) -> None:
        name = self.tr("Pasted picture.png")
        self._calls.start(
            asyncio.to_thread(lambda: [from_image(image, name)]),
            lambda files: self._keep(conversation_id, files),
        )

    def remove(self, attachment_id: int) -> None:
        self._store.attachments.remove(attachment_id)
        self.changed.emit()

    async def close(self) -> None:
        await self._calls.close()

    def _keep(self, conversation_id: int | None, files: Sequence[NewAttachment]) -> None:
        try:
            self._check(conversation_id, files)
        except BadRequest as refusal:
            self.failed.emit(str(refusal))
            return
        for file in files:
            self._store.attachments.add_to_draft(conversation_id, file)
        self.changed.emit()

    def _check(self, conversation_id: int | None, files: Sequence[NewAttachment]) -> None:
        model = self._model()
        blind = model is not None and model.kind not in (None, "image_text")
        if blind and any(file.kind == "image" for file in files):
            raise BadRequest(
                self.tr("{model} reads text only: choose a model that sees pictures.").format(
                    model=model.name
                )
            )
        if len(self._store.attachments.of_draft(conversation_id)) + len(files) > MAX_FILES:
            raise BadRequest(self.tr("At most {count} files go with one message.").format(count=MAX_FILES))
