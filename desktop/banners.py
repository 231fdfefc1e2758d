"""What is said above all pages: whose engine this is, what was updated in between, and what crashed."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.app_state import AppState, Help
from desktop.engine_link.troubles import help_in_words, of_other_version
from desktop.widgets.banner import Banner
from desktop.widgets.parts import spaced
from desktop.widgets.theme import Theme


class Banners(QWidget):
    """`back` looks at this computer's engine again; `mend` does what a Help says; `report` shows a crash;
    `mend_own` does what helps this computer's engine while another is looked at.
    """

    def __init__(
        self,
        theme: Theme,
        state: AppState,
        back: Callable[[], object],
        mend: Callable[[Help], object],
        report: Callable[[], object],
        mend_own: Callable[[], object],
    ) -> None:
        super().__init__()
        self._state, self._mend = state, mend
        self._help = Help.RETRY
        self._where = Banner(theme, "elsewhere", "text", (("hereAgain", self.tr("Use this computer"), back),))
        mend_text = help_in_words(Help.RESTART)
        self._version = Banner(
            theme, "otherVersion", "waiting", (("mendVersion", mend_text, self._mend_version),)
        )
        self._crash = Banner(
            theme,
            "crashed",
            "waiting",
            (
                ("showCrash", self.tr("What happened…"), report),
                ("putCrashAway", self.tr("OK"), lambda: state.tell_crash(None)),
            ),
        )
        self._own = Banner(
            theme,
            "ownEngine",
            "waiting",
            (
                ("showOwnCrash", self.tr("What happened…"), report),
                ("mendOwn", help_in_words(Help.RETRY), mend_own),
            ),
        )
        column = spaced(QVBoxLayout(self), 0, 0)
        for banner in (self._where, self._own, self._version, self._crash):
            column.addWidget(banner)
        state.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        where = self._state.elsewhere
        said = self.tr("This window shows and steers Potluck on {name}.").format(name=where)
        self._where.say(said if where else "")
        self._show_version()
        self._show_own()
        crash = self._state.crash
        told = self._state.lost_by_crash or self._state.own_trouble  # on Home, or above
        self._crash.say(crash.sentence if crash and not told else "")

    def _show_own(self) -> None:
        trouble = self._state.own_trouble
        if trouble:
            what_happened, mend = self._own.buttons
            what_happened.setVisible(self._state.crash is not None)
            mend.setText(help_in_words(trouble.help))
        self._own.say(trouble.sentence if trouble else "")

    def _show_version(self) -> None:
        snapshot = self._state.snapshot
        here = snapshot if not self._state.elsewhere else None
        trouble = of_other_version(here.version) if here else None
        self._version.say(trouble.sentence if trouble else "")
        if trouble:
            self._help = trouble.help
            self._version.buttons[0].setText(help_in_words(trouble.help))

    def _mend_version(self) -> None:
        self._mend(self._help)
