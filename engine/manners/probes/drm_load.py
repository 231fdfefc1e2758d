"""How busy programs keep a card, as Linux' graphics drivers count it for each program that has it open.

Source: the kernel's documentation "DRM client usage stats" (/proc/PID/fdinfo).
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.machine.files import listing, pairs, to_number

EXAMINED_SECONDS = 20.0  # since it was first seen: so long each look asks what a process has open, later ...
AGAIN_SECONDS = 20.0  # ... one now and then, ...
SPREAD_SECONDS = 20.0  # ... and not all of them in the same look
_ENGINE = re.compile(r"drm-(engine|cycles|total-cycles)-(?!capacity)(.+)")

Key = tuple[str, str]  # slot on the PCI bus, engine


@dataclass(frozen=True)
class Counts:
    """Of all programs but our own, at one moment. They only grow, but for programs that end."""

    at: float  # seconds
    used: Mapping[Key, Mapping[str, int]] = field(default_factory=dict)  # by client: ns, or cycles of engines
    cycles: Mapping[Key, int] = field(default_factory=dict)  # that passed, where engines are counted in these


def load(before: Counts, after: Counts, slot: str) -> float:
    """The share of the time between that the card's busiest engine worked for them: 0 … 1."""
    engines = [key for key in after.used if key[0] == slot]
    return max((_share(before, after, engine) for engine in engines), default=0.0)


def _share(before: Counts, after: Counts, engine: Key) -> float:
    earlier = before.used.get(engine, {})
    used = sum(max(0, count - earlier.get(who, count)) for who, count in after.used[engine].items())
    if engine in after.cycles:
        passed: float = after.cycles[engine] - before.cycles.get(engine, 0)
    else:
        passed = (after.at - before.at) * 1e9
    return min(1.0, used / passed) if passed > 0 else 0.0


class DrmClients:
    """Reads what programs have used. `root` is of a file system with /proc."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._proc = root / "proc"
        self._clock = clock
        self._first_seen: dict[str, float] = {}  # of processes, by their id
        self._again_at: dict[str, float] = {}  # when they are asked what they have open
        self._open: dict[str, tuple[Path, ...]] = {}  # what each has open of a card

    def counts(self, own: Collection[int]) -> Counts:
        """`own`: ids of processes that are not counted."""
        now = self._clock()
        folders = {path.name: path for path in listing(self._proc) if path.name.isdecimal()}
        self._first_seen = {pid: self._first_seen.get(pid, now) for pid in folders}
        self._again_at = {pid: at for pid, at in self._again_at.items() if pid in folders}
        self._open = {pid: paths for pid, paths in self._open.items() if pid in folders}
        used: dict[Key, dict[str, int]] = {}
        cycles: dict[Key, int] = {}
        for pid, folder in folders.items():
            if int(pid) not in own:
                paths = listing(folder / "fdinfo") if self._is_due(pid, now) else self._open.get(pid, ())
                self._open[pid] = tuple(self._read(pid, paths, used, cycles))
        return Counts(now, used, cycles)

    def _is_due(self, pid: str, now: float) -> bool:
        """Whether to look at all that it has open: that may be hundreds of files, and few of a card."""
        if now < self._again_at.get(pid, now):
            return False
        if now - self._first_seen[pid] > EXAMINED_SECONDS:
            self._again_at[pid] = now + AGAIN_SECONDS + int(pid) % SPREAD_SECONDS
        return True

    def _read(
        self, pid: str, paths: Iterable[Path], used: dict[Key, dict[str, int]], cycles: dict[Key, int]
    ) -> Iterator[Path]:
        """Those that belong to a card. Several descriptors may belong to one client, which counts once."""
        for path in paths:
            told = pairs(path, ":")
            if (slot := told.get("drm-pdev")) is None:
                continue
            yield path
            client = f"{pid}/{told.get('drm-client-id', path.name)}"
            for kind, engine, count in _engines(told):
                if kind == "total-cycles":
                    cycles[slot, engine] = count
                else:
                    used.setdefault((slot, engine), {})[client] = count


def _engines(told: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    for key, value in told.items():
        count = to_number(value.partition(" ")[0])
        if (match := _ENGINE.fullmatch(key)) and count is not None:
            yield match[1], match[2], count
