"""The window of the first run: one step after the other, by button and by key, then Home."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.app_state import AppState, LinkPhase
from desktop.engine_link.calls import Calls
from desktop.first_run.engine import FirstRunEngine
from desktop.first_run.steps import Choice, Found, Privacy, Step, Welcome
from desktop.os_glue.autostart import AtLogin, Autostart
from desktop.os_glue.remembered import Remembered
from desktop.widgets.parts import make_button, make_label, make_line, spaced
from desktop.widgets.theme import Theme, mark_icon
from engine.api.plan_schema import PlanReport
from engine.api.schema import Activity, DonationOrder
from engine.api.store_schema import StoreStatus
from engine.errors import EngineError, reason_of

SIZE = QSize(640, 560)
DONE = "first_run/done"


class FirstRun(QWidget):
    """`done` once the owner has chosen, or wants to choose later; `left` when the window is closed before."""

    done = Signal()
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        state: AppState,
        engine: Callable[[], FirstRunEngine],
        remembered: Remembered,
        autostart: Autostart,
    ) -> None:
        super().__init__()
        self.setObjectName("firstRun")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Welcome to Potluck"))
        self.setWindowIcon(mark_icon(Activity.DONATING))
        self._theme, self._state, self._engine = theme, state, engine
        self._remembered, self._autostart = remembered, autostart
        self._looking, self._beginning = Calls(self), Calls(self)
        self._asked = self._is_done = False
        self.found, self.choice = Found(theme), Choice(theme)
        self._steps: tuple[Step, ...] = (Welcome(theme), Privacy(theme), self.found, self.choice)
        self._stack = QStackedWidget(objectName="firstRunSteps")
        self._at = make_label(theme, size="small", tone="muted", name="stepCount")
        self._later = make_button(self.tr("Decide later"), "decideLater", self._finish)
        self._back = make_button(self.tr("Back"), "back", lambda: self._go(-1))
        self._next = make_button(self.tr("Next"), "next", self._go_on, primary=True)
        self._next.setDefault(True)
        self._lay_out()
        self._looking.failed.connect(self.found.show_waiting)
        self._beginning.failed.connect(self._complain)
        state.changed.connect(self._state_changed)
        self.choice.chosen.connect(self._show)
        self._state_changed()
        self._show()

    @staticmethod
    def is_due(remembered: Remembered) -> bool:
        return not remembered.text(DONE)

    async def close_calls(self) -> None:
        await self._looking.close()
        await self._beginning.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._is_done:
            self.left.emit()

    def _lay_out(self) -> None:
        self.resize(SIZE)
        self.setMinimumSize(SIZE)
        column = spaced(QVBoxLayout(self), 0, 0)
        for step in self._steps:
            holder = QWidget()
            inside = spaced(QVBoxLayout(holder), self._theme.space("huge"), 0)
            inside.addWidget(step)
            self._stack.addWidget(holder)
        column.addWidget(self._stack, 1)
        column.addWidget(make_line())
        foot = spaced(QHBoxLayout(), self._theme.space("medium"), self._theme.space("small"))
        foot.addWidget(self._at)
        foot.addStretch(1)
        for button in (self._later, self._back, self._next):
            foot.addWidget(button)
        column.addLayout(foot)

    @property
    def _step(self) -> int:
        return self._stack.currentIndex()

    @property
    def _is_last(self) -> bool:
        return self._step == len(self._steps) - 1

    def _go(self, by: int) -> None:
        self._stack.setCurrentIndex(self._step + by)
        self._show()
        self._next.setFocus()

    def _go_on(self) -> None:
        if self._is_last:
            self.choice.trouble.hide()
            self._beginning.start(self._begin(self.choice.gives), lambda _: self._finish())
        else:
            self._go(1)
        self._show()

    def _show(self) -> None:
        count = self.tr("Step {at} of {count}").format(at=self._step + 1, count=len(self._steps))
        self._at.setText(count)
        self.setAccessibleDescription(f"{count}: {self._steps[self._step].title}")
        self._back.setVisible(self._step > 0)
        self._later.setVisible(self._is_last)
        self._next.setText(self._last_word() if self._is_last else self.tr("Next"))
        self._next.setEnabled(not self._is_last or (self._reached and not self._beginning.busy))
        if self._is_last and not self._reached:
            self._complain(self._state.sentence)

    def _last_word(self) -> str:
        return self.tr("Start giving") if self.choice.gives else self.tr("Start")

    # --- what the engine finds

    @property
    def _reached(self) -> bool:
        return self._state.snapshot is not None

    def _state_changed(self) -> None:
        if self._reached and not self._asked and not self._is_done:
            self._asked = True
            self._looking.start(self._plan(), self.found.show_plan)
            self._looking.start(self._store(), self.found.show_store)
        if not self._reached and not self._asked:
            self.found.show_waiting(self._state.sentence)
        if self._state.phase is LinkPhase.CONNECTED:
            self.choice.trouble.hide()
        self._show()

    async def _plan(self) -> PlanReport:
        return await self._engine().plan()

    async def _store(self) -> StoreStatus:
        return await self._engine().store()

    # --- the end

    async def _begin(self, gives: bool) -> None:
        """Raises PotluckError."""
        self._write_autostart()
        engine = self._engine()
        await engine.change_settings({"swarm.lan": gives})
        self._state.show(await engine.donate(DonationOrder(action="start")))

    def _write_autostart(self) -> None:
        """Raises EngineError."""
        try:
            self._autostart.write(AtLogin.AS_BEFORE if self.choice.at_login.isChecked() else AtLogin.NOTHING)
        except OSError as error:
            raise EngineError(
                self.tr("What happens at login cannot be changed ({why}): leave that box as it was.").format(
                    why=reason_of(error)
                )
            ) from None

    def _finish(self) -> None:
        self._is_done = True
        self._remembered.keep_text(DONE, "yes")
        self.close()
        self.done.emit()

    def _complain(self, sentence: str) -> None:
        self.choice.trouble.setText(sentence)
        self.choice.trouble.show()
        self._next.setEnabled(self._reached)
