"""The servers of the map as a table: for screen readers, and for those who like words better."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QHeaderView, QTableView

from desktop.swarm.wording import (
    distance_of,
    layers_of,
    load_of,
    peer_of,
    precision_of,
    speed_of,
    state_of,
)
from desktop.widgets.theme import Theme
from engine.api.map_schema import MapServer

PRECISION = 3  # the column that gets the room that is left
Index = QModelIndex | QPersistentModelIndex


class ServerModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._servers: tuple[MapServer, ...] = ()
        self._columns: tuple[tuple[str, Callable[[MapServer], str]], ...] = (
            (self.tr("Server"), peer_of),
            (self.tr("Layers"), layers_of),
            (self.tr("State"), lambda server: state_of(server.state)),
            (self.tr("Precision"), precision_of),
            (self.tr("Speed"), speed_of),
            (self.tr("Load"), load_of),
            (self.tr("Round trip"), distance_of),
        )

    def show_servers(self, servers: Sequence[MapServer]) -> None:
        if tuple(servers) != self._servers:
            self.beginResetModel()
            self._servers = tuple(servers)
            self.endResetModel()

    def server_at(self, row: int) -> MapServer | None:
        return self._servers[row] if 0 <= row < len(self._servers) else None

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._servers)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        return self._columns[index.column()][1](self._servers[index.row()])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._columns[section][0]
        return None


class ServerTable(QTableView):
    """`pointed` carries the server of the current row."""

    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("serverTable")
        self.setAccessibleName(self.tr("Servers of the model"))
        self.servers = ServerModel(self)
        self.setModel(self.servers)
        self.setFont(theme.font("small", tabular=True))
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.findChild(QAbstractButton).setAccessibleName(self.tr("All servers"))  # Qt's own, in the corner
        self.verticalHeader().hide()
        self.setWordWrap(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(PRECISION, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeading)
        self.horizontalHeader().setFont(theme.font("small"))
        self.horizontalHeader().setMinimumSectionSize(self.horizontalHeader().sectionSizeHint(PRECISION))

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self.pointed.emit(self.servers.server_at(current.row()))
