"""Looks at how it is on this computer, and asks nothing more often than the rules need to know it."""

import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from engine.machine.facts import Gpu, Machine
from engine.manners.conditions import Card, Conditions
from engine.manners.probes.cards import Cards
from engine.manners.probes.everywhere import free_disk_bytes, on_battery
from engine.manners.probes.programs import Programs
from engine.manners.probes.system import System, this_system
from engine.manners.probes.wsl import WindowsAround, is_wsl, windows_around
from engine.manners.rules import WhenRules

AT_ONCE = 0.0  # seconds that an answer holds: what the owner notices
SOON = 5.0  # what changes without anybody waiting for it
SELDOM = 50.0  # what no rule asks: only for the record of the day
MACHINE_SECONDS = 300.0  # between two looks at which cards there are

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Probes:
    """Whom to ask. Each answers from whatever thread asks, one question at a time."""

    system: System
    programs: Callable[[], frozenset[str] | None]
    cards: Callable[[], tuple[Card, ...]]
    on_battery: Callable[[], bool | None]
    free_disk_bytes: Callable[[], int | None]
    traffic_bytes: Callable[[], int | None]


@dataclass(frozen=True)
class Own:
    """What of this computer is Potluck's own. Called by the thread that looks."""

    store: Path
    read_machine: Callable[[], Machine]
    may_use: Callable[[Gpu], bool]
    processes: Callable[[], Collection[int]]  # ids of those that compute now
    traffic_bytes: Callable[[], int]


def probes_of_this_computer(own: Own) -> Probes:
    cards, machine = Cards(own.processes), Remembered(own.read_machine, time.monotonic)
    windows, programs = windows_around() if is_wsl() else None, Programs()

    def read_cards() -> tuple[Card, ...]:
        return cards.read([gpu for gpu in machine.get(MACHINE_SECONDS).gpus if own.may_use(gpu)])

    return Probes(
        windows or this_system(),
        programs.running if windows is None else lambda: _together(windows, programs),
        read_cards,
        on_battery if windows is None else windows.on_battery,
        lambda: free_disk_bytes(own.store),
        own.traffic_bytes,
    )


def _together(windows: WindowsAround, here: Programs) -> frozenset[str] | None:
    """Windows' programs and those of its Linux. None where one of both is not told."""
    theirs, ours = windows.programs(), here.running()
    return None if theirs is None or ours is None else theirs | ours


class Remembered(Generic[_Value]):
    """An answer that holds for a while."""

    def __init__(self, ask: Callable[[], _Value], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._answer: tuple[float, _Value] | None = None  # and when it was given

    def get(self, seconds: float) -> _Value:
        """At most so old."""
        now = self._clock()
        if self._answer is None or now - self._answer[0] >= seconds:
            self._answer = now, self._ask()
        return self._answer[1]


def local_now() -> datetime:
    """Also where the computer has come into another time zone since the start."""
    if sys.platform != "win32":  # which tells by itself
        time.tzset()
    return datetime.now()


class Observer:
    def __init__(
        self,
        probes: Probes,
        clock: Callable[[], float] = time.monotonic,
        local: Callable[[], datetime] = local_now,
    ) -> None:
        self._probes = probes
        self._clock = clock
        self._local = local
        self._idle = Remembered(probes.system.idle_seconds, clock)
        self._full_screen = Remembered(probes.system.full_screen, clock)
        self._metered = Remembered(probes.system.metered, clock)
        self._programs = Remembered(probes.programs, clock)
        self._cards = Remembered(probes.cards, clock)
        self._battery = Remembered(probes.on_battery, clock)
        self._disk = Remembered(probes.free_disk_bytes, clock)

    def look(self, rules: WhenRules) -> Conditions:
        """May take a second where the system is slow to answer."""
        watches_cards = rules.other_gpu_load is not None or rules.max_celsius is not None
        return Conditions(
            at=self._clock(),
            local=self._local(),
            idle_seconds=self._idle.get(AT_ONCE if rules.idle_seconds is not None else SELDOM),
            on_battery=self._battery.get(SELDOM if rules.on_battery else SOON),
            metered=self._metered.get(SELDOM if rules.metered else SOON),
            full_screen=self._full_screen.get(SELDOM if rules.full_screen else AT_ONCE),
            programs=self._programs.get(AT_ONCE if rules.apps else SELDOM),
            cards=self._cards.get(AT_ONCE if watches_cards else SELDOM),
            traffic_bytes=self._probes.traffic_bytes(),
            free_disk_bytes=self._disk.get(SOON),
        )

    def programs(self) -> tuple[str, ...]:
        """That run now, sorted."""
        return tuple(sorted(self._programs.get(SOON) or (), key=str.casefold))

    def close(self) -> None:
        self._probes.system.close()
