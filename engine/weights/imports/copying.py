"""Move a model's groups, one after the other, from a checkpoint into the layer store."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from engine.api.sentences import said
from engine.errors import PartMissing, Stopped
from engine.weights.imports.layerwise import LayerReader
from engine.weights.imports.progress import Watch
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import Journal
from engine.weights.store.pins import Pin
from engine.weights.tensorfile import file_of

# Parts of at most so many bytes are hashed and written while the next ones are read.
WRITTEN_ASIDE_BYTES = 24 << 20
WRITERS = 2


class Copying:
    """Gives parts of groups: those that an earlier import made, and those made now."""

    def __init__(
        self, reader: LayerReader, store: LayerStore, journal: Journal | None, pin: Pin, watch: Watch
    ) -> None:
        """`pin` holds the parts; without a `journal` all are made anew."""
        self._reader = reader
        self._store = store
        self._journal = journal
        self._pin = pin
        self._watch = watch
        self._done = 0
        self._total = 0

    def parts(self, groups: Iterable[int]) -> dict[int, Part]:
        """By group. Raises BadModelFile, StoreError or Stopped; what was made by then is there next time."""
        wanted = list(groups)
        known = self._journal.parts if self._journal else {}
        self._pin.add(*known.values())  # and only then look whether they are still here
        made = {g: known[g] for g in wanted if g in known and self._store.has(known[g])}
        todo = [group for group in wanted if group not in made]
        self._store.check_space(sum(map(self._reader.bytes_to_keep, todo)))
        self._total = sum(map(self._reader.bytes_to_read, wanted))
        self._hear(sum(map(self._reader.bytes_to_read, made)))
        made |= self._make(todo)
        self._check_all_here(made.values())
        return made

    def _check_all_here(self, parts: Iterable[Part]) -> None:
        """A limit that is far too small can take a new part before it is pinned."""
        if not all(map(self._store.has, parts)):
            raise PartMissing(
                said(
                    "The layer store has no room for all of the model: raise its limit with "
                    "`potluck-engine layers limit`, then import the model again."
                )
            )

    def _make(self, groups: Iterable[int]) -> dict[int, Part]:
        made: dict[int, Future[Part]] = {}
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="import") as writers:
            for group in groups:
                file = file_of(self._reader.read(group, self._hear))
                for earlier in list(made.values())[: 1 - WRITERS]:
                    earlier.result()
                made[group] = writers.submit(self._keep, group, file)
                if file.nbytes > WRITTEN_ASIDE_BYTES:
                    made[group].result()
                del file  # before the next one is read
        return {group: future.result() for group, future in made.items()}

    def _keep(self, group: int, file: memoryview) -> Part:
        part = self._store.put(file)
        self._pin.add(part)
        if self._journal:
            self._journal.note(group, part)
        return part

    def _hear(self, size: int) -> None:
        if self._watch.cancelled():
            raise Stopped(said("The import was stopped. Start it again to go on where it was."))
        self._done += size
        self._watch.progress("copying", self._done, self._total)
