"""The models of the swarm: how whole each is, and what is missing."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.wording import health_of
from desktop.sharing.wording import servers_of
from desktop.widgets.layer_bar import LayerBar
from desktop.widgets.parts import clear, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.schema import ModelInfo, ServerStatus


class SwarmModels(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: object = None
        self._rows = spaced(QVBoxLayout(self), 0, theme.space("medium"))

    def show_models(
        self, models: Sequence[ModelInfo], servers: Sequence[ServerStatus], may_be_started: bool
    ) -> None:
        ours = [(server.model, (server.start, server.end)) for server in servers if server.serves]
        shown = (tuple(models), ours, may_be_started)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._rows)
        for model in models:
            self._rows.addWidget(self._make_row(model, [span for name, span in ours if name == model.name]))
        if not models:
            brought = self.tr("No model is known yet. Pressing Start brings the first one.")
            coming = self.tr("No model is known yet. The first one appears here as soon as it is there.")
            none = brought if may_be_started else coming
            self._rows.addWidget(make_label(self._theme, none, tone="muted", wrap=True, name="noModels"))

    def _make_row(self, model: ModelInfo, ours: Sequence[tuple[int, int]]) -> QWidget:
        row = QWidget()
        column = spaced(QVBoxLayout(row), 0, self._theme.space("tight"))
        column.addLayout(self._make_heading(model))
        bar = LayerBar(self._theme, height=8)
        bar.show_layers(model.n_layers, model.covered, ours, f"{model.name}: {health_of(model)}")
        column.addWidget(bar)
        return row

    def _make_heading(self, model: ModelInfo) -> QHBoxLayout:
        heading = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        tone = "giving" if model.complete else "waiting"
        heading.addWidget(make_label(self._theme, model.name, name="modelName"))
        heading.addStretch()
        heading.addWidget(
            make_label(self._theme, health_of(model), size="small", tone=tone, name="modelHealth")
        )
        heading.addWidget(make_label(self._theme, "· " + servers_of(model), size="small", tone="muted"))
        return heading
