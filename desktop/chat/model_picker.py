"""Which model answers, and how whole it is in the swarm right now."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton

from desktop.chat.wording import health_of
from desktop.widgets.parts import plain_tooltip
from engine.api.schema import ModelInfo

AROUND = 52  # pixels beside the text: the edges, the padding, the arrow
SMALLEST, WIDEST = 140, 420
READABLE_NAME = 60


class ModelPicker(QPushButton):
    """Where the line is too long for it, the tooltip and a screen reader have all of it."""

    picked = Signal(str)

    def __init__(self, remembered: str) -> None:
        super().__init__()
        self.setObjectName("modelPicker")
        self.setProperty("menu", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.model = remembered
        self._models: tuple[ModelInfo, ...] = ()
        self.setMenu(QMenu(self))
        self._group = QActionGroup(self)
        self._show()

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        if tuple(models) == self._models:
            return
        self._models = tuple(models)
        if models and self.model not in {model.name for model in models}:
            self.model = best_of(models)
        self._show()

    def sizeHint(self) -> QSize:
        wanted = self.fontMetrics().horizontalAdvance(self._name + self._health) + AROUND + 2
        return QSize(min(wanted, WIDEST), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(SMALLEST, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(fitted(self._name, self._health, self.fontMetrics(), self.width() - AROUND))

    def _show(self) -> None:
        shown = next((model for model in self._models if model.name == self.model), None)
        self._name = self.model or self.tr("No model is known yet")
        self._health = "" if shown is None or shown.complete else f": {health_of(shown)}"
        self.setToolTip(plain_tooltip(_line(shown)) if shown else "")
        self.setEnabled(bool(self._models))
        self.setAccessibleName(self.tr("Model: {model}").format(model=self._name + self._health))
        self.updateGeometry()
        self._elide()
        self._fill()

    def _fill(self) -> None:
        self.menu().clear()
        for model in self._models:
            action = self.menu().addAction(_line(model), lambda name=model.name: self._pick(name))
            action.setCheckable(True)
            action.setChecked(model.name == self.model)
            self._group.addAction(action)

    def choose(self, name: str) -> None:
        """As if it had been picked from the menu."""
        self._pick(name)

    def _pick(self, name: str) -> None:
        self.model = name
        self._show()
        self.picked.emit(name)


def best_of(models: Sequence[ModelInfo]) -> str:
    """The largest that can answer now; without one, the one that misses least."""
    best = max(
        models, key=lambda model: (model.complete, model.n_layers if model.complete else _served(model))
    )
    return best.name


def _served(model: ModelInfo) -> float:
    return 1 - sum(end - start for start, end in model.gaps) / max(1, model.n_layers)


def fitted(name: str, health: str, metrics: QFontMetrics, width: int) -> str:
    """Both in so many pixels: the name gives way first, in its middle, as far as it stays readable."""
    for_name = max(READABLE_NAME, width - metrics.horizontalAdvance(health))
    elided = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, for_name)
    return metrics.elidedText(elided + health, Qt.TextElideMode.ElideRight, width)


def _line(model: ModelInfo) -> str:
    return f"{model.name}: {health_of(model)}"
