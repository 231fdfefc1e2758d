"""The Contribution page: what was given at a glance, over time, as a share of the swarm, and as a file."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.app_state import AppState
from desktop.contribution.chart import BarChart
from desktop.contribution.engine import ContributionEngine
from desktop.contribution.export_row import ExportRow
from desktop.contribution.glance import Glance
from desktop.contribution.kinds import Kind, name_of
from desktop.contribution.now import SwarmNow
from desktop.contribution.series import Bar, bars_of, sum_of
from desktop.contribution.wording import bar_in_words, chart_name, summary_of
from desktop.engine_link.calls import Calls
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.offline import Offline
from desktop.widgets.parts import make_button, make_label, make_line, set_tone, spaced
from desktop.widgets.segments import Segments
from desktop.widgets.theme import Theme
from engine.api.history_schema import By, History
from engine.api.map_schema import SwarmMap
from engine.api.schema import Given

COLUMN_WIDTH = 760
WIDE = 760  # pixels, from which on all choices stand in one row
REFRESH_MS = 15_000  # while somebody looks


def right_now() -> datetime:
    """Here, with the time zone."""
    return datetime.now().astimezone()


class ContributionPage(ColumnPage):
    """`engine` raises EngineError while there is none; `retry` has it looked for at once."""

    def __init__(
        self,
        theme: Theme,
        state: AppState,
        engine: Callable[[], ContributionEngine],
        retry: Callable[[], object],
        now: Callable[[], datetime] = right_now,
    ) -> None:
        super().__init__(theme, "contributionPage", COLUMN_WIDTH)
        self._theme, self._state, self._engine, self._now = theme, state, engine, now
        self.calls = Calls(self)
        self._histories: dict[By, History] = {}
        self._trouble = ""
        self._bars: tuple[Bar, ...] = ()
        self._offline = Offline(theme, state, retry)
        self._message = make_label(theme, wrap=True, tone="muted", name="contributionMessage")
        self._again = make_button(self.tr("Try again"), "askHistoryAgain", self._refresh)
        self._glance = Glance(theme)
        self._kinds = Segments(theme, self.tr("What to count"), [(kind, name_of(kind)) for kind in Kind])
        self._periods = Segments(theme, self.tr("By hour, day or month"), self._period_names(), pressed=1)
        self._chart = BarChart(theme)
        self._readout = make_label(theme, size="small", tone="muted", wrap=True, name="chartReadout")
        self._export = ExportRow(theme)
        self._choices = spaced(QHBoxLayout(), 0, theme.space("small"))
        self._charted = self._make_charted()
        self._swarm = SwarmNow(theme)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._lay_out()
        self._connect()
        self._show()

    # --- making it

    def _period_names(self) -> list[tuple[str, str]]:
        return [("byHour", self.tr("Hours")), ("byDay", self.tr("Days")), ("byMonth", self.tr("Months"))]

    def _make_charted(self) -> QWidget:
        """What there is to show once something was given."""
        charted = QWidget()
        column = spaced(QVBoxLayout(charted), 0, self._theme.space("medium"))
        self._choices.addWidget(self._kinds, 0, Qt.AlignmentFlag.AlignLeft)
        self._choices.addStretch()
        self._choices.addWidget(self._periods, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._glance)
        column.addWidget(make_line())
        column.addLayout(self._choices)
        for part in (self._chart, self._readout, self._export):
            column.addWidget(part)
        return charted

    def _lay_out(self) -> None:
        column = self.column
        column.addWidget(make_label(self._theme, self.tr("What you gave"), size="title"))
        column.addWidget(self._offline)
        column.addWidget(self._message)
        column.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._charted)
        column.addWidget(self._swarm)
        column.addStretch(1)

    def _connect(self) -> None:
        self._kinds.chosen.connect(self._draw)
        self._periods.chosen.connect(self._choose_period)
        self._chart.pointed.connect(self._read_out)
        self.calls.failed.connect(self._fail)
        self._timer.timeout.connect(self._refresh)
        self._state.changed.connect(self._show)

    # --- asking, only while somebody looks

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._show()
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the choices stand below each other."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= WIDE
        self._choices.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _choose_period(self) -> None:
        self._draw()
        self._refresh()

    def _refresh(self) -> None:
        if self._state.snapshot is None or not self.isVisible():
            return
        for by in {By.DAY, self._by}:
            self.calls.start(self._history(by), self._take)
        self.calls.start(self._swarm_map(), self._take_map)

    async def _history(self, by: By) -> History:
        return await self._engine().history(by)

    async def _swarm_map(self) -> SwarmMap:
        return await self._engine().swarm_map()

    def _take(self, history: History) -> None:
        self._histories[history.by] = history
        self._trouble = ""
        self._show()

    def _take_map(self, swarm: SwarmMap) -> None:
        if self._state.snapshot is not None:
            self._swarm.show_swarm(swarm)

    def _fail(self, sentence: str) -> None:
        self._trouble = sentence
        self._show()

    # --- showing

    @property
    def _by(self) -> By:
        return tuple(By)[self._periods.index]

    @property
    def _kind(self) -> Kind:
        return tuple(Kind)[self._kinds.index]

    def _show(self) -> None:
        """Nothing of an engine that is gone."""
        snapshot = self._state.snapshot
        if snapshot is None:
            self._histories.clear()
            self._trouble = ""
            self._swarm.hide()
        elif not (self._histories or self._trouble or self.calls.busy):
            self._refresh()
        self._message.setText(self._sentence())
        self._message.setVisible(bool(self._sentence()) and snapshot is not None)
        self._offline.show_state()
        set_tone(self._message, "problem" if self._trouble else "muted")
        self._again.setVisible(bool(self._trouble))
        self._charted.setVisible(self._has_given and By.DAY in self._histories)
        if snapshot is not None and self.isVisible():
            self._glance.show_given("today", snapshot.given_today)
            self._glance.show_given("total", snapshot.given_total)
            self._draw()

    @property
    def _has_given(self) -> bool:
        snapshot = self._state.snapshot
        return snapshot is not None and snapshot.given_total != Given()

    def _sentence(self) -> str:
        if self._trouble:
            return self._trouble
        if not self._has_given:
            return self._nothing_yet()
        return "" if By.DAY in self._histories else self.tr("Looking it up …")

    def _nothing_yet(self) -> str:
        if self._state.may_be_started:
            return self.tr(
                "Nothing yet, and that is fine. Once you press Start on Home, every token that passes "
                "through your layers is counted here, with the hours, traffic and energy that it took."
            )
        return self.tr(
            "Nothing yet, and that is fine. Every token that passes through your layers is counted here, "
            "with the hours, traffic and energy that it took."
        )

    def _draw(self) -> None:
        days, history = self._histories.get(By.DAY), self._histories.get(self._by)
        if days is not None:
            self._glance.show_given("days", sum_of(bars_of(days, self._now(), self.locale())))
        if history is not None:
            self._bars = bars_of(history, self._now(), self.locale())
            self._chart.show_bars(self._bars, self._kind)
            self._export.offer(history)
            self._read_out(self._chart.index)

    def _read_out(self, index: int) -> None:
        summary = summary_of(self._bars, self._kind, self._by)
        told = bar_in_words(self._bars[index], self._kind) if 0 <= index < len(self._bars) else summary
        self._readout.setText(told)
        self._chart.describe(chart_name(self._kind, self._by), told)
