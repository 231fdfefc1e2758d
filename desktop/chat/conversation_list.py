"""All conversations: find, begin, rename, delete and bring back."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QFont, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.conductor import Conductor
from desktop.chat.store import Conversation
from desktop.widgets.parts import make_button, make_label, plain_tooltip, spaced
from desktop.widgets.theme import Theme

UNDO_MILLISECONDS = 10_000
EXCERPT = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class ConversationPane(QWidget):
    opened = Signal(int)
    chosen = Signal()  # by click or Enter: what follows is writing, not looking on
    begun = Signal()

    def __init__(self, theme: Theme, conductor: Conductor) -> None:
        super().__init__()
        self.setObjectName("conversationPane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._conductor = theme, conductor
        self._model = _Conversations(conductor)
        self._search = QLineEdit(objectName="searchChats", placeholderText=self.tr("Search all chats"))
        self._search.setAccessibleName(self.tr("Search all chats"))
        self._search.setClearButtonEnabled(True)
        self._search.findChild(QToolButton).setAccessibleName(self.tr("Clear the search"))
        self._search.textChanged.connect(self.refresh)
        self._new = make_button(self.tr("New conversation"), "newConversation", self.begun.emit)
        self._new.setShortcut(QKeySequence.StandardKey.New)
        self._new.setIconSize(QSize(28, 20))  # with room around it
        self._list = self._make_list(theme)
        self._empty = make_label(theme, size="small", tone="muted", wrap=True, name="noConversations")
        self._undo = _UndoBar(theme, conductor)
        self._lay_out(theme)
        conductor.listed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        selected = self.selected
        self._model.show_conversations(self._conductor.store.search(self._search.text()))
        self.select(selected)
        searching = bool(self._search.text().strip())
        self._empty.setText(self.tr("Nothing found") if searching else self.tr("No conversation yet"))
        self._empty.setVisible(not self._model.rowCount())

    def focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    @property
    def selected(self) -> int | None:
        index = self._list.currentIndex()
        return self._model.conversation_at(index).id if index.isValid() else None

    def select(self, conversation_id: int | None) -> None:
        index = self._model.index_of(conversation_id)
        self._list.blockSignals(True)
        self._list.setCurrentIndex(index) if index.isValid() else self._list.clearSelection()
        self._list.blockSignals(False)

    def _make_list(self, theme: Theme) -> QListView:
        view = QListView(objectName="conversations")
        view.setAccessibleName(self.tr("Conversations"))
        view.setModel(self._model)
        view.setItemDelegate(_Row(theme, view))
        view.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.clicked.connect(lambda _: self.chosen.emit())
        view.activated.connect(lambda _: self.chosen.emit())
        view.selectionModel().currentChanged.connect(self._opened)
        view.addAction(self._make_action("rename", self.tr("Rename"), "F2", self._rename))
        view.addAction(
            self._make_action(
                "deleteConversation", self.tr("Delete"), QKeySequence.StandardKey.Delete, self._delete
            )
        )
        return view

    def _make_action(
        self, name: str, text: str, key: str | QKeySequence.StandardKey, action: Callable[[], None]
    ) -> QAction:
        made = QAction(text, self, objectName=name)
        made.setShortcut(key)
        made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        made.triggered.connect(lambda: action())
        return made

    def _lay_out(self, theme: Theme) -> None:
        theme.changed.connect(self._draw)
        self._draw()
        column = spaced(QVBoxLayout(self), 12, theme.space("small"))
        for part in (self._new, self._search, self._empty):
            column.addWidget(part)
        column.addWidget(self._list, 1)
        column.addWidget(self._undo)

    def _draw(self) -> None:
        self._new.setIcon(self._theme.icon("plus"))

    def _opened(self, current: QModelIndex) -> None:
        if current.isValid() and not self._list.signalsBlocked():
            self.opened.emit(self._model.conversation_at(current).id)

    def _rename(self) -> None:
        if self._list.currentIndex().isValid():
            self._list.edit(self._list.currentIndex())

    def _delete(self) -> None:
        selected = self.selected
        if selected is None:
            return
        title = self._conductor.store.title(selected)
        self._list.clearSelection()
        self._list.setCurrentIndex(QModelIndex())
        self._conductor.delete(selected)
        self._undo.offer(selected, title)
        self.begun.emit()


class _Conversations(QAbstractListModel):
    def __init__(self, conductor: Conductor) -> None:
        super().__init__()
        self._conductor = conductor
        self._rows: list[Conversation] = []

    def show_conversations(self, rows: Sequence[Conversation]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def conversation_at(self, index: Index) -> Conversation:
        return self._rows[index.row()]

    def index_of(self, conversation_id: int | None) -> QModelIndex:
        rows = [row for row, each in enumerate(self._rows) if each.id == conversation_id]
        return self.index(rows[0]) if rows else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._rows[index.row()].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(self._rows[index.row()].title)
        return self._rows[index.row()].excerpt if role == EXCERPT else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        title = str(value).strip()
        if not title or role != Qt.ItemDataRole.EditRole:
            return False
        conversation_id = self._rows[index.row()].id
        QTimer.singleShot(0, self, lambda: self._conductor.rename(conversation_id, title))
        return True


class _Row(QStyledItemDelegate):
    """The title, and under it where a search found its words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 2 if index.data(EXCERPT) else 1
        return QSize(0, lines * option.fontMetrics.height() + 2 * self._theme.space("small"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        box = option.rect.adjusted(12, self._theme.space("small"), -12, -self._theme.space("small"))
        self._paint_line(painter, box, str(index.data()), self._theme.font("body"), "text")
        if excerpt := index.data(EXCERPT):
            below = box.translated(0, option.fontMetrics.height())
            self._paint_line(painter, below, " ".join(excerpt.split()), self._theme.font("small"), "muted")
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        active = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        if option.state & active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("selected"))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus and option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(self._theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(1, 2, -1, -2), 8, 8)

    def _paint_line(self, painter: QPainter, box: QRect, text: str, font: QFont, tone: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect)
        editor.setAutoFillBackground(True)
        editor.setPalette(QPalette(option.palette))


class _UndoBar(QFrame):
    """Brings the last deleted conversation back, for a while."""

    def __init__(self, theme: Theme, conductor: Conductor) -> None:
        super().__init__()
        self.setObjectName("undoBar")
        self._conductor = conductor
        self._deleted: int | None = None
        self._label = make_label(theme, size="small", wrap=True, name="deletedTitle")
        self._timer = QTimer(self, singleShot=True, interval=UNDO_MILLISECONDS)
        self._timer.timeout.connect(self._forget)
        row = spaced(QHBoxLayout(self), theme.space("small"), theme.space("small"))
        row.addWidget(self._label, 1)
        row.addWidget(make_button(self.tr("Undo"), "undoDelete", self._undo))
        self.hide()

    def offer(self, conversation_id: int, title: str) -> None:
        self._forget()
        self._deleted = conversation_id
        self._label.setText(self.tr("Deleted “{title}”").format(title=title))
        self.show()
        self._timer.start()

    def _undo(self) -> None:
        if self._deleted is not None:
            self._conductor.restore(self._deleted)
        self._deleted = None
        self.hide()

    def _forget(self) -> None:
        """The time for undo is over: what was deleted leaves the disk."""
        if self._deleted is not None:
            self._conductor.store.purge()
        self._deleted = None
        self.hide()
