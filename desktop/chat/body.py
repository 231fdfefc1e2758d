"""The text of one message: prose and code, one under the other, cheap to extend while an answer streams."""

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.chat.blocks import Block, Code, Prose, blocks_of, finished_blocks, open_code
from desktop.chat.code_block import CodeBlock
from desktop.chat.markdown import LINE_HEIGHT
from desktop.chat.prose_view import ProseView, StreamTail
from desktop.widgets.parts import clear, has_focus, spaced
from desktop.widgets.theme import Theme

LONGEST_PROSE = 8_000  # characters in one view: bounds what adding a paragraph costs
AT_A_TIME = 2  # parts that are let go without a rest
AT_FIRST = 8  # parts of a long text that are made at once
ROW = 80  # characters, about


class Body(QWidget):
    """`show_text` shows a finished text, `grow` one that is still arriving, `finish` ends that.

    Parts that are far from what is read are let go, and brought back when the reader comes near.
    """

    link_clicked = Signal(QUrl)

    def __init__(self, theme: Theme, accessible_name: str) -> None:
        super().__init__()
        self._theme, self._name = theme, accessible_name
        self._text = ""
        self._at = 0  # where the text that is not yet committed begins
        self._open_code: CodeBlock | None = None
        self._tail = StreamTail(theme)
        outer = spaced(QVBoxLayout(self), 0, theme.space("small"))
        self._column = spaced(QVBoxLayout(), 0, theme.space("small"))
        outer.addLayout(self._column)
        outer.addWidget(self._tail)
        self._tail.hide()
        theme.changed.connect(self._draw_again)

    @property
    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        clear(self._column)
        self._open_code, self._at = None, 0
        self.finish(text)

    def grow(self, text: str) -> None:
        cut = finished_blocks(text, self._at)
        self._commit(cut.finished)
        self._text, self._at = text, cut.rest_at
        self._show_rest(text[self._at :])

    def finish(self, text: str) -> None:
        self._commit(blocks_of(text[self._at :]))
        self._text, self._at = text, len(text)
        self._open_code = None
        self._tail.show_text("")

    def let_go(self, top: int, bottom: int) -> bool:
        """Keep only source and height of a few parts that end above or begin below; whether there were any.

        The last part stays: it may grow.
        """
        parts = [self._column.itemAt(at).widget() for at in range(self._column.count() - 1)]
        far = [part for part in parts if isinstance(part, ProseView | CodeBlock) and not has_focus(part)]
        beyond = [part for part in far if part.geometry().bottom() < top or part.y() > bottom]
        for part in beyond[:AT_A_TIME]:
            self._exchange(part, FarPart(part.block, part.height()))
        return bool(beyond)

    def far_part(self, top: int, bottom: int) -> "FarPart | None":
        """Of those that were let go and reach between the two, the one nearest to the middle."""
        far = [part for part in self.findChildren(FarPart) if part.isVisibleTo(self)]
        near = (part for part in far if part.geometry().bottom() >= top and part.y() <= bottom)
        middle = (top + bottom) / 2
        return min(near, key=lambda part: abs(part.geometry().center().y() - middle), default=None)

    def bring_back(self, far: "FarPart") -> QWidget:
        part = self._make(far.block)
        part.resize(far.size())  # before it is laid out: the same width gives the same height
        self._exchange(far, part)
        return part

    def _exchange(self, old: QWidget, new: QWidget) -> None:
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        new.show()

    def _make(self, block: Block) -> QWidget:
        if isinstance(block, Code):
            code = CodeBlock(self._theme, block.language)
            code.complete(block.text)
            return code
        prose = self._make_prose()
        prose.show_source(block.source)
        return prose

    def _draw_again(self) -> None:
        finished = self._at == len(self._text)
        text = self._text
        self.show_text("")
        (self.show_text if finished else self.grow)(text)

    def _show_rest(self, rest: str) -> None:
        code = open_code(rest)
        self._tail.show_text("" if code else rest.strip("\n"))
        if code:
            self._open_code = self._open_code or self._add_code(code.language)
            self._open_code.show_text(code.text)

    def _commit(self, blocks: tuple[Block, ...]) -> None:
        parts = _joined(blocks)
        if not self._column.count():  # of a long text the end: the rest when the reader comes near
            far, parts = parts[:-AT_FIRST], parts[-AT_FIRST:]
            for part in far:
                self._column.addWidget(FarPart(part, self._guessed_height(part)))
        for part in parts:
            if isinstance(part, Code):
                self._commit_code(part)
            else:
                self._commit_prose(part.source)

    def _guessed_height(self, block: Block) -> int:
        text = block.text if isinstance(block, Code) else block.source
        rows = sum(1 + len(line) // ROW for line in text.split("\n"))
        spacing = QFontMetrics(self._theme.font("body")).lineSpacing()
        return round(rows * spacing * (1 if isinstance(block, Code) else LINE_HEIGHT / 100))

    def _commit_code(self, code: Code) -> None:
        block = self._open_code or self._add_code(code.language)
        self._open_code = None
        block.complete(code.text)

    def _commit_prose(self, source: str) -> None:
        self._drop_open_code()
        last = self._column.itemAt(self._column.count() - 1)
        view = last.widget() if last else None
        if not isinstance(view, ProseView) or len(view.markdown) > LONGEST_PROSE:
            view = self._add_prose()
        view.show_source(view.markdown + source)

    def _drop_open_code(self) -> None:
        """What looked like code turned out not to be."""
        if self._open_code:
            self._column.removeWidget(self._open_code)
            self._open_code.deleteLater()
            self._open_code = None

    def _add_code(self, language: str) -> CodeBlock:
        block = CodeBlock(self._theme, language)
        self._column.addWidget(block)
        return block

    def _add_prose(self) -> ProseView:
        view = self._make_prose()
        self._column.addWidget(view)
        return view

    def _make_prose(self) -> ProseView:
        view = ProseView(self._theme)
        view.setAccessibleName(self._name)
        view.anchorClicked.connect(self.link_clicked)
        return view


def _joined(blocks: tuple[Block, ...]) -> list[Block]:
    """Prose beside prose becomes one."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if isinstance(block, Prose) and isinstance(last, Prose) and len(last.source) < LONGEST_PROSE:
            joined[-1] = Prose(last.source + block.source)
        else:
            joined.append(block)
    return joined


class FarPart(QWidget):
    """Where prose or code stands that is far from what is read: a document costs far more than its source."""

    def __init__(self, block: Block, height: int) -> None:
        super().__init__()
        self.block = block
        self.setFixedHeight(height)
        self.setAccessibleName(block.text if isinstance(block, Code) else block.source)
