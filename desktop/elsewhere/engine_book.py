"""Which engines elsewhere are known, and which one this window looks at; kept for the next launch."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.api.known_engines import KnownEngine, KnownEngines, read_known_engines, write_known_engines
from engine.errors import reason_of


class EngineBook(QObject):
    """`look` is called with the engine that is looked at from now on; None: this computer's own."""

    changed = Signal()
    failed = Signal(str)  # why it will be forgotten at the end

    def __init__(self, file: Path, look: Callable[[KnownEngine | None], object], parent: QObject) -> None:
        super().__init__(parent)
        self._file, self._look = file, look
        self.known = read_known_engines(file)
        if self.known.looked_at is not None:
            look(self.known.looked_at)

    @property
    def engines(self) -> tuple[KnownEngine, ...]:
        return self.known.engines

    @property
    def chosen(self) -> str:
        """The address of the one that is looked at; empty: this computer's own."""
        return self.known.looked_at.address if self.known.looked_at else ""

    def add(self, engine: KnownEngine) -> None:
        """It is looked at from now on. A further key for the same address replaces the first."""
        self._become(self.known.with_engine(engine), again=True)

    def remove(self, address: str) -> None:
        self._become(self.known.without(address))

    def look_at(self, address: str) -> None:
        """Empty: at this computer's own."""
        self._become(self.known.looking_at(address))

    def _become(self, known: KnownEngines, again: bool = False) -> None:
        before, self.known = self.known.looked_at, known
        if again or known.looked_at != before:
            self._look(known.looked_at)
        try:
            write_known_engines(self._file, known)
        except OSError as error:
            self.failed.emit(
                self.tr("This is forgotten when Potluck is closed: {why}.").format(why=reason_of(error))
            )
        self.changed.emit()
