"""The conversations as a tree: pinned ones, folders, the rest; or what a search found and where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from desktop.chat.records import Conversation
from desktop.chat.search import Found, Run, plain

translate = QCoreApplication.translate

Index = QModelIndex | QPersistentModelIndex
PINNED = "pinned"
NOWHERE = QModelIndex()


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


@dataclass(frozen=True)
class Row:
    kind: Kind
    text: str
    conversation_id: int | None = None
    message_id: int | None = None
    runs: tuple[Run, ...] = ()
    group: str | None = None
    children: "tuple[Row, ...]" = ()


class ConversationModel(QAbstractItemModel):
    """Two levels. An index carries its parent's row + 1, or 0 on the upper level."""

    def __init__(self, rename: Callable[[int, str], None]) -> None:
        super().__init__()
        self._rename = rename
        self._rows: Sequence[Row] = ()

    def show_conversations(self, conversations: Sequence[Conversation]) -> None:
        self._show(grouped(conversations))

    def show_found(self, found: Sequence[Found]) -> None:
        self._show([_found_row(each) for each in found])

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        if conversation_id is None:
            return QModelIndex()
        for at, row in enumerate(self._rows):
            if row.conversation_id == conversation_id:
                return self.createIndex(at, 0, 0)
            for inner, child in enumerate(row.children):
                if child.kind is Kind.CONVERSATION and child.conversation_id == conversation_id:
                    return self.createIndex(inner, 0, at + 1)
        return QModelIndex()

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        if not 0 <= row < self.rowCount(parent) or column:
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]
        above = index.internalId() if index.isValid() else 0
        return self.createIndex(above - 1, 0, 0) if above else QModelIndex()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        if not parent.isValid():
            return len(self._rows)
        return len(self._row(parent).children)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._row(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text
        return {
            Role.KIND: row.kind,
            Role.CONVERSATION: row.conversation_id,
            Role.MESSAGE: row.message_id,
            Role.RUNS: row.runs,
            Role.GROUP: row.group,
        }.get(role)  # type: ignore[call-overload]

    def flags(self, index: Index) -> Qt.ItemFlag:
        kind = self._row(index).kind if index.isValid() else Kind.GROUP
        flags = Qt.ItemFlag.ItemIsEnabled
        if kind is not Kind.GROUP:
            flags |= Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if kind is Kind.CONVERSATION else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """What was typed over a title."""
        title, conversation_id = str(value).strip(), self._row(index).conversation_id
        if role != Qt.ItemDataRole.EditRole or not title or conversation_id is None:
            return False
        QTimer.singleShot(0, self, lambda: self._rename(conversation_id, title))
        return True

    def _row(self, index: Index) -> Row:
        above = index.internalId()
        return self._rows[above - 1].children[index.row()] if above else self._rows[index.row()]

    def _show(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()


def grouped(conversations: Sequence[Conversation]) -> list[Row]:
    """Pinned ones first, then by folder, then those in none, which need no heading."""
    pinned = [each for each in conversations if each.pinned]
    rest = [each for each in conversations if not each.pinned]
    groups = [_group(PINNED, translate("Chat", "Pinned"), pinned)] if pinned else []
    for folder in sorted({each.folder for each in rest if each.folder}, key=str.casefold):
        groups.append(_group(f"folder:{folder}", folder, [each for each in rest if each.folder == folder]))
    return [*groups, *(_conversation(each) for each in rest if not each.folder)]


def _group(key: str, text: str, conversations: Sequence[Conversation]) -> Row:
    return Row(Kind.GROUP, text, group=key, children=tuple(_conversation(each) for each in conversations))


def _conversation(conversation: Conversation) -> Row:
    return Row(Kind.CONVERSATION, conversation.title, conversation.id)


def _found_row(found: Found) -> Row:
    hits = (
        Row(Kind.HIT, plain(hit.line), found.conversation_id, hit.message_id, hit.line) for hit in found.hits
    )
    return Row(Kind.CONVERSATION, found.title, found.conversation_id, children=tuple(hits))
