"""A section of the page: a title, and the settings of one group."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.settings.controls import Known
from desktop.settings.device_cards import KINDS, DeviceCards
from desktop.settings.row import SettingRow
from desktop.settings.wording import section_intro, section_title
from desktop.widgets.column_page import ColumnPage
from desktop.widgets.parts import make_label, make_line, spaced
from desktop.widgets.theme import Theme
from engine.api.preferences_schema import SettingsReport

COLUMN_WIDTH = 620


class Section(ColumnPage):
    """What only a reached engine can tell goes into `body`."""

    def __init__(self, theme: Theme, group: str) -> None:
        super().__init__(theme, f"section.{group}", COLUMN_WIDTH)
        self.group = group
        self._theme = theme
        head = spaced(QVBoxLayout(), 0, theme.space("tight"))
        head.addWidget(make_label(theme, section_title(group), size="title", name="sectionTitle"))
        head.addWidget(make_label(theme, section_intro(group), tone="muted", wrap=True))
        self.column.addLayout(head)
        self.body = QWidget()
        self.rows = spaced(QVBoxLayout(self.body), 0, theme.space("medium"))
        self.column.addWidget(self.body)
        self.column.addStretch(1)

    def add(self, part: QWidget) -> None:
        """Below what is there, after a line."""
        if self.rows.count():
            self.rows.addWidget(make_line())
        self.rows.addWidget(part)

    def show_reached(self, reached: bool) -> None:
        self.body.setVisible(reached)


class SettingsSection(Section):
    """Rows made from the engine's declarations, once they are known."""

    chosen = Signal(str, object)
    forgotten = Signal(str)

    def __init__(self, theme: Theme, group: str) -> None:
        super().__init__(theme, group)
        self._rows: dict[str, SettingRow] = {}

    def show_report(self, report: SettingsReport, known: Known) -> None:
        for setting in report.settings:
            if setting.group == self.group and setting.form.kind not in KINDS:
                if setting.key not in self._rows:
                    self._rows[setting.key] = row = SettingRow(self._theme, setting)
                    row.chosen.connect(self.chosen)
                    row.forgotten.connect(self.forgotten)
                    self.add(row)
                self._rows[setting.key].show_setting(setting, known)

    def complain(self, key: str, sentence: str) -> None:
        if key in self._rows:
            self._rows[key].complain(sentence)


class DevicesSection(SettingsSection):
    """The devices, above what holds for all of them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "devices")
        self._cards = DeviceCards(theme)
        self._cards.chosen.connect(self.chosen)
        self._cards.forgotten.connect(self.forgotten)
        self.add(self._cards)

    def show_report(self, report: SettingsReport, known: Known) -> None:
        self._cards.show_report(report, known)
        super().show_report(report, known)

    def complain(self, key: str, sentence: str) -> None:
        self._cards.complain(key, sentence)
        super().complain(key, sentence)
