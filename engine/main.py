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


def run(
    settings: Settings, parts: Parts | None = None, tell: Callable[[Snapshot], object] = lambda _: None
) -> int:
    """Serve until asked to quit. Returns the exit status; a failure is one sentence on stderr.

    `tell` hears of every state that is published.
    Does not wait for threads that load or compute: the caller ends the process.
    """
    try:
        _log_to(settings.paths.engine_log)
        asyncio.new_event_loop().run_until_complete(_run_until_signalled(settings, parts or Parts(), tell))
    except PotluckError as error:
        return _fail(str(error), error.exit_status)
    except OSError as error:
        return _fail(f"{error}: see that Potluck may write its folders and start processes.")
    except Exception as error:
        log.exception("The engine failed unexpectedly.")
        return _fail(f"The engine failed unexpectedly ({error}): see {settings.paths.engine_log}.")
    return 0


def _fail(sentence: str, status: int = 1) -> int:
    print(f"potluck-engine: {sentence}", file=sys.stderr)
    return status


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
