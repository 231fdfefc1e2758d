"""The Swarm page: the map of who serves what, and how this computer is connected."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.engine_link.calls import Calls
from desktop.swarm.engine import SwarmEngine
from desktop.swarm.examination import Examination
from desktop.swarm.link_bar import LinkBar
from desktop.swarm.map_panel import MapPanel
from desktop.swarm.rows import Route, route_of
from desktop.widgets.offline import Offline
from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme
from engine.api.doctor_schema import Diagnosis
from engine.api.map_schema import SwarmMap
from engine.api.schema import AnswerReport, ModelInfo

REFRESH_MS = 5_000  # while somebody looks


class SwarmPage(QWidget):
    """`engine` raises EngineError while there is none; `retry` has it looked for at once."""

    def __init__(
        self,
        theme: Theme,
        state: AppState,
        engine: Callable[[], SwarmEngine],
        retry: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setObjectName("swarmPage")
        self._theme, self._state, self._engine = theme, state, engine
        self._asking, self._examining = Calls(self), Calls(self)
        self._map: SwarmMap | None = None  # not known yet
        self._models: tuple[ModelInfo, ...] = ()
        self._trouble = ""
        self.route = Route()
        self._message = make_label(theme, wrap=True, tone="muted", name="swarmMessage")
        self._again = make_button(self.tr("Try again"), "askMapAgain", self._refresh)
        self._offline = Offline(theme, state, retry)
        self._panel = MapPanel(theme)
        self._examination = Examination(theme, self._give_up, self._examine, self._leave_examination)
        self._link = LinkBar(theme, self._examine)
        self._stack = QStackedWidget(objectName="swarmStack")
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._lay_out()
        self._timer.timeout.connect(self._refresh)
        self._asking.failed.connect(self._fail)
        self._examining.failed.connect(self._examination.show_trouble)
        state.changed.connect(self._follow)
        self._show()

    def _lay_out(self) -> None:
        column = spaced(QVBoxLayout(self), self._theme.space("large"), self._theme.space("medium"))
        column.addWidget(make_label(self._theme, self.tr("Swarm"), size="title"))
        said = QWidget()
        inner = spaced(QVBoxLayout(said), 0, self._theme.space("large"))
        inner.addWidget(self._offline)
        inner.addWidget(self._message)
        inner.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addStretch()
        for part in (said, self._panel, self._examination):
            self._stack.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self._link)

    # --- asking, only while somebody looks

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._show()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _refresh(self) -> None:
        if self._state.snapshot is not None and self.isVisible() and not self._asking.busy:
            self._asking.start(self._swarm_map(), self._take)

    async def _swarm_map(self) -> SwarmMap:
        return await self._engine().swarm_map()

    def _take(self, swarm: SwarmMap) -> None:
        self._trouble = ""
        if swarm != self._map:
            self._map = swarm
            self._panel.show_map(swarm)
        self._show()

    def _fail(self, sentence: str) -> None:
        self._trouble = sentence
        self._show()

    def _follow(self) -> None:
        """The engine's state changed: where its models did, the map did, too."""
        if self._state.snapshot is None:
            self._asking.give_up()
            self._examining.give_up()
            self._map, self._trouble = None, ""
            self._leave_examination()
        elif self._state.models != self._models:
            self._models = self._state.models
            self._refresh()
        if self.isVisible():
            self._show()

    # --- the doctor

    def _examine(self) -> None:
        if self._state.snapshot is not None and not self._examining.busy:
            self._examination.show_busy()
            self._examining.start(self._diagnosis(), self._examination.show_diagnosis)
            self._stack.setCurrentWidget(self._examination)

    async def _diagnosis(self) -> Diagnosis:
        return await self._engine().examine()

    def _give_up(self) -> None:
        self._examining.give_up()
        self._leave_examination()

    def _leave_examination(self) -> None:
        if self._stack.currentWidget() is self._examination:
            self._stack.setCurrentIndex(0)
            self._show()

    # --- showing

    def show_route(self, model: str, report: AnswerReport) -> None:
        """The way that the last answer went."""
        self.route = route_of(model, report)
        self._panel.show_route(self.route)

    def _show(self) -> None:
        snapshot = self._state.snapshot
        self._link.setVisible(snapshot is not None)
        if snapshot is not None:
            self._link.show_link(snapshot.swarm)
        if snapshot is not None and self._stack.currentWidget() is self._examination:
            return
        sentence = self._sentence()
        self._offline.show_state()
        self._message.setVisible(snapshot is not None)
        self._message.setText(sentence)
        set_tone(self._message, "problem" if self._trouble else "muted")
        self._again.setVisible(bool(self._trouble))
        self._stack.setCurrentIndex(0 if sentence else 1)

    def _sentence(self) -> str:
        """Why there is no map; empty if there is one."""
        if self._state.snapshot is None:
            return self._state.sentence
        if self._trouble:
            return self._trouble
        if self._map is None:
            return self.tr("Looking who is there …")
        if not self._map.models:
            return self._nobody_yet()
        return ""

    def _nobody_yet(self) -> str:
        if self._state.may_be_started:
            return self.tr(
                "Nobody serves anything yet. Whoever presses Start on Home first brings the first layers, "
                "and they appear here."
            )
        return self.tr("Nobody serves anything yet. The first layers appear here as soon as they are served.")
