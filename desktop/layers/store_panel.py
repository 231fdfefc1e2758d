"""How much the store holds and may hold, and where it is: with what its owner can change about both."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from desktop.figures import bytes_in_words, decimal
from desktop.layers.keeper import Keeper
from desktop.layers.wording import held_in_words, shrinking_in_words
from desktop.widgets.asking import ask_folder, ask_whether
from desktop.widgets.layer_bar import Strip
from desktop.widgets.parts import ElidedLabel, make_button, make_label, set_tone, spaced
from desktop.widgets.theme import Theme
from engine.api.store_schema import StoreStatus

GIGABYTE = 1_000_000_000
STEPS = 1000  # of the slider
WHOLE_FROM = 9.95  # gigabytes: from there on, a tenth more or less says nothing


class StorePanel(QWidget):
    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._bar = _StoreBar(theme)
        self._held = make_label(theme, size="small", tone="muted", wrap=True, name="storeHeld")
        self._limit = _Limit(theme, keeper)
        self._place = _StorePlace(theme, keeper)
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        for part in (self._bar, self._held, self._limit, self._place):
            column.addWidget(part)

    def show_status(self, status: StoreStatus) -> None:
        words = held_in_words(status)
        self._held.setText(words)
        self._bar.show_status(status, words)
        self._limit.show_status(status)
        self._place.show_status(status)
        self._place.setVisible(not self._keeper.elsewhere)


class _StoreBar(Strip):
    """The whole of it is what the disk could hold: what is held, up to where it may go, and the rest."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, height=16)
        self._held = self._limit = 0.0  # shares

    def show_status(self, status: StoreStatus, told: str) -> None:
        whole = max(1, status.held_size + status.free_size)
        self._held, self._limit = status.held_size / whole, min(1.0, status.limit / whole)
        self.setAccessibleName(told)
        self.update()

    def fill(self, painter: QPainter) -> None:
        for share, colour in ((self._limit, "selected"), (self._held, "giving")):
            painter.fillRect(self._part(share), self._theme.colour(colour))
        limit = self._part(self._limit)
        painter.fillRect(QRectF(limit.right() - 2, 0, 2, self.height()), self._theme.colour("outline"))

    def _part(self, share: float) -> QRectF:
        return QRectF(0, 0, self.width() * share, self.height())


class _Limit(QWidget):
    """A slider and a field for the same number; it is ordered when the hand lets go."""

    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._status: StoreStatus | None = None
        self._slider = _Slider(Qt.Orientation.Horizontal, objectName="limitSlider")
        self._slider.setRange(0, STEPS)
        self._slider.setAccessibleName(self.tr("Most that layers may take on the disk"))
        self._field = _Field(objectName="limitField", decimals=1, suffix=self.tr(" GB"))
        for field in (self._field, self._field.lineEdit()):
            field.setAccessibleName(self._slider.accessibleName())
        self._field.setKeyboardTracking(False)
        self._field.lineEdit().setTextMargins(theme.space("tight"), 0, theme.space("tight"), 0)
        self._default = make_button(self.tr("Default"), "limitDefault", partial(self._order, None))
        self._default.setToolTip(self.tr("Half of what the disk would have free without the layers"))
        self._slider.valueChanged.connect(self._slid)
        self._slider.sliderReleased.connect(self._choose)
        self._slider.actionTriggered.connect(self._stepped)
        self._field.valueChanged.connect(lambda _: self._choose())
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        row.addWidget(make_label(theme, self.tr("At most"), size="small"))
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        row.addWidget(self._default)

    def show_status(self, status: StoreStatus) -> None:
        self._status = status
        self._default.setEnabled(status.limit_chosen)
        if not self._slider.isSliderDown() and not self._field.hasFocus():
            self._show_limit(status.limit)

    def _show_limit(self, limit: int) -> None:
        for control in (self._slider, self._field):
            control.blockSignals(True)
        self._field.setRange(0, max(self._whole, limit) / GIGABYTE)
        self._field.setValue(limit / GIGABYTE)
        self._slider.setValue(round(STEPS * limit / self._whole))
        for control in (self._slider, self._field):
            control.blockSignals(False)

    @property
    def _whole(self) -> int:
        """Bytes that the disk could hold."""
        return max(1, self._status.held_size + self._status.free_size) if self._status else 1

    def _slid(self, step: int) -> None:
        self._field.blockSignals(True)
        self._field.setValue(self._whole * step / STEPS / GIGABYTE)
        self._field.blockSignals(False)

    def _stepped(self, action: int) -> None:
        """By keys or the wheel: nothing is released afterwards."""
        if action != QSlider.SliderAction.SliderMove.value:
            self._slid(self._slider.sliderPosition())
            self._choose()

    def _choose(self) -> None:
        limit = _as_shown(round(self._field.value() * GIGABYTE))
        if self._status is None or limit == _as_shown(self._status.limit):
            return
        lost = shrinking_in_words(self._status, limit)
        if not lost:
            self._order(limit)
            return
        self._show_limit(self._status.limit)
        question = self.tr("Keep at most {size} of layers?").format(size=bytes_in_words(limit))
        ask_whether(
            self.window(), question, lost, self.tr("Make room"), "askShrink", partial(self._order, limit)
        )

    def _order(self, limit: int | None) -> None:
        self._keeper.set_limit(limit)


class _Slider(QSlider):
    """The wheel scrolls the page over it, and changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Field(QDoubleSpinBox):
    """In gigabytes. The wheel as over the slider."""

    def textFromValue(self, value: float) -> str:
        return decimal(value, 1 if value < WHOLE_FROM else 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _as_shown(limit: int) -> int:
    """So many bytes as the field says: what is ordered is what is read there."""
    return round(limit, -8 if limit < WHOLE_FROM * GIGABYTE else -9)


class _StorePlace(QWidget):
    """Which folder it is in, and its way to another."""

    def __init__(self, theme: Theme, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._path = ElidedLabel(theme, "storePath", size="small", tone="muted")
        self._open = make_button(self.tr("Open folder"), "openStore", self._show_folder)
        self._move = make_button(self.tr("Move…"), "moveStore", self._ask_move)
        self._move.setToolTip(self.tr("To another folder or disk: copied and checked first, then taken up"))
        self._said = make_label(theme, size="small", wrap=True, name="moveSaid")
        self._restart = make_button(
            self.tr("Restart the engine now"), "restartEngine", keeper.restart_engine, primary=True
        )
        self._go_on = make_button(self.tr("Go on copying"), "goOnMoving", self._move_on, primary=True)
        self._stay = make_button(self.tr("Stay here"), "stayHere", keeper.stay)
        self._stay.setToolTip(self.tr("Remove the copy"))
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self._path, 1)
        row.addWidget(self._open)
        row.addWidget(self._move)
        ready = spaced(QHBoxLayout(), 0, theme.space("small"))
        ready.addWidget(self._restart)
        ready.addWidget(self._go_on)
        ready.addWidget(self._stay)
        ready.addStretch()
        column = spaced(QVBoxLayout(self), 0, theme.space("small"))
        column.addLayout(row)
        column.addWidget(self._said)
        column.addLayout(ready)

    def show_status(self, status: StoreStatus) -> None:
        self._folder, self._begun = status.path, status.begun_path
        self._path.show_text(status.path)
        said = self._sentence(status)
        self._said.setText(said)
        self._said.setVisible(bool(said))
        set_tone(self._said, "waiting" if status.absent_path else "text")
        self._restart.setVisible(bool(status.next_path or status.absent_path))
        self._go_on.setVisible(bool(status.begun_path))
        self._stay.setVisible(bool(status.next_path or status.begun_path))
        self._move.setVisible(not said and not self._keeper.moving)

    def _sentence(self, status: StoreStatus) -> str:
        if status.absent_path:
            return self.tr(
                "The layers belong in {path}, and its disk is not here. Connect it and restart the engine; "
                "until then layers are kept in the folder above."
            ).format(path=status.absent_path)
        if status.next_path:
            return self.tr(
                "Everything is copied to {path} and checked. The engine takes it up when it starts next; "
                "what is here goes then. A restart stops giving and answers under way for some seconds."
            ).format(path=status.next_path)
        if status.begun_path:
            return self.tr("A copy to {path} was begun and is not complete.").format(path=status.begun_path)
        return ""

    def _move_on(self) -> None:
        self._keeper.move(Path(self._begun))

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))

    def _ask_move(self) -> None:
        title = self.tr("Choose a folder for the layers")
        ask_folder(self.window(), title, "chooseStore", self._keeper.move)
