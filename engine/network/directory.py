"""Who serves which layers of which model: signed records in the swarm's DHT."""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator

from engine.errors import ProtocolViolation
from engine.network.lookup import Entry, Lookup
from engine.network.node import Node
from engine.network.signing import (
    INDEX_KEY,
    MAX_SECONDS_AHEAD,
    fitting,
    index_place,
    model_key,
    model_place,
    seal,
)
from engine.network.validator import read_record
from engine.network.watching import ModelView, Watch
from engine.wire.records import ServerState, SpanRecord

logger = logging.getLogger("potluck.network")

LOOKUP_SECONDS = 4.0
_NEWER_BY_SECONDS = 0.001  # DHT nodes replace a record only by one that expires later


class Directory:
    """Publishes this node's own spans and reads everybody's."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._announced: dict[str, SpanRecord] = {}  # by model
        self._views: dict[str, ModelView] = {}  # by model
        self.watch_opened = asyncio.Event()  # set when a model comes into use

    async def announce(self, record: SpanRecord) -> None:
        """Publish this node's span of `record.model` until `record.expires`; replaces what it said before.

        Raises ValueError for another peer's record, and unless it expires within the next 10 minutes.
        """
        record = fitting(self._newer_than_before(record))
        if record.peer != self._node.peer_id:
            raise ValueError(f"{record.peer} is not this node")
        if not 0 < record.expires - time.time() <= MAX_SECONDS_AHEAD:
            raise ValueError(f"a record expires within {MAX_SECONDS_AHEAD:.0f} s from now")
        self._announced[record.model] = record
        await self._store(record)

    async def withdraw(self, model: str) -> None:
        """Hide this node's span of `model` at once: it is offline until what was announced expires."""
        record = self._announced.get(model)
        if record is not None and record.expires > time.time():
            await self.announce(record.model_copy(update={"state": ServerState.OFFLINE}))

    async def spans(self, model: str) -> tuple[SpanRecord, ...]:
        """The valid records of the model with this digest, one per peer, as the network has them now."""
        return _shown(await self._read(model_key(model)))

    def watch(self, model: str) -> Watch:
        """Keep the records of this model at hand until the watch is closed."""
        view = self._views.get(model)
        if view is None or not view.watchers:
            view = self._views[model] = ModelView(lambda: self._read(model_key(model)))
            self.watch_opened.set()
        return Watch(view)

    @property
    def watched(self) -> tuple[str, ...]:
        """The models that are in use on this computer."""
        self._views = {model: view for model, view in self._views.items() if view.watchers}
        return tuple(self._views)

    async def models(self) -> tuple[SpanRecord, ...]:
        """One valid record per peer and model, of all models that anyone serves."""
        return _shown(await self._read(INDEX_KEY))

    def _newer_than_before(self, record: SpanRecord) -> SpanRecord:
        before = self._announced.get(record.model)
        if before is None or record.expires > before.expires:
            return record
        return record.model_copy(update={"expires": before.expires + _NEWER_BY_SECONDS})

    async def _store(self, record: SpanRecord) -> None:
        keys = [model_key(record.model), INDEX_KEY]
        places = [model_place(record), index_place(record)]
        stored = await self._node.dht.store_many(
            keys,
            [seal(record, place, self._node.identity) for place in places],
            record.expires,
            subkeys=[place.subkey for place in places],
            exclude_self=self._node.settings.client_only,
        )
        if not all(stored.values()):
            logger.warning("Part of the swarm did not take the announcement of %s", record.model_name)

    async def _read(self, key: bytes) -> list[SpanRecord]:
        """Withdrawn records included."""
        lookup = Lookup(self._node.dht, key)
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                await lookup.run()
        except TimeoutError:
            logger.debug("A lookup was cut short: it uses the %d entries found so far", len(lookup.entries))
        return latest(valid_records(lookup.key_id, lookup.entries))


def _shown(records: Iterable[SpanRecord]) -> tuple[SpanRecord, ...]:
    return tuple(record for record in records if record.state is not ServerState.OFFLINE)


def valid_records(key_id: bytes, entries: Iterable[Entry]) -> Iterator[SpanRecord]:
    """Those entries that are records of their own place and valid now; each copy is checked once."""
    possible = [entry for entry in entries if isinstance(entry.value, bytes)]  # the rest may not even hash
    distinct = {(repr(entry.subkey), entry.value, repr(entry.expires)): entry for entry in possible}
    for entry in distinct.values():
        try:
            yield read_record(key_id, entry.subkey, entry.value, entry.expires)
        except ProtocolViolation as error:
            logger.debug("A record was dropped: %s", error)


def latest(records: Iterable[SpanRecord]) -> list[SpanRecord]:
    """Of each peer and model, the record that expires last; ordered by peer and model."""
    newest: dict[tuple[str, str], SpanRecord] = {}
    for record in sorted(records, key=lambda record: record.expires):
        newest[record.peer, record.model] = record
    return [newest[who] for who in sorted(newest)]
