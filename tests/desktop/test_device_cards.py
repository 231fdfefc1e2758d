"""The devices on the Settings page: which ones give, and how much, by clicks and keys."""

import asyncio
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDoubleSpinBox, QWidget

from desktop.main import Desktop
from desktop.settings.device_wording import devices_in, memory_of
from engine.api.preferences_schema import SettingsReport, Value
from engine.api.schema import DeviceReading
from engine.preferences.preferences import Preferences
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine
from tests.desktop.fakes_settings import GB, PLANNED, SettingsInMemory
from tests.desktop.scenes_settings import limits_by_the_command_line, limits_of_devices
from tests.desktop.test_settings import click, opened, says, value
from tests.desktop.test_window import accessible_name

CARD, GONE = "GPU-12ab", "GPU-56ef"


def type_into(desktop: Desktop, name: str, text: str) -> None:
    amount = part(desktop.settings, name, QDoubleSpinBox)
    amount.selectAll()
    QTest.keyClicks(amount, text)
    QTest.keyClick(amount, Qt.Key.Key_Return)


def test_a_card_has_limits_of_its_own_and_is_as_all_others_again(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.preferences.change({"give.duty": 80})
        await opened(desktop, "devices")
        assert says(desktop, f"devices.memory.{CARD}.none") == "as for all (what is free)"
        assert says(desktop, f"devices.duty.{CARD}.none") == "as for all (80 %)"
        assert says(desktop, f"device.{CARD}.memory") == "3.0 GB of 12 GB in use"
        click(desktop, f"devices.memory.{CARD}.on")
        await until(lambda: value(engine, "devices.memory") == {CARD: 4 * GB})
        type_into(desktop, f"devices.memory.{CARD}", "7.5")
        await until(lambda: value(engine, "devices.memory") == {CARD: 7_500_000_000})
        click(desktop, "devices.duty.cpu.on")
        await until(lambda: value(engine, "devices.duty") == {"cpu": 80})  # as for all, to begin with
        saved = "Share of the time in which single devices compute: 80 %."
        await until(lambda: says(desktop, "settingSaved") == saved)
        click(desktop, f"devices.memory.{CARD}.on")
        await until(lambda: engine.preferences.report().setting("devices.memory").source == "default")
        await until(lambda: says(desktop, f"devices.memory.{CARD}.none") == "as for all (what is free)")
        click(desktop, "undoSetting")
        await until(lambda: value(engine, "devices.memory") == {CARD: 7_500_000_000})
        assert value(engine, "devices.duty") == {"cpu": 80}

    with_desktop(use)


def test_two_devices_that_are_changed_at_once_both_keep_their_change(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        click(desktop, f"devices.duty.{CARD}.on")
        click(desktop, "devices.duty.cpu.on")
        await until(lambda: value(engine, "devices.duty") == {CARD: 100, "cpu": 100})

    with_desktop(use)


def test_by_keys_alone(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        switch = part(desktop.settings, f"devices.duty.{CARD}.on", QAbstractButton)
        switch.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(switch, Qt.Key.Key_Space)
        await until(lambda: value(engine, "devices.duty") == {CARD: 100})
        amount = part(desktop.settings, f"devices.duty.{CARD}", QDoubleSpinBox)
        QTest.keyClick(switch, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        await until(amount.hasFocus)
        QTest.keyClick(amount, Qt.Key.Key_Down)
        QTest.keyClick(amount, Qt.Key.Key_Return)
        await until(lambda: value(engine, "devices.duty") == {CARD: 99})

    with_desktop(use)


def test_what_becomes_known_while_a_change_is_under_way_does_not_draw_what_was_before(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        answer, change = asyncio.Event(), engine.change_settings

        async def slow(changes: Mapping[str, Value]) -> SettingsReport:
            await answer.wait()
            return await change(changes)

        engine.change_settings = slow
        switch = part(desktop.settings, f"devices.duty.{CARD}.on", QAbstractButton)
        switch.click()
        desktop.settings.keeper.know_models(("another-model",))
        assert switch.isChecked()
        answer.set()
        await until(lambda: value(engine, "devices.duty") == {CARD: 100} and not desktop.settings.keeper.busy)
        assert switch.isChecked()

    with_desktop(use)


def test_a_card_that_is_not_here_keeps_its_limits_and_can_be_forgotten(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await limits_of_devices(desktop, engine)
        await until(lambda: says(desktop, f"device.{GONE}.memory") == "not in this computer now")
        assert not says(desktop, "devices.state")
        assert not says(desktop, "settingsState")
        click(desktop, f"devices.memory.{GONE}.on")
        await until(lambda: value(engine, "devices.memory") == {CARD: 9 * GB})
        await until(lambda: desktop.settings.findChild(QWidget, f"device.{GONE}") is None)

    with_desktop(use)


def test_what_is_refused_and_what_the_command_line_said_is_told(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        desktop.settings.keeper.change("devices.duty", {"cpu": 5})
        await until(lambda: "of cpu is a whole number from 10 to 100" in says(desktop, "devices.state"))
        await limits_by_the_command_line(desktop, engine)
        desktop.settings.keeper.read()
        await until(lambda: "Said on the command line" in says(desktop, "devices.state"))
        assert says(desktop, f"devices.memory.{CARD}.none") == "as for all (4 GB)"
        assert not part(desktop.settings, f"devices.memory.{CARD}.on").isEnabled()
        assert part(desktop.settings, f"devices.duty.{CARD}.on").isEnabled()

    with_desktop(use)


def test_all_devices_can_be_chosen_from_whatever_was_chosen_before(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        alone = PLANNED.model_copy(update={"devices": PLANNED.devices[:1]})  # as where only that one may give
        engine.planned = alone
        engine.preferences = Preferences(SettingsInMemory())
        engine.preferences.change({"devices.use": [CARD]})
        await opened(desktop, "devices")
        click(desktop, "devices.use.cpu")
        await until(lambda: value(engine, "devices.use") == (CARD, "cpu"))

    with_desktop(use)
    assert [key for key, _ in devices_in(PLANNED)] == [CARD, "cpu"]


def test_what_a_card_has_in_use_is_as_of_now_while_it_gives(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        reading = DeviceReading(place=CARD, memory_bytes=12 * GB, memory_used_bytes=10 * GB)
        engine.become(engine.snapshot.model_copy(update={"readings": (reading,)}))
        await until(lambda: says(desktop, f"device.{CARD}.memory") == "10 GB of 12 GB in use")
        known = desktop.settings.keeper.known
        assert memory_of("cpu", known) == "11 GB of 32 GB in use"

    with_desktop(use)


def test_every_control_of_a_device_says_what_it_is_about(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await limits_of_devices(desktop, engine)
        cards = part(desktop.settings, "deviceCards")
        controls = [*cards.findChildren(QAbstractButton), *cards.findChildren(QDoubleSpinBox)]
        names = [accessible_name(control) for control in controls]
        assert all(names)
        spoken = {accessible_name(amount) for amount in cards.findChildren(QDoubleSpinBox)}
        assert "Memory, at most: NVIDIA RTX 4070" in spoken
        assert len(spoken) == len(cards.findChildren(QDoubleSpinBox))

    with_desktop(use)
