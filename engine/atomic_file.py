"""Small files that are there whole or not at all, readable by their owner alone."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str, sync: bool = False) -> None:
    """Replace the file at once. Raises OSError, with the old content still there.

    `sync`: wait until the disk has it, so that not even a power cut leaves it empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # created with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
