"""How the window looks, and what happens at login: kept for this window, whichever engine it shows."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.os_glue.autostart import AtLogin, Autostart
from desktop.os_glue.language import LANGUAGE, LANGUAGES
from desktop.os_glue.remembered import Remembered
from desktop.settings.controls import PatientPicker
from desktop.widgets.parts import make_label, make_line, spaced
from desktop.widgets.theme import Theme
from engine.errors import reason_of

translate = QCoreApplication.translate

THEME = "appearance/theme"
SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
CHOICE_WIDTH = 216


def take_up_theme(theme: Theme, remembered: Remembered) -> None:
    """As was chosen earlier; without a choice the theme stays as it is made."""
    if (chosen := SCHEMES.get(remembered.text(THEME))) is not None:
        theme.set_scheme(chosen)


class Appearance(QWidget):
    def __init__(self, theme: Theme, remembered: Remembered, autostart: Autostart) -> None:
        super().__init__()
        self._theme, self._remembered, self._autostart = theme, remembered, autostart
        self._scheme = _make_box(theme, "themeChoice", self.tr("Colours"))
        self._language = _make_box(theme, "languageChoice", self.tr("Language"))
        self._login = _make_box(theme, "atLogin", self.tr("When I log in"))
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="atLoginTrouble")
        later = self.tr("Potluck speaks it when it is opened the next time.")
        self._later = make_label(theme, later, size="small", tone="muted", wrap=True, name="languageLater")
        self._later.hide()
        self._fill()
        self._lay_out()
        self._scheme.activated.connect(lambda _: self._choose_scheme(self._scheme.currentData()))
        self._language.activated.connect(lambda _: self._choose_language(self._language.currentData()))
        self._login.activated.connect(lambda _: self._choose_login(AtLogin(self._login.currentData())))
        self.refresh()

    def refresh(self) -> None:
        """As it is now: the system's own settings may have changed it, too."""
        self._scheme.setCurrentIndex(max(0, self._scheme.findData(self._remembered.text(THEME))))
        self._language.setCurrentIndex(max(0, self._language.findData(self._remembered.text(LANGUAGE))))
        try:
            at_login = self._autostart.read()
        except OSError as error:
            self._complain(error)
        else:
            self._login.setCurrentIndex(self._login.findData(at_login))
            self._trouble.hide()

    def show_login(self, shown: bool) -> None:
        """What happens at login is of this computer, whichever engine is looked at."""
        self._at_login.setVisible(shown)

    def _fill(self) -> None:
        for value, text in (
            ("", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self._scheme.addItem(text, value)
        for code, text in (("", self.tr("As the system")), *LANGUAGES.items()):
            self._language.addItem(text, code)
        for at_login, text in at_login_texts():
            self._login.addItem(text, at_login)

    def _choose_scheme(self, value: str) -> None:
        self._remembered.keep_text(THEME, value)
        self._theme.set_scheme(SCHEMES.get(value))

    def _choose_language(self, code: str) -> None:
        self._remembered.keep_text(LANGUAGE, code)
        self._later.setVisible(True)

    def _choose_login(self, at_login: AtLogin) -> None:
        try:
            self._autostart.write(at_login)
        except OSError as error:
            self.refresh()
            self._complain(error)
        else:
            self._trouble.hide()

    def _complain(self, error: OSError) -> None:
        self._trouble.setText(
            self.tr("What happens at login cannot be changed: {why}.").format(why=reason_of(error))
        )
        self._trouble.show()

    def _lay_out(self) -> None:
        column = spaced(QVBoxLayout(self), 0, self._theme.space("medium"))
        column.addLayout(self._make_row(self._scheme, self.tr("Colours"), ""))
        column.addWidget(make_line())
        column.addLayout(self._make_row(self._language, self.tr("Language"), ""))
        column.addWidget(self._later)
        long = self.tr("Potluck then starts in the background, with its mark in the tray and no window.")
        self._at_login = QWidget()
        below = spaced(QVBoxLayout(self._at_login), 0, self._theme.space("medium"))
        below.addWidget(make_line())
        below.addLayout(self._make_row(self._login, self.tr("When I log in"), long))
        below.addWidget(self._trouble)
        column.addWidget(self._at_login)

    def _make_row(self, box: QWidget, short: str, long: str) -> QHBoxLayout:
        row = spaced(QHBoxLayout(), 0, self._theme.space("medium"))
        text = spaced(QVBoxLayout(), 0, 2)
        text.addWidget(make_label(self._theme, short, wrap=True))
        if long:
            text.addWidget(make_label(self._theme, long, size="small", tone="muted", wrap=True))
        row.addLayout(text, 1)
        row.addWidget(box, 0, Qt.AlignmentFlag.AlignVCenter)
        return row


def at_login_texts() -> Sequence[tuple[AtLogin, str]]:
    return (
        (AtLogin.NOTHING, translate("AtLogin", "Do not start Potluck")),
        (AtLogin.AS_BEFORE, translate("AtLogin", "Start, giving if it gave last")),
        (AtLogin.PAUSED, translate("AtLogin", "Start paused")),
    )


def _make_box(theme: Theme, name: str, label: str) -> PatientPicker:
    box = PatientPicker(theme, name, label)
    box.setFixedWidth(CHOICE_WIDTH)
    return box
