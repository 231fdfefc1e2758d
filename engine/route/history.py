"""What went into a hop, by position: hidden states and extras, cut and put together again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from engine.model.extras import StepExtras
from engine.route.states import States, join_states
from engine.wire.messages import WireEncoding

Rows = TypeVar("Rows", Tensor, States)


@dataclass(frozen=True)
class Chunk(Generic[Rows]):
    """Hidden states `[tokens, hidden]` that stand at `position`, and what goes with them."""

    position: int
    hidden: Rows
    extras: StepExtras | None = None

    def __len__(self) -> int:
        return len(self.hidden)

    @property
    def end(self) -> int:
        return self.position + len(self.hidden)

    def between(self, start: int, end: int) -> "Chunk[Rows]":
        """Its tokens [start, end), counted from its own first one. None of them sees what comes after."""
        if start <= 0 and end >= len(self):
            return self
        return Chunk(self.position + start, self.hidden[start:end], self._extras(start, end))

    def _extras(self, start: int, end: int) -> StepExtras | None:
        if self.extras is None:
            return None
        positions, masks = self.extras.positions, self.extras.masks
        return StepExtras(
            None if positions is None else positions[:, start:end],
            {kind: mask[start:end, : self.position + end] for kind, mask in masks.items()},
        )


def cut(chunk: Chunk[Rows], size: int) -> list[Chunk[Rows]]:
    """Pieces of at most `size` tokens; a longer one only where tokens see others that come after them."""
    if len(chunk) <= size:
        return [chunk]
    ends: list[int] = _borders(_reach(chunk), size)
    return [chunk.between(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _reach(chunk: Chunk[Rows]) -> Sequence[int]:
    """For each token, how many of the chunk's tokens it and those before it need to have with them."""
    needed = torch.arange(1, len(chunk) + 1)
    for mask in (chunk.extras.masks if chunk.extras else {}).values():
        needed = torch.maximum(needed, _ends(mask[:, chunk.position :]))
    return needed.cummax(dim=0).values.tolist()


def _ends(mask: Tensor) -> Tensor:
    """How many columns lead up to the last one that each row sees: `[rows]`."""
    behind = mask.flip(1).to(torch.uint8).argmax(dim=1)
    return torch.where(mask.any(dim=1), mask.shape[1] - behind, 0)


def _borders(reach: Sequence[int], size: int) -> list[int]:
    """Where the pieces end."""
    borders: list[int] = []
    start = end = 0
    for allowed in (at for at, needed in enumerate(reach, start=1) if needed <= at):
        if allowed - start > size and end > start:
            borders.append(end)
            start = end
        end = allowed
    return [*borders, len(reach)]


def join(chunks: Sequence[Chunk[States]]) -> Chunk[States]:
    """Chunks that follow each other as one; all have masks of the same kinds, or none has any."""
    if len(chunks) == 1:
        return chunks[0]
    extras = StepExtras(_joined_positions(chunks), _joined_masks(chunks))
    return Chunk(chunks[0].position, join_states([chunk.hidden for chunk in chunks]), extras or None)


def _joined_positions(chunks: Sequence[Chunk[States]]) -> Tensor | None:
    """`[axes, tokens]`; plain tokens stand at the same place on every axis."""
    own = [None if chunk.extras is None else chunk.extras.positions for chunk in chunks]
    axes = max((len(positions) for positions in own if positions is not None), default=0)
    if not axes:
        return None
    counted = [torch.arange(chunk.position, chunk.end)[None] for chunk in chunks]
    each = [c if positions is None else positions for c, positions in zip(counted, own, strict=True)]
    return torch.cat([positions.expand(axes, -1) for positions in each], dim=1)


def _joined_masks(chunks: Sequence[Chunk[States]]) -> dict[str, Tensor]:
    """Nobody sees the chunks that came later."""
    end = chunks[-1].end
    masks = [chunk.extras.masks for chunk in chunks if chunk.extras is not None]
    kinds = masks[0] if masks else ()
    return {kind: torch.cat([pad(m[kind], (0, end - m[kind].shape[1])) for m in masks]) for kind in kinds}


class History:
    """Hidden states by position, from 0 on and without gaps: what a replacement needs to see."""

    def __init__(self) -> None:
        self._chunks: list[Chunk[States]] = []

    @property
    def length(self) -> int:
        return self._chunks[-1].end if self._chunks else 0

    def extend(self, chunk: Chunk[States]) -> None:
        """Add what it lacks of a chunk; what it has stays. Raises ValueError where a gap would be left."""
        if chunk.position > self.length:
            raise ValueError(f"{chunk.position} does not follow {self.length} positions")
        if chunk.position == self.length:
            self._chunks.append(chunk)
        elif chunk.end > self.length:
            self._chunks.append(chunk.between(self.length - chunk.position, len(chunk)))

    def beginning(self, length: int) -> "History":
        """Its first positions, as another history; nothing is copied."""
        other = History()
        other._chunks = list(self._chunks)
        other.crop(length)
        return other

    def crop(self, length: int) -> None:
        while self._chunks and self._chunks[-1].position >= length:
            self._chunks.pop()
        if self.length > length:
            last = self._chunks[-1]
            self._chunks[-1] = last.between(0, length - last.position)

    def between(self, start: int, end: int, size: int) -> list[Chunk[States]]:
        """What stands at positions [start, end), in steps of at most `size` tokens where that is possible."""
        kept = [c.between(max(start - c.position, 0), end - c.position) for c in self._across(start, end)]
        return [piece for run in _alike(kept) for piece in cut(join(run), size)]

    def _across(self, start: int, end: int) -> list[Chunk[States]]:
        first = bisect_right(self._chunks, start, key=lambda chunk: chunk.end)
        last = bisect_left(self._chunks, end, key=lambda chunk: chunk.position)
        return self._chunks[first:last] if start < end else []


def _alike(chunks: Iterable[Chunk[States]]) -> Iterator[list[Chunk[States]]]:
    """Runs that can be joined."""
    for _, run in groupby(chunks, key=_kind):
        yield list(run)


def _kind(chunk: Chunk[States]) -> tuple[set[str], WireEncoding]:
    return set(chunk.extras.masks) if chunk.extras else set(), chunk.hidden.meta.dtype
