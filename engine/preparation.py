"""Gets the starter model into the layer store, in a process of its own that takes its memory with it.

`python -m engine.preparation STORE` writes one JSON line for each step.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.api.schema import ErrorDetail
from engine.errors import BadModelFile, EngineError, PotluckError, error_named
from engine.supervisor.process import ProcessGroup
from engine.weights.manifest import Manifest
from engine.weights.progress import Phase
from engine.weights.starter import STARTER_NAME, import_starter, starter_manifest
from engine.weights.store import LayerStore

log = logging.getLogger("potluck.preparation")

IMPORT_COMMAND = (sys.executable, "-m", "engine.preparation")


class Step(BaseModel):
    """One line of the importing process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: int = Field(default=0, ge=0, le=100)
    failure: ErrorDetail | None = None


async def prepare_starter(
    store: LayerStore, on_percent: Callable[[int], None], command: Sequence[str] = IMPORT_COMMAND
) -> Manifest:
    """The starter model, complete in the store. Raises BadModelFile, StoreError or EngineError."""
    known = starter_manifest(store)
    if known is None:
        await _Import(store, on_percent, command).run()
        known = starter_manifest(store)
    if known is None:
        raise BadModelFile(f"{STARTER_NAME} was imported, but the layer store does not hold all of it.")
    return known


class _Import:
    """One run of the importing process."""

    def __init__(self, store: LayerStore, on_percent: Callable[[int], None], command: Sequence[str]) -> None:
        self._command = (*command, str(store.root))
        self._on_percent = on_percent
        self._failure: PotluckError | None = None
        self._last_words = ""

    async def run(self) -> None:
        process = await self._start()
        try:
            status = await process.wait()
        finally:
            process.kill()
        if self._failure is not None:
            raise self._failure
        if status != 0:
            raise BadModelFile(
                f"{STARTER_NAME} cannot be imported: the importing process ended with status {status} "
                f"({self._last_words})."
            )

    async def _start(self) -> ProcessGroup:
        try:
            return await ProcessGroup.start(self._command, self._hear, self._overhear)
        except OSError as error:
            raise EngineError(
                f"The process that imports {STARTER_NAME} cannot be started ({error.strerror}): "
                "close other programs, then press Start again."
            ) from error

    def _hear(self, line: bytes) -> None:
        try:
            step = Step.model_validate_json(line)
        except ValidationError:
            log.warning("The importing process said something that is no step: %r", line[:200])
            return
        if step.failure is not None:
            self._failure = error_named(step.failure.code, step.failure.message)
        self._on_percent(step.percent)

    def _overhear(self, line: bytes) -> None:
        self._last_words = line.decode(errors="replace").strip()[:300] or self._last_words
        log.info("import: %s", self._last_words)


# Percent of the time after which a phase starts.
_STARTS: dict[Phase, int] = {"opening": 10, "checking": 30, "copying": 40}


def percent_of(phase: Phase, done: int, total: int) -> int:
    """How far the whole import is."""
    start = _STARTS[phase]
    end = min((other for other in _STARTS.values() if other > start), default=100)
    return start + (end - start) * done // max(total, 1)


def main(root: str) -> int:
    def say(step: Step) -> None:
        print(step.model_dump_json(exclude_none=True), flush=True)

    try:
        import_starter(LayerStore(Path(root)), lambda *news: say(Step(percent=percent_of(*news))))
    except PotluckError as error:
        detail = ErrorDetail(message=str(error), type="import", code=error.code)
        say(Step(failure=detail))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
