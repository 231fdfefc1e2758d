"""How this chat is answered: its system prompt and how words are chosen, with presets that have names."""

from collections.abc import Mapping

from pydantic import ValidationError
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QVBoxLayout,
)

from desktop.chat.conversation_actions import ask_for_text
from desktop.chat.records import Setup
from desktop.chat.shelves import Presets
from desktop.figures import shortest
from desktop.widgets.parts import IconButton, make_button, make_label, spaced
from desktop.widgets.theme import Theme

FOUR_COLUMNS = 520  # pixels: narrower, the fields stand two by two
KEEP_MILLISECONDS = 300
SYSTEM_LINES = 3


class SetupPanel(QFrame):
    """`changed` a moment after the last change that makes sense; what does not is said and not kept."""

    changed = Signal(Setup)
    closed = Signal()

    def __init__(self, theme: Theme, presets: Presets) -> None:
        super().__init__()
        self.setObjectName("setupPanel")
        self._theme, self._presets = theme, presets
        self._setup = Setup()
        self._system = self._make_system(theme)
        self._labels, self._fields = self._make_fields(theme)
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="setupTrouble")
        self._trouble.hide()
        self._menu = QMenu(self)
        self._removals = QMenu(self.tr("Remove a preset"), self._menu)
        self._menu.aboutToShow.connect(self.fill_menu)
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MILLISECONDS)
        self._timer.timeout.connect(self.keep)
        self._grid = QGridLayout()
        self._columns = 0
        self._lay_out(theme)

    def show_setup(self, setup: Setup) -> None:
        if setup == self._setup:
            return
        self._setup = setup
        for part in (self._system, *self._fields.values()):
            part.blockSignals(True)
        self._system.setPlainText(setup.system)
        for name, field in self._fields.items():
            value = getattr(setup, name)
            text = shortest(value) if isinstance(value, float) else str(value)
            field.setText("" if value is None else text)
        for part in (self._system, *self._fields.values()):
            part.blockSignals(False)
        self._say("")

    def keep(self) -> None:
        """What stands there now, if it can be meant."""
        self._timer.stop()
        texts = {name: field.text() for name, field in self._fields.items()}
        try:
            setup = setup_of(self._system.toPlainText(), texts)
        except ValidationError as error:
            self._say(self._complaint(str(error.errors()[0]["loc"][0])))
            return
        self._say("")
        if setup != self._setup:
            self._setup = setup
            self.changed.emit(setup)

    def keep_pending(self) -> None:
        if self._timer.isActive():
            self.keep()

    def fill_menu(self) -> None:
        self._menu.clear()
        presets = self._presets.all()
        for name, setup in presets.items():
            self._menu.addAction(name, lambda setup=setup: self._apply(setup)).setCheckable(True)
            self._menu.actions()[-1].setChecked(setup == self._setup)
        self._menu.addSeparator()
        self._add("keepPreset", self.tr("Keep as a preset…"), self._ask_for_name)
        self._add("plainSetup", self.tr("Back to the model's own"), lambda: self._apply(Setup()))
        if presets:
            self._add_removals(presets)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_fields()

    def _make_system(self, theme: Theme) -> QPlainTextEdit:
        edit = QPlainTextEdit(objectName="systemPrompt")
        edit.setAccessibleName(self.tr("System prompt"))
        edit.setPlaceholderText(self.tr("What the model should know or how it should answer, in every turn"))
        edit.setTabChangesFocus(True)
        edit.setFixedHeight(SYSTEM_LINES * edit.fontMetrics().lineSpacing() + 20)
        edit.textChanged.connect(lambda: self._timer.start())
        return edit

    def _make_fields(self, theme: Theme) -> tuple[dict[str, QLabel], dict[str, QLineEdit]]:
        names = {
            "temperature": (self.tr("Temperature"), self.tr("How freely words are chosen: 0 to 2")),
            "top_p": (self.tr("Top p"), self.tr("Share of likely words to choose from: above 0, up to 1")),
            "seed": (self.tr("Seed"), self.tr("The same whole number gives the same answer again")),
            "max_tokens": (self.tr("Longest answer"), self.tr("In tokens")),
        }
        labels, fields = {}, {}
        for name, (text, tip) in names.items():
            field = QLineEdit(objectName=name, placeholderText=self.tr("Automatic"), toolTip=tip)
            field.setAccessibleName(text)
            field.setAccessibleDescription(tip)
            field.setMinimumWidth(60)
            field.textChanged.connect(lambda _: self._timer.start())
            labels[name] = make_label(theme, text, size="small", tone="muted")
            labels[name].setBuddy(field)
            fields[name] = field
        return labels, fields

    def _lay_out(self, theme: Theme) -> None:
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.setContentsMargins(0, 12, 0, 12)
        top = spaced(QHBoxLayout(), 0, theme.space("small"))
        top.addWidget(make_label(theme, self.tr("System prompt"), size="small", tone="muted"), 1)
        presets = make_button(self.tr("Presets"), "presets")
        presets.setProperty("menu", True)
        presets.setMenu(self._menu)
        top.addWidget(presets)
        top.addWidget(IconButton(theme, "close", self.tr("Close"), "closeSetup", self.closed.emit))
        column.addLayout(top)
        column.addWidget(self._system)
        spaced(self._grid, 0, theme.space("tight"))
        self._grid.setHorizontalSpacing(theme.space("small"))
        column.addLayout(self._grid)
        column.addWidget(self._trouble)
        self._place_fields()

    def _place_fields(self) -> None:
        columns = 4 if self.width() >= FOUR_COLUMNS else 2
        if columns == self._columns:
            return
        self._columns = columns
        for at, name in enumerate(self._fields):
            row, column = 2 * (at // columns), at % columns
            self._grid.addWidget(self._labels[name], row, column)
            self._grid.addWidget(self._fields[name], row + 1, column)

    def _add(self, name: str, text: str, action: object) -> QAction:
        made = self._menu.addAction(text, action)
        made.setObjectName(name)
        return made

    def _add_removals(self, presets: Mapping[str, Setup]) -> None:
        self._removals.clear()
        self._menu.addMenu(self._removals)
        for name in presets:
            self._removals.addAction(name, lambda name=name: self._presets.remove(name))

    def _apply(self, setup: Setup) -> None:
        self._timer.stop()
        self.show_setup(setup)
        self.changed.emit(setup)

    def _ask_for_name(self) -> None:
        self.keep()
        ask_for_text(
            self,
            self.tr("Keep as a preset"),
            self.tr("Name of the preset"),
            "",
            lambda name: self._presets.keep(name, self._setup),
            "askPreset",
        )

    def _say(self, trouble: str) -> None:
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))

    def _complaint(self, field: str) -> str:
        return {
            "temperature": self.tr("The temperature is a number from 0 to 2."),
            "top_p": self.tr("Top p is a number above 0 and up to 1."),
            "seed": self.tr("The seed is a whole number, 0 or more."),
            "max_tokens": self.tr("The longest answer is a whole number of tokens, 1 or more."),
            "system": self.tr("The system prompt is too long."),
        }[field]


def setup_of(system: str, texts: Mapping[str, str]) -> Setup:
    """What was typed; an empty field means the model's own. Raises ValidationError, which names the field."""
    typed = {name: text.strip().replace(",", ".") for name, text in texts.items()}
    return Setup.model_validate({"system": system, **{name: text or None for name, text in typed.items()}})
