"""Where other programs ask, and the key that lets them."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.settings.copying import CopyField
from desktop.settings.engine import SettingsEngine
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.theme import Theme


class LocalAddress(QWidget):
    def __init__(self, theme: Theme, engine: Callable[[], SettingsEngine]) -> None:
        super().__init__()
        self._engine = engine
        self._address = CopyField(theme, self.tr("Address"), "apiAddress")
        self._key = CopyField(theme, self.tr("Key"), "apiKey", secret=True)
        hint = self.tr("Who has the key can chat with your models and steer Potluck on this computer.")
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addWidget(self._address)
        column.addWidget(self._key)
        column.addWidget(make_label(theme, hint, size="small", tone="muted", wrap=True))

    def show_engine(self) -> None:
        """Raises EngineError where none is connected."""
        engine = self._engine()
        self._address.show_text(f"{engine.address}/v1")
        self._key.show_text(engine.key)
