"""The settings as the engine keeps them: read, changed, and changed back."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.app_state import sentence_of_error
from desktop.engine_link.calls import Calls
from desktop.settings.controls import Known
from desktop.settings.device_wording import devices_in
from desktop.settings.engine import SettingsEngine
from engine.api.manners_schema import MannersStatus, Preview
from engine.api.plan_schema import PlanReport
from engine.api.preferences_schema import Setting, SettingsReport, Value
from engine.api.schema import DeviceReading
from engine.errors import PotluckError


class Keeper(Calls):
    """`shown` when there is something new to draw; `failed` when the settings cannot be read at all."""

    shown = Signal()
    saved = Signal(object)  # the Setting as it is now
    refused = Signal(str, str)  # the key, and why
    previewed = Signal(object, object)  # what is not told now, and a Preview of the rules that hold

    def __init__(self, engine: Callable[[], SettingsEngine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._before: Setting | None = None  # of the last change
        self._changing: set[object] = set()  # changes that the engine has not answered
        self.report: SettingsReport | None = None
        self.known = Known()

    def read(self) -> None:
        self.start(self._read(), self._show)

    def look_at_devices(self) -> None:
        """Without an answer, the settings are all the same."""
        self.start(self._devices(), self._know_devices)

    @property
    def waits_for_restart(self) -> bool:
        """Whether something is set that holds after a restart."""
        return self.report is not None and any(setting.pending for setting in self.report.settings)

    def restart_engine(self) -> None:
        """Have it end: the window starts it anew."""
        self.start(self._quit())

    def preview(self) -> None:
        """Without an answer, the settings are all the same."""
        self.start(self._preview(), self._know_preview)

    def forget_engine(self) -> None:
        """What was known of the one that was looked at before."""
        self.give_up()
        self._changing.clear()
        self.report = self._before = None
        self.known = Known()

    def know_models(self, names: tuple[str, ...]) -> None:
        if names != self.known.models:
            self.known = replace(self.known, models=names)
            self._show_known()

    def know_readings(self, readings: tuple[DeviceReading, ...]) -> None:
        self.known = replace(self.known, readings=readings)

    def change(self, key: str, value: Value) -> None:
        self._begin(key, {key: value})

    def forget(self, key: str) -> None:
        """As if it had never been set."""
        self._begin(key, {})

    def undo(self) -> None:
        """What was changed last is as it was before."""
        if (before := self._before) is None:
            return
        if before.source == "default":
            self.forget(before.key)
        else:
            self.change(before.key, before.value)

    def _begin(self, key: str, changes: Mapping[str, Value]) -> None:
        if self.report is not None:
            self._before = self.report.setting(key)
            change = object()
            self._changing.add(change)
            self.start(self._change(change, key, changes))

    async def _read(self) -> SettingsReport:
        return await self._engine().settings()

    async def _devices(self) -> PlanReport | None:
        try:
            return await self._engine().plan()
        except PotluckError:
            return None

    async def _quit(self) -> None:
        await self._engine().quit()

    async def _preview(self) -> tuple[MannersStatus, Preview] | None:
        try:
            engine = self._engine()
            status = await engine.manners()
            return status, await engine.preview_manners(status.when)
        except PotluckError:
            return None

    async def _change(self, change: object, key: str, changes: Mapping[str, Value]) -> None:
        try:
            engine = self._engine()
            report = await (engine.change_settings(changes) if changes else engine.forget_setting(key))
        except PotluckError as error:
            self._changing.discard(change)
            self.shown.emit()  # what holds
            self.refused.emit(key, sentence_of_error(error))
        else:
            self._changing.discard(change)
            self._show(report)
            self.saved.emit(report.setting(key))

    def _show_known(self) -> None:
        """Not while a change is under way, whose answer draws all: what it replaces would come back once."""
        if not self._changing:
            self.shown.emit()

    def _show(self, report: SettingsReport) -> None:
        self.report = report
        self.shown.emit()

    def _know_preview(self, answer: tuple[MannersStatus, Preview] | None) -> None:
        if answer is not None:
            status, preview = answer
            self.known = replace(self.known, programs=status.programs)
            self._show_known()
            self.previewed.emit(status.not_told, preview)

    def _know_devices(self, plan: PlanReport | None) -> None:
        if plan is not None:
            self.known = replace(self.known, devices=devices_in(plan), machine=plan.machine)
            self._show_known()
