"""What desktops and services tell on a message bus, by a real one with services that answer as theirs do."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from engine.manners.probes.bus import Bus
from engine.manners.probes.linux import Linux, session_bus
from engine.manners.probes.wayland import Compositor
from engine.manners.probes.x11 import XServer

NOWHERE, NO_WAYLAND = XServer(None), Compositor(tuple)
SECONDS_1970 = 1_700_000_000.0

Desktop = Callable[[str], Linux]
Answers = dict[tuple[str, ...], tuple[str, tuple[Any, ...]]]  # by member, or by interface and property


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.kill()


@contextmanager
def service(address: str, name: str, answers: Answers) -> Iterator[None]:
    connection = open_dbus_connection(address)
    connection.send_and_get_reply(message_bus.RequestName(name))
    thread = threading.Thread(target=_serve, args=(connection, answers), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop = open_dbus_connection(address)
        from jeepney import DBusAddress, new_method_call

        stop.send(new_method_call(DBusAddress("/", name, "test.Stop"), "Stop"))
        thread.join(30)
        stop.close()
        connection.close()


def _serve(connection: Any, answers: Answers) -> None:
    while True:
        message = connection.receive(timeout=30)
        if message.header.message_type is not MessageType.method_call:
            continue
        member = message.header.fields[3]
        if member == "Stop":
            return
        key = message.body if member == "Get" else (member,)
        if key not in answers:
            connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
        else:
            signature, body = answers[key]
            if signature != "silence":
                connection.send(new_method_return(message, signature, body))


@pytest.fixture
def linux() -> Iterator[Desktop]:
    begun: list[Linux] = []

    def begin(address: str) -> Linux:
        begun.append(Linux(Bus(address), Bus(address), NO_WAYLAND, NOWHERE, True, lambda: SECONDS_1970))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def test_gnome_tells_milliseconds(address: str, linux: Desktop) -> None:
    with service(address, "org.gnome.Mutter.IdleMonitor", {("GetIdletime",): ("t", (90_500,))}):
        assert linux(address).idle_seconds() == 90.5


def test_other_desktops_are_asked_where_gnome_does_not_run(address: str, linux: Desktop) -> None:
    with service(address, "org.freedesktop.ScreenSaver", {("GetSessionIdleTime",): ("u", (7_000,))}):
        assert linux(address).idle_seconds() == 7.0


def test_a_desktop_that_always_says_zero_knows_nothing(address: str, linux: Desktop) -> None:
    with service(address, "org.freedesktop.ScreenSaver", {("GetSessionIdleTime",): ("u", (0,))}):
        assert linux(address).idle_seconds() is None


USER = "org.freedesktop.login1.User"


@pytest.mark.parametrize(
    ("since", "is_idle", "seconds"),
    [
        (SECONDS_1970 - 600, True, 600.0),
        (SECONDS_1970 - 600, False, 0.0),
        (0.0, False, None),  # no desktop has ever told it
    ],
)
def test_who_is_logged_in_without_such_a_desktop(
    address: str, linux: Desktop, since: float, is_idle: bool, seconds: float | None
) -> None:
    told: Answers = {
        (USER, "IdleSinceHint"): ("v", (("t", round(since * 1e6)),)),
        (USER, "IdleHint"): ("v", (("b", is_idle),)),
    }
    with service(address, "org.freedesktop.login1", told):
        assert linux(address).idle_seconds() == seconds


@pytest.mark.parametrize(("state", "seconds"), [("active", 90.5), ("online", None)])
def test_whoever_else_was_given_the_screen_is_not_seen(
    address: str, linux: Desktop, state: str, seconds: float | None
) -> None:
    """The desktop behind goes on telling how long nobody has touched it."""
    told: Answers = {(USER, "State"): ("v", (("s", state),))}
    with (
        service(address, "org.freedesktop.login1", told),
        service(address, "org.gnome.Mutter.IdleMonitor", {("GetIdletime",): ("t", (90_500,))}),
    ):
        assert linux(address).idle_seconds() == seconds


@pytest.mark.parametrize(
    ("said", "metered"), [(0, None), (1, True), (2, False), (3, True), (4, False), (99, None)]
)
def test_network_manager_says_whether_bytes_cost(
    address: str, linux: Desktop, said: int, metered: bool | None
) -> None:
    name = "org.freedesktop.NetworkManager"
    with service(address, name, {(name, "Metered"): ("v", (("u", said),))}):
        assert linux(address).metered() is metered


def test_nobody_who_answers_is_somebody_at_the_computer(address: str, linux: Desktop, tmp_path: Path) -> None:
    silent = linux(address)
    assert (silent.idle_seconds(), silent.metered(), silent.full_screen()) == (None, None, None)
    for nowhere in (f"unix:path={tmp_path}/bus", "disabled:", "tcp:host=localhost,port=1", ""):
        lost = linux(nowhere)
        assert (lost.idle_seconds(), lost.metered()) == (None, None)


def test_a_desktop_that_hangs_costs_little_time(address: str, linux: Desktop) -> None:
    with service(address, "org.gnome.Mutter.IdleMonitor", {("GetIdletime",): ("silence", ())}):
        bus = Bus(address)
        assert linux(address).idle_seconds() is None
        assert bus.call("org.gnome.Mutter.IdleMonitor", "/", "any.Interface", "Other") is None
        bus.close()


def test_the_users_bus_is_found_without_a_session(tmp_path: Path) -> None:
    assert session_bus({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/here"}) == "unix:path=/here"
    assert session_bus({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    (tmp_path / "bus").touch()
    assert session_bus({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"unix:path={tmp_path}/bus"
