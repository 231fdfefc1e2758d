"""The last 24 hours on this computer, a sample each minute, in a file that survives crashes.

One JSON line is added each minute; the file is written anew when a quarter of it is too old.
"""

import logging
from collections.abc import Iterable
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


class RecordedDay:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._samples = _read(path)
        self._surplus = MOST_SURPLUS  # written anew at first: the last line may be half a line

    def note(self, unix: float, conditions: Conditions, apps: frozenset[str]) -> None:
        """Whatever comes within a minute of the last one is passed over. A clock that went back goes on from
        where it is: what is to come then is forgotten."""
        if self._samples and 0 <= unix - self._samples[-1].unix < SAMPLE_SECONDS:
            return
        whole = Sample(unix, conditions)
        kept = [sample for sample in self._samples if unix - DAY_SECONDS <= sample.unix < unix]
        self._surplus += len(self._samples) - len(kept)
        self._samples = [*kept, whole]
        self._keep(apps)

    def samples(self) -> tuple[Sample, ...]:
        """The oldest first."""
        return tuple(self._samples)

    def _keep(self, apps: frozenset[str]) -> None:
        """A disk that refuses is logged: the day is known for as long as the engine runs."""
        try:
            if self._surplus >= MOST_SURPLUS:
                write_whole(self._path, _lines(self._samples, apps))
                self._surplus = 0
            else:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(_lines(self._samples[-1:], apps))
        except OSError as error:
            log.warning("How the day went cannot be kept in %s: %s", self._path, error.strerror)


def _lines(samples: Iterable[Sample], apps: frozenset[str]) -> str:
    return "".join(_LINE.dump_json(_private(sample, apps)).decode() + "\n" for sample in samples)


def _private(sample: Sample, apps: frozenset[str]) -> Sample:
    """What is written on disk: of all programs only those that a rule names."""
    if sample.watched is not None or sample.conditions.programs is None:
        return sample
    named = {program_key(app) for app in apps}
    kept = frozenset(name for name in sample.conditions.programs if program_key(name) in named)
    return replace(sample, conditions=replace(sample.conditions, programs=kept), watched=apps)


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
