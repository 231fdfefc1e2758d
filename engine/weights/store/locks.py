"""Locks between processes that end with the process that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from engine.api.sentences import said
from engine.errors import StoreError

PATIENCE_SECONDS = 60.0  # what is done under the lock takes milliseconds
POLL_SECONDS = 0.003


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Nobody else is inside, in this process or another. Raises StoreError if somebody stays inside."""
    lock = take_lock(path, PATIENCE_SECONDS)
    if lock is None:
        raise StoreError(
            said("Another program has held {path} for a minute: end it, or try again later.", path=path)
        )
    try:
        yield
    finally:
        lock.release()


def take_lock(path: Path, patience: float = 0.0) -> FileLock | None:
    """The lock, held until it is given up or the process ends; None: somebody else held it all the time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, thread_local=False, poll_interval=POLL_SECONDS)
    try:
        lock.acquire(patience)
    except Timeout:
        return None
    return lock


def give_up(lock: FileLock) -> None:
    """Release the lock and remove its file. Who waits for that very file notices, and makes a new one."""
    with suppress(OSError):  # Windows removes it with the release
        Path(lock.lock_file).unlink()
    lock.release()
