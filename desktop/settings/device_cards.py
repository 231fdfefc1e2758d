"""Each device of this computer: whether it gives, and how much of it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.settings.controls import AmountOrNone, Known
from desktop.settings.device_wording import as_for_all, devices_of, memory_of, state_of_devices
from desktop.settings.folding import Folding
from desktop.settings.row import FOLD_BELOW
from desktop.settings.wording import declared_text
from desktop.widgets.parts import clear, make_label, make_line, set_tone, spaced
from desktop.widgets.switch import SIZE, Switch
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import Setting, SettingKind, SettingsReport, Value

KINDS = (SettingKind.DEVICES, SettingKind.OF_DEVICES)  # of settings that are shown here


class DeviceLimit(AmountOrNone):
    """How much one device gives of something, or as much as holds for all."""

    def __init__(
        self, theme: Theme, device: str, device_name: str, setting: Setting, common: Setting
    ) -> None:
        label = self.tr("{what}: {device}").format(what=declared_text(common.short), device=device_name)
        super().__init__(theme, f"{setting.key}.{device}", label, setting.form, may_be_none=True)
        self.key = setting.key
        self._device = device

    def show_limit(self, setting: Setting, common: Setting, known: Known) -> None:
        self.say_none(as_for_all(common), common.value if isinstance(common.value, int) else None)
        limits = setting.value if isinstance(setting.value, dict) else {}
        self.show_value(limits.get(self._device), known)
        self.setEnabled(setting.source != "command_line")


class DeviceCard(QWidget):
    """`used` when its switch is clicked; `limited` carries a setting's key and what shall hold, or None."""

    used = Signal()
    limited = Signal(str, object)
    refused = Signal(str, str)  # a setting's key, and why what was typed is not set

    def __init__(self, theme: Theme, device: str, name: str, report: SettingsReport, use: Setting) -> None:
        super().__init__()
        self.setObjectName(f"device.{device}")
        self.device = device
        self.switch = Switch(theme, f"{use.key}.{device}", name)
        self.switch.clicked.connect(lambda _: self.used.emit())
        self._memory = make_label(theme, size="small", tone="muted", name=f"device.{device}.memory")
        self._column = spaced(QVBoxLayout(self), 0, theme.space("tight"))
        self._column.addLayout(self._make_head(theme, name))
        self._limits = [self._make_limit(theme, name, setting, report) for setting in limits_in(report)]

    def show_device(self, report: SettingsReport, use: Setting, known: Known) -> None:
        self.switch.setChecked(isinstance(use.value, tuple) and self.device in use.value)
        self.switch.setEnabled(use.source != "command_line")
        self._memory.setText(memory_of(self.device, known))
        for limit in self._limits:
            setting = report.setting(limit.key)
            limit.show_limit(setting, report.setting(setting.form.common), known)

    def _make_head(self, theme: Theme, name: str) -> QHBoxLayout:
        row = spaced(QHBoxLayout(), 0, theme.space("small"))
        row.addWidget(self.switch)
        words = Folding(FOLD_BELOW, 0)
        words.box.addWidget(make_label(theme, name, bold=True, wrap=True), 1)
        words.box.addWidget(self._memory)
        row.addWidget(words, 1)
        return row

    def _make_limit(self, theme: Theme, name: str, setting: Setting, report: SettingsReport) -> DeviceLimit:
        common = report.setting(setting.form.common)
        limit = DeviceLimit(theme, self.device, name, setting, common)
        limit.chosen.connect(lambda amount: self.limited.emit(limit.key, amount))
        limit.refused.connect(lambda why: self.refused.emit(limit.key, why))
        line = Folding(FOLD_BELOW, theme.space("small"))
        line.box.addWidget(make_label(theme, declared_text(common.short), wrap=True), 1)
        line.box.addWidget(limit, 0, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        row = spaced(QHBoxLayout(), 0, 0)
        row.addSpacing(SIZE.width() + theme.space("small"))
        row.addWidget(line, 1)
        self._column.addLayout(row)
        return limit


class DeviceCards(QWidget):
    """`chosen` carries a setting's key and its new value, `forgotten` the key of one that is left empty."""

    chosen = Signal(str, object)
    forgotten = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("deviceCards")
        self._theme = theme
        self._shown: tuple[tuple[str, str], ...] = ()
        self._cards: list[DeviceCard] = []
        self._use = ""  # key of the setting that says which ones give
        self._values: dict[str, Value] = {}
        self._title = make_label(theme, wrap=True)
        self._explained = make_label(theme, size="small", tone="muted", wrap=True)
        looking = self.tr("Looking at this computer's devices")
        self._looking = make_label(theme, looking, tone="muted", name="devices.looking")
        self._says = make_label(theme, size="small", wrap=True, name="devices.state")
        self._devices = spaced(QVBoxLayout(), 0, theme.space("medium"))
        self._lay_out()

    def show_report(self, report: SettingsReport, known: Known) -> None:
        use = next(setting for setting in report.settings if setting.form.kind is SettingKind.DEVICES)
        self._use = use.key
        self._title.setText(declared_text(use.short))
        self._explained.setText(declared_text(use.long))
        self._values = {setting.key: setting.value for setting in (use, *limits_in(report))}
        self._offer(devices_of(known, self._values.values()), report, use)
        self._looking.setVisible(not self._cards)
        for card in self._cards:
            card.show_device(report, use, known)
        self._say("\n".join(filter(None, map(state_of_devices, (use, *limits_in(report))))), "waiting")

    def complain(self, key: str, sentence: str) -> None:
        if key in self._values:
            self._say(sentence, "problem")

    def _lay_out(self) -> None:
        column = spaced(QVBoxLayout(self), 0, self._theme.space("medium"))
        words = spaced(QVBoxLayout(), 0, 2)
        words.addWidget(self._title)
        words.addWidget(self._explained)
        column.addLayout(words)
        column.addWidget(self._looking)
        column.addLayout(self._devices)
        column.addWidget(self._says)
        self._says.hide()

    def _offer(self, devices: tuple[tuple[str, str], ...], report: SettingsReport, use: Setting) -> None:
        if devices == self._shown:
            return
        self._shown = devices
        clear(self._devices)
        self._cards = [DeviceCard(self._theme, key, name, report, use) for key, name in devices]
        for at, card in enumerate(self._cards):
            card.used.connect(self._choose)
            card.limited.connect(self._limiter(card.device))
            card.refused.connect(self.complain)
            if at:
                self._devices.addWidget(make_line())
            self._devices.addWidget(card)

    def _choose(self) -> None:
        self.chosen.emit(self._use, tuple(card.device for card in self._cards if card.switch.isChecked()))

    def _limiter(self, device: str) -> Callable[[str, object], None]:
        return lambda key, amount: self._limit(device, key, amount)

    def _limit(self, device: str, key: str, amount: object) -> None:
        before = self._values[key]
        limits = dict(before) if isinstance(before, dict) else {}
        limits.pop(device, None)
        if isinstance(amount, int):
            limits[device] = amount
        self._values[key] = limits  # what is chosen next, before this is kept, goes on from here
        if limits:
            self.chosen.emit(key, limits)
        else:
            self.forgotten.emit(key)

    def _say(self, text: str, tone: str) -> None:
        self._says.setText(text)
        self._says.setVisible(bool(text))
        set_tone(self._says, tone)


def limits_in(report: SettingsReport) -> list[Setting]:
    return [setting for setting in report.settings if setting.form.kind is SettingKind.OF_DEVICES]
