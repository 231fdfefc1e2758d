"""The Home page: what Potluck does now and why, what was given, and the buttons to change it."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from desktop.app_state import AppState, LinkPhase
from desktop.engine_link.troubles import help_in_words
from desktop.figures import decimal
from desktop.headline import headline_of
from desktop.sentences import in_words
from desktop.sharing.arrivals import Arrivals
from desktop.sharing.figures import Figures, in_columns
from desktop.sharing.giving import Giving
from desktop.sharing.swarm_models import SwarmModels
from desktop.sharing.trace import TracePanel
from desktop.sharing.wording import cache_of, given_of, means_of, memory_of, shown_of
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.flow import Flow
from desktop.widgets.layer_bar import LayerBar
from desktop.widgets.parts import make_button, make_label, make_line, set_tone, spaced
from desktop.widgets.theme import Theme, draw_svg, mark_svg
from engine.api.schema import Activity, DeviceReading, ServerStatus, Snapshot

COLUMN_WIDTH = 680
MARK_SIZE = 88
SHOWN_CELSIUS = (20, 100)  # from a line's foot to its top


class HomePage(ColumnPage):
    def __init__(
        self,
        theme: Theme,
        state: AppState,
        giving: Giving,
        retry: Callable[[], object],
        report: Callable[[], object],
    ) -> None:
        """`retry` does what the state says that helps; `report` tells what is known of a crash."""
        super().__init__(theme, "homePage", COLUMN_WIDTH)
        self._theme, self._state = theme, state
        self._hero = _Hero(theme)
        self._buttons = _Buttons(theme, giving, retry, report)
        self._trouble = make_label(theme, size="small", tone="problem", wrap=True, name="orderTrouble")
        self._arrivals = Arrivals(theme)
        self._serves = make_label(theme, bold=True, name="serves")
        self._share = _Share(theme)
        self._given = _Given(theme)
        self._models = SwarmModels(theme)
        self._rest = self._make_rest()
        for part in (self._hero, self._arrivals, self._buttons, self._trouble, self._rest):
            self.column.addWidget(part)
        self.column.addStretch(1)
        state.changed.connect(self._show)
        giving.failed.connect(self._show_trouble)
        theme.changed.connect(self._show)
        self._show()

    def _make_rest(self) -> QWidget:
        """What only a reached engine can tell."""
        rest = QWidget()
        column = spaced(QVBoxLayout(rest), 0, self._theme.space("large"))
        for heading, part in (
            (self._serves, self._share),
            (make_label(self._theme, self.tr("What you gave"), bold=True), self._given),
            (make_label(self._theme, self.tr("Models in the swarm"), bold=True), self._models),
        ):
            column.addWidget(make_line())
            column.addWidget(heading)
            column.addWidget(part)
        return rest

    def _show(self) -> None:
        snapshot = self._state.snapshot
        self._hero.show_state(self._state)
        self._buttons.show_state(self._state)
        self._trouble.hide()
        self._arrivals.show_transfers(snapshot.transfers if snapshot else ())
        self._rest.setVisible(snapshot is not None)
        if snapshot is None:
            self._share.forget()
        where = self._state.elsewhere
        here = self.tr("What this computer serves")
        self._serves.setText(self.tr("What {name} serves").format(name=where) if where else here)
        if snapshot:
            self._share.show_servers(snapshot.servers, snapshot.readings, here=not where)
            self._given.show_given(snapshot)
            self._models.show_models(snapshot.models, snapshot.servers, self._state.may_be_started)

    def _show_trouble(self, sentence: str) -> None:
        self._trouble.setText(sentence)
        self._trouble.show()


class _Hero(QWidget):
    """The pot and the sentence; of a long one the point, and the rest smaller below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mark = QLabel()
        self._mark.setFixedSize(MARK_SIZE, MARK_SIZE)
        self._sentence = make_label(theme, size="title", wrap=True, name="sentence")
        self._rest = make_label(theme, wrap=True, name="sentenceRest")
        words = spaced(QVBoxLayout(), 0, theme.space("small"))
        words.addStretch()
        words.addWidget(self._sentence)
        words.addWidget(self._rest)
        words.addStretch()
        row = spaced(QHBoxLayout(self), 0, theme.space("large"))
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_state(self, state: AppState) -> None:
        self._mark.setPixmap(draw_svg(mark_svg(state.activity), MARK_SIZE, self.devicePixelRatio()))
        headline = headline_of(state.sentence)
        self._sentence.setText(headline.point)
        self._sentence.setFont(self._theme.font("title" if headline.is_short else "body", tabular=True))
        self._rest.setText(headline.rest)
        self._rest.setVisible(bool(headline.rest))
        set_tone(self._sentence, "problem" if state.activity is Activity.PROBLEM else "text")


class _Buttons(QWidget):
    """Only what can be done now."""

    def __init__(
        self, theme: Theme, giving: Giving, retry: Callable[[], object], report: Callable[[], object]
    ) -> None:
        super().__init__()
        self._start = make_button(self.tr("Start"), "start", giving.give, primary=True)
        self._pause = make_button(self.tr("Pause"), "pause")
        self._pause.setProperty("menu", True)
        menu = QMenu(self._pause, objectName="pauseMenu")
        giving.fill_pause_menu(menu)
        self._pause.setMenu(menu)
        self._finish = make_button(self.tr("Finish, then pause"), "finish", giving.finish)
        self._finish.setToolTip(
            self.tr("Serve the answers under way to their end, take no new ones, then pause")
        )
        self._retry = make_button(self.tr("Try again now"), "tryAgain", retry, primary=True)
        self._report = make_button(self.tr("What happened…"), "whatHappened", report)
        row = Flow(self, theme.space("small"))
        for button in (self._start, self._pause, self._finish, self._retry, self._report):
            row.addWidget(button)

    def show_state(self, state: AppState) -> None:
        running = state.may_be_paused
        self._start.setText(self.tr("Try again") if state.may_be_tried_again else self.tr("Start"))
        self._start.setVisible(state.may_be_started)
        self._pause.setVisible(running)
        self._finish.setVisible(
            running and not state.finishing and bool(state.snapshot and state.snapshot.servers)
        )
        self._retry.setText(help_in_words(state.help))
        self._retry.setVisible(state.phase is LinkPhase.LOST)
        self._report.setVisible(state.lost_by_crash)
        self.setVisible(state.phase is not LinkPhase.STARTING)


class _Share(QWidget):
    """What each device serves now."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._none = make_label(theme, wrap=True, tone="muted", name="servesNothing")
        self._shown: list[_Server] = []
        self._column = spaced(QVBoxLayout(self), 0, theme.space("large"))
        self._column.addWidget(self._none)

    def forget(self) -> None:
        for part in self._shown:
            part.forget()

    def show_servers(
        self, servers: Sequence[ServerStatus], readings: Sequence[DeviceReading] = (), here: bool = True
    ) -> None:
        """`here`: whether they are of the computer that the reader sits at."""
        while len(self._shown) < len(servers):
            self._shown.append(_Server(self._theme))
            self._column.addWidget(self._shown[-1])
        read = {reading.place: reading for reading in readings}
        for part, server in zip_longest(self._shown, servers):
            part.setVisible(server is not None)
            if server is not None:
                part.show_server(server, read.get(server.place))
        yours = self.tr("Nothing right now: this computer is all yours.")
        self._none.setText(yours if here else self.tr("Nothing right now."))
        self._none.setVisible(not servers)


class _Server(QWidget):
    """What one device serves now, why, and how busy it is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._span = make_label(theme, name="span", wrap=True)
        self._bar = LayerBar(theme)
        self._means = make_label(theme, size="small", tone="muted", wrap=True, name="means")
        self._why = make_label(theme, size="small", tone="muted", wrap=True, name="why")
        self._now = Figures(
            theme,
            (
                ("tokensPerSecond", self.tr("tokens per second")),
                ("sessions", self.tr("answers in progress")),
                ("cacheUse", self.tr("cache in use")),
            ),
        )
        self._warmth = TracePanel(theme, "celsius", self.tr("temperature"))
        self._memory = TracePanel(theme, "cardMemory", self.tr("memory of the card"))
        self._place = ""
        self._lay_out(theme)

    def _lay_out(self, theme: Theme) -> None:
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for part in (self._span, self._bar, self._means, self._why):
            column.addWidget(part)
        column.addSpacing(theme.space("small"))
        column.addWidget(self._now)
        self._traces = in_columns(theme, (self._memory, self._warmth, QWidget()))
        column.addWidget(self._traces)

    def show_server(self, server: ServerStatus, reading: DeviceReading | None) -> None:
        """`reading` of the card that it runs on."""
        if server.place != self._place:
            self._place = server.place
            self.forget()
        self._show_reading(reading or DeviceReading(place=server.place))
        self._span.setText(shown_of(server))
        ours = [(server.start, server.end)] if server.serves else []
        self._bar.show_layers(server.n_layers, (), ours, shown_of(server))
        self._means.setText(means_of(server))
        self._why.setText(in_words(server.why))
        self._why.setVisible(bool(server.why))
        self._now.show_values([decimal(server.tokens_per_s, 1), str(server.sessions), cache_of(server)])

    def forget(self) -> None:
        """What the card was before."""
        self._warmth.forget()
        self._memory.forget()

    def _show_reading(self, reading: DeviceReading) -> None:
        self._traces.setVisible(reading.celsius is not None or reading.memory_bytes is not None)
        self._warmth.setVisible(reading.celsius is not None)
        if reading.celsius is not None:
            words = self.tr("{count} °C").format(count=reading.celsius)
            self._warmth.show_value(reading.celsius, *SHOWN_CELSIUS, words)
        self._memory.setVisible(reading.memory_bytes is not None)
        if reading.memory_bytes is not None:
            used = reading.memory_used_bytes or 0
            self._memory.show_value(used, 0, reading.memory_bytes, memory_of(reading))


class _Given(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._today = self._make(theme, "today", self.tr("Today"))
        self._total = self._make(theme, "total", self.tr("All time"))
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        column.addWidget(self._today)
        column.addWidget(self._total)

    def _make(self, theme: Theme, name: str, heading: str) -> Figures:
        words = (
            ("LayerTokens", self.tr("tokens × layers")),
            ("Tokens", self.tr("tokens")),
            ("Hours", self.tr("online")),
        )
        return Figures(theme, [(name + suffix, word) for suffix, word in words], heading)

    def show_given(self, snapshot: Snapshot) -> None:
        self._today.show_values(given_of(snapshot.given_today))
        self._total.show_values(given_of(snapshot.given_total))
