"""Long work in a terminal: one line that is rewritten; elsewhere a few plain lines. Ctrl-C stops it."""

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import TextIO

from engine.byte_sizes import size_in_words
from engine.transfers.rate import Rate
from engine.weights.imports.progress import Phase

REWRITE_SECONDS = 0.1
PLAIN_SECONDS = 10.0
BAR = 20  # characters
ERASE = "\r\x1b[K"

_PHASE_WORDS = {"opening": "opening", "checking": "checking whether it can be cut into layers"}


class ProgressLine:
    """What a person sees of long work. `title` says what is done, as in “Importing tiny”."""

    def __init__(
        self, title: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._rewrites = self._stream.isatty()
        self._clock = clock
        self._rate = Rate()
        self._phase: Phase | None = None
        self._next = 0.0

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        now = self._clock()
        speed = self._rate.add(now, done) if phase not in _PHASE_WORDS else 0.0
        if phase != self._phase or now >= self._next:
            self._phase = phase
            self._next = now + (REWRITE_SECONDS if self._rewrites else PLAIN_SECONDS)
            self._say(phase, done, total, speed)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._rewrites:
            self._write(ERASE)

    def _say(self, phase: Phase, done: int, total: int, speed: float) -> None:
        if phase in _PHASE_WORDS or total == 0:
            words = f"{self._title}: {_PHASE_WORDS.get(phase, phase)} …"
        elif self._rewrites:
            words = f"{self._title}  {bar(done / total)}  {figures(done, total, speed)}"
        else:
            words = f"{self._title}: {figures(done, total, speed)}"
        self._write(f"{ERASE}{self._fitting(words)}" if self._rewrites else f"{words}\n")

    def _fitting(self, words: str) -> str:
        width = shutil.get_terminal_size().columns - 1
        return words if len(words) <= width else f"{words[: width - 1]}…"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def bar(share: float) -> str:
    full = round(BAR * min(1.0, share))
    return "━" * full + "╌" * (BAR - full)


def figures(done: int, total: int, speed: float) -> str:
    """`45 %, 122 MB of 271 MB, 35 MB/s, 4 s left`."""
    share = f"{100 * done // total} %, {size_in_words(done)} of {size_in_words(total)}"
    if speed <= 0 or done >= total:
        return share
    return f"{share}, {size_in_words(speed)}/s, {duration_in_words((total - done) / speed)} left"


def duration_in_words(seconds: float) -> str:
    """Two units at most: `8 s`, `3 min 20 s`, `1 h 12 min`, `50 h`."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours >= 10:
        return f"{hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Gives a question: has Ctrl-C been pressed? A second Ctrl-C does not wait for the work to end well."""
    pressed = False

    def press(_: int, __: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def watched(title: str) -> Iterator[tuple[ProgressLine, Callable[[], bool]]]:
    """Long work in the foreground: what to tell of its progress, and whether it shall stop."""
    with stopped_by_ctrl_c() as stopped, closing(ProgressLine(title)) as line:
        yield line, stopped
