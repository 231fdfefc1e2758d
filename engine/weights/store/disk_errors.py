"""What the system says about failed writes, as sentences for people."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.api.sentences import said
from engine.errors import DiskFull, StoreError, reason_of

KEEP_FREE_BYTES = 64 << 20  # left to everybody else on the disk


def disk_full(root: Path, size: int) -> DiskFull:
    return DiskFull(
        said(
            "The disk of {root} is full: free at least {needed:bytes} there, or move the layer store.",
            root=root,
            needed=size + KEEP_FREE_BYTES,
        )
    )


@contextmanager
def writing(root: Path, size: int = 0) -> Iterator[None]:
    """Turn the failure of a write of `size` bytes into StoreError's kinds."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(root, size) from error
        raise StoreError(
            said(
                "The layer store in {root} cannot be written ({reason}): check the folder's rights.",
                root=root,
                reason=reason_of(error),
            )
        ) from error
