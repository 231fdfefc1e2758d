"""Runs the worker for one job: its steps in, its outcome or error out; ended when nobody waits for it."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from engine.api.sentences import said
from engine.errors import EngineError, PotluckError, reason_of
from engine.supervisor.process import ProcessGroup
from engine.transfers.jobs import Job
from engine.transfers.worker import Step
from engine.weights.imports.progress import Progress

WORKER_COMMAND = (sys.executable, "-m", "engine.transfers.worker")
POLITE_SECONDS = 2.0  # a cancelled worker's time to put things in order
FIRM_SECONDS = 1.0

log = logging.getLogger("potluck.transfers")


class Work:
    """One run of the worker."""

    def __init__(
        self,
        store: Path,
        job: Job,
        on_progress: Progress,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._command = (*command, str(store), job.model_dump_json())
        self._on_progress = on_progress
        self._outcome: str | None = None
        self._failure: PotluckError | None = None
        self._last_words = ""

    async def run(self) -> str:
        """What came of it. Raises the PotluckError that ended it; cancelling this ends the process."""
        process = await self._start()
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.close_stdin()
            await process.end(POLITE_SECONDS, FIRM_SECONDS)
            await process.wait()
            raise
        finally:
            process.kill()
        if self._failure is not None:
            raise self._failure
        if self._outcome is None:
            raise EngineError(
                said(
                    "The work on the layer store broke off (status {status}{last_words}): try again.",
                    status=status,
                    last_words=self._last_words,
                )
            )
        return self._outcome

    async def _start(self) -> ProcessGroup:
        try:
            return await ProcessGroup.start(self._command, self._hear, self._overhear)
        except OSError as error:
            raise EngineError(
                said(
                    "The process that works on the layer store cannot be started ({reason}): close other "
                    "programs, then try again.",
                    reason=reason_of(error),
                )
            ) from error

    def _hear(self, line: bytes) -> None:
        try:
            step = Step.model_validate_json(line)
        except ValidationError:
            log.warning("The worker said something that is no step: %r", line[:200])
            return
        if step.failure is not None:
            self._failure = step.failure.named
        elif step.outcome is not None:
            self._outcome = step.outcome
        else:
            self._on_progress(step.phase, step.done, step.total)

    def _overhear(self, line: bytes) -> None:
        if words := line.decode(errors="replace").strip()[:300]:
            self._last_words = f", {words}"
            log.info("worker: %s", words)
