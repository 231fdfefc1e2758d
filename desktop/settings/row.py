"""One setting on the page: what it is, its control, and what is to be said of it now."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.settings.controls import AmountControl, ChoiceControl, Control, Known, SwitchControl
from desktop.settings.folding import Folding
from desktop.settings.lists import NamesControl, ProgramsControl
from desktop.settings.times import TimesControl
from desktop.settings.wording import declared_text, is_tall, state_of
from desktop.widgets.parts import IconButton, make_label, set_tone, spaced
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import Setting, SettingKind

_CONTROLS: dict[SettingKind, Callable[[Theme, Setting], Control]] = {
    SettingKind.SWITCH: SwitchControl,
    SettingKind.NUMBER: AmountControl,
    SettingKind.SIZE: AmountControl,
    SettingKind.RATE: AmountControl,
    SettingKind.CHOICE: ChoiceControl,
    SettingKind.MODEL: ChoiceControl,
    SettingKind.NAMES: NamesControl,
    SettingKind.PROGRAMS: ProgramsControl,
    SettingKind.TIMES: TimesControl,
}

FOLD_BELOW = 440  # pixels


class SettingRow(QWidget):
    """`chosen` carries the key and the new value, `forgotten` the key of what shall be as if never set."""

    chosen = Signal(str, object)
    forgotten = Signal(str)

    def __init__(self, theme: Theme, setting: Setting) -> None:
        super().__init__()
        self.setObjectName(f"row.{setting.key}")
        self.key = setting.key
        self._control: Control = _CONTROLS[setting.form.kind](theme, setting)
        self._reset = IconButton(
            theme,
            "undo",
            self.tr("Back to the default: {what}").format(what=declared_text(setting.short)),
            f"{setting.key}.reset",
            lambda: self.forgotten.emit(self.key),
        )
        self._keep_place(self._reset)
        self._state = make_label(theme, size="small", tone="waiting", wrap=True, name=f"{setting.key}.state")
        self._lay_out(theme, setting)
        self._control.chosen.connect(lambda value: self.chosen.emit(self.key, value))
        self._control.refused.connect(self.complain)

    def show_setting(self, setting: Setting, known: Known) -> None:
        self._control.show_value(setting.value, known)
        self._control.setEnabled(setting.source != "command_line")
        self._reset.setVisible(setting.source == "file")
        self._say(state_of(setting), "waiting")

    def complain(self, sentence: str) -> None:
        self._say(sentence, "problem")

    def _say(self, text: str, tone: str) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))
        set_tone(self._state, tone)

    def _keep_place(self, widget: QWidget) -> None:
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)

    def _lay_out(self, theme: Theme, setting: Setting) -> None:
        column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        words = QWidget()
        text = spaced(QVBoxLayout(words), 0, 2)
        text.addWidget(make_label(theme, declared_text(setting.short), wrap=True))
        text.addWidget(make_label(theme, declared_text(setting.long), size="small", tone="muted", wrap=True))
        told = QWidget()
        line = spaced(QHBoxLayout(told), 0, theme.space("small"))
        line.addWidget(words, 1)
        line.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignVCenter)
        tall = is_tall(setting.form.kind)
        head = Folding(0 if tall else FOLD_BELOW, theme.space("small"))
        head.box.addWidget(told, 1)
        if not tall:  # so that all controls end where the line below them does
            at = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
            head.box.addWidget(self._control, 0, at)
        column.addWidget(head)
        if tall:
            column.addSpacing(theme.space("tight"))
            column.addWidget(self._control)
        column.addWidget(self._state)
