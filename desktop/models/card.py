"""One model: how whole it is in the swarm, what of it is here, and what can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.models.known import KnownModel
from desktop.models.wording import disk_in_words, facts_in_words, health_in_words, servers_in_words, tone_of
from desktop.widgets.layer_bar import LayerBar
from desktop.widgets.parts import ElidedLabel, make_button, make_label, make_line, set_tone, spaced
from desktop.widgets.theme import Theme

Do = Callable[[KnownModel], object]


@dataclass(frozen=True)
class Actions:
    """What the page does with a model."""

    chat: Do
    fetch: Do
    keep: Do
    release: Do
    give: Do
    verify: Do
    export: Do
    remove: Do


class ModelCard(QWidget):
    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("model")
        self._theme, self._actions = theme, actions
        self._model: KnownModel | None = None
        self._files = True
        self._name = ElidedLabel(theme, "modelName", bold=True)
        self._servers = make_label(theme, size="small", tone="muted", name="modelServers")
        self._health = make_label(theme, size="small", wrap=True, name="modelHealth")
        self._bar = LayerBar(theme, height=10)
        self._facts = make_label(theme, size="small", tone="muted", wrap=True, name="modelFacts")
        self._disk = make_label(theme, size="small", tone="muted", wrap=True, name="modelDisk")
        self._chat = self._make_button(self.tr("Chat with it"), "chatWithModel", actions.chat)
        self._fetch = self._make_button(self.tr("Keep on this disk"), "fetchModel", actions.fetch)
        self._keep = self._make_button(self.tr("Keep on this disk"), "keepModel", actions.keep)
        self._release = self._make_button(self.tr("Stop keeping"), "releaseModel", actions.release)
        self._more = self._make_more()
        self._explain()
        self._lay_out()

    def show_model(self, model: KnownModel, files: bool = True) -> None:
        """`files`: whether its layers are on this computer, where they can be written into a folder."""
        if (model, files) == (self._model, self._files):
            return
        self._model, self._files = model, files
        health = health_in_words(model)
        self._name.show_text(model.name)
        self._servers.setText(servers_in_words(model))
        self._health.setText(health)
        set_tone(self._health, tone_of(model))
        covered = model.served.covered if model.served else ()
        self._bar.show_layers(model.n_layers, covered, model.ours, f"{model.name}: {health}")
        self._facts.setText(facts_in_words(model))
        self._disk.setText(disk_in_words(model))
        self.setAccessibleName(model.name)
        self.setAccessibleDescription(f"{health}. {facts_in_words(model)}. {disk_in_words(model)}")
        self._offer(model)

    def _offer(self, model: KnownModel) -> None:
        """Only what can be done now."""
        stored = model.stored
        whole = stored is not None and stored.complete
        kept = stored is not None and stored.kept
        self._chat.setVisible(model.can_chat)
        self._fetch.setVisible(not whole)
        self._keep.setVisible(whole and not kept)
        self._release.setVisible(kept)
        for action in self._of_disk:
            action.setVisible(stored is not None)
        self._export.setVisible(whole and self._files)

    def _make_button(self, text: str, name: str, action: Do) -> QPushButton:
        return make_button(text, name, partial(self._do, action))

    def _make_more(self) -> QWidget:
        button = make_button(self.tr("More"), "moreOfModel")
        button.setProperty("menu", True)
        menu = QMenu(button)
        actions = self._actions
        for name, text, action in (
            ("giveModel", self.tr("Give layers of this one only"), actions.give),
            ("verifyModel", self.tr("Check what is on disk"), actions.verify),
            ("exportModel", self.tr("Export to a folder…"), actions.export),
            ("removeModel", self.tr("Remove from this computer…"), actions.remove),
        ):
            menu.addAction(text, partial(self._do, action)).setObjectName(name)
        self._of_disk = menu.actions()[1:]
        self._export = menu.actions()[2]
        button.setMenu(menu)
        return button

    def _explain(self) -> None:
        self._fetch.setToolTip(self.tr("Get all of its layers from other computers, and never let them go"))
        self._keep.setToolTip(self.tr("Never let its layers make room for others"))
        self._release.setToolTip(self.tr("Its layers may make room for others again"))

    def _lay_out(self) -> None:
        heading = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        heading.addWidget(self._name, 1)
        heading.addWidget(self._servers)
        buttons = spaced(QHBoxLayout(), 0, self._theme.space("small"))
        for button in (self._chat, self._fetch, self._keep, self._release, self._more):
            buttons.addWidget(button)
        buttons.addStretch()
        column = spaced(QVBoxLayout(self), 0, self._theme.space("tight"))
        column.addLayout(heading)
        column.addWidget(self._health)
        column.addWidget(self._bar)
        column.addWidget(self._facts)
        column.addWidget(self._disk)
        column.addSpacing(self._theme.space("tight"))
        column.addLayout(buttons)
        column.addSpacing(self._theme.space("medium"))
        column.addWidget(make_line())

    def _do(self, action: Do) -> None:
        if self._model is not None:
            action(self._model)
