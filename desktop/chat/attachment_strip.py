"""Attached files side by side: small pictures, and names of texts."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop.chat.records import Attachment
from desktop.sharing.wording import bytes_in_words
from desktop.widgets.flow import Flow
from desktop.widgets.parts import ElidedLabel, IconButton, clear, plain_tooltip, spaced
from desktop.widgets.theme import Theme

HEIGHT = 56  # pixels of a small picture
WIDEST = 200


class AttachmentStrip(QWidget):
    """`remove` gets the id of one that is to go; None: they stay."""

    def __init__(self, theme: Theme, remove: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._theme, self._remove = theme, remove
        self._flow = Flow(self, theme.space("small"))
        self.hide()

    def show_files(self, files: Sequence[Attachment]) -> None:
        clear(self._flow)
        for file in files:
            self._flow.addWidget(_File(self._theme, file, self._remove))
        self.setVisible(bool(files))
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._flow.invalidate()
        return super().event(event)


class _File(QFrame):
    def __init__(self, theme: Theme, file: Attachment, remove: Callable[[int], None] | None) -> None:
        super().__init__()
        self.setObjectName("attachment")
        self.setAccessibleName(self.tr("Attached: {name}").format(name=file.name))
        self.setToolTip(plain_tooltip(f"{file.name} · {bytes_in_words(file.size)}"))
        row = spaced(QHBoxLayout(self), theme.space("tight"), theme.space("tight"))
        row.addWidget(_picture(file, self.devicePixelRatio()) if file.thumbnail else _icon(theme))
        if not file.thumbnail:
            name = ElidedLabel(theme, "attachmentName", size="small")
            name.show_text(file.name)
            name.setMaximumWidth(WIDEST)
            row.addWidget(name)
        if remove:
            label = self.tr("Remove {name}").format(name=file.name)
            button = IconButton(theme, "close", label, "removeAttachment", lambda: remove(file.id))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop if file.thumbnail else Qt.AlignmentFlag(0))


def _picture(file: Attachment, ratio: float) -> QLabel:
    pixmap = QPixmap()
    pixmap.loadFromData(file.thumbnail)
    pixmap = pixmap.scaled(
        QSize(WIDEST, HEIGHT) * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap.setDevicePixelRatio(ratio)
    label = QLabel(objectName="thumbnail")
    label.setPixmap(pixmap)
    return label


def _icon(theme: Theme) -> QLabel:
    label = QLabel()
    label.setPixmap(theme.icon("file", "muted").pixmap(18, 18))
    return label
