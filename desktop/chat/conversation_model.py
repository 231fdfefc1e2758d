"""The conversations as a tree: pinned ones, folders, the rest; or what a search found and where."""

from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QStandardItem, QStandardItemModel

from desktop.chat.records import Conversation
from desktop.chat.search import Found, plain
from desktop.widgets.parts import plain_tooltip

translate = QCoreApplication.translate

Index = QModelIndex | QPersistentModelIndex


class Kind(StrEnum):
    GROUP = "group"
    CONVERSATION = "conversation"
    HIT = "hit"  # a message that a search found


class Role(IntEnum):
    KIND = Qt.ItemDataRole.UserRole + 1
    CONVERSATION = Qt.ItemDataRole.UserRole + 2  # its id
    MESSAGE = Qt.ItemDataRole.UserRole + 3  # its id
    RUNS = Qt.ItemDataRole.UserRole + 4  # of a hit: the line with its marks
    GROUP = Qt.ItemDataRole.UserRole + 5  # what the group is remembered by


PINNED = "pinned"


class ConversationModel(QStandardItemModel):
    def __init__(self, rename: Callable[[int, str], None]) -> None:
        super().__init__()
        self._rename = rename
        self._items: dict[int, QStandardItem] = {}

    def show_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Pinned ones first, then by folder, then those in none; a single group needs no heading."""
        self._begin()
        pinned = [each for each in conversations if each.pinned]
        self._add_group(PINNED, translate("Chat", "Pinned"), pinned)
        folders = sorted({each.folder for each in conversations if each.folder}, key=str.casefold)
        for folder in folders:
            inside = [each for each in conversations if each.folder == folder and not each.pinned]
            self._add_group(f"folder:{folder}", folder, inside)
        for each in conversations:
            if not each.pinned and not each.folder:
                self.appendRow(self._conversation(each.id, each.title))

    def show_found(self, found: Sequence[Found]) -> None:
        self._begin()
        for each in found:
            item = self._conversation(each.conversation_id, each.title)
            for hit in each.hits:
                line = _item(Kind.HIT, plain(hit.line), each.conversation_id)
                line.setData(hit.message_id, Role.MESSAGE)
                line.setData(hit.line, Role.RUNS)
                item.appendRow(line)
            self.appendRow(item)

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        item = self._items.get(conversation_id) if conversation_id is not None else None
        return item.index() if item else QModelIndex()

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """What was typed over a title."""
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not title:
            return False
        conversation_id = index.data(Role.CONVERSATION)
        QTimer.singleShot(0, self, lambda: self._rename(conversation_id, title))
        return True

    def _begin(self) -> None:
        self.clear()
        self._items.clear()

    def _add_group(self, key: str, text: str, conversations: Sequence[Conversation]) -> None:
        if not conversations:
            return
        group = _item(Kind.GROUP, text, None)
        group.setData(key, Role.GROUP)
        group.setSelectable(False)
        group.appendRows([self._conversation(each.id, each.title) for each in conversations])
        self.appendRow(group)

    def _conversation(self, conversation_id: int, title: str) -> QStandardItem:
        item = _item(Kind.CONVERSATION, title, conversation_id)
        item.setEditable(True)
        self._items[conversation_id] = item
        return item


def _item(kind: Kind, text: str, conversation_id: int | None) -> QStandardItem:
    item = QStandardItem(text)
    item.setEditable(False)
    item.setToolTip(plain_tooltip(text))
    item.setData(kind, Role.KIND)
    item.setData(conversation_id, Role.CONVERSATION)
    return item
