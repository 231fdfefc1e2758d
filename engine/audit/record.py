"""What a server of a session took and gave, as the session remembers it, to be computed again elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.audit.tolerance import FEWEST_TOKENS, Rows
from engine.route.encodings import Ends
from engine.route.history import Chunk, History
from engine.route.plan import PlannedHop
from engine.route.states import States
from engine.wire.blocks import from_blocks


class Served(Protocol):
    """The part of a session's hop that audits look at."""

    planned: PlannedHop
    ends: Ends
    outputs: History
    own_from: int  # what it gave before this position came from the server that it replaces
    heir_of: frozenset[str]  # peers whose cache it goes on from
    forked_at: int  # what it gave before this position was computed for another session, and looked at there
    is_doubtful: bool  # what it took may be something else than is known here


def rows_of(states: States) -> Rows:
    """`[tokens, hidden]`; float32 is not copied."""
    shape = len(states), states.meta.hidden
    match states.meta.dtype:
        case "float32":
            return np.frombuffer(states.body, "<f4").reshape(shape)
        case "float16":
            return np.frombuffer(states.body, "<f2").astype(np.float32).reshape(shape)
        case "bfloat16":  # the upper half of a float32
            wide = np.frombuffer(states.body, "<u2").astype(np.uint32) << 16
            return wide.view(np.float32).reshape(shape)
        case "int8":
            return from_blocks(states.body, *shape).numpy()


@dataclass(frozen=True)
class Case:
    """Layers of a session to compute again, from its first token on."""

    hop: PlannedHop
    took: tuple[Chunk[States], ...]  # positions [0, end)
    took_rows: Rows  # those at positions [since, end)
    gave: Rows  # at positions [since, end): what this server answers for
    since: int
    ends: Ends  # how hidden states travelled to it, and from it
    heir_of: frozenset[str] = frozenset()

    @property
    def peer(self) -> str:
        return self.hop.server.peer

    @property
    def peers(self) -> frozenset[str]:
        """One of them is wrong, if this is: a cache that was brought is not seen before it is used."""
        return self.heir_of | {self.peer}

    @property
    def layers(self) -> int:
        return self.hop.end - self.hop.start

    @property
    def tokens(self) -> int:
        return self.took[-1].end


@dataclass(eq=False)
class HopRecord:
    """One server in a session: views of the session's own history, not copies."""

    hop: Served
    took: History
    looked_at: int = 0  # positions
    odd: list[int] = field(default_factory=list)  # positions that looked odd, since the last audit for it

    @property
    def peer(self) -> str:
        return self.hop.planned.server.peer

    @property
    def layers(self) -> int:
        return self.hop.planned.end - self.hop.planned.start

    @property
    def tokens(self) -> int:
        """That went in and came out; the outputs of all hops but the last may come later than the answer."""
        return min(self.took.length, self.hop.outputs.length)

    @property
    def since(self) -> int:
        return self.hop.own_from

    @property
    def is_urgent(self) -> bool:
        """Whether something odd is to be looked into, and can be."""
        enough = self.tokens - self.since >= FEWEST_TOKENS
        return bool(self.odd) and enough and not self.hop.is_doubtful

    def news(self) -> tuple[int, Rows, Rows] | None:
        """What came since the last time: from which position on, what went in, what came out."""
        start, end = min(self.looked_at, self.tokens), self.tokens
        self.odd = [position for position in self.odd if position < start]
        self.looked_at = end
        if start == end:
            return None
        return start, _rows(self.took, start, end), _rows(self.hop.outputs, start, end)

    def case(self, tokens: int) -> Case:
        """Its first `tokens` positions; the server answers for some of them."""
        return self._case(self.since, tokens)

    def odd_case(self) -> Case:
        """All of it, judged from the first odd token on: right ones before it must not hide it."""
        return self._case(max(self.since, min(self.odd[0], self.tokens - FEWEST_TOKENS)), self.tokens)

    def _case(self, since: int, tokens: int) -> Case:
        took = self.took.between(0, tokens, tokens)
        return Case(
            hop=self.hop.planned,
            took=tuple(took),
            took_rows=_rows(self.took, since, tokens),
            gave=_rows(self.hop.outputs, since, tokens),
            since=since,
            ends=Ends(took[0].hidden.meta.dtype, self.hop.ends.gives),
            heir_of=self.hop.heir_of,
        )


def _rows(history: History, start: int, end: int) -> Rows:
    chunks: Sequence[Chunk[States]] = history.between(start, end, end - start)
    rows = [rows_of(chunk.hidden) for chunk in chunks]
    return rows[0] if len(rows) == 1 else np.concatenate(rows)
