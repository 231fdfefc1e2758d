"""The engines to choose from: this computer's own, and those that were added."""

from functools import partial

from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from desktop.elsewhere.add_dialog import AddDialog, Reach
from desktop.elsewhere.engine_book import EngineBook
from desktop.widgets.asking import ask_whether
from desktop.widgets.parts import IconButton, clear, make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.known_engines import KnownEngine, is_on_this_computer

ROW_HEIGHT = 32


class EngineList(QWidget):
    def __init__(self, theme: Theme, book: EngineBook, reach: Reach) -> None:
        super().__init__()
        self._theme, self._book, self._reach = theme, book, reach
        self._group = QButtonGroup(self)
        self._rows = QWidget()
        self._row_column = spaced(QVBoxLayout(self._rows), 0, theme.space("small"))
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="enginesTrouble")
        self._trouble.hide()
        self._more = make_button(self.tr("Add an engine…"), "addEngineButton", self.ask)
        self._lay_out()
        book.changed.connect(self._show)
        book.failed.connect(self._complain)
        self._show()

    def ask(self, address: str = "") -> None:
        """For an engine to add; for another key where the address is known."""
        AddDialog(self._theme, self._reach, self._book.add, self.window(), address).open()

    def _lay_out(self) -> None:
        hint = self.tr(
            "Pages, tray and answers are then those of that computer. Conversations are kept here, and the "
            "engine of this computer goes on as it does."
        )
        buttons = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        buttons.addWidget(self._more)
        buttons.addStretch()
        column = spaced(QVBoxLayout(self), 0, self._theme.space("medium"))
        column.addWidget(self._rows)
        column.addWidget(make_label(self._theme, hint, size="small", tone="muted", wrap=True))
        column.addLayout(buttons)
        column.addWidget(self._trouble)

    def _show(self) -> None:
        self._trouble.hide()
        had_focus = self._rows.isAncestorOf(self.focusWidget())
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear(self._row_column)
        self._row_column.addWidget(self._make_row("", self.tr("This computer")))
        for engine in self._book.engines:
            self._row_column.addWidget(self._make_row(engine.address, self._name(engine), engine))
        self._order_keys(had_focus)

    def _order_keys(self, had_focus: bool) -> None:
        """The rows are new: the Tab key reaches the button below after them, and stays where it was."""
        *_, last = self._rows.findChildren(QAbstractButton)
        self.setTabOrder(last, self._more)
        if had_focus and (chosen := self._group.checkedButton()):
            chosen.setFocus()

    def _name(self, engine: KnownEngine) -> str:
        if is_on_this_computer(engine.address):
            return self.tr("{address}, through a tunnel").format(address=engine.address)
        return self.tr("{address}, unencrypted").format(address=engine.address)

    def _make_row(self, address: str, text: str, engine: KnownEngine | None = None) -> QWidget:
        row = QWidget()
        line = spaced(QHBoxLayout(row), 0, self._theme.space("small"))
        choice = QRadioButton(text, objectName=f"engine.{address}", checked=address == self._book.chosen)
        choice.setMinimumHeight(ROW_HEIGHT)
        choice.clicked.connect(partial(self._book.look_at, address))
        self._group.addButton(choice)
        line.addWidget(choice, 1)
        if engine is not None:
            label = self.tr("Change the key: {what}").format(what=address)
            change = partial(self.ask, address)
            line.addWidget(IconButton(self._theme, "edit", label, f"engineKey.{address}", change))
            label = self.tr("Remove: {what}").format(what=address)
            remove = partial(self._ask_remove, address)
            line.addWidget(IconButton(self._theme, "close", label, f"engineRemove.{address}", remove))
        return row

    def _ask_remove(self, address: str) -> None:
        ask_whether(
            self.window(),
            self.tr("Remove {address}?").format(address=address),
            self.tr("Its key is forgotten here. Nothing changes on that computer."),
            self.tr("Remove"),
            "askRemoveEngine",
            partial(self._book.remove, address),
        )

    def _complain(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()
