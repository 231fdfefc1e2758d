"""Where sessions keep what a span remembers of them: a shared pool, a cache of their own, or nowhere."""

from collections.abc import Sequence
from typing import Any, Protocol

from engine.host.budget import BlockBudget, BlockSize
from engine.host.kv_cache import PooledCache, SessionCache
from engine.model.span import Span


class SessionMemory(Protocol):
    """Room is taken before a forward (`reserve`) and given back at a session's end (`release`)."""

    budget: BlockBudget
    goes_back: bool  # a step may come at an earlier position than the session has reached

    @property
    def pool(self) -> PooledCache | None:
        """What holds all that is remembered as keys and values; None where something else does."""
        ...

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        """Crop to `position` and make room for `tokens` more.

        Raises NoRoom, leaving the session as it was.
        """
        ...

    def release(self, session: SessionCache) -> None: ...

    def cache_of(self, sessions: Sequence[SessionCache], tokens: int, part: Span) -> Any:
        """What the next forward of `tokens` new positions each reads and writes; None: nothing.

        In the device's thread. `part` is the part of the span that runs.
        """
        ...

    def advance(self, session: SessionCache, tokens: int) -> None:
        """After a forward."""
        ...


class _Reserving:
    """Sessions that hold blocks of a budget."""

    def __init__(self, budget: BlockBudget) -> None:
        self.budget = budget

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        self.budget.grow(session.table, position + tokens, position)
        session.length = position
        session.is_broken &= position > 0
        self.budget.shrink(session.table, position + tokens)

    def release(self, session: SessionCache) -> None:
        self.budget.shrink(session.table, 0)
        session.length = 0

    def advance(self, session: SessionCache, tokens: int) -> None:
        session.length += tokens


class Pool(_Reserving):
    """Keys and values of all sessions in one pool of blocks."""

    goes_back = True

    def __init__(self, span: Span, budget: BlockBudget) -> None:
        super().__init__(budget)
        self.pool = PooledCache(span.cache_slots, budget)

    def prepare(self, sessions: Sequence[SessionCache]) -> None:
        """Make what they hold ready to be written behind."""
        if any(session.is_broken for session in sessions):
            raise RuntimeError("what this session held could not be brought back")
        self.pool.do_copies(sessions)

    def cache_of(self, sessions: Sequence[SessionCache], tokens: int, part: Span) -> PooledCache:
        self.prepare(sessions)
        self.pool.point_at(sessions, tokens, part.device)
        return self.pool

    @property
    def block_size(self) -> BlockSize:
        """Known after the first forward."""
        return BlockSize(self.pool.bytes_per_token * self.budget.size.tokens)


class OwnCaches(_Reserving):
    """Each session has a cache of its own, whose size is counted in blocks. Sessions run one at a time."""

    goes_back = False
    pool = None

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        super().reserve(session, position, tokens)
        if position == 0:
            session.own = None

    def release(self, session: SessionCache) -> None:
        super().release(session)
        session.own = None

    def cache_of(self, sessions: Sequence[SessionCache], tokens: int, part: Span) -> Any:
        [session] = sessions
        if session.own is None:
            session.own = part.new_cache()
        return session.own


class Nothing:
    """For encoders, which see a text whole and remember nothing of it."""

    goes_back = True
    pool = None

    def __init__(self) -> None:
        self.budget = BlockBudget(1)

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        pass

    def release(self, session: SessionCache) -> None:
        pass

    def advance(self, session: SessionCache, tokens: int) -> None:
        pass

    def cache_of(self, sessions: Sequence[SessionCache], tokens: int, part: Span) -> None:
        return None
