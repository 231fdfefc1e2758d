"""How fast a disk is read."""

import os
import time
from pathlib import Path

MOST_BYTES, MOST_SECONDS = 64 << 20, 1.0
LEAST_BYTES = 1 << 20  # of a file that says something
_PIECE = 1 << 20


def reading_rate(folder: Path) -> float | None:
    """Bytes per second of a large file under `folder`, past the cache; None if there is none, or no way past.

    Raises OSError.
    """
    file = max(_files(folder), key=lambda found: found[0], default=None)
    if file is None or file[0] < LEAST_BYTES or not hasattr(os, "posix_fadvise"):
        return None
    handle = os.open(file[1], os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        return _rate(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> list[tuple[int, Path]]:
    """Sizes and paths."""
    paths = (Path(path) / name for path, _, names in os.walk(folder) for name in names)
    return [(path.stat().st_size, path) for path in paths if path.is_file()]


def _rate(handle: int) -> float:
    done, started, seconds = 0, time.perf_counter(), 0.0
    buffer = bytearray(_PIECE)
    while done < MOST_BYTES and seconds < MOST_SECONDS and (size := os.readv(handle, [buffer])):
        done, seconds = done + size, time.perf_counter() - started
    return done / max(seconds, 1e-9)
