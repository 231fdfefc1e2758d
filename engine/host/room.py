"""Who has room in a server's cache: sessions that need it, those that give way, and those that share."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from engine.host.budget import NoRoom
from engine.host.device import DeviceThread
from engine.host.hosted_session import HostedSession
from engine.host.kv_cache import PooledCache, SessionCache
from engine.host.limits import Freed, Holding, Moves, whom_to_evict, whom_to_move_out
from engine.host.main_memory import MainMemory, Resting, copy_in, copy_out
from engine.host.runner import SpanRunner

RESTING_SECONDS = 5.0  # without a step, before a session may be moved out
FORK_BLOCKS, FORK_SHARE = 8, 8  # that are to be free for a fork, and of how many in a small cache one is
KEPT_SECONDS = 40.0  # longer than a client waits for another hop, or for its replacement

log = logging.getLogger("potluck.host")


class Occupancy(Protocol):
    """What sessions do at this moment."""

    @property
    def sessions(self) -> Mapping[int, HostedSession]: ...

    def is_busy(self, key: int) -> bool:
        """Whether a step of it waits or runs, or its cache is moving."""
        ...

    def rested_seconds(self, key: int) -> float:
        """Since its last step; 0 while one is under way, infinite before the first."""
        ...


class Room:
    """In the event loop; only copies happen in the device's thread, in the order of its jobs."""

    def __init__(
        self, runner: SpanRunner, device: DeviceThread, occupancy: Occupancy, main_memory: MainMemory
    ) -> None:
        self._runner = runner
        self._device = device
        self._occupancy = occupancy
        self.main_memory = main_memory

    def reserve(self, session: HostedSession, position: int, tokens: int) -> None:
        """Room for a step, if need be in place of sessions that are kept for a next turn. Raises NoRoom."""
        lacking = self._runner.blocks_lacking(session.cache, position, tokens)
        if lacking:
            self._make_room(lacking, session)
        self._runner.reserve(session.cache, position, tokens)
        self._bring_back(session, position)
        session.evicted = session.evicted and position > 0

    def bring_back(self, session: HostedSession) -> None:
        """What it holds is on the device again, for the device's next job. Raises NoRoom."""
        if session.cache.resting is not None:
            self.reserve(session, session.cache.length, 0)

    def release(self, session: HostedSession) -> None:
        resting, session.cache.resting = session.cache.resting, None
        if resting is not None:
            self._let_go_later(resting)
        self._runner.release(session.cache)

    def fork(self, parent: HostedSession, child: HostedSession, position: int) -> None:
        """Have a new session begin with what another one holds up to there.

        Raises NoRoom, also where it could hardly go on: the other one, which is in use, gives it no room.
        """
        self.bring_back(parent)
        budget = self._runner.budget
        needed = min(FORK_BLOCKS, budget.total // FORK_SHARE)
        if needed > budget.free:
            self._make_room(needed - budget.free, parent)
        if needed > budget.free:
            raise NoRoom
        child.cache.table = budget.fork(parent.cache.table, position)
        child.cache.length = position
        self._device.submit(partial(_share_fate, parent.cache, child.cache))

    # --- who gives way

    def _make_room(self, lacking: int, beneficiary: HostedSession) -> None:
        """Free so many blocks of others; none, if that is not enough."""
        others = [self._holding(s) for s in self._occupancy.sessions.values() if s is not beneficiary]
        moves = self._moves([holding for holding in others if self._rests(holding)], lacking, beneficiary)
        if Freed(holding for holding in others if holding.key in moves.out).blocks < lacking:
            chosen = self._whom_to_evict(others, lacking, beneficiary)
            moves = self._moves(
                [holding for holding in others if holding.key in chosen and self._rests(holding)],
                lacking,
                beneficiary,
            )
        else:
            chosen = moves.out
        for key in moves.dropped:
            self._evict(self._occupancy.sessions[key])
        for key in chosen:
            session = self._occupancy.sessions[key]
            if key not in moves.out or not self._move_out(session):
                self._evict(session)

    def _whom_to_evict(
        self, others: Sequence[Holding], lacking: int, beneficiary: HostedSession
    ) -> tuple[int, ...]:
        budget = self._runner.budget
        mine = len(beneficiary.cache.table.blocks)
        wanted = lacking + budget.free + mine  # with its own, which this session keeps
        return whom_to_evict(others, beneficiary.peer, lacking, wanted, budget.total)

    def _moves(self, resting: Sequence[Holding], lacking: int, beneficiary: HostedSession) -> Moves:
        if not self.main_memory.limit or not resting:
            return Moves()
        out = [
            self._holding(session)
            for session in self._occupancy.sessions.values()
            if session.cache.resting is not None and session is not beneficiary
        ]
        return whom_to_move_out(resting, lacking, out, self.main_memory.room)

    def _rests(self, holding: Holding) -> bool:
        rested = self._occupancy.rested_seconds(holding.key)
        return bool(holding.size) and not holding.is_busy and rested >= RESTING_SECONDS

    def _holding(self, session: HostedSession) -> Holding:
        rested, resting = self._occupancy.rested_seconds(session.key), session.cache.resting
        return Holding(
            session.key,
            session.peer,
            len(session.cache.table.blocks),
            last_used=-rested,
            is_idle=rested >= KEPT_SECONDS,
            is_busy=self._occupancy.is_busy(session.key),
            shared=self._runner.budget.shared(session.cache.table),
            size=self._size(session) if resting is None else resting.nbytes,
        )

    def _size(self, session: HostedSession) -> int:
        """Bytes that it would take in main memory."""
        if not self.main_memory.limit or not session.cache.length:
            return 0
        return self.main_memory.size(self._runner.parts_of(session.layers), session.cache.length)

    def _evict(self, session: HostedSession) -> None:
        if session.cache.resting is not None:
            self.main_memory.let_go(session.cache.resting)
            session.cache.resting = None
        self._runner.release(session.cache)
        session.evicted = True

    # --- out to main memory, and back

    def _move_out(self, session: HostedSession) -> bool:
        """False where memory is short. The device copies before it runs what is asked for from now on."""
        cache, pool = session.cache, self._runner.pool
        assert pool is not None
        resting = self.main_memory.take(self._runner.parts_of(session.layers), cache.length)
        if resting is None:
            return False
        self._submit(resting, partial(copy_out, pool, tuple(cache.table.blocks), resting))
        self._runner.budget.shrink(cache.table, 0)
        cache.resting = resting
        return True

    def _bring_back(self, session: HostedSession, position: int) -> None:
        cache, pool = session.cache, self._runner.pool
        resting, cache.resting = cache.resting, None
        if resting is None:
            return
        assert pool is not None
        if position:
            blocks = tuple(cache.table.blocks)
            self._submit(resting, lambda: self._copy_in(session, pool, blocks, resting, position))
        self._let_go_later(resting)

    def _copy_in(
        self,
        session: HostedSession,
        pool: PooledCache,
        blocks: Sequence[int],
        resting: Resting,
        position: int,
    ) -> None:
        session.cache.is_broken = True
        if not resting.is_broken:
            copy_in(pool, blocks, resting, position)
            session.cache.is_broken = False

    def _submit(self, resting: Resting, job: Callable[[], None]) -> None:
        self._device.submit(partial(_carefully, resting, job))

    def _let_go_later(self, resting: Resting) -> None:
        """When the device's thread has done with it."""
        self._device.submit(partial(_in_loop, asyncio.get_running_loop(), self.main_memory.let_go, resting))


def _share_fate(parent: SessionCache, child: SessionCache) -> None:
    """Behind the copy that brings back what both hold."""
    child.is_broken |= parent.is_broken


def _carefully(resting: Resting, copy: Callable[[], None]) -> None:
    try:
        copy()
    except Exception:  # of a device: any kind
        log.exception("a session's cache could not be copied")
        resting.is_broken = True


def _in_loop(loop: asyncio.AbstractEventLoop, act: Callable[[Resting], None], resting: Resting) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has closed: nobody counts any more
        loop.call_soon_threadsafe(act, resting)
