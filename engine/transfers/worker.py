"""`python -m engine.transfers.worker STORE JOB`: one job in a process that takes its memory with it.

Writes one JSON line for each step. When its standard input ends, the engine that started it has gone or wants
it to end: it stops, and ends at the latest after a few seconds.
"""

import os
import sys
import threading
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from engine.api.openai_schema import ErrorDetail
from engine.api.sentences import WITH_TEMPLATES, Said
from engine.errors import PotluckError
from engine.transfers.jobs import JOB, perform
from engine.weights.imports.progress import Phase
from engine.weights.store.layer_store import LayerStore

STEP_INTERVAL = 0.1  # seconds between two lines
LAST_SECONDS = 5.0  # to stop in order


class Step(BaseModel):
    """One line of the worker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: Phase = "opening"
    done: int = Field(default=0, ge=0)  # bytes while copying and reading
    total: int = Field(default=0, ge=0)
    outcome: Said | None = None  # said last, after success
    failure: ErrorDetail | None = None  # said last, after a failure


class _Speaker:
    """Says how far the work is, not more often than anybody looks."""

    def __init__(self) -> None:
        self._said = 0.0

    def progress(self, phase: Phase, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said >= STEP_INTERVAL or done in (0, total):
            self._said = now
            self.say(Step(phase=phase, done=done, total=total))

    def say(self, step: Step) -> None:
        print(step.model_dump_json(exclude_none=True, context=WITH_TEMPLATES), flush=True)


def main(root: str, job: str) -> int:
    cancelled = threading.Event()
    threading.Thread(target=_stop_when_stdin_ends, args=(cancelled,), daemon=True).start()
    speaker = _Speaker()
    try:
        outcome = perform(JOB.validate_json(job), LayerStore(Path(root)), speaker.progress, cancelled.is_set)
    except PotluckError as error:
        speaker.say(Step(failure=ErrorDetail.of(error)))
        return 1
    speaker.say(Step(outcome=outcome))
    return 0


def _stop_when_stdin_ends(cancelled: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    cancelled.set()
    time.sleep(LAST_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
