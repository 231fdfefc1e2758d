"""What an answer has sent before it was chosen: rows in branches, and where each of them is.

A session holds one place after the other, and a step goes on where the last one ended. Rows of several
branches follow each other there, so that a row's place in the session may be behind its position in the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.model.extras import StepExtras
from engine.model.masks import branch_masks


class Coming(Protocol):
    """What comes back of a step."""

    came_at: float  # by the clock of `time.monotonic`, once it is here

    @property
    def is_here(self) -> bool: ...

    def wait(self, other: Any) -> None:
        """Until it is here, or the other one (a future) is done."""
        ...

    def __call__(self) -> Tensor:
        """`[1, tokens, values]`: waits for it."""
        ...


@dataclass
class Piece:
    """Tokens that were sent in one step, those that were drafted all of one kind."""

    kind: int
    rows: int
    end: int  # behind the last position in the text
    coming: Coming

    @cached_property
    def answers(self) -> Tensor:
        """`[1, rows, values]`"""
        return self.coming()


@dataclass(eq=False)
class Row:
    """A token that was sent."""

    token: int
    position: int  # in the text
    place: int  # in the session
    before: "Row | None"  # None: what stands in the session as it does in the text
    following: dict[int, "Row"] = field(default_factory=dict)  # by token, the likeliest first
    piece: Piece | None = None
    index: int = 0  # in its piece


class Sent:
    """All of an answer. `trunk` positions stand in the session as they do in the text."""

    def __init__(self) -> None:
        self.trunk = 0
        self.end = 0  # places that the session has
        self.at: Row | None = None  # the last token that was chosen

    def begin(self, position: int) -> None:
        """The session holds the text up to there, and nothing else counts."""
        self.trunk = self.end = position
        self.at = None

    @property
    def tail(self) -> list[int]:
        """Chosen tokens behind the trunk: they stand between others in the session."""
        return [row.token for row in self._path(self.at)]

    def follow(self, token: int) -> Row | None:
        """The row of the token that was chosen now, if it was sent."""
        row = None if self.at is None else self.at.following.get(token)
        if row is not None:
            self.at = row
            if row.place == row.position == self.trunk:
                self.trunk, row.before = self.trunk + 1, None
        return row

    def add(self, token: int, before: Row | None) -> Row:
        """The next one in the session."""
        position = self.trunk if before is None else before.position + 1
        row = Row(token, position, self.end, before)
        self.end += 1
        if before is not None:
            before.following[token] = row
        return row

    def add_line(self, tokens: Sequence[int], before: Row | None) -> list[Row]:
        """One behind the other."""
        rows: list[Row] = []
        for token in tokens:
            rows.append(self.add(token, rows[-1] if rows else before))
        return rows

    def likeliest(self) -> tuple[list[int], Row | None]:
        """The tokens behind the chosen one, and the last row of them."""
        tokens, row = [], self.at
        while row is not None and row.following:
            row = next(iter(row.following.values()))
            tokens.append(row.token)
        return tokens, row

    def extras(self, rows: Sequence[Row], config: Any) -> StepExtras | None:
        """What the layers need to know of rows that follow each other in the session; None for plain text."""
        if all(row.place == row.position for row in rows):
            return None
        paths = [[(row.place, row.position) for row in self._path(row)] for row in rows]
        masks = branch_masks(config, self.trunk, rows[-1].place + 1, paths)
        return StepExtras(torch.tensor([[row.position for row in rows]]), masks)

    def _path(self, row: Row | None) -> list[Row]:
        """To a row, from behind the trunk."""
        rows = []
        while row is not None and row.position >= self.trunk:
            rows.append(row)
            row = row.before
        return rows[::-1]
