"""Waiting for what will be true soon, on a machine that may be busy."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0  # seconds
POLL_SECONDS = 0.1

Found = TypeVar("Found")


def until(find: Callable[[], Found], otherwise: str, seconds: float = PATIENCE) -> Found:
    """The first result that is true. Fails with what is wrong `otherwise`."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(POLL_SECONDS)
    return found
