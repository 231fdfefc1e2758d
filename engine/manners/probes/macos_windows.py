"""Which windows macOS shows, and where its displays are, through Core Graphics by ctypes.

No permission is needed for where windows are; it is for what they are called. Source: Apple's reference of
CGWindowListCopyWindowInfo, CGGetActiveDisplayList and Core Foundation.
"""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

ON_SCREEN, WITHOUT_DESKTOP = 1, 16  # of CGWindowListOption
NORMAL = 0  # the layer of applications' windows; menus, the Dock and pointers lie on others
MOST_DISPLAYS = 16
HIGHEST_STRIP = 64.0  # points that a menu bar may take of a display, or a camera's housing
_KEYS = (b"kCGWindowLayer", b"kCGWindowAlpha", b"kCGWindowBounds")
_UTF8 = 0x08000100
_INT32, _DOUBLE = 3, 13  # of CFNumberType

_Pointer, _Long, _Int32 = ctypes.c_void_p, ctypes.c_long, ctypes.c_int32


class Rect(ctypes.Structure):
    """CGRect"""

    _fields_ = tuple((name, ctypes.c_double) for name in ("x", "y", "width", "height"))


@dataclass(frozen=True)
class Area:
    """In points, from the upper left of the main display."""

    x: float
    y: float
    width: float
    height: float


def covers(window: Area, display: Area) -> bool | None:
    """Whether it fills the display. None where it leaves a strip above: on displays with a camera in them
    a window that fills the screen lies where one lies that was only made large."""
    sides = window.x <= display.x and window.x + window.width >= display.x + display.width
    if not sides or window.y + window.height < display.y + display.height:
        return False
    strip = window.y - display.y
    return True if strip <= 0 else None if strip <= HIGHEST_STRIP else False


def any_covers(windows: Iterable[Area], displays: Sequence[Area]) -> bool | None:
    """None where one may, and none does."""
    found = {covers(window, display) for window in windows for display in displays}
    return True if True in found else None if None in found else False


class ShownWindows:
    """`services`: ApplicationServices, as ctypes.CDLL opens it. AttributeError where it lacks a function."""

    def __init__(self, services: Any) -> None:
        self._copy = _typed(services.CGWindowListCopyWindowInfo, _Pointer, ctypes.c_uint32, ctypes.c_uint32)
        ids, count = ctypes.POINTER(ctypes.c_uint32), ctypes.POINTER(ctypes.c_uint32)
        self._active = _typed(services.CGGetActiveDisplayList, _Int32, ctypes.c_uint32, ids, count)
        self._bounds = _typed(services.CGDisplayBounds, Rect, ctypes.c_uint32)
        rect = ctypes.POINTER(Rect)
        self._rect = _typed(services.CGRectMakeWithDictionaryRepresentation, ctypes.c_bool, _Pointer, rect)
        self._count = _typed(services.CFArrayGetCount, _Long, _Pointer)
        self._item = _typed(services.CFArrayGetValueAtIndex, _Pointer, _Pointer, _Long)
        self._value = _typed(services.CFDictionaryGetValue, _Pointer, _Pointer, _Pointer)
        self._number = _typed(services.CFNumberGetValue, ctypes.c_bool, _Pointer, _Long, _Pointer)
        text = (_Pointer, ctypes.c_char_p, ctypes.c_uint32)
        self._string = _typed(services.CFStringCreateWithCString, _Pointer, *text)
        self._release = _typed(services.CFRelease, None, _Pointer)

    def displays(self) -> tuple[Area, ...]:
        """Empty if none is on, or told."""
        ids, count = (ctypes.c_uint32 * MOST_DISPLAYS)(), ctypes.c_uint32(0)
        if self._active(MOST_DISPLAYS, ids, ctypes.byref(count)) != 0:
            return ()
        return tuple(_area(self._bounds(one)) for one in ids[: count.value])

    def windows(self) -> tuple[Area, ...] | None:
        """Of applications, those that can be seen. None outside of the owner's session."""
        listed = self._copy(ON_SCREEN | WITHOUT_DESKTOP, 0)
        if not listed:
            return None
        named = (self._string(None, name, _UTF8) for name in _KEYS)
        with self._held(listed, *named) as (windows, *keys):
            places = range(self._count(windows))
            found = [self._shown(self._item(windows, at), *keys) for at in places]
        return tuple(area for area in found if area is not None)

    def _shown(self, window: int, layer: int, alpha: int, bounds: int) -> Area | None:
        on, opaque, rect = _Int32(0), ctypes.c_double(1.0), Rect()
        if not self._read(window, layer, _INT32, on) or on.value != NORMAL:
            return None
        if self._read(window, alpha, _DOUBLE, opaque) and opaque.value == 0:
            return None
        place = self._value(window, bounds)
        return _area(rect) if place and self._rect(place, ctypes.byref(rect)) else None

    def _read(self, window: int, key: int, kind: int, into: Any) -> bool:
        number = self._value(window, key)
        return bool(number) and bool(self._number(number, kind, ctypes.byref(into)))

    @contextmanager
    def _held(self, *objects: int) -> Iterator[tuple[int, ...]]:
        try:
            yield objects
        finally:
            for one in objects:
                self._release(one)


def _typed(function: Any, result: Any, *arguments: Any) -> Any:
    function.restype, function.argtypes = result, arguments
    return function


def _area(rect: Rect) -> Area:
    return Area(rect.x, rect.y, rect.width, rect.height)
