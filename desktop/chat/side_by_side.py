"""The list of chats beside the open one, where there is room for both; else it comes when it is asked for."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from desktop.os_glue.remembered import Remembered

ROOM_FOR_BOTH = 720  # pixels; with less, the list is put away as soon as a chat is chosen
LIST_WIDTH, LEAST_LIST_WIDTH = 240, 180
HIDDEN = "chat/list_hidden"


class SideBySide(QSplitter):
    list_shown = Signal(bool)

    def __init__(self, chats: QWidget, opened: QWidget, remembered: Remembered) -> None:
        super().__init__(objectName="chatSplitter", childrenCollapsible=False)
        self._chats, self._remembered = chats, remembered
        self.is_narrow = False
        chats.setMinimumWidth(LEAST_LIST_WIDTH)
        self.addWidget(chats)
        self.addWidget(opened)
        self.setStretchFactor(1, 1)
        self.setSizes([LIST_WIDTH, 3 * LIST_WIDTH])
        self.setHandleWidth(1)
        remembered.restore_splitter(self)
        self.splitterMoved.connect(lambda *_: remembered.save_splitter(self))
        self._chats.setHidden(self._is_unwanted)

    @property
    def shows_list(self) -> bool:
        return not self._chats.isHidden()

    def show_list(self, shown: bool) -> None:
        """As the user wants it. Where there is room for both, that holds from now on."""
        if not self.is_narrow:
            self._remembered.keep_text(HIDDEN, "" if shown else "yes")
        self._show(shown)

    def make_room(self) -> None:
        """A chat was chosen: let it be read."""
        if self.is_narrow:
            self._show(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < ROOM_FOR_BOTH
        if narrow != self.is_narrow:
            self.is_narrow = narrow
            self._show(not narrow and not self._is_unwanted)

    @property
    def _is_unwanted(self) -> bool:
        return bool(self._remembered.text(HIDDEN))

    def _show(self, shown: bool) -> None:
        self._chats.setVisible(shown)
        self.list_shown.emit(shown)
