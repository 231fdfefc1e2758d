"""Widely used open models that are not here yet: shown when asked for, because they are many."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.models.wording import catalogued_in_words, name_of
from desktop.widgets.parts import ElidedLabel, clear, make_button, make_label, spaced
from desktop.widgets.theme import Theme
from engine.api.catalogue_schema import CataloguedModel


class CatalogueList(QWidget):
    def __init__(self, theme: Theme, choose: Callable[[str], object]) -> None:
        """`choose` gets what is known of a repository's name."""
        super().__init__()
        self._theme, self._choose = theme, choose
        self._models: tuple[CataloguedModel, ...] = ()
        self._shown: tuple[CataloguedModel, ...] | None = None
        self._words = ""
        self._open = make_button("", "openCatalogue", self._toggle)
        self._open.setCheckable(True)
        self._rows = QWidget()
        self._column = spaced(QVBoxLayout(self._rows), 0, theme.space("medium"))
        self._rows.hide()
        column = spaced(QVBoxLayout(self), 0, theme.space("medium"))
        head = spaced(QHBoxLayout(), 0, 0)
        head.addWidget(self._open)
        head.addStretch()
        column.addLayout(head)
        column.addWidget(self._rows)
        self._fill()

    def show_models(self, models: Sequence[CataloguedModel], words: str) -> None:
        """Those whose name has the words in it, if there are any."""
        self._models = tuple(model for model in models if _fits(model, words))
        self._words = words
        self.setVisible(bool(self._models))
        self._fill()

    def _toggle(self) -> None:
        self._fill()

    @property
    def _is_open(self) -> bool:
        return self._open.isChecked() or bool(self._words)

    def _fill(self) -> None:
        show = self.tr("Show {count} known open models").format(count=len(self._models))
        self._open.setText(self.tr("Hide known open models") if self._is_open else show)
        self._open.setVisible(not self._words)
        self._rows.setVisible(self._is_open)
        if self._is_open and self._models != self._shown:
            self._shown = self._models
            clear(self._column)
            for model in self._models:
                self._column.addWidget(self._make_row(model))

    def _make_row(self, model: CataloguedModel) -> QWidget:
        row = QWidget(objectName="catalogued")
        name = ElidedLabel(self._theme, "cataloguedName")
        name.show_text(name_of(model))
        words = catalogued_in_words(model)
        facts = make_label(self._theme, words, size="small", tone="muted", wrap=True, name="cataloguedFacts")
        bring = make_button(self.tr("Import…"), "importCatalogued", lambda: self._choose(name_of(model)))
        bring.setAccessibleName(self.tr("Import {model}").format(model=name_of(model)))
        left = spaced(QVBoxLayout(), 0, self._theme.space("tight"))
        left.addWidget(name)
        left.addWidget(facts)
        line = spaced(QHBoxLayout(row), 0, self._theme.space("medium"))
        line.addLayout(left, 1)
        line.addWidget(bring)
        return row


def _fits(model: CataloguedModel, words: str) -> bool:
    return all(word in model.source.lower() for word in words.lower().split())
