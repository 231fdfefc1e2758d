"""What is to be known of the settings as a whole, and what stands in their place while they are not known."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.widgets.banner import Banner
from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme


class Notices(QWidget):
    """Above the sections: what is wrong, and what waits for a restart."""

    def __init__(self, theme: Theme, again: Callable[[], object], restart: Callable[[], object]) -> None:
        super().__init__()
        button = ("readSettingsAgain", self.tr("Try again"), again)
        self._trouble = Banner(theme, "settingsTrouble", "problem", (button,))
        button = ("restartEngine", self.tr("Restart the engine now"), restart)
        self._pending = Banner(theme, "settingsPending", "waiting", (button,))
        column = spaced(QVBoxLayout(self), 0, 0)
        column.addWidget(self._trouble)
        column.addWidget(self._pending)

    def say_trouble(self, sentence: str, may_pass: bool) -> None:
        """`may_pass`: trying again may help."""
        self._trouble.buttons[0].setVisible(may_pass)
        self._trouble.say(sentence)

    def say_pending(self, pending: bool) -> None:
        text = self.tr("Some of what you have set holds after a restart. Answers under way break off.")
        self._pending.say(text if pending else "")


class Unknown(QWidget):
    """In the place of a section's settings: a sentence, and the button that helps where it is a trouble."""

    def __init__(self, theme: Theme, again: Callable[[], object]) -> None:
        super().__init__()
        self._sentence = make_label(theme, wrap=True, name="settingsState")
        self._again = make_button(self.tr("Try again"), "readSettings", again, primary=True)
        row = spaced(QHBoxLayout(), 0, 0)
        row.addWidget(self._again)
        row.addStretch()
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        column.addWidget(self._sentence)
        column.addLayout(row)

    def say(self, sentence: str, what_helps: str) -> None:
        """`what_helps`: on the button; empty: nothing is wrong."""
        self._sentence.setText(sentence)
        set_tone(self._sentence, "problem" if what_helps else "muted")
        if what_helps:
            self._again.setText(what_helps)
        self._again.setVisible(bool(what_helps))
        self.setVisible(bool(sentence))
