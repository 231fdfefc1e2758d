"""The stored models as rows for a list view: what each row says, and what its strip shows."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from desktop.layers.wording import model_in_words, strip_in_words
from engine.api.store_schema import StoredModel, Transfer, TransferKind

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole


class Shade(Enum):
    """How a layer is drawn; its colour's name in the theme."""

    ABSENT = "hairline"
    ARRIVING = "waiting"
    HERE = "shared"
    USED = "giving"


@dataclass(frozen=True)
class Row:
    model: StoredModel
    words: str
    shades: tuple[Shade, ...]


def make_rows(models: Sequence[StoredModel], transfers: Sequence[Transfer], now: float) -> tuple[Row, ...]:
    """Those that hold most first. `now`: Unix time, seconds."""
    arriving = _arriving(transfers)
    ordered = sorted(models, key=lambda model: (-model.present_size, model.name.lower()))
    return tuple(
        Row(model, model_in_words(model, now), shades_of(model, arriving.get(model.name, ())))
        for model in ordered
    )


def _arriving(transfers: Sequence[Transfer]) -> Mapping[str, Sequence[tuple[int, int] | None]]:
    """Ranges of layers that are on their way, by the model's name; None: all of it."""
    ranges: dict[str, list[tuple[int, int] | None]] = {}
    for transfer in transfers:
        if not transfer.ended and transfer.kind in (TransferKind.FETCH, TransferKind.IMPORT):
            ranges.setdefault(transfer.model, []).append(transfer.layers)
    return ranges


def shades_of(model: StoredModel, arriving: Sequence[tuple[int, int] | None] = ()) -> tuple[Shade, ...]:
    def shade(at: int) -> Shade:
        layer = model.layers[at]
        if layer.present:
            return Shade.USED if layer.in_use else Shade.HERE
        coming = any(span is None or span[0] <= at < span[1] for span in arriving)
        return Shade.ARRIVING if coming else Shade.ABSENT

    return tuple(map(shade, range(len(model.layers))))


class LayerRows(QAbstractListModel):
    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._rows: tuple[Row, ...] = ()
        self._shown: object = None

    def show_models(self, models: Sequence[StoredModel], transfers: Sequence[Transfer]) -> None:
        """Rows that stay are changed in place, so that a view keeps its selection."""
        shown = (tuple(models), _arriving(transfers))
        if shown == self._shown:
            return
        self._shown = shown
        rows = make_rows(models, transfers, self._clock())
        if [row.model.digest for row in rows] == [row.model.digest for row in self._rows]:
            before, self._rows = self._rows, rows
            for at, (old, new) in enumerate(zip(before, rows, strict=True)):
                if old != new:
                    self.dataChanged.emit(self.index(at), self.index(at))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_at(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() else None

    def index_of(self, digest: str) -> QModelIndex:
        at = next((at for at, row in enumerate(self._rows) if row.model.digest == digest), None)
        return QModelIndex() if at is None else self.index(at)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.model.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.model.name}. {row.words}. {strip_in_words(row.model)}"
        return None
