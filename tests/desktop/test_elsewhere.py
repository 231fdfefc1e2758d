"""Engines on other computers: known, checked, chosen, removed; what the window says and hides meanwhile."""

import asyncio
import stat
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)

from desktop.app_state import AppState, Crash, Help, Trouble
from desktop.crash.report import report_of
from desktop.elsewhere.engine_book import EngineBook
from desktop.engine_link import troubles
from desktop.main import Desktop, build
from desktop.widgets.banner import Banner
from desktop.widgets.theme import Theme
from engine.api.known_engines import (
    KnownEngine,
    KnownEngines,
    is_on_this_computer,
    parse_address,
    read_known_engines,
    write_known_engines,
)
from engine.api.named_host import addresses_of
from engine.api.openai_schema import ErrorBody, ErrorDetail
from engine.errors import (
    EngineError,
    ForeignCaller,
    MembershipUnreadable,
    NoSuchComputer,
    NotAnswering,
    NotRunning,
    NotUnderstood,
    WrongKey,
)
from engine.settings import Paths
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine, make_snapshot

KEY = "key-of-the-engine-elsewhere"
FAR = "192.168.1.5:4321"
NO_ADDRESS = "Write a name or numbers, a colon and the port, such as kitchen.local:4321 or 192.168.1.5:4321."
LEFT = Qt.MouseButton.LeftButton


def reach_with(desktop: Desktop, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address leads to this engine."""
    desktop.link._reach = lambda known: engine
    desktop.settings._engines._reach = lambda known: engine


async def opened(desktop: Desktop) -> None:
    desktop.settings.open_section("engines")
    desktop.window.open_page(desktop.settings)
    await until(lambda: part(desktop.settings, "addEngineButton").isVisible())


async def add(desktop: Desktop, address: str, key: str) -> QWidget:
    QTest.mouseClick(part(desktop.settings, "addEngineButton"), LEFT)
    await until(lambda: desktop.window.findChildren(QWidget, "addEngine"))
    dialog = part(desktop.window, "addEngine")
    part(dialog, "engineAddress", QLineEdit).setText(address)
    part(dialog, "engineKey", QLineEdit).setText(key)
    QTest.keyClick(part(dialog, "engineKey"), Qt.Key.Key_Return)
    return dialog


def is_so(desktop: Desktop, name: str, shown: bool) -> bool:
    return part(desktop.window.page, name).isVisible() == shown


def has_version(desktop: Desktop, version: str) -> bool:
    return desktop.state.snapshot is not None and desktop.state.snapshot.version == version


def said(parent: QWidget, name: str) -> str:
    label = part(parent, name, QLabel)
    return label.text() if label.isVisible() else ""


def test_an_engine_is_added_looked_at_and_removed(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        far = FakeEngine(make_snapshot())
        reach_with(desktop, far, monkeypatch)
        await opened(desktop)
        await add(desktop, f"http://{FAR}/v1", f" {KEY} ")
        await until(lambda: desktop.state.elsewhere == FAR and desktop.state.snapshot is not None)
        assert desktop.link.engine is far
        assert desktop.window.windowTitle() == f"Potluck on {FAR}"
        assert FAR in said(desktop.window, "elsewhereText")
        file = desktop._paths.known_engines
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert read_known_engines(file).looked_at == KnownEngine(address=FAR, key=KEY)
        desktop.giving.pause()
        await until(lambda: far.orders)
        assert engine.orders == []
        QTest.mouseClick(part(desktop.settings, f"engineRemove.{FAR}"), LEFT)
        await until(lambda: desktop.window.findChildren(QWidget, "askRemoveEngine"))
        part(part(desktop.window, "askRemoveEngine"), "sure").click()
        await until(lambda: desktop.state.elsewhere == "" and desktop.state.snapshot is not None)
        assert desktop.link.engine is engine
        assert desktop.window.windowTitle() == "Potluck"
        assert read_known_engines(file).engines == ()
        assert (far.quits, engine.quits) == (0, 0)

    with_desktop(use)


def test_what_concerns_this_computer_only_is_hidden_meanwhile(with_desktop, monkeypatch) -> None:
    names = {"settings": ("atLogin",), "models": ("importModel",), "layers": ("moveStore", "openStore")}

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        far = FakeEngine(make_snapshot())
        reach_with(desktop, far, monkeypatch)
        for where, shown in (("", True), (FAR, False)):
            if where:
                desktop.engines.add(KnownEngine(address=FAR, key=KEY))
                await until(lambda: desktop.state.elsewhere == FAR and desktop.state.snapshot is not None)
            desktop.settings.open_section("app")
            for page, controls in names.items():
                desktop.window.open_page(getattr(desktop, page))
                await until(lambda: desktop.layers.isHidden() or desktop.keeper.status is not None)
                for name in controls:
                    await until(partial(is_so, desktop, name, shown))
            desktop.window.open_page(desktop.home)
            assert (said(desktop.home, "serves") == "What this computer serves") == shown
        QTest.mouseClick(part(desktop.window, "hereAgain"), LEFT)
        await until(lambda: desktop.state.elsewhere == "" and desktop.state.snapshot is not None)

    with_desktop(use)


@pytest.mark.parametrize(
    ("address", "key", "failure", "sentence"),
    [
        ("kitchen", KEY, None, NO_ADDRESS),
        ("10.0.0.300:5", KEY, None, NO_ADDRESS),
        (
            "kitchen:4321",
            KEY,
            NoSuchComputer("No computer called kitchen is found from here."),
            "No computer called kitchen is found from here.",
        ),
        (FAR, "short", None, "This is no key: copy it whole from the settings there."),
        (FAR, KEY, NotRunning("-"), f"{FAR} cannot be reached: see that Potluck runs there."),
        (FAR, KEY, NotAnswering("-"), f"{FAR} does not answer: is it awake, and is the address right?"),
        (FAR, KEY, WrongKey("-"), f"{FAR} does not accept the key: copy it from the settings there."),
        (FAR, KEY, NotUnderstood("-", "9.1"), f"{FAR} has version 9.1 of Potluck: update the older one."),
        (FAR, KEY, NotUnderstood("-"), f"What answers at {FAR} is not Potluck: is the port right?"),
        (
            FAR,
            KEY,
            ForeignCaller("-"),
            f"{FAR} is not steered from other computers: allow it in the settings there, under Local "
            "address, or come through an SSH tunnel.",
        ),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_kept(
    with_desktop, monkeypatch, address: str, key: str, failure: EngineError | None, sentence: str
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        far = FakeEngine()

        async def refuse() -> object:
            if failure is not None:
                raise failure
            return far.snapshot

        monkeypatch.setattr(far, "status", refuse)
        reach_with(desktop, far, monkeypatch)
        await opened(desktop)
        dialog = await add(desktop, address, key)
        await until(lambda: said(dialog, "engineSaid") == sentence)
        assert desktop.engines.engines == ()
        assert desktop.state.elsewhere == ""
        part(dialog, "engineCancel").click()

    with_desktop(use)


def test_an_address_elsewhere_is_warned_of_and_a_tunnel_is_not(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        await opened(desktop)
        QTest.mouseClick(part(desktop.settings, "addEngineButton"), LEFT)
        await until(lambda: desktop.window.findChildren(QWidget, "addEngine"))
        dialog = part(desktop.window, "addEngine")
        for address, warned in (
            (FAR, True),
            ("127.0.0.1:4321", False),
            ("[fd00::1]:5", True),
            ("?", False),
            ("pi:5", True),
        ):
            part(dialog, "engineAddress", QLineEdit).setText(address)
            assert ("unencrypted" in said(dialog, "engineOpenly")) == warned
        assert part(dialog, "engineTunnel", QLabel).text().startswith("ssh -N -L 4321:127.0.0.1:PORT ")
        assert said(dialog, "engineThen").endswith("the address to write below is 127.0.0.1:4321.")
        part(dialog, "engineCancel").click()

    with_desktop(use)


def test_names_are_looked_up_in_the_windows_own_loop(play) -> None:
    async def session() -> None:
        assert "127.0.0.1" in await addresses_of("localhost")

    play(session)


def test_the_choice_outlives_the_window_and_a_broken_file(tmp_path: Path) -> None:
    looked: list[KnownEngine | None] = []
    state = AppState()
    book = EngineBook(tmp_path / "engines.json", looked.append, state)
    book.add(KnownEngine(address=FAR, key=KEY))
    again = EngineBook(tmp_path / "engines.json", looked.append, state)
    assert (again.chosen, len(looked)) == (FAR, 2)
    again.add(KnownEngine(address=FAR, key=KEY + "2"))
    assert [engine.key for engine in again.engines] == [KEY + "2"]
    assert looked[-1] == KnownEngine(address=FAR, key=KEY + "2")
    (tmp_path / "engines.json").write_text('{"engines": 3}')
    assert EngineBook(tmp_path / "engines.json", looked.append, state).engines == ()
    assert (tmp_path / "engines.damaged.json").read_text() == '{"engines": 3}'
    assert KEY not in repr(again.known)


@pytest.mark.parametrize(
    ("text", "address", "here"),
    [
        ("127.0.0.1:80", "127.0.0.1:80", True),
        (" localhost:80/ ", "127.0.0.1:80", True),
        ("http://10.0.0.2:08/v1", "10.0.0.2:8", False),
        ("[::1]:4000", "[::1]:4000", True),
        ("[FD00::0:5]:4000", "[fd00::5]:4000", False),
        ("HTTP://Kitchen.Local:4321/v1/", "kitchen.local:4321", False),
        ("my_pi.:1", "my_pi:1", False),
    ],
)
def test_addresses(text: str, address: str, here: bool) -> None:
    assert parse_address(text) == address
    assert is_on_this_computer(address) is here


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.2",
        "10.0.0.2:0",
        "10.0.0.2:70000",
        "10.0.0.2:٣",
        "10.0.0.300:1",
        "kitchen",
        "1.2:3",
        "::1:5",
        "[::1]",
        "[fe80::1%eth0]:5",
        "[10.0.0.2]:5",
        "a..b:1",
        "-a:1",
        "u@h:1",
        "a b:1",
        "a/b:1",
        "https://x:1",
        "küche:1",
        "x" * 64 + ":1",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_address(text)


NO_KEY = ErrorBody(error=ErrorDetail.of(MembershipUnreadable("It is damaged."))).model_dump_json()


@pytest.mark.parametrize("away", [False, True])
def test_a_private_swarm_whose_key_is_damaged_is_left_by_a_button(
    with_desktop, monkeypatch, away: bool
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        helped: list[bool] = []
        monkeypatch.setattr(desktop.link, "help", lambda: helped.append(False))
        monkeypatch.setattr(desktop.link.own, "help", lambda: helped.append(True))
        key = desktop._paths.swarm_file
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text("{")
        trouble = troubles.of_ending(troubles.Ending(1, NO_KEY))
        assert "potluck-engine" not in trouble.sentence
        if away:
            desktop.state.tell_own(trouble)
            button = part(desktop.window, "mendOwn", QAbstractButton)
        else:
            desktop.state.lost(trouble)
            button = part(desktop.home, "tryAgain", QAbstractButton)
        assert button.text() == "Leave the private swarm…"
        button.click()
        assert key.exists()
        part(part(desktop.window, "askLeaveUnreadable"), "sure", QAbstractButton).click()
        assert not key.exists()
        assert helped == [away]

    with_desktop(use)


def test_a_key_that_is_wrong_now_is_asked_for_again(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        reach_with(desktop, FakeEngine(), monkeypatch)
        desktop.engines.add(KnownEngine(address=FAR, key=KEY))
        await until(lambda: desktop.state.elsewhere == FAR and desktop.state.snapshot is not None)
        trouble = troubles.of_error_elsewhere(WrongKey("-"), FAR)
        desktop.state.lost(trouble)
        button = part(desktop.home, "tryAgain", QAbstractButton)
        assert button.text() == "Change the key"
        button.click()
        await until(lambda: desktop.window.findChildren(QWidget, "addEngine"))
        dialog = part(desktop.window, "addEngine")
        assert dialog.windowTitle() == part(dialog, "engineAdd").text() == "Change the key"
        assert part(dialog, "engineAddress", QLineEdit).text() == FAR
        part(dialog, "engineCancel").click()

    with_desktop(use)


def test_an_update_in_between_is_said_with_what_helps(with_desktop, monkeypatch) -> None:
    monkeypatch.setattr("desktop.engine_link.troubles.__version__", "0.1.0")

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        for version, text in (("0.2.0", "Open Potluck anew"), ("0.0.9", "Restart the engine"), ("0.1.0", "")):
            engine.become(make_snapshot().model_copy(update={"version": version}))
            await until(partial(has_version, desktop, version))
            button = part(desktop.window, "mendVersion", QAbstractButton)
            assert button.isVisible() == bool(text)
            if text:
                assert button.text() == text
                assert version in said(desktop.window, "otherVersionText")
        engine.become(make_snapshot().model_copy(update={"version": "0.0.9"}))
        await until(lambda: part(desktop.window, "mendVersion").isVisible())
        QTest.mouseClick(part(desktop.window, "mendVersion"), LEFT)
        await until(lambda: engine.quits == 1)
        desktop._mend(Help.REOPEN)
        assert desktop.opens_anew

    with_desktop(use)


def test_a_crash_is_reported_before_anything_is_kept_and_without_keys(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        paths = desktop._paths
        paths.api_key.parent.mkdir(parents=True, exist_ok=True)
        paths.api_key.write_text("the-own-engines-secret-key")
        desktop.engines._become(
            desktop.engines.known.with_engine(KnownEngine(address=FAR, key=KEY)).looking_at("")
        )
        before = set(paths.data.parent.rglob("*"))
        printed = f"Traceback\nRuntimeError: {KEY} the-own-engines-secret-key"
        desktop.state.tell_crash(Crash("Potluck's engine crashed (exit status 1).", printed))
        QTest.mouseClick(part(desktop.window, "showCrash"), LEFT)
        await until(lambda: desktop.window.findChildren(QWidget, "crashDialog"))
        dialog = part(desktop.window, "crashDialog")
        text = part(dialog, "crashText", QPlainTextEdit).toPlainText()
        assert "RuntimeError: … …" in text
        assert set(paths.data.parent.rglob("*")) == before
        dialog.save(paths.data / "mine.txt")
        assert (paths.data / "mine.txt").read_text() == text
        dialog.save(paths.data / "missing" / "mine.txt")
        assert said(dialog, "crashTrouble").startswith("The report cannot be saved there")
        part(dialog, "closeCrash").click()
        QTest.mouseClick(part(desktop.window, "putCrashAway"), LEFT)
        assert not part(desktop.window, "crashed").isVisible()

    with_desktop(use)


def test_trouble_with_this_computers_engine_is_one_line_above_what_is_looked_at(
    with_desktop, monkeypatch
) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        reach_with(desktop, FakeEngine(make_snapshot()), monkeypatch)
        desktop.engines.add(KnownEngine(address=FAR, key=KEY))
        await until(lambda: desktop.state.elsewhere == FAR and desktop.state.snapshot is not None)
        trouble = Trouble("On this computer: it crashed.", Help.RETRY)
        desktop.state.tell_own(trouble, Crash(trouble.sentence, "Traceback"))
        assert said(desktop.window, "ownEngineText") == "On this computer: it crashed."
        assert part(desktop.window, "showOwnCrash").isVisible()
        assert not part(desktop.window, "crashed").isVisible()
        assert (desktop.state.elsewhere, desktop.window.page) == (FAR, desktop.home)
        desktop.state.tell_own(Trouble("On this computer: the port is taken.", Help.FREE_PORT))
        assert part(desktop.window, "mendOwn", QAbstractButton).text() == "Start with any free port"
        desktop.state.lost(Trouble(f"{FAR} cannot be reached."))
        assert not part(desktop.home, "whatHappened").isVisible()  # that was another engine
        desktop.state.tell_own(None)
        assert said(desktop.window, "ownEngineText") == ""
        assert said(desktop.window, "crashedText") == "On this computer: it crashed."
        part(desktop.window, "putCrashAway").click()
        desktop.state.tell_own(trouble)
        assert not part(desktop.window, "showOwnCrash").isVisible()
        desktop.engines.look_at("")
        assert said(desktop.window, "ownEngineText") == ""

    with_desktop(use)


def test_where_its_buttons_are_wide_a_banner_puts_them_below_its_sentence(qapp) -> None:
    buttons = (("one", "A button that is wide", lambda: None), ("two", "Another one like it", lambda: None))
    banner = Banner(Theme(qapp, Qt.ColorScheme.Light), "long", "waiting", buttons)
    banner.say("A sentence that is as long as those that come above all pages are now and then.")
    label, button = part(banner, "longText"), part(banner, "one")
    banner.resize(1000, 60)
    QApplication.sendPostedEvents()
    assert label.geometry().right() < button.x()
    banner.resize(420, 100)
    QApplication.sendPostedEvents()
    assert label.width() > 300
    assert label.geometry().bottom() < button.y()
    banner.deleteLater()


def test_a_fault_in_the_window_is_told_with_its_traceback(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.tell_fault("Traceback: a slot failed")
        assert said(desktop.window, "crashedText").startswith("Something in this window went wrong")
        assert "a slot failed" in report_of(desktop.state.crash, desktop._paths)
        await asyncio.sleep(0)

    with_desktop(use)


def test_engines_are_chosen_by_keys(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        reach_with(desktop, FakeEngine(), monkeypatch)
        desktop.engines.add(KnownEngine(address=FAR, key=KEY))
        await opened(desktop)
        here = part(desktop.settings, "engine.", QRadioButton)
        here.setFocus()
        QTest.keyClick(here, Qt.Key.Key_Space)
        await until(lambda: desktop.state.elsewhere == "" and desktop.state.snapshot is not None)
        here = [row for row in desktop.settings.findChildren(QRadioButton, "engine.") if not row.isHidden()]
        assert [row.isChecked() for row in here] == [True]
        assert desktop.settings.focusWidget() is here[0]
        assert desktop.link.engine is engine

    with_desktop(use)


def test_the_tab_key_goes_from_above_to_below(with_desktop, monkeypatch) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        reach_with(desktop, FakeEngine(), monkeypatch)
        await opened(desktop)
        desktop.engines.add(KnownEngine(address=FAR, key=KEY))
        await until(lambda: desktop.state.elsewhere == FAR and desktop.state.snapshot is not None)
        await until(lambda: desktop.settings.keeper.report is not None and not desktop.settings.keeper.busy)
        order = [each.objectName() for each in chain(desktop.window)]
        above = [order.index(name) for name in ("navSettings", "hereAgain", "showCrash", "tryAgain")]
        rows = [order.index(name) for name in (f"engineKey.{FAR}", f"engineRemove.{FAR}", "addEngineButton")]
        assert above == sorted(above)
        assert rows == sorted(rows)

    with_desktop(use)


def chain(first: QWidget) -> Iterator[QWidget]:
    """As the Tab key goes, once around."""
    at = first.nextInFocusChain()
    while at is not first:
        yield at
        at = at.nextInFocusChain()


@pytest.mark.parametrize("background", [True, False])
def test_at_login_this_computers_engine_starts_wherever_the_window_looks(
    qapp, paths: Paths, play, background: bool
) -> None:
    known = KnownEngines().with_engine(KnownEngine(address=FAR, key=KEY))
    write_known_engines(paths.known_engines, known)

    async def session() -> None:
        desktop = build(qapp, paths, command=(sys.executable, "-c", "import time; time.sleep(600)"))
        desktop.link._reach = lambda known: FakeEngine()
        running = asyncio.create_task(desktop.run(background=background))
        await until(lambda: desktop.state.snapshot is not None)
        assert desktop.state.elsewhere == FAR
        assert desktop.link.has_engine is background
        desktop.quit()
        await running
        desktop.window.deleteLater()
        assert not desktop.link.has_engine

    play(session)
