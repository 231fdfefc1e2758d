"""The messages of one conversation, one under the other, at the reader's pace.

Views are made for what is near to what is read: the end first, the rest as the reader comes to it. What the
reader leaves far behind is let go.
"""

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.answer_view import AnswerView
from desktop.chat.conductor import Conductor
from desktop.chat.links import ask_before_opening
from desktop.chat.question_view import QuestionView
from desktop.chat.reading_place import ReadingPlace
from desktop.chat.records import Message, MessageState
from desktop.chat.tab_order import stops_in
from desktop.widgets.parts import clear, has_focus, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme

COLUMN_WIDTH = 760
SHOWN_AT_FIRST = 4  # messages
MOST_VIEWS = 24  # while the reader follows the end
MORE = 1  # messages that are added at a time: one may hold a long answer
AHEAD = 800  # pixels above and below what is seen that are filled
FAR = 2 * AHEAD  # pixels above and below what is seen from which on it is let go
LOOK_FOR_FAR = 200  # milliseconds after something moved
NEAR_THE_END = 32  # pixels: closer than this, the reader follows

View = QuestionView | AnswerView


class MessageList(QScrollArea):
    again = Signal(int)
    go_on = Signal(int)
    edited = Signal(int, str)
    filled = Signal()  # with new parts, and all that are to be there around what is read

    def __init__(self, theme: Theme, conductor: Conductor) -> None:
        super().__init__()
        self.setObjectName("messages")
        self.setAccessibleName(self.tr("Messages"))
        self._theme, self._conductor = theme, conductor
        self._conversation: int | None = None
        self._messages: list[Message] = []  # of the shown branch
        self._first = 0  # of these, the first that has a view
        self._views: list[View] = []  # of those that follow it
        self._siblings: dict[int, list[int]] = {}
        self._own_peer = ""
        self._has_new_parts = True  # since `filled`
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the text keeps its width
        self._column = self._make_column()
        self._place = ReadingPlace(self)
        self._latest = make_button(self.tr("Jump to the latest"), "jumpToLatest", self.follow_latest)
        self._latest.setParent(self)
        self._latest.hide()
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill_around)
        self._far = QTimer(self, singleShot=True)
        self._far.timeout.connect(self._let_go)
        bar = self.verticalScrollBar()
        set_tone(bar, "unseen")
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._scrolled)

    def show_conversation(
        self, conversation_id: int | None, own_peer: str, at_message: int | None = None
    ) -> None:
        """Its end, or this message. What is shown already stays as it is and where it is."""
        same = conversation_id == self._conversation and bool(self._views)
        before, self._own_peer = self._messages, own_peer
        store = self._conductor.store
        self._conversation = conversation_id
        self._messages = store.branch(conversation_id) if conversation_id else []
        self._siblings = dict(store.all_siblings(conversation_id)) if conversation_id else {}
        common = _common(before, self._messages)
        if at_message is not None:
            self._show_from(at_message)
        elif same and common > self._first:
            self._replace_from(common)
        elif same:
            self._fill(0)
        else:
            self._fill(None)
        self._show_cut()
        self._follow_reply()

    def end_answer(self, message: Message) -> None:
        for at, each in enumerate(self._messages):
            if each.id == message.id:
                self._messages[at] = message
        view = self._view_of(message.id)
        if isinstance(view, AnswerView):
            view.end(message, self._conductor.store.siblings(message.id))
            self._has_new_parts = True
            self._filling.start()
            self._announce(view.notice or self.tr("The answer is complete."))
        self._show_cut()
        self._let_edit(True)

    def edit_last(self) -> None:
        """The newest question, to be worded anew."""
        if not self._shows_end:
            self.follow_latest()
        questions = [view for view in self._views if isinstance(view, QuestionView)]
        if questions and self._conductor.reply_in(self._conversation) is None:
            questions[-1].edit()

    def answer_last_again(self) -> None:
        last = self._messages[-1] if self._messages else None
        if last and last.role != "user" and last.state is not MessageState.STREAMING:
            self.again.emit(last.id)

    def stops(self) -> Iterator[QWidget]:
        """Of the Tab key, in their order."""
        yield from stops_in(self.widget())
        yield self._latest

    def enter(self, stop: QWidget, onwards: bool) -> None:
        """The Tab key came here: go on from what is seen, rather than from far above it."""
        if onwards:
            seen = (each for each in stops_in(self.widget()) if each.isVisible() and each.isEnabled())
            stop = next((each for each in seen if not self._place.is_above(each)), stop)
            stop.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(stop, 0, self._theme.space("small"))

    def follow_latest(self) -> None:
        if not self._shows_end:
            self._fill(None)
            self._follow_reply()
        self._place.forget(follows=True)
        self._place.go_to_end()
        self._latest.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_button()
        self._filling.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._filling.start()

    # --- what has a view

    @property
    def _shows_end(self) -> bool:
        return self._first + len(self._views) >= len(self._messages)

    def _fill(self, at: int | None) -> None:
        """Anew: from this place on, or the end."""
        clear(self._column)
        self._views.clear()
        self._place.forget(follows=at is None)
        if not self._messages:
            self._column.addStretch(1)
            hint = make_label(self._theme, self.tr("What is on your mind?"), size="title", name="emptyChat")
            hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._column.addWidget(hint)
        self._column.addStretch(1)  # keeps a short conversation at the top
        self._first = max(0, len(self._messages) - SHOWN_AT_FIRST) if at is None else at
        self._append(SHOWN_AT_FIRST)
        self._filling.start()
        if at is None:
            self._place.go_to_end()

    def _show_from(self, message_id: int) -> None:
        at = next((at for at, each in enumerate(self._messages) if each.id == message_id), None)
        self._fill(at)
        if at is not None:
            self._settle()
            self._place.keep_at(self._views[0], self._theme.space("large"))
            self._place.hold()
            self._views[0].setFocus()

    def _replace_from(self, common: int) -> None:
        """Another branch: what both have in common stays."""
        self._drop(common - self._first, len(self._views))
        if self._place.follows and len(self._views) > MOST_VIEWS:
            self._drop(0, len(self._views) - SHOWN_AT_FIRST)
        if self._first + len(self._views) == common:
            self._append(SHOWN_AT_FIRST)
        self._filling.start()

    def _drop(self, start: int, end: int) -> None:
        """Let views go; those of the beginning come back when the reader does."""
        gone = self._views[start:end]
        del self._views[start:end]
        for view in gone:
            self._column.removeWidget(view)
            view.hide()
            view.deleteLater()
        if start == 0 and self._views:
            self._first += len(gone)

    def _append(self, count: int) -> None:
        end = self._first + len(self._views)
        for message in self._messages[end : end + count]:
            view = self._make_view(message)
            self._views.append(view)
            self._column.insertWidget(self._column.count() - 1, view)

    def _prepend(self, count: int) -> None:
        """Above what is shown, without moving it."""
        self._place.keep(self._views)
        more = self._messages[max(0, self._first - count) : self._first]
        for at, message in enumerate(more):
            view = self._make_view(message)
            self._views.insert(at, view)
            self._column.insertWidget(at, view)
        self._first -= len(more)
        self._settle()
        self._place.hold()
        self._show_cut()

    def _fill_around(self) -> None:
        """A few views at a time, until there is enough above and below what is seen."""
        bar = self.verticalScrollBar()
        if self._views and self._first > 0 and bar.value() < AHEAD:
            self._prepend(MORE)
        elif not self._shows_end and bar.maximum() - bar.value() < AHEAD:
            self._append(MORE)
            self._settle()
        elif not self._bring_back():
            self._look_for_far()
            if self._has_new_parts:
                self._has_new_parts = False
                self.filled.emit()
            return
        self._filling.start()

    def _bring_back(self) -> bool:
        """A part that was let go and is near again, without moving what is seen; whether there was one."""
        for view in self._answers():
            top, bottom = self._place.within(view.body, AHEAD)
            if far := view.body.far_part(top, bottom):
                above, height = self._place.is_above(far), far.height()
                part = view.body.bring_back(far)
                self._has_new_parts = True
                self._settle()
                if above and not self._place.follows:
                    self._place.move_by(part.height() - height)
                return True
        return False

    def _look_for_far(self) -> None:
        if not self._far.isActive():
            self._far.start(LOOK_FOR_FAR)

    def _let_go(self) -> None:
        """Views and parts of answers, a few at a time: those that are far from what is seen."""
        if self.isVisible() and (self._let_views_go() or self._let_parts_go()):
            self._far.start(0)

    def _let_views_go(self) -> bool:
        """The outermost one, if it is far and nobody is at it; whether it was."""
        for view in (self._views[0], self._views[-1]) if len(self._views) > SHOWN_AT_FIRST else ():
            top, bottom = self._place.within(view, FAR)
            if (view.height() < top or bottom < 0) and not _is_in_use(view):
                self._place.keep(self._views)
                at = self._views.index(view)
                self._drop(at, at + 1)
                self._settle()
                self._place.hold()
                return True
        return False

    def _let_parts_go(self) -> bool:
        return any(view.body.let_go(*self._place.within(view.body, FAR)) for view in self._answers())

    def _answers(self) -> list[AnswerView]:
        return [view for view in self._views if isinstance(view, AnswerView)]

    def _settle(self) -> None:
        """Let the layouts take effect at once."""
        for view in self._views:
            view.show()
        for _ in range(2):  # heights follow from widths
            self.widget().layout().activate()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def _make_view(self, message: Message) -> View:
        self._has_new_parts = True
        siblings = self._siblings.get(message.id) or self._conductor.store.siblings(message.id)
        if message.role == "user":
            question = QuestionView(self._theme, message, siblings)
            question.edited.connect(self.edited)
            question.turned.connect(self._conductor.show_sibling)
            question.set_may_edit(self._conductor.reply_in(self._conversation) is None)
            return question
        view = AnswerView(self._theme, message, siblings, self._own_peer)
        view.again.connect(self.again)
        view.go_on.connect(self.go_on)
        view.turned.connect(self._conductor.show_sibling)
        view.link_clicked.connect(lambda url: ask_before_opening(url, self))
        return view

    def _view_of(self, message_id: int) -> View | None:
        return next((view for view in self._views if view.message_id == message_id), None)

    def _follow_reply(self) -> None:
        reply = self._conductor.reply_in(self._conversation)
        view = self._view_of(reply.message_id) if reply else None
        if reply and isinstance(view, AnswerView) and not view.is_following:
            view.follow(reply)
        self._let_edit(reply is None)

    def _let_edit(self, may: bool) -> None:
        for view in self._views:
            if isinstance(view, QuestionView):
                view.set_may_edit(may)

    def _show_cut(self) -> None:
        """Where the newest answer was made without what stands above."""
        answers = (message for message in reversed(self._messages) if message.report)
        last = next(answers, None)
        for view in self._views:
            if isinstance(view, QuestionView):
                view.show_cut(last is not None and view.message_id == last.sent_from)

    # --- where the reader is

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

    def _range_changed(self, _: int, maximum: int) -> None:
        set_tone(self.verticalScrollBar(), "plain" if maximum else "unseen")
        self._look_for_far()
        if self._place.follows:
            self._place.go_to_end()

    def _scrolled(self, value: int) -> None:
        maximum = self.verticalScrollBar().maximum()
        self._place.follows = self._shows_end and maximum - value < NEAR_THE_END
        self._latest.setVisible(not self._place.follows)
        self._place_button()
        self._filling.start()
        self._look_for_far()

    def _place_button(self) -> None:
        self._latest.adjustSize()
        x = (self.viewport().width() - self._latest.width()) // 2
        self._latest.move(x, self.height() - self._latest.height() - self._theme.space("small"))

    # --- what the reader is asked and told

    def _announce(self, text: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))


def _is_in_use(view: View) -> bool:
    """Whether something goes on in it, or what is pressed goes to it."""
    return view.is_busy or has_focus(view)


def _common(before: list[Message], after: list[Message]) -> int:
    """How many messages both begin with."""
    pairs = zip(before, after, strict=False)
    return next((at for at, (old, new) in enumerate(pairs) if old.id != new.id), min(len(before), len(after)))
