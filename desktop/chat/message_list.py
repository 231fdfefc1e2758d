"""The messages of one conversation, one under the other, at the reader's pace."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMessageBox, QScrollArea, QVBoxLayout, QWidget

from desktop.chat.conductor import Conductor
from desktop.chat.message_view import AnswerView, QuestionView
from desktop.chat.store import Message
from desktop.widgets.parts import clear, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

COLUMN_WIDTH = 760
SHOWN_AT_FIRST = 20  # messages; earlier ones come when asked for
NEAR_THE_END = 32  # pixels: closer than this, the reader follows


class MessageList(QScrollArea):
    again = Signal(int)
    go_on = Signal()

    def __init__(self, theme: Theme, conductor: Conductor) -> None:
        super().__init__()
        self.setObjectName("messages")
        self.setAccessibleName(self.tr("Messages"))
        self._theme, self._conductor = theme, conductor
        self._follows = True
        self._answers: dict[int, AnswerView] = {}
        self._earlier: list[Message] = []
        self._ids: list[int] = []  # of the shown branch, with those not yet drawn
        self._own_peer = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the text keeps its width
        self._column = self._make_column()
        self._latest = make_button(self.tr("Jump to the latest"), "jumpToLatest", self.follow_latest)
        self._latest.setParent(self)
        self._latest.hide()
        bar = self.verticalScrollBar()
        set_tone(bar, "unseen")
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._scrolled)

    def show_conversation(self, conversation_id: int | None, own_peer: str) -> None:
        """Adds only what is new when the same messages are shown already."""
        messages = self._conductor.store.branch(conversation_id) if conversation_id else []
        ids = [message.id for message in messages]
        known = len(self._ids)
        self._own_peer = own_peer
        if known and ids[:known] == self._ids:
            self._append(messages[known:])
        else:
            self._fill(messages)
        self._ids = ids
        self._follow_reply(conversation_id)

    def _fill(self, messages: list[Message]) -> None:
        clear(self._column)
        self._answers.clear()
        self._earlier = messages[:-SHOWN_AT_FIRST]
        self._add_top(bool(messages))
        self._column.addStretch(1)
        self._append(messages[-SHOWN_AT_FIRST:])
        self.follow_latest()

    def _append(self, messages: list[Message]) -> None:
        """Above the stretch that keeps a short conversation at the top."""
        for message in messages:
            self._column.insertWidget(self._column.count() - 1, self._make_view(message))

    def end_answer(self, message: Message) -> None:
        view = self._answers.get(message.id)
        if view:
            view.end(message, self._conductor.store.siblings(message.id))
            self._announce(view.notice or self.tr("The answer is complete."))

    def follow_latest(self) -> None:
        self._follows = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._latest.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_button()

    def _make_column(self) -> QVBoxLayout:
        scrolled = QWidget(objectName="scrolled")
        row = spaced(QHBoxLayout(scrolled), self._theme.space("large"), 0)
        holder = QWidget()
        holder.setMaximumWidth(COLUMN_WIDTH)
        row.addStretch(1)
        row.addWidget(holder, 1000)
        row.addStretch(1)
        self.setWidget(scrolled)
        return spaced(QVBoxLayout(holder), 0, self._theme.space("large"))

    def _add_top(self, begun: bool) -> None:
        if self._earlier:
            button = make_button(self.tr("Show earlier messages"), "showEarlier", self._show_earlier)
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        elif not begun:
            self._column.addStretch(1)
            hint = make_label(self._theme, self.tr("What is on your mind?"), size="title", name="emptyChat")
            hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(hint)

    def _show_earlier(self) -> None:
        """Above what is shown, without moving it."""
        bar = self.verticalScrollBar()
        from_end = bar.maximum() - bar.value()
        self._follows = False
        self._column.takeAt(0).widget().deleteLater()
        more, self._earlier = self._earlier[-SHOWN_AT_FIRST:], self._earlier[:-SHOWN_AT_FIRST]
        for at, message in enumerate(more):
            self._column.insertWidget(at, self._make_view(message))
        if self._earlier:
            button = make_button(self.tr("Show earlier messages"), "showEarlier", self._show_earlier)
            self._column.insertWidget(0, button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.widget().adjustSize()
        bar.setValue(bar.maximum() - from_end)

    def _make_view(self, message: Message) -> QWidget:
        if message.role == "user":
            return QuestionView(self._theme, message)
        view = AnswerView(self._theme, message, self._conductor.store.siblings(message.id), self._own_peer)
        view.again.connect(self.again)
        view.go_on.connect(self.go_on)
        view.turned.connect(self._conductor.show_sibling)
        view.link_clicked.connect(self._ask_before_opening)
        self._answers[message.id] = view
        return view

    def _follow_reply(self, conversation_id: int | None) -> None:
        reply = self._conductor.reply_in(conversation_id)
        if reply and reply.message_id in self._answers:
            self._answers[reply.message_id].follow(reply)

    def _ask_before_opening(self, url: QUrl) -> None:
        """A model may write any address: the reader sees it before it is opened."""
        if url.scheme() not in ("http", "https", "mailto"):
            return
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("Open link"), url.toDisplayString(), parent=self)
        box.setObjectName("openLink")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(self.tr("The model wrote this address. Open it in your browser?"))
        box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(lambda: QDesktopServices.openUrl(url))
        box.open()

    def _announce(self, text: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _range_changed(self, _: int, maximum: int) -> None:
        set_tone(self.verticalScrollBar(), "plain" if maximum else "unseen")
        if self._follows:
            self.verticalScrollBar().setValue(maximum)

    def _scrolled(self, value: int) -> None:
        maximum = self.verticalScrollBar().maximum()
        self._follows = maximum - value < NEAR_THE_END
        self._latest.setVisible(not self._follows)
        self._place_button()

    def _place_button(self) -> None:
        self._latest.adjustSize()
        x = (self.viewport().width() - self._latest.width()) // 2
        self._latest.move(x, self.height() - self._latest.height() - self._theme.space("small"))
