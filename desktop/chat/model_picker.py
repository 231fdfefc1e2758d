"""Which model answers, and how whole it is in the swarm right now."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from desktop.chat.wording import health_of
from engine.api.schema import ModelInfo


class ModelPicker(QPushButton):
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

    def _show(self) -> None:
        shown = next((model for model in self._models if model.name == self.model), None)
        self.setText(_short(shown) if shown else self.model or self.tr("No model is known yet"))
        self.setToolTip(_line(shown) if shown else "")
        self.setEnabled(bool(self._models))
        self.setAccessibleName(self.tr("Model: {model}").format(model=self.text()))
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


def _short(model: ModelInfo) -> str:
    """What all is well with needs no more than its name."""
    return model.name if model.complete else _line(model)


def _line(model: ModelInfo) -> str:
    return f"{model.name}: {health_of(model)}"
