"""The steps of the first run: what Potluck is, what others can see, what was found, and what shall be."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from desktop.first_run.wording import disk_in_words, machine_in_words, proposals
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.switch import Switch
from desktop.widgets.theme import Theme, draw_svg, mark_svg
from engine.api.plan_schema import PlanReport
from engine.api.schema import Activity
from engine.api.store_schema import StoreStatus

MARK_SIZE = 88


class Step(QWidget):
    """A title, and paragraphs below it."""

    def __init__(self, theme: Theme, name: str, title: str, paragraphs: Sequence[str] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = title
        self._theme = theme
        self.column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        self.column.addWidget(make_label(theme, title, size="title", wrap=True, name="stepTitle"))
        for text in paragraphs:
            self.column.addWidget(make_label(theme, text, wrap=True))


class Welcome(Step):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "welcome", self.tr("Everyone brings a few layers"))
        mark = QLabel()
        mark.setPixmap(draw_svg(mark_svg(Activity.DONATING), MARK_SIZE, self.devicePixelRatio()))
        self.column.insertWidget(0, mark)
        for text in (
            self.tr(
                "Large language models do not fit on one computer. With Potluck, each computer holds some "
                "layers of one, and together they answer."
            ),
            self.tr("You give what your computer can spare, and you chat with what all of them serve."),
            self.tr(
                "The computer stays yours: Potluck makes way for games, films, heat and battery, and one "
                "press pauses it."
            ),
        ):
            self.column.addWidget(make_label(theme, text, wrap=True))
        self.column.addStretch(1)


class Privacy(Step):
    def __init__(self, theme: Theme) -> None:
        paragraphs = (
            self.tr(
                "In a public swarm, your chats pass through computers of people you do not know. They see "
                "numbers, not text, but somebody who tries can work out from these what was written."
            ),
            self.tr("So write nothing there that strangers must not learn."),
            self.tr(
                "They also see your internet address and which layers you serve. Potluck asks for no account "
                "and no name, and sends nothing to its makers."
            ),
            self.tr("Each chat says with whom it is shared: strangers, invited friends, or nobody at all."),
        )
        super().__init__(theme, "privacy", self.tr("What others can see"), paragraphs)
        self.column.addStretch(1)


class Found(Step):
    """Filled in as the engine finds out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "found", self.tr("What your computer can give"))
        self._machine = make_label(theme, wrap=True, name="foundMachine")
        self._plan = make_label(theme, wrap=True, name="foundPlan")
        self._disk = make_label(theme, size="small", tone="muted", wrap=True, name="foundDisk")
        for part in (self._machine, self._plan, self._disk):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.show_waiting(self.tr("Looking at this computer"))

    def show_waiting(self, sentence: str) -> None:
        self._machine.setText(sentence)
        for part in (self._plan, self._disk):
            part.setText("")

    def show_plan(self, plan: PlanReport) -> None:
        self._machine.setText(machine_in_words(plan.machine))
        proposed = "\n\n".join(proposals(plan))
        self._plan.setText(self.tr("Potluck would have it serve:\n{what}").format(what=proposed))

    def show_store(self, store: StoreStatus) -> None:
        self._disk.setText(disk_in_words(store))


class Choice(Step):
    """`chosen` when one of the two is picked."""

    chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "choice", self.tr("How do you want to begin?"))
        self._group = QButtonGroup(self)
        self._give = self._add_option(
            "giveAndChat",
            self.tr("Give and chat"),
            self.tr(
                "Join Potluck on computers nearby and through addresses or invite links that you add later. "
                "Serve layers to them, and chat with what all serve."
            ),
        )
        self._alone = self._add_option(
            "justThisComputer",
            self.tr("Just this computer"),
            self.tr("A small model on this computer alone. Nothing leaves it, and it needs no network."),
        )
        at_login = self.tr("Start Potluck in the background when I log in")
        self.at_login = Switch(theme, "startAtLogin", at_login)
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self.at_login)
        row.addWidget(make_label(theme, at_login, wrap=True), 1)
        self.column.addSpacing(theme.space("small"))
        self.column.addLayout(row)
        self.trouble = make_label(theme, size="small", tone="problem", wrap=True, name="firstRunTrouble")
        self.column.addWidget(self.trouble)
        self.column.addStretch(1)
        self._give.setChecked(True)

    @property
    def gives(self) -> bool:
        return self._give.isChecked()

    def _add_option(self, name: str, title: str, text: str) -> QRadioButton:
        option = QRadioButton(title, objectName=name)
        option.setAccessibleDescription(text)
        option.setFont(self._theme.font("body", bold=True))
        self._group.addButton(option)
        option.toggled.connect(lambda _: self.chosen.emit())
        words = make_label(self._theme, text, tone="muted", wrap=True)
        words.setBuddy(option)
        indented = spaced(QHBoxLayout(), 0, 0)
        indented.addSpacing(self._theme.space("large"))
        indented.addWidget(words, 1)
        both = spaced(QVBoxLayout(), 0, self._theme.space("tight"))
        both.addWidget(option)
        both.addLayout(indented)
        self.column.addLayout(both)
        return option
