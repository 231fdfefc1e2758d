"""How long others' intents are believed: whoever means to serve something for ever serves nothing. Pure."""

from collections.abc import Iterable

from engine.wire.records import ServerState, SpanRecord

MOST_SECONDS = 900.0  # to drain, and to start anew


class Intents:
    """Remembers since when each peer has meant to serve what it does not serve. Times are of one clock."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}  # by peer

    def believed(self, records: Iterable[SpanRecord], now: float) -> list[SpanRecord]:
        """Without what was meant for too long. What is served counts, whatever is meant beside it."""
        known = list(records)
        meaning = {record.peer for record in known if _means(record)}
        self._since = {peer: self._since.get(peer, now) for peer in meaning}
        return [said for record in known if (said := self._believed(record, now)) is not None]

    def _believed(self, record: SpanRecord, now: float) -> SpanRecord | None:
        if not _means(record) or now - self._since[record.peer] <= MOST_SECONDS:
            return record
        if record.state is ServerState.CHOOSING:
            return None
        return record.model_copy(update={"moves_to": None})


def _means(record: SpanRecord) -> bool:
    return record.there is not None or record.state is ServerState.CHOOSING
