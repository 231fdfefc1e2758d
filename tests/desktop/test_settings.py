"""The Settings page, driven by clicks and keys; start at login; logs without secrets."""

import plistlib
import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QTimeEdit,
    QWidget,
)

from desktop.app_state import Trouble
from desktop.main import Desktop
from desktop.os_glue.autostart import AtLogin
from desktop.os_glue.autostart_linux import LinuxAutostart, autostart_folder
from desktop.os_glue.autostart_macos import MacAutostart
from desktop.os_glue.autostart_windows import WindowsAutostart
from desktop.settings.appearance import THEME, take_up_theme
from desktop.settings.page import ORDER
from desktop.settings.times import canonical
from engine.api.manners_schema import Preview
from engine.api.sentences import said
from engine.errors import EngineError
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import Found
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine
from tests.desktop.fakes_settings import KEY, LINK, PROGRAMS, SettingsInMemory
from tests.desktop.scenes_settings import LOG, in_private_swarm
from tests.desktop.test_window import accessible_name

LEFT = Qt.MouseButton.LeftButton
DAMAGED = "The file of settings was damaged."


class DamagedSettings(SettingsInMemory):
    def read(self) -> Found:
        return Found(troubles=(DAMAGED,))


async def opened(desktop: Desktop, group: str) -> None:
    desktop.settings.open_section(group)
    desktop.window.open_page(desktop.settings)
    await until(lambda: desktop.settings.keeper.report is not None and not desktop.settings.keeper.busy)


def click(desktop: Desktop, name: str) -> None:
    QTest.mouseClick(part(desktop.settings, name), LEFT)


def value(engine: FakeEngine, key: str) -> object:
    return engine.preferences.report().setting(key).value


def says(desktop: Desktop, name: str) -> str:
    label = part(desktop.settings, name, QLabel)
    return label.text() if label.isVisible() else ""


def test_every_section_opens_by_keys(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        sections = part(desktop.settings, "settingsSections", QListWidget)
        assert desktop.settings.focusWidget() is sections or sections.hasFocus()
        titles = []
        for _ in ORDER:
            titles.append(desktop.settings.findChild(QWidget, "settingsStack").currentWidget().group)
            QTest.keyClick(sections, Qt.Key.Key_Down)
        assert tuple(titles) == ORDER

    with_desktop(use)


def test_a_switch_is_set_at_once_and_taken_back(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        click(desktop, "when.on_battery")
        await until(lambda: value(engine, "when.on_battery") is True)
        await until(lambda: says(desktop, "settingSaved") == "Also on battery: on.")
        click(desktop, "undoSetting")
        await until(lambda: value(engine, "when.on_battery") is False)
        assert engine.preferences.report().setting("when.on_battery").source == "default"
        await until(lambda: not part(desktop.settings, "undoSetting").isVisible())
        assert not part(desktop.settings, "when.on_battery").isChecked()

    with_desktop(use)


def test_an_amount_is_typed_switched_off_and_reset(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "how_much")
        assert says(desktop, "give.memory.none") == "what is free"
        click(desktop, "give.memory.on")
        await until(lambda: value(engine, "give.memory") == 4 * 10**9)
        amount = part(desktop.settings, "give.memory", QDoubleSpinBox)
        amount.selectAll()
        QTest.keyClicks(amount, "7.5")
        QTest.keyClick(amount, Qt.Key.Key_Return)
        await until(lambda: value(engine, "give.memory") == 7_500_000_000)
        assert amount.text() == "7.5 GB"
        click(desktop, "give.memory.reset")
        await until(lambda: value(engine, "give.memory") is None)
        await until(lambda: says(desktop, "give.memory.none") == "what is free")

    with_desktop(use)


def test_what_waits_for_a_restart_and_what_the_command_line_said_is_told(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "api")
        amount = part(desktop.settings, "api.port", QDoubleSpinBox)
        amount.selectAll()
        QTest.keyClicks(amount, "8123")
        QTest.keyClick(amount, Qt.Key.Key_Return)
        await until(lambda: says(desktop, "api.port.state") == "Holds after a restart of Potluck.")
        desktop.settings.open_section("swarm")
        assert part(desktop.settings, "restartEngine").isVisible()
        assert says(desktop, "swarm.lan.state").startswith("Said on the command line")
        assert not part(desktop.settings, "swarm.lan").isEnabled()
        click(desktop, "restartEngine")
        await until(lambda: engine.quits == 1)

    with_desktop(use)


def test_every_control_of_a_setting_has_a_name(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.preferences.change({"when.schedule": ["mon 8:00-9:00"], "when.apps": ["blender"]})
        await opened(desktop, "when")
        kinds = (QAbstractButton, QAbstractSpinBox, QComboBox)
        controls = [each for kind in kinds for each in desktop.settings.findChildren(kind)]
        assert len(controls) > 60
        assert [each.objectName() for each in controls if not accessible_name(each)] == []

    with_desktop(use)


def test_names_are_added_refused_and_removed(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        field = part(desktop.settings, "when.apps.new", QLineEdit)
        QTest.keyClicks(field, "blender")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: value(engine, "when.apps") == ("blender",))
        await until(lambda: field.text() == "")
        click(desktop, "when.apps.remove")
        await until(lambda: value(engine, "when.apps") == ())
        desktop.settings.open_section("swarm")
        field = part(desktop.settings, "swarm.peers.new", QLineEdit)
        QTest.keyClicks(field, "example.org")
        click(desktop, "swarm.peers.add")
        await until(lambda: "“example.org” is none" in says(desktop, "swarm.peers.state"))
        assert field.text() == "example.org"
        assert value(engine, "swarm.peers") == ()

    with_desktop(use)


def test_times_of_the_week_are_set_by_days_and_hours(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        click(desktop, "when.schedule.add")
        await until(lambda: desktop.settings.findChild(QTimeEdit, "end") is not None)
        click(desktop, "day.sun")
        await until(lambda: value(engine, "when.schedule") == ("mon,tue,wed,thu,fri,sat 22:00-07:00",))
        end = part(desktop.settings, "end", QTimeEdit)
        end.setTime(QTime(6, 30))
        QTest.keyClick(end, Qt.Key.Key_Return)
        await until(lambda: value(engine, "when.schedule") == ("mon,tue,wed,thu,fri,sat 22:00-06:30",))
        click(desktop, "removeTime")
        await until(lambda: value(engine, "when.schedule") == ())

    with_desktop(use)


def test_devices_and_choices_come_from_this_computer(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "devices")
        click(desktop, "devices.use.GPU-12ab")
        await until(lambda: value(engine, "devices.use") == ("GPU-12ab",))
        box = part(desktop.settings, "devices.precision", QComboBox)
        assert box.itemText(0) == "Potluck chooses"
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        await until(lambda: value(engine, "devices.precision") == "nf4")
        models = part(desktop.settings, "devices.model", QComboBox)
        assert [models.itemText(at) for at in range(3)] == ["what the swarm needs", "tiny-chat", "wide-chat"]

    with_desktop(use)


def test_into_a_private_swarm_and_out_again(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "swarm")
        assert not part(desktop.settings, "createSwarm").isEnabled()
        link = part(desktop.settings, "inviteLink", QLineEdit)
        link.setText("potluck://join/nonsense")
        click(desktop, "joinSwarm")
        await until(lambda: "mistake" in says(desktop, "swarmTrouble"))
        QTest.keyClicks(part(desktop.settings, "swarmName", QLineEdit), "Kitchen friends")
        click(desktop, "createSwarm")
        await until(lambda: "“Kitchen friends”" in says(desktop, "swarmMembership"))
        assert not says(desktop, "swarmTrouble")
        click(desktop, "showInvite")
        await until(lambda: part(desktop.settings, "inviteToCopy").isVisible())
        click(desktop, "inviteToCopyCopy")
        assert QGuiApplication.clipboard().text() == LINK
        assert "this computer alone" in says(desktop, "inviteWarning")
        click(desktop, "leaveSwarm")
        QTest.mouseClick(part(desktop.window, "sure"), LEFT)
        await until(lambda: part(desktop.settings, "createSwarm").isVisible())
        assert part(desktop.settings, "inviteToCopy", QLineEdit).text() == ""

    with_desktop(use)


def test_address_and_key_are_shown_on_demand_and_copied(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "api")
        field = part(desktop.settings, "apiKey", QLineEdit)
        assert KEY not in field.displayText()
        click(desktop, "apiKeyShow")
        assert field.displayText() == KEY
        click(desktop, "apiKeyCopy")
        assert QGuiApplication.clipboard().text() == KEY
        click(desktop, "apiAddressCopy")
        assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4321/v1"

    with_desktop(use)


def test_without_an_engine_the_windows_own_settings_stay(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        desktop.state.lost(Trouble("Potluck's engine ended."))
        assert says(desktop, "settingsState") == "Potluck's engine ended."
        assert not part(desktop.settings, "when.on_battery").isVisible()
        desktop.settings.open_section("app")
        assert not says(desktop, "settingsState")
        assert part(desktop.settings, "themeChoice").isVisible()
        desktop.state.show(engine.snapshot)
        desktop.settings.open_section("when")
        await until(lambda: part(desktop.settings, "when.on_battery").isVisible())

    with_desktop(use)


def test_settings_that_cannot_be_read_can_be_tried_again(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.settings_failure = EngineError("The disk does not answer.")
        desktop.window.open_page(desktop.settings)
        await until(lambda: says(desktop, "settingsState") == "The disk does not answer.")
        assert part(desktop.settings, "settingsState").property("tone") == "problem"
        assert not says(desktop, "preview")
        engine.settings_failure = None
        click(desktop, "readSettings")
        await until(lambda: desktop.settings.findChild(QWidget, "when.on_battery") is not None)
        await until(lambda: not says(desktop, "settingsState"))

    with_desktop(use)


def test_the_preview_tells_what_rules_would_have_meant(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        await until(lambda: "14 h 26 min of giving, in 22 h 13 min" in says(desktop, "preview"))
        assert says(desktop, "previewKept").splitlines() == [
            "6 h 23 min: Paused: this computer is in use",
            "1 h 23 min: Paused: blender is running",
        ]
        engine.previewed = Preview(recorded_seconds=80_000.0, giving_seconds=80_000.0)
        click(desktop, "when.on_battery")
        await until(lambda: "22 h 13 min of giving, in 22 h 13 min" in says(desktop, "preview"))
        assert not says(desktop, "previewKept")
        engine.previewed = Preview(recorded_seconds=10.0)
        click(desktop, "when.metered")
        await until(lambda: "ten minutes" in says(desktop, "preview"))

    with_desktop(use)


def test_what_this_computer_does_not_tell_is_said_at_the_rules(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.not_told = (said("Potluck cannot see whether somebody uses this computer."),)
        unrecorded = said("Whether {app} ran was not recorded all the time.", app="steam")
        engine.previewed = engine.previewed.model_copy(update={"not_told": (*engine.not_told, unrecorded)})
        await opened(desktop, "when")
        await until(lambda: says(desktop, "notTold").splitlines() == [*engine.not_told, unrecorded])

    with_desktop(use)


def test_a_program_that_runs_is_offered_and_chosen_by_keys(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        await until(lambda: desktop.settings.keeper.known.programs == PROGRAMS)
        field = part(desktop.settings, "when.apps.new", QLineEdit)
        field.setFocus()
        QTest.keyClicks(field, "lend")
        popup = field.completer().popup()
        assert [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())] == ["Blender"]
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        assert field.text() == "Blender"
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: value(engine, "when.apps") == ("Blender",))

    with_desktop(use)


@pytest.mark.parametrize(
    ("key", "typed", "complaint"),
    [
        ("when.max_celsius", "500", "“500” was not set: it takes a number from 40 °C to 110 °C."),
        ("when.max_celsius", "hot", "“hot” was not set: it takes a number from 40 °C to 110 °C."),
        ("when.free_disk", "0", "“0” was not set: it takes a number from 1.0 MB to 1000 TB."),
        ("when.other_gpu_load", "", "“” was not set: it takes a number from 1 % to 100 %."),
    ],
)
def test_an_amount_that_cannot_be_is_refused_in_a_sentence(
    with_desktop, key: str, typed: str, complaint: str
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "when")
        amount, before = part(desktop.settings, key, QDoubleSpinBox), value(engine, key)
        shown = amount.text()
        amount.setFocus()
        amount.selectAll()
        QTest.keyClick(amount, Qt.Key.Key_Delete)
        QTest.keyClicks(amount, typed)
        QTest.keyClick(amount, Qt.Key.Key_Return)
        assert says(desktop, f"{key}.state") == complaint
        assert (amount.text(), value(engine, key)) == (shown, before)
        assert not says(desktop, "settingSaved")

    with_desktop(use)


def test_a_damaged_file_is_told_as_an_error_beside_what_waits(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        engine.preferences = Preferences(DamagedSettings())
        engine.preferences.change({"give.upload": 2_000_000})
        await opened(desktop, "how_much")
        assert says(desktop, "settingsTroubleText") == DAMAGED
        assert part(desktop.settings, "settingsTroubleText").property("tone") == "problem"
        assert not part(desktop.settings, "readSettingsAgain").isVisible()
        assert "after a restart" in says(desktop, "settingsPendingText")
        desktop.settings.open_section("app")
        assert not says(desktop, "settingsTroubleText")

    with_desktop(use)


def test_this_computers_addresses_are_copied_for_others(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "swarm")
        outward = "/ip4/192.0.2.7/tcp/31337/p2p/12D3KooW"
        for addresses, told in (
            ((), "None yet"),
            (("/ip4/127.0.0.1/tcp/1/p2p/12D3KooW",), "None that other"),
            (("/ip4/127.0.0.1/tcp/1/p2p/12D3KooW", outward), "“Join through these computers”"),
        ):
            swarm = engine.snapshot.swarm.model_copy(update={"addresses": addresses})
            engine.become(engine.snapshot.model_copy(update={"swarm": swarm}))
            await until(lambda told=told: told in says(desktop, "ownAddressesSay"))
        click(desktop, "ownAddress1Copy")
        assert QGuiApplication.clipboard().text() == outward
        assert desktop.settings.findChild(QLineEdit, "ownAddress2") is None
        engine._belong_to("Kitchen friends")
        await until(lambda: not says(desktop, "ownAddressesSay"))

    with_desktop(use)


def test_controls_end_where_the_lines_between_them_do(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "how_much")
        row = part(desktop.settings, "row.give.duty")
        end = row.mapTo(desktop.window, row.rect().topRight()).x()
        for name in ("give.duty", "give.upload.on", "give.memory.on", "give.keep_awake"):
            control = part(desktop.settings, name)
            assert control.mapTo(desktop.window, control.rect().topRight()).x() == end

    with_desktop(use)


def test_colours_are_chosen_and_remembered(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "app")
        box = part(desktop.settings, "themeChoice", QComboBox)
        for _ in range(2):
            QTest.keyClick(box, Qt.Key.Key_Down)
        assert desktop.theme.dark
        assert desktop.remembered.text(THEME) == "dark"
        desktop.theme.set_scheme(Qt.ColorScheme.Light)
        take_up_theme(desktop.theme, desktop.remembered)
        assert desktop.theme.dark
        desktop.theme.set_scheme(None)

    with_desktop(use)


def test_start_at_login_is_written_where_the_desktop_looks(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop, "app")
        box = part(desktop.settings, "atLogin", QComboBox)
        QTest.keyClick(box, Qt.Key.Key_End)
        entry = (autostart_folder() / "potluck.desktop").read_text()
        assert '"--background" "--paused"' in entry
        QTest.keyClick(box, Qt.Key.Key_Home)
        assert not (autostart_folder() / "potluck.desktop").exists()
        autostart_folder().rmdir()
        autostart_folder().write_text("not a folder")
        QTest.keyClick(box, Qt.Key.Key_End)
        assert "cannot be changed" in says(desktop, "atLoginTrouble")
        assert box.currentData() == AtLogin.NOTHING

    with_desktop(use)


def test_logs_are_filtered_and_diagnostics_hold_no_secret(with_desktop, paths) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        paths.logs.mkdir(parents=True, exist_ok=True)
        secret = f"2026-03-04 19:10:00,000 INFO potluck.engine: {KEY} and {LINK} in {Path.home()}/models\n"
        (paths.logs / "engine.log").write_text(LOG + secret)
        (paths.logs / "block-server.log").write_text(
            "2026-03-04 18:31:41,000 ERROR potluck.host: Out of memory\nTraceback: here\n"
        )
        desktop.conductor.store.create("A chat about the surprise party")
        await in_private_swarm(desktop, engine)
        await opened(desktop, "logs")
        text = part(desktop.settings, "logText", QPlainTextEdit)
        assert text.toPlainText().index("Out of memory\nTraceback: here") < text.toPlainText().index(
            "TimeoutError"
        )
        level = part(desktop.settings, "logLevel", QComboBox)
        QTest.keyClick(level, Qt.Key.Key_End)
        assert text.toPlainText().count("ERROR") == len(text.toPlainText().splitlines()) - 1 == 2
        QTest.keyClicks(part(desktop.settings, "logWords", QLineEdit), "out of MEMORY")
        await until(lambda: "TimeoutError" not in text.toPlainText())
        QTest.keyClicks(part(desktop.settings, "logWords", QLineEdit), " nothing like it")
        await until(lambda: says(desktop, "logNone") == "Nothing of this kind was noted.")
        click(desktop, "copyDiagnostics")
        copied = QGuiApplication.clipboard().text()
        for told in (
            "Potluck 0.1.0",
            "AMD Ryzen 7 5800X",
            "NVIDIA RTX 4070",
            "Condition: Giving",
            "swarm.lan",
        ):
            assert told in copied
        assert "Out of memory" in copied
        for kept in (KEY, LINK, "surprise party", str(Path.home())):
            assert kept not in copied

    with_desktop(use)


PROGRAM = ("/opt/with space/python", "-m", "desktop")


class RunValues:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> None:
        self.values[name] = value

    def delete(self, name: str) -> None:
        del self.values[name]


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_each_system_reads_what_it_wrote(system: str, tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    autostart = {
        "linux": lambda: LinuxAutostart(PROGRAM, folder),
        "macos": lambda: MacAutostart(PROGRAM, folder),
        "windows": lambda: WindowsAutostart(PROGRAM, RunValues()),
    }[system]()
    assert autostart.read() is AtLogin.NOTHING
    for at_login in (AtLogin.PAUSED, AtLogin.AS_BEFORE, AtLogin.NOTHING, AtLogin.NOTHING):
        autostart.write(at_login)
        assert autostart.read() is at_login


def test_the_entries_hold_the_whole_command(tmp_path: Path) -> None:
    LinuxAutostart(("/opt/100% $x/python",), tmp_path).write(AtLogin.PAUSED)
    entry = (tmp_path / "potluck.desktop").read_text()
    assert 'Exec="/opt/100%% \\\\$x/python" "--background" "--paused"\n' in entry
    assert "X-GNOME-Autostart-Delay=20" in entry
    (tmp_path / "potluck.desktop").write_text(entry + "Hidden=true\n")
    assert LinuxAutostart(PROGRAM, tmp_path).read() is AtLogin.NOTHING
    MacAutostart(PROGRAM, tmp_path).write(AtLogin.AS_BEFORE)
    [agent] = tmp_path.glob("*.plist")
    assert plistlib.loads(agent.read_bytes())["ProgramArguments"] == [*PROGRAM, "--background"]
    agent.write_text("no plist")
    with pytest.raises(OSError, match="no launch agent"):
        MacAutostart(PROGRAM, tmp_path).read()
    values = RunValues()
    WindowsAutostart(PROGRAM, values).write(AtLogin.PAUSED)
    assert values.values == {"Potluck": subprocess.list2cmdline([*PROGRAM, "--background", "--paused"])}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("22:00-7:00", "mon,tue,wed,thu,fri,sat,sun 22:00-07:00"),
        ("fri-mon 0:00-24:00", "mon,fri,sat,sun 00:00-00:00"),
        ("sat, sun 10:00–12:30", "sat,sun 10:00-12:30"),
    ],
)
def test_times_are_shown_as_they_will_be_kept(text: str, written: str) -> None:
    assert canonical(text) == written
