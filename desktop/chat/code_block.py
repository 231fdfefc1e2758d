"""Code in an answer: its language, a Copy button, and colours once it is complete."""

import time
from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.chat.blocks import Code
from desktop.widgets.parts import IconButton, make_label, spaced
from desktop.widgets.theme import Theme

SLICE_SECONDS = 0.005  # of lexing at a time, so that nothing else waits
_TONES = {
    "Keyword": "code_keyword",
    "Name.Function": "code_name",
    "Name.Class": "code_name",
    "Name.Builtin": "code_name",
    "Name.Decorator": "code_name",
    "Name.Tag": "code_keyword",
    "Literal.String": "code_string",
    "Literal.Number": "code_number",
    "Comment": "code_comment",
    "Operator.Word": "code_keyword",
}
Ink = tuple[int, int, str]  # start and length in the line, colour token


class CodeBlock(QFrame):
    """Grows while it is being written; `complete` colours it."""

    def __init__(self, theme: Theme, language: str) -> None:
        super().__init__()
        self.setObjectName("codeBlock")
        self._theme, self._language = theme, language
        self._inks: _Inks | None = None
        self.view = _CodeView(theme)
        self.view.setAccessibleName(
            self.tr("Code: {language}").format(language=language or self.tr("plain text"))
        )
        self._copy = IconButton(theme, "copy", self.tr("Copy code"), "copyCode", self._copy_code)
        layout = spaced(QVBoxLayout(self), theme.space("small"), 0)
        layout.addWidget(self._header())
        layout.addWidget(self.view)

    @property
    def text(self) -> str:
        return self.view.toPlainText()

    @property
    def block(self) -> Code:
        return Code(self.text, self._language, closed=True)

    def show_text(self, text: str) -> None:
        """Cheap when `text` continues what is shown."""
        shown = self.text
        if text.startswith(shown):
            self.view.append(text[len(shown) :])
        else:
            self.view.setPlainText(text)
        self.view.fit()

    def complete(self, text: str) -> None:
        self.show_text(text)
        self._inks = _Inks(self.view.document(), self._theme, self._language)

    def _header(self) -> QWidget:
        header = QWidget()
        row = spaced(QHBoxLayout(header), 0, self._theme.space("small"))
        row.setContentsMargins(self._theme.space("small"), 0, 0, 0)
        row.addWidget(make_label(self._theme, self._language, size="small", tone="muted"))
        row.addStretch()
        row.addWidget(self._copy)
        return header

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self._copy.set_label(self.tr("Copied"))
        QTimer.singleShot(1500, self, lambda: self._copy.set_label(self.tr("Copy code")))


class _CodeView(QPlainTextEdit):
    """As high as its text; scrolls sideways only."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("code")
        self.setReadOnly(True)
        self.setFont(theme.code_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(theme.space("small"))
        self.horizontalScrollBar().rangeChanged.connect(lambda *_: self.fit())

    def append(self, text: str) -> None:
        if text:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text)

    def fit(self) -> None:
        bar = self.horizontalScrollBar()
        lines = self.blockCount() * self.fontMetrics().lineSpacing()
        margins = 2 * self.document().documentMargin() + 2 * self.frameWidth()
        self.setFixedHeight(round(lines + margins) + (bar.sizeHint().height() if bar.maximum() else 0))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().x():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Inks(QSyntaxHighlighter):
    """Colours by Pygments, a few milliseconds at a time."""

    def __init__(self, document: QTextDocument, theme: Theme, language: str) -> None:
        super().__init__(document)
        self._theme = theme
        self._lines: list[list[Ink]] = [[]]
        self._shown = 0
        self._source = _inks_of(document.toPlainText(), language)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._work)
        self._timer.start(0)

    def highlightBlock(self, text: str) -> None:
        line = self.currentBlock().blockNumber()
        for start, length, tone in self._lines[line] if line < len(self._lines) else ():
            shape = QTextCharFormat()
            shape.setForeground(QColor(self._theme.colours[tone]))
            self.setFormat(start, length, shape)

    def _work(self) -> None:
        until = time.perf_counter() + SLICE_SECONDS
        while time.perf_counter() < until:
            line = next(self._source, None)
            if line is None:
                self._timer.stop()
                return
            self._lines.append([])
            self._lines[self._shown] = line
            self.rehighlightBlock(self.document().findBlockByNumber(self._shown))
            self._shown += 1


def _inks_of(code: str, language: str) -> Iterator[list[Ink]]:
    """The coloured stretches of each line, as far as they are asked for."""
    from pygments.lexers import get_lexer_by_name  # here: only a chat with code pays for it
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return
    line: list[Ink] = []
    column = 0
    for kind, value in lexer.get_tokens(code):
        tone = _tone_of(str(kind).removeprefix("Token."))
        for index, part in enumerate(value.split("\n")):
            if index:
                yield line
                line, column = [], 0
            if tone and part:
                line.append((column, len(part), tone))
            column += len(part)
    yield line


def _tone_of(kind: str) -> str | None:
    """The colour of a token kind such as `Literal.String.Double`, by its longest known beginning."""
    while kind:
        if kind in _TONES:
            return _TONES[kind]
        kind = kind.rpartition(".")[0]
    return None
