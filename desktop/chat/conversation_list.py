"""All conversations: find, begin, rename, pin, put into folders, delete and bring back."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QTreeView, QVBoxLayout, QWidget

from desktop.chat.conductor import Conductor
from desktop.chat.conversation_actions import ConversationActions
from desktop.chat.conversation_model import ConversationModel, Kind, Role
from desktop.chat.conversation_row import ConversationRow
from desktop.chat.undo_bar import UndoBar
from desktop.os_glue.remembered import Remembered
from desktop.widgets.parts import IconButton, make_button, make_label, spaced
from desktop.widgets.theme import Theme

COLLAPSED = "chat/collapsed"


class ConversationPane(QWidget):
    opened = Signal(int)
    hit = Signal(int)  # a message that a search found was opened
    chosen = Signal()  # by click or Enter: what follows is writing, not looking on
    begun = Signal()
    imports = Signal()
    restored = Signal(tuple)  # ids of what had been deleted

    def __init__(self, theme: Theme, conductor: Conductor, remembered: Remembered) -> None:
        super().__init__()
        self.setObjectName("conversationPane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._conductor, self._remembered = theme, conductor, remembered
        self._collapsed = set(filter(None, remembered.text(COLLAPSED).split("\n")))
        self._model = ConversationModel(conductor.rename)
        self._search = self._make_search()
        self._new = make_button(self.tr("New chat"), "newConversation", self.begun.emit)
        self._new.setShortcut(QKeySequence.StandardKey.New)
        self._new.setToolTip(QKeySequence(QKeySequence.StandardKey.New).toString())
        self._new.setIconSize(QSize(28, 20))  # with room around it
        self._list = self._make_list(theme)
        self.menu = ConversationActions(self._list, conductor, lambda: self.selected_ids)
        self._list.addActions(self.menu.all())
        self._empty = make_label(theme, size="small", tone="muted", wrap=True, name="noConversations")
        self._undo = UndoBar(theme, conductor)
        self._lay_out(theme)
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        selected, scrolled = self.selected, self._list.verticalScrollBar().value()
        self.select(None)  # else rows that go would hand it on, and that would open another conversation
        words = self._search.text().strip()
        store = self._conductor.store
        self._list.setUniformRowHeights(not words)  # else each of a thousand is asked for its height
        if words:
            self._model.show_found(store.search(words))
        else:
            self._model.show_conversations(store.conversations())
        self._open_groups()
        self.select(selected)
        self._list.verticalScrollBar().setValue(scrolled)
        self._empty.setText(self.tr("Nothing found") if words else self.tr("No chat yet"))
        self._empty.setVisible(not self._model.rowCount())

    def focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def focus_list(self) -> None:
        self._list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def selected(self) -> int | None:
        """The conversation that the keyboard stands on."""
        index = self._list.currentIndex()
        return index.data(Role.CONVERSATION) if index.isValid() else None

    @property
    def selected_ids(self) -> Sequence[int]:
        found = [index.data(Role.CONVERSATION) for index in self._list.selectedIndexes()]
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def select(self, conversation_id: int | None) -> None:
        """Without opening it. What was found in it stays what the keyboard stands on."""
        if conversation_id is not None and conversation_id == self.selected:
            return
        index = self._model.index_of(conversation_id)
        was_blocked = self._list.selectionModel().blockSignals(True)
        if index.isValid():
            self._list.setCurrentIndex(index)
        else:
            self._list.clearSelection()
            self._list.setCurrentIndex(QModelIndex())
        self._list.selectionModel().blockSignals(was_blocked)
        self.menu.update()
        self._list.viewport().update()

    def _make_search(self) -> QLineEdit:
        field = QLineEdit(objectName="searchChats", placeholderText=self.tr("Search all chats"))
        field.setAccessibleName(self.tr("Search all chats"))
        field.setToolTip(QKeySequence(QKeySequence.StandardKey.Find).toString())
        field.setClearButtonEnabled(True)
        field.findChild(QToolButton).setAccessibleName(self.tr("Clear the search"))
        return field

    def _make_list(self, theme: Theme) -> QTreeView:
        view = QTreeView(objectName="conversations", headerHidden=True, rootIsDecorated=False)
        view.setAccessibleName(self.tr("Chats"))
        view.setModel(self._model)
        view.setItemDelegate(ConversationRow(theme, view))
        view.setIndentation(0)
        view.setMouseTracking(True)
        view.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QTreeView.EditTrigger.EditKeyPressed)
        view.setExpandsOnDoubleClick(False)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return view

    def _connect(self) -> None:
        self._search.textChanged.connect(self.refresh)
        self._search.returnPressed.connect(self._open_first)
        self._list.clicked.connect(self._clicked)
        self._list.activated.connect(lambda index: self._choose(index))
        self._list.selectionModel().currentChanged.connect(self._opened)
        self._list.selectionModel().selectionChanged.connect(lambda *_: self.menu.update())
        self._list.collapsed.connect(lambda index: self._remember_group(index, True))
        self._list.expanded.connect(lambda index: self._remember_group(index, False))
        self.menu.rename.connect(lambda: self._list.edit(self._list.currentIndex()))
        self.menu.deleted.connect(self.forget)
        self._undo.restored.connect(self.restored)
        self._conductor.listed.connect(self.refresh)
        self._theme.changed.connect(self._draw)
        self._draw()

    def _lay_out(self, theme: Theme) -> None:
        column = spaced(QVBoxLayout(self), 12, theme.space("small"))
        top = spaced(QHBoxLayout(), 0, theme.space("tight"))
        top.addWidget(self._new, 1)
        importing = IconButton(theme, "import", self.tr("Import chats"), "importChats", self.imports.emit)
        top.addWidget(importing)
        column.addLayout(top)
        for part in (self._search, self._empty):
            column.addWidget(part)
        column.addWidget(self._list, 1)
        column.addWidget(self._undo)

    def _draw(self) -> None:
        self._new.setIcon(self._theme.icon("plus"))

    def _open_groups(self) -> None:
        self._list.blockSignals(True)
        self._list.expandAll()
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            if index.data(Role.GROUP) in self._collapsed:
                self._list.collapse(index)
        self._list.blockSignals(False)

    def _remember_group(self, index: QModelIndex, collapsed: bool) -> None:
        if key := index.data(Role.GROUP):
            (self._collapsed.add if collapsed else self._collapsed.discard)(key)
            self._remembered.keep_text(COLLAPSED, "\n".join(sorted(self._collapsed)))

    def _clicked(self, index: QModelIndex) -> None:
        if index.data(Role.KIND) == Kind.GROUP:
            self._list.setExpanded(index, not self._list.isExpanded(index))
        else:
            self.chosen.emit()

    def _choose(self, index: QModelIndex) -> None:
        if index.data(Role.KIND) == Kind.GROUP:
            self._list.setExpanded(index, not self._list.isExpanded(index))
        else:
            self._opened(index)
            self.chosen.emit()

    def _open_first(self) -> None:
        if self._model.rowCount():
            first = self._model.index(0, 0)
            child = self._model.index(0, 0, first)
            self._list.setFocus()
            self._list.setCurrentIndex(child if child.isValid() else first)

    def _opened(self, current: QModelIndex) -> None:
        kind = current.data(Role.KIND) if current.isValid() else None
        if kind == Kind.HIT:
            self.hit.emit(current.data(Role.MESSAGE))
        elif kind == Kind.CONVERSATION:
            self.opened.emit(current.data(Role.CONVERSATION))

    def forget(self, ids: Sequence[int], title: str) -> None:
        """These were deleted: offer them back, and begin anew where one of them was open."""
        self._undo.offer(ids, title)
        self.begun.emit()
