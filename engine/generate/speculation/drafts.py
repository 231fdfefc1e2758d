"""Tokens that may come next, and whoever guesses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Draft:
    """Tokens that may follow what is known. Drafts of one `kind` come true about equally often."""

    tokens: Sequence[int]
    kind: int


class Drafter(Protocol):
    def push(self, token: int) -> None:
        """A token has been chosen."""
        ...

    def draft(self, longest: int) -> Draft | None:
        """At most `longest` tokens that may follow."""
        ...
