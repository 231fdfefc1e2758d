"""A control for each kind of setting, made from what the engine says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from desktop.figures import shortest
from desktop.settings.wording import declared_text, out_of_range
from desktop.widgets.parts import make_label, spaced
from desktop.widgets.picker import Picker
from desktop.widgets.switch import Switch
from desktop.widgets.theme import Theme
from engine.api.plan_schema import MachineReport
from engine.api.preferences_schema import Setting, SettingForm, SettingKind, Value
from engine.api.schema import DeviceReading

SETTLE_MILLISECONDS = 500  # after the last step of a number
AMOUNT_WIDTH = 132
CHOICE_WIDTH = 216


@dataclass(frozen=True)
class Known:
    """What the engine knows of this computer and its swarm that a setting may name: keys and texts."""

    devices: tuple[tuple[str, str], ...] = ()
    models: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()  # that run
    machine: MachineReport | None = None  # when the page was opened
    readings: tuple[DeviceReading, ...] = ()  # of cards that give, as of a moment ago


class Control(QWidget):
    """`chosen` carries the value when the owner changes it; `show_value` does not. `refused`: why what was
    typed is not set."""

    chosen = Signal(object)
    refused = Signal(str)

    def show_value(self, value: Value, known: Known) -> None:
        raise NotImplementedError


class SwitchControl(Control):
    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__()
        self._switch = Switch(theme, setting.key, declared_text(setting.short))
        self.setFocusProxy(self._switch)
        self._switch.clicked.connect(lambda on: self.chosen.emit(on))
        spaced(QHBoxLayout(self), 0, 0).addWidget(self._switch)

    def show_value(self, value: Value, known: Known) -> None:
        self._switch.setChecked(value is True)


class _Amount(QDoubleSpinBox):
    """Scrolling over it scrolls the page. Anything may be typed; `refused` carries what cannot be meant, and
    the amount is as before."""

    refused = Signal(str)

    def validate(self, text: str, at: int) -> object:
        state, text, at = super().validate(text, at)
        kept = QValidator.State.Intermediate if state is QValidator.State.Invalid else state
        return kept, text, at

    def fixup(self, text: str) -> str:
        self.refused.emit(text)
        return text

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def textFromValue(self, value: float) -> str:
        return shortest(value)


class AmountOrNone(Control):
    """A number with its unit; where it may be without, a switch before it."""

    def __init__(self, theme: Theme, name: str, label: str, form: SettingForm, may_be_none: bool) -> None:
        super().__init__()
        self._form = form
        self._begin = form.suggested
        self._none = make_label(theme, tone="muted", name=f"{name}.none")
        self._amount = _make_amount(name, label, form)
        self._switch = Switch(theme, f"{name}.on", label)
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        row = spaced(QHBoxLayout(self), 0, theme.space("small"))
        for part in (self._none, self._amount, self._switch):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumHeight(self._amount.sizeHint().height())  # also while none is shown
        self._switch.setVisible(may_be_none)  # by now no window of its own
        self._amount.valueChanged.connect(lambda _: self._timer.start())
        self._amount.lineEdit().textEdited.connect(lambda _: self._timer.start())
        self._amount.editingFinished.connect(self._finish)
        self._amount.refused.connect(self._refuse)
        self._timer.timeout.connect(self._settle)
        self._switch.clicked.connect(self._switched)

    def say_none(self, text: str, begin: int | None) -> None:
        """What holds without a number, and the number to begin with instead; None: what is suggested."""
        self._none.setText(text)
        self._begin = self._form.suggested if begin is None else begin

    def show_value(self, value: Value, known: Known) -> None:
        if self._timer.isActive():
            return  # the owner is still at it
        self._show_set(value is not None)
        if isinstance(value, int | float) and self._amount.hasAcceptableInput():
            self._amount.blockSignals(True)
            self._amount.setValue(value / self._form.factor)
            self._amount.blockSignals(False)

    def _show_set(self, is_set: bool) -> None:
        self._switch.setChecked(is_set)
        self._amount.setVisible(is_set)
        self._none.setVisible(not is_set)

    def _switched(self, on: bool) -> None:
        self._show_set(on)
        if on and self._begin is not None:
            self._amount.setValue(self._begin / self._form.factor)
        self._timer.stop()
        self.chosen.emit(self._value if on else None)

    def _finish(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._choose()

    def _settle(self) -> None:
        """What is half typed waits until it is whole."""
        if self._amount.hasAcceptableInput():
            self._amount.interpretText()
            self._timer.stop()
            self._choose()

    def _choose(self) -> None:
        self.chosen.emit(self._value)

    def _refuse(self, typed: str) -> None:
        self._timer.stop()
        self.refused.emit(out_of_range(self._form, typed.removesuffix(self._amount.suffix()).strip()))

    @property
    def _value(self) -> int:
        value = round(self._amount.value() * self._form.factor)
        return min(max(value, self._form.least), self._form.most)


class AmountControl(AmountOrNone):
    """Of a setting."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        form = setting.form
        super().__init__(theme, setting.key, declared_text(setting.short), form, form.none is not None)
        self.say_none(declared_text(form.none or ""), form.suggested)


def _make_amount(name: str, label: str, form: SettingForm) -> _Amount:
    amount = _Amount(objectName=name)
    amount.setAccessibleName(label)
    amount.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
    amount.setKeyboardTracking(False)  # what is typed counts when it is whole
    amount.setDecimals(0 if form.factor == 1 else 3)
    amount.setRange(form.least / form.factor, form.most / form.factor)
    amount.setSuffix(f" {declared_text(form.unit)}" if form.unit else "")
    amount.lineEdit().setTextMargins(6, 0, 6, 0)
    amount.setFixedWidth(AMOUNT_WIDTH)
    return amount


class PatientPicker(Picker):
    """Scrolling over it scrolls the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ChoiceControl(Control):
    """One of some texts; the first stands for none where that may be."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__()
        self._form = setting.form
        self._box = PatientPicker(theme, setting.key, declared_text(setting.short))
        self._box.setFixedWidth(CHOICE_WIDTH)
        self._box.activated.connect(lambda _: self.chosen.emit(self._box.currentData()))
        spaced(QHBoxLayout(self), 0, 0).addWidget(self._box)

    def show_value(self, value: Value, known: Known) -> None:
        options = [(option.value, declared_text(option.text)) for option in self._form.options]
        if self._form.kind is SettingKind.MODEL:
            options = _with_value([(model, model) for model in known.models], value)
        self._fill(options)
        self._box.setCurrentIndex(max(0, self._box.findData(value)))

    def _fill(self, options: Sequence[tuple[str, str]]) -> None:
        self._box.clear()
        if self._form.none is not None:
            self._box.addItem(declared_text(self._form.none), None)
        for value, text in options:
            self._box.addItem(text, value)


def _with_value(options: list[tuple[str, str]], value: Value) -> list[tuple[str, str]]:
    """What is set can be seen, also where it is not known."""
    if isinstance(value, str) and all(value != option for option, _ in options):
        return [*options, (value, value)]
    return options
