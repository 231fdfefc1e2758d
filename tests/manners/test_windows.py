"""What Windows answers, by stand-ins for its libraries: one of them with a COM object in real memory."""

import ctypes
import os
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from engine.manners.probes import windows_codes as codes
from engine.manners.probes.network_cost import (
    GET_COST,
    NETWORK_COST_MANAGER,
    NETWORK_LIST_MANAGER,
    RELEASE,
    GetCost,
    Release,
)
from engine.manners.probes.windows import Windows
from engine.manners.probes.windows_codes import fills_the_screen, is_metered, runs_on_battery

REFUSED = -2147221164  # REGDB_E_CLASSNOTREG
ANOTHER_MODE = -2147417850  # RPC_E_CHANGED_MODE


def windows(
    last_input: int = 0, tick: int = 0, state: int = 5, works: bool = True, session: int = 1, **more: Any
) -> Windows:
    def session_of(process: int, told) -> bool:
        told._obj.value = session
        return process == os.getpid()

    def ticks() -> int:
        return ctypes.c_int32(tick).value

    def last(info) -> bool:
        info._obj.tick = last_input
        return works and info._obj.size == 8

    def notifications(told) -> int:
        told._obj.value = state
        return 0 if works else REFUSED

    return Windows(
        SimpleNamespace(
            user32=SimpleNamespace(GetLastInputInfo=last),
            kernel32=SimpleNamespace(GetTickCount=ticks, ProcessIdToSessionId=session_of),
            shell32=SimpleNamespace(SHQueryUserNotificationState=notifications),
            **more,
        )
    )


class Ole32:
    """COM with a Network List Manager whose methods lie in a table in memory, as they do in Windows."""

    def __init__(self, cost: int = 0, answer: int = 0, creates: int = 0, begins: int = 0) -> None:
        self.open = 0  # objects that nobody has released yet
        self.begun = 0
        self._creates, self._begins = creates, begins

        def get_cost(this: int, told: Any, address: Any) -> int:
            assert (this, address) == (ctypes.addressof(self._manager), None)
            told[0] = cost
            return answer

        def release(this: int) -> int:
            self.open -= 1
            return 0

        self._methods = {RELEASE: Release(release), GET_COST: GetCost(get_cost)}
        places = [self._address(at) for at in range(GET_COST + 1)]
        self._table = (ctypes.c_void_p * len(places))(*places)
        self._manager = ctypes.c_void_p(ctypes.addressof(self._table))

    def CoInitializeEx(self, reserved: None, mode: int) -> int:
        self.begun += self._begins >= 0
        return self._begins

    def CoUninitialize(self) -> None:
        self.begun -= 1

    def CoCreateInstance(self, of: Any, outer: None, where: int, interface: Any, made: Any) -> int:
        asked = UUID(bytes_le=bytes(of)), UUID(bytes_le=bytes(interface))
        assert asked == (NETWORK_LIST_MANAGER, NETWORK_COST_MANAGER)
        if self._creates == 0:
            self.open += 1
            made._obj.value = ctypes.addressof(self._manager)
        return self._creates

    def _address(self, place: int) -> int | None:
        method = self._methods.get(place)
        return None if method is None else ctypes.cast(method, ctypes.c_void_p).value


@pytest.mark.parametrize(
    ("last_input", "tick", "seconds"),
    [
        (1_000, 61_000, 60.0),
        (0xFFFFFFFF - 999, 4_000, 5.0),  # the count began anew in between
        (0, 0xFFFFFFF0, 0xFFFFFFF0 / 1000),
    ],
)
def test_milliseconds_begin_anew(last_input: int, tick: int, seconds: float) -> None:
    assert windows(last_input, tick).idle_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("state", "fills"),
    [
        (codes.NOT_PRESENT, False),
        (codes.BUSY, True),
        (codes.FULL_SCREEN_GAME, True),
        (codes.PRESENTATION, True),
        (codes.ACCEPTS_NOTIFICATIONS, False),
        (codes.QUIET_TIME, False),
        (7, None),  # an app of Windows' store, of whatever size
        (0, None),
        (99, None),
    ],
)
def test_an_application_that_fills_the_screen(state: int, fills: bool | None) -> None:
    assert windows(state=state).full_screen() is fills
    assert fills_the_screen(state) is fills


@pytest.mark.parametrize(
    ("cost", "metered"),
    [
        (0x0, None),
        (0x1, False),
        (0x2, True),
        (0x4, True),
        (0x20001, False),  # congested costs nothing
        (0x40001, True),  # roams
        (0x10002, True),
        (0x80001, True),
        (0x80000000, None),
    ],
)
def test_what_bytes_cost(cost: int, metered: bool | None) -> None:
    ole32 = Ole32(cost)
    assert windows(ole32=ole32).metered() is metered
    assert is_metered(cost) is metered
    assert (ole32.open, ole32.begun) == (0, 0)


def test_a_thread_that_uses_com_otherwise_may_ask_too() -> None:
    for begins, left in ((1, 0), (ANOTHER_MODE, 0)):
        ole32 = Ole32(cost=2, begins=begins)
        assert windows(ole32=ole32).metered() is True
        assert (ole32.open, ole32.begun) == (0, left)


def test_a_network_manager_that_refuses_tells_nothing() -> None:
    for ole32 in (Ole32(creates=REFUSED), Ole32(cost=2, answer=REFUSED)):
        assert windows(ole32=ole32).metered() is None
        assert (ole32.open, ole32.begun) == (0, 0)


def test_what_windows_refuses_is_unknown() -> None:
    refusing = windows(works=False)
    assert (refusing.idle_seconds(), refusing.full_screen()) == (None, None)


def test_from_among_services_nobody_is_seen() -> None:
    service = windows(0, 3_600_000, session=0)
    assert (service.idle_seconds(), service.full_screen()) == (None, None)


class Crashing:
    def __getattr__(self, name: str) -> Any:
        raise OSError(f"{name} cannot be loaded")


@pytest.mark.parametrize(
    "libraries",
    [
        SimpleNamespace(),  # not even the libraries
        SimpleNamespace(**dict.fromkeys(("user32", "kernel32", "shell32", "ole32"), SimpleNamespace())),
        Crashing(),
    ],
    ids=["no libraries", "no functions", "crashing"],
)
def test_what_an_older_windows_lacks_is_unknown(libraries: Any) -> None:
    old = Windows(libraries)
    assert (old.idle_seconds(), old.full_screen(), old.metered()) == (None, None, None)
    old.close()


@pytest.mark.parametrize(
    ("line", "flag", "on_battery"),
    [
        (0, 1, True),
        (1, 8, False),
        (1, 128, False),
        (255, 128, False),  # without a battery it never is
        (255, 255, None),
        (255, 1, None),
    ],
)
def test_power(line: int, flag: int, on_battery: bool | None) -> None:
    assert runs_on_battery(line, flag) is on_battery
