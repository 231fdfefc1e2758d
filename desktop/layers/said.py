"""What came of the last order: a sentence, and the button that it may need."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.layers.keeper import Keeper
from desktop.widgets.parts import make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme


class Said(QWidget):
    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._sentence = make_label(theme, size="small", wrap=True, name="storeSaid")
        text = self.tr("Restart the engine now")
        self._restart = make_button(text, "restartForNews", keeper.restart_engine)
        row = spaced(QHBoxLayout(self), 0, theme.space("medium"))
        row.addWidget(self._sentence, 1)
        row.addWidget(self._restart)

    def show_news(self) -> None:
        trouble = self._keeper.trouble
        said = trouble or self._keeper.news
        self._sentence.setText(said)
        set_tone(self._sentence, "problem" if trouble else "giving")
        self._restart.setVisible(self._keeper.restart_helps and not self._keeper.elsewhere)
        self.setVisible(bool(said))
