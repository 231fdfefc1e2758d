"""Tokens that may come next, and whoever guesses them."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from engine.generate.speculation.guesses import Guess

DRAFT_MODEL = 0  # the kind of its drafts; those of prompt lookup are numbered by how many tokens agree


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
        """At most `longest` tokens that may follow, without any delay."""
        ...


class SlowDrafter(Drafter, Protocol):
    """One whose drafts take work, which is done beside the chat."""

    kind: int

    @property
    def seconds(self) -> float:
        """That a drafted token takes; 0: nobody knows yet."""
        ...

    @property
    def guesses(self) -> Guess | None:
        """What may follow the last token that was chosen, in branches; None: it drafts one line alone."""
        ...

    def work(self, longest: int) -> "Future[Any] | None":
        """Draft one more. Returns what is under way; None if `longest` are there, or cannot be."""
        ...
