"""Large files for the time of a run: gone with its process, however that ends."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from engine.errors import BadRequest
from engine.weights.store.locks import give_up, take_lock

# $1: a folder to remove once stdin has ended, whose other end only we hold.
_GUARDIAN = 'read -r _; rm -rf -- "$1"'


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A new folder in `folder`. What is left there of a run with which the whole computer ended is removed.

    Raises BadRequest while another process uses it.
    """
    lock = take_lock(folder.with_suffix(".lock"))
    if lock is None:
        raise BadRequest("Another benchmark runs on this computer: wait until it has ended.")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        own = Path(mkdtemp(dir=folder))
        with _guarded(own):
            yield own
    finally:
        give_up(lock)


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """Removed at the end, or by a shell of its own once this process is gone."""
    command = ["/bin/sh", "-c", _GUARDIAN, "sh", str(folder)]
    # a session of its own: a Ctrl-C in the terminal is not for it
    guardian = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        guardian.communicate()
