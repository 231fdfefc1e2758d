"""Ctrl+C and a polite kill end Potluck as Quit does."""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal

ENDING = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """`received` fires in the event loop: Python alone would not look while Qt sleeps."""

    received = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._receive)

    def watch(self) -> None:
        signal.set_wakeup_fd(self._write.fileno())
        for each in ENDING:
            signal.signal(each, lambda *_: None)  # the byte in the socket is what counts

    def release(self) -> None:
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    def _receive(self) -> None:
        if set(self._read.recv(16)) & set(ENDING):
            self.received.emit()
