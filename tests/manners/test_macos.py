"""What macOS answers, by stand-ins for its frameworks."""

import ctypes
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from engine.manners.probes.macos import MacOS
from engine.manners.probes.macos_windows import Area, Rect, covers

DISPLAY = (0.0, 0.0, 1710.0, 1107.0)  # with a camera in it
BESIDE = (1710.0, 0.0, 2560.0, 1440.0)
MENU_BAR = {"kCGWindowLayer": 24, "kCGWindowBounds": (0.0, 0.0, 1710.0, 34.0)}
DOCK = {"kCGWindowLayer": 20, "kCGWindowAlpha": 1.0, "kCGWindowBounds": DISPLAY}
SMALL = (300.0, 200.0, 800.0, 600.0)
UNDER_THE_MENU = (0.0, 34.0, 1710.0, 1073.0)


class Frameworks:
    """Core Graphics and Core Foundation, whose objects are numbers that have to be released."""

    def __init__(
        self, windows: Iterable[dict[str, Any]] | None, displays: Iterable[tuple] = (DISPLAY,)
    ) -> None:
        self.objects: dict[int, Any] = {}
        self.owned: set[int] = set()
        self._windows, self._displays = windows, tuple(displays)
        for name in (name for name in vars(Frameworks) if name.startswith("C")):
            setattr(self, name, self._function(name))

    def _function(self, name: str) -> Any:
        """That can be told its types, as those of ctypes."""
        method = getattr(self, name)
        return lambda *arguments: method(*arguments)

    def _new(self, value: Any) -> int:
        self.objects[len(self.objects) + 1] = value
        return len(self.objects)

    def _owned(self, value: Any) -> int:
        self.owned.add(self._new(value))
        return len(self.objects)

    def CGWindowListCopyWindowInfo(self, option: int, of: int) -> int | None:
        assert (option, of) == (17, 0)
        return None if self._windows is None else self._owned([self._new(one) for one in self._windows])

    def CGGetActiveDisplayList(self, most: int, ids: Any, count: Any) -> int:
        count._obj.value = len(self._displays)
        ids[: len(self._displays)] = range(len(self._displays))
        return 0 if self._displays else 1000

    def CGDisplayBounds(self, display: int) -> Rect:
        return Rect(*self._displays[display])

    def CGRectMakeWithDictionaryRepresentation(self, place: int, rect: Any) -> bool:
        if not isinstance(self.objects[place], tuple):
            return False
        rect._obj.x, rect._obj.y, rect._obj.width, rect._obj.height = self.objects[place]
        return True

    def CFArrayGetCount(self, array: int) -> int:
        return len(self.objects[array])

    def CFArrayGetValueAtIndex(self, array: int, at: int) -> int:
        return self.objects[array][at]

    def CFDictionaryGetValue(self, window: int, key: int) -> int | None:
        value = self.objects[window].get(self.objects[key])
        return None if value is None else self._new(value)

    def CFNumberGetValue(self, number: int, kind: int, into: Any) -> bool:
        value = self.objects[number]
        if not isinstance(value, int | float):
            return False
        assert isinstance(into._obj, {3: ctypes.c_int32, 13: ctypes.c_double}[kind])
        into._obj.value = value
        return True

    def CFStringCreateWithCString(self, allocator: None, text: bytes, encoding: int) -> int:
        return self._owned(text.decode())

    def CFRelease(self, one: int) -> None:
        self.owned.remove(one)


def window(bounds: Any, alpha: float | None = 1.0) -> dict[str, Any]:
    return {"kCGWindowLayer": 0, "kCGWindowAlpha": alpha, "kCGWindowBounds": bounds}


def full_screen(*windows: dict[str, Any], displays: Iterable[tuple] = (DISPLAY, BESIDE)) -> bool | None:
    frameworks = Frameworks(windows, displays)
    mac = MacOS(lambda path: frameworks)
    seen = mac.full_screen()
    assert mac.full_screen() is seen
    assert frameworks.owned == set()
    return seen


def test_a_window_that_fills_a_display() -> None:
    assert full_screen(MENU_BAR, window(SMALL), window(DISPLAY), DOCK) is True
    assert full_screen(MENU_BAR, window(SMALL), window(BESIDE), DOCK) is True


def test_only_what_applications_show_counts() -> None:
    assert full_screen(MENU_BAR, window(SMALL), DOCK) is False
    assert full_screen(window(DISPLAY, alpha=0.0)) is False
    assert full_screen() is False


def test_under_a_camera_a_large_window_may_be_one_that_fills_the_screen() -> None:
    assert full_screen(MENU_BAR, window(UNDER_THE_MENU)) is None
    assert full_screen(MENU_BAR, window(UNDER_THE_MENU), window(BESIDE)) is True


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"kCGWindowLayer": "0", "kCGWindowBounds": DISPLAY},
        {"kCGWindowLayer": 0},
        {"kCGWindowLayer": 0, "kCGWindowBounds": "all"},
    ],
)
def test_a_window_that_is_not_described_well_is_passed_over(broken: dict[str, Any]) -> None:
    assert full_screen(broken) is False
    assert full_screen(broken, window(DISPLAY, alpha=None)) is True


def test_without_a_session_or_a_display_nothing_is_told() -> None:
    assert full_screen(window(DISPLAY), displays=()) is None
    assert MacOS(lambda path: Frameworks(None)).full_screen() is None


@pytest.mark.parametrize(
    ("window", "fills"),
    [
        ((0.0, 0.0, 1710.0, 1107.0), True),
        ((0.0, 34.0, 1710.0, 1073.0), None),
        ((0.0, 100.0, 1710.0, 1007.0), False),
        ((0.0, 0.0, 1710.0, 1000.0), False),
        ((0.0, 0.0, 1709.0, 1107.0), False),
        ((-10.0, -10.0, 1730.0, 1127.0), True),
    ],
)
def test_covering(window: tuple[float, ...], fills: bool | None) -> None:
    assert covers(Area(*window), Area(*DISPLAY)) is fills


def idle(seconds: float) -> MacOS:
    def ask(state: int, kind: int) -> float:
        assert (state, kind) == (0, 0xFFFFFFFF)
        return seconds

    return MacOS(lambda path: SimpleNamespace(CGEventSourceSecondsSinceLastEventType=ask))


def test_macos_tells_seconds() -> None:
    assert idle(12.5).idle_seconds() == 12.5
    assert idle(-1.0).idle_seconds() is None
    assert idle(1.0).metered() is None


def test_what_a_macos_lacks_is_unknown() -> None:
    def load(path: str) -> None:
        raise OSError

    for mac in (MacOS(load), MacOS(lambda path: SimpleNamespace())):
        assert (mac.idle_seconds(), mac.full_screen()) == (None, None)
        mac.close()
