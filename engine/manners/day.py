"""The last 24 hours on this computer, a sample each minute, in a file that survives crashes.

One JSON line is added each minute; the file is written anew when a quarter of it is too old. Programs are
kept as tuples of shared names: a set a minute of the hundreds that run would take tens of megabytes.
"""

import logging
import sys
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engine.atomic_file import write_whole
from engine.manners.conditions import Conditions, program_key

SAMPLE_SECONDS = 60.0
DAY_SECONDS = 24 * 3600.0
MOST_SURPLUS = 360  # samples that are too old, before the file is written anew

log = logging.getLogger("potluck.manners")


@dataclass(frozen=True, config=ConfigDict(extra="ignore"))
class Sample:
    """How it was at one moment. Names of programs are kept only for as long as the engine runs, but for those
    that a rule named."""

    unix: float  # seconds since 1970
    conditions: Conditions
    watched: frozenset[str] | None = None  # programs of which it is known whether they ran; None: all


_LINE = TypeAdapter(Sample)
_Programs = tuple[str, ...] | None  # all that ran, sorted; None: what the sample itself says


class RecordedDay:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._minutes: list[tuple[Sample, _Programs]] = [(sample, None) for sample in _read(path)]
        self._surplus = MOST_SURPLUS  # written anew at first: the last line may be half a line

    def note(self, unix: float, conditions: Conditions, apps: frozenset[str]) -> None:
        """Whatever comes within a minute of the last one is passed over. A clock that went back goes on from
        where it is: what is to come then is forgotten."""
        if self._minutes and 0 <= unix - self._minutes[-1][0].unix < SAMPLE_SECONDS:
            return
        kept = [minute for minute in self._minutes if unix - DAY_SECONDS <= minute[0].unix < unix]
        self._surplus += len(self._minutes) - len(kept)
        self._minutes = [*kept, self._minute(unix, conditions)]
        self._keep(apps)

    def samples(self, apps: Collection[str]) -> tuple[Sample, ...]:
        """The oldest first; of the programs that ran, those by these names."""
        named = _named(self._minutes, apps)
        return tuple(_sample(minute, named) for minute in self._minutes)

    def _minute(self, unix: float, conditions: Conditions) -> tuple[Sample, _Programs]:
        if conditions.programs is None:
            return Sample(unix, conditions), None
        ran = tuple(sorted(map(sys.intern, conditions.programs)))
        before = self._minutes[-1][1] if self._minutes else None
        sample = Sample(unix, replace(conditions, programs=frozenset()))
        return sample, before if ran == before else ran

    def _keep(self, apps: frozenset[str]) -> None:
        """A disk that refuses is logged: the day is known for as long as the engine runs."""
        try:
            if self._surplus >= MOST_SURPLUS:
                write_whole(self._path, _lines(self._minutes, apps))
                self._surplus = 0
            else:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(_lines(self._minutes[-1:], apps))
        except OSError as error:
            log.warning("How the day went cannot be kept in %s: %s", self._path, error.strerror)


def _named(minutes: Iterable[tuple[Sample, _Programs]], apps: Collection[str]) -> frozenset[str]:
    """Names of programs that ran and that these rules mean."""
    keys = {program_key(app) for app in apps}
    ran = {name for programs in {programs for _, programs in minutes} for name in programs or ()}
    return frozenset(name for name in ran if program_key(name) in keys)


def _sample(minute: tuple[Sample, _Programs], named: frozenset[str]) -> Sample:
    sample, programs = minute
    if programs is None:
        return sample
    return replace(sample, conditions=replace(sample.conditions, programs=named.intersection(programs)))


def _lines(minutes: Collection[tuple[Sample, _Programs]], apps: frozenset[str]) -> str:
    """What is written on disk: of all programs only those that a rule names."""
    named = _named(minutes, apps)
    written = (
        sample if programs is None else replace(_sample((sample, programs), named), watched=apps)
        for sample, programs in minutes
    )
    return "".join(_LINE.dump_json(sample).decode() + "\n" for sample in written)


def _read(path: Path) -> list[Sample]:
    """What can be read of it: a crash may leave half a line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(_LINE.validate_json(line))
        except ValidationError:
            log.info("A line of %s cannot be read", path)
    return sorted(found, key=lambda sample: sample.unix)
