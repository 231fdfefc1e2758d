"""The daemon as a process: one for each user, its log, its signals, its exit status."""

import asyncio
import contextlib
import dataclasses
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock, Timeout

from engine.api.schema import Snapshot
from engine.api.sentences import said
from engine.daemon import Engine, Parts
from engine.errors import AlreadyRunning, PotluckError
from engine.settings import Settings
from engine.transfers.relocation import take_up_move

log = logging.getLogger("potluck.engine")


def complain(error: PotluckError) -> None:
    """To who sits at a terminal."""
    print(f"potluck-engine: {error}", file=sys.stderr)


def run(
    settings: Settings,
    parts: Parts | None = None,
    tell: Callable[[Snapshot], object] = lambda _: None,
    complain: Callable[[PotluckError], object] = complain,
) -> int:
    """Serve until asked to quit. Returns the exit status.

    `tell` hears of every state that is published, `complain` of the failure by which it ends.
    Does not wait for threads that load or compute: the caller ends the process.
    """
    try:
        _log_to(settings.paths.engine_log)
        asyncio.new_event_loop().run_until_complete(_run_until_signalled(settings, parts or Parts(), tell))
    except Exception as error:
        failure = _named(error, settings.paths.engine_log)
        complain(failure)
        return failure.exit_status
    return 0


def _named(error: Exception, log_file: Path) -> PotluckError:
    if isinstance(error, PotluckError):
        return error
    if isinstance(error, OSError):
        return PotluckError(
            said("{error}: see that Potluck may write its folders and start processes.", error=error)
        )
    log.error("The engine failed unexpectedly.", exc_info=error)
    return PotluckError(
        said("The engine failed unexpectedly ({error}): see {log}.", error=error, log=log_file)
    )


async def _run_until_signalled(settings: Settings, parts: Parts, tell: Callable[[Snapshot], object]) -> None:
    with single_instance(settings.paths.lock_file):
        paths = dataclasses.replace(settings.paths, layers=take_up_move(settings.paths))
        engine = Engine(dataclasses.replace(settings, paths=paths), parts, tell)
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, engine.request_quit)
        await engine.run()


@contextlib.contextmanager
def single_instance(lock_file: Path) -> Iterator[None]:
    """Hold the one lock of this user's engine. Raises AlreadyRunning."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(
            said("Potluck's engine is already running: use that one, or end it with `potluck-engine quit`.")
        ) from None
    try:
        yield
    finally:
        lock.release()


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1 << 20, backupCount=3)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)
