"""One window per user: the second launch asks the first to show itself."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

KNOCK_MILLISECONDS = 1000


class SingleInstance(QObject):
    """Claims the data folder for this process. `opened` fires when a later launch asks for the window."""

    opened = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        data.mkdir(parents=True, exist_ok=True)
        self._name = "potluck-" + hashlib.sha256(str(data).encode()).hexdigest()[:16]
        self._lock = QLockFile(str(data / "desktop.lock"))
        self._lock.setStaleLockTime(0)  # stale only when its process is gone, however long it lives
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)

    def claim(self) -> bool:
        """True if this is the first. Otherwise the first has been asked to show its window."""
        if not self._lock.tryLock(0):
            self._knock()
            return False
        QLocalServer.removeServer(self._name)  # left behind by a killed process: the lock is ours
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _knock(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        socket.waitForConnected(KNOCK_MILLISECONDS)
        socket.disconnectFromServer()

    def _answer(self) -> None:
        while self._server.hasPendingConnections():
            self._server.nextPendingConnection().deleteLater()
            self.opened.emit()
