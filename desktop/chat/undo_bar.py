"""What was deleted last can be brought back, for a while."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.chat.conductor import Conductor
from desktop.widgets.parts import make_button, make_label, spaced
from desktop.widgets.theme import Theme

UNDO_MILLISECONDS = 10_000


class UndoBar(QFrame):
    restored = Signal(tuple)  # ids of conversations

    def __init__(self, theme: Theme, conductor: Conductor) -> None:
        super().__init__()
        self.setObjectName("undoBar")
        self._conductor = conductor
        self._deleted: tuple[int, ...] = ()
        self._label = make_label(theme, size="small", wrap=True, name="deletedTitle")
        self._timer = QTimer(self, singleShot=True, interval=UNDO_MILLISECONDS)
        self._timer.timeout.connect(self._forget)
        row = spaced(QHBoxLayout(self), theme.space("small"), theme.space("small"))
        row.addWidget(self._label, 1)
        row.addWidget(make_button(self.tr("Undo"), "undoDelete", self._undo))
        self.hide()

    def offer(self, conversation_ids: Sequence[int], title: str) -> None:
        """`title` of the only one."""
        self._forget()
        self._deleted = tuple(conversation_ids)
        count = len(self._deleted)
        self._label.setText(
            self.tr("Deleted “{title}”").format(title=title)
            if count == 1
            else self.tr("Deleted chats: {count}").format(count=count)
        )
        self.show()
        self._timer.start()

    def _undo(self) -> None:
        came_back, self._deleted = self._deleted, ()
        self._conductor.restore(came_back)
        self.hide()
        self.restored.emit(came_back)

    def _forget(self) -> None:
        """The time for undo is over: what was deleted leaves the disk."""
        if self._deleted:
            self._conductor.store.purge(self._deleted)
        self._deleted = ()
        self.hide()
