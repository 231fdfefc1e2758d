"""Records how long the event loop kept everything else waiting."""

import time

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MILLISECONDS = 5


class StallRecorder(QObject):
    """A heartbeat in the event loop: each beat that comes late was kept waiting by something."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []  # seconds between beats
        self.work: list[float] = []  # seconds of processor time between beats: no other process adds to it
        self._worked = time.thread_time()
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._worked = time.thread_time()
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def longest(self) -> float:
        """Seconds of the longest wait beyond the beat itself."""
        return max(self.waits, default=0.0) - BEAT_MILLISECONDS / 1000

    def share_above(self, seconds: float) -> float:
        """The part of all beats that waited longer."""
        return sum(wait > seconds for wait in self.waits) / max(1, len(self.waits))

    def _beat(self) -> None:
        now = time.perf_counter()
        self.waits.append(now - self._last)
        worked = time.thread_time()
        self.work.append(worked - self._worked)
        self._last, self._worked = now, worked
