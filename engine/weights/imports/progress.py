"""Who wants to know how far an import is, and may end it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# Finding the source and its config; trying whether the model can be cut; reading and writing the weights.
Phase = Literal["opening", "checking", "copying", "reading"]  # the last one verifies what is stored
Progress = Callable[[Phase, int, int], None]  # done and in all: bytes while copying and reading
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Watch:
    progress: Progress = lambda phase, done, total: None
    cancelled: Cancelled = lambda: False


UNWATCHED = Watch()
