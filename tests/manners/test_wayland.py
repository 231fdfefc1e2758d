"""Asking a compositor through a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.manners.probes.bus import Bus
from engine.manners.probes.linux import Linux
from engine.manners.probes.wayland import AGAIN_SECONDS, Compositor, wayland_sockets
from engine.manners.probes.wayland_idle import UNTOUCHED_SECONDS
from engine.manners.probes.wayland_wire import message, taken_from
from engine.manners.probes.x11 import XServer
from tests.end_to_end.waiting import until

DISPLAY, REGISTRY = 1, 2
GLOBALS = message(REGISTRY, 0, 1, "wl_seat", 7) + message(REGISTRY, 0, 2, "ext_idle_notifier_v1", 2)
NOTIFICATION = 6  # the number that it gets when these are announced
IDLED, RESUMED = (message(NOTIFICATION, kind) for kind in (0, 1))
PATIENCE = 60.0  # seconds, on a busy machine


class Desktop:
    """A compositor for one client, that tells what it was given to tell, and then answers."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._told = GLOBALS
        self._is_awake = threading.Event()
        self._is_awake.set()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def tell(self, data: bytes) -> None:
        """Before the next answer."""
        self._told += data

    def hang(self) -> None:
        self._is_awake.clear()

    def wake(self) -> None:
        self._is_awake.set()

    def close(self) -> None:
        self.wake()
        for door in (self._listening, self._connection):
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR) if door is not None else None
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        heard = bytearray()
        with suppress(OSError):  # nobody came, or has gone
            self._connection, _ = self._listening.accept()
            while data := self._connection.recv(1 << 16):
                heard += data
                for asked in taken_from(heard):
                    if (asked.about, asked.kind) == (DISPLAY, 0):
                        self._answer(self._connection, asked.words(1)[0])
        if self._connection is not None:
            self._connection.close()

    def _answer(self, connection: socket.socket, number: int) -> None:
        self._is_awake.wait(PATIENCE)
        told, self._told = self._told, b""
        connection.sendall(told + message(number, 0, 0))


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Callable[[str], Desktop]]:
    """Lets a desktop listen there."""
    begun: list[Desktop] = []

    def begin(name: str) -> Desktop:
        begun.append(Desktop(tmp_path / name))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def compositor(tmp_path: Path, clock: Clock) -> Iterator[Compositor]:
    one = Compositor(lambda: wayland_sockets({"XDG_RUNTIME_DIR": str(tmp_path)}), clock, PATIENCE)
    yield one
    one.close()


Begin = Callable[[str], Desktop]


def test_a_desktop_tells_since_when_nobody_is_there(at: Begin, clock: Clock, compositor: Compositor) -> None:
    desktop = at("wayland-0")
    assert compositor.idle_seconds() == 0.0
    desktop.tell(IDLED)
    assert compositor.idle_seconds() == UNTOUCHED_SECONDS
    clock.now += 600.0
    assert compositor.idle_seconds() == 600.0 + UNTOUCHED_SECONDS
    desktop.tell(RESUMED)
    assert compositor.idle_seconds() == 0.0


def test_a_computer_asks_it(at: Begin, compositor: Compositor) -> None:
    at("wayland-0").tell(b"")
    nowhere = Bus(None)
    linux = Linux(nowhere, nowhere, compositor, XServer(None), wayland=True)
    assert linux.idle_seconds() == 0.0
    linux.close()


def test_a_desktop_that_has_gone_tells_nothing_until_one_is_there_again(
    at: Begin, clock: Clock, compositor: Compositor, tmp_path: Path
) -> None:
    desktop = at("wayland-0")
    assert compositor.idle_seconds() == 0.0
    desktop.close()
    assert compositor.idle_seconds() is None
    (tmp_path / "wayland-0").unlink()
    at("wayland-0")
    assert compositor.idle_seconds() is None  # it is not knocked at the door with every look
    clock.now += AGAIN_SECONDS
    assert compositor.idle_seconds() == 0.0


def test_a_desktop_that_hangs_may_not_have_seen_who_came(at: Begin, clock: Clock, tmp_path: Path) -> None:
    desktop, hasty = at("wayland-0"), Compositor(lambda: [tmp_path / "wayland-0"], clock, patience=0.01)
    desktop.hang()
    assert hasty.idle_seconds() is None
    assert hasty.idle_seconds() is None
    desktop.wake()
    until(lambda: hasty.idle_seconds() == 0.0, "it is not heard any more")
    hasty.close()


def test_of_several_the_first_that_answers_is_asked(
    at: Begin, compositor: Compositor, tmp_path: Path
) -> None:
    at("wayland-0").close()  # its socket stays behind
    at("wayland-2").tell(IDLED)
    at("wayland-10")
    assert compositor.idle_seconds() == UNTOUCHED_SECONDS


def test_what_is_no_compositor_tells_nothing(at: Begin, compositor: Compositor) -> None:
    at("wayland-0").tell(bytes(8))
    assert compositor.idle_seconds() is None


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, ["wayland-0", "wayland-2", "wayland-10"]),
        ({"WAYLAND_DISPLAY": "wayland-2"}, ["wayland-2"]),
        ({"WAYLAND_DISPLAY": "wayland-2", "DISPLAY": ":0"}, ["wayland-2"]),
        ({"DISPLAY": ":0"}, []),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}, []),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, ["wayland-0", "wayland-2", "wayland-10"]),
    ],
)
def test_where_a_compositor_listens(environ: dict[str, str], names: list[str], tmp_path: Path) -> None:
    for name in ("wayland-10", "wayland-2", "wayland-0", "wayland-0.lock", "wayland-1-wallpaper.sock", "bus"):
        (tmp_path / name).touch()
    found = wayland_sockets({"XDG_RUNTIME_DIR": str(tmp_path), **environ})
    assert found == tuple(tmp_path / name for name in names)


def test_a_compositor_may_be_named_by_its_whole_path(tmp_path: Path) -> None:
    assert wayland_sockets({"WAYLAND_DISPLAY": str(tmp_path / "here")}) == (tmp_path / "here",)
