"""Between the sessions' coroutines and the device's one thread: collect ready steps, run a tick, hand out
results.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from torch import Tensor

from engine.host.kv_cache import SessionCache
from engine.host.runner import Forward, SpanRunner
from engine.host.schedule import Layers, Pace, Waiting, next_tick, seconds_to_wait

MAX_ROWS = 64
ACTIVE_SECONDS = 5.0


@dataclass(frozen=True)
class StepResult:
    hidden: Tensor  # [tokens, hidden]
    compute_seconds: float


@dataclass
class HostedSession:
    """A session as the host sees it. `layers` is the part of the span that it runs."""

    key: int
    layers: Layers
    cache: SessionCache = field(default_factory=SessionCache)


@dataclass
class _Entry:
    waiting: Waiting
    forward: Forward
    result: "asyncio.Future[StepResult]"


@dataclass
class Work:
    """What the batcher did since it started."""

    tokens: int = 0
    layer_tokens: int = 0


class Batcher:
    """Accepts one step at a time per session, and runs them in shared forwards."""

    def __init__(self, runner: SpanRunner) -> None:
        self.runner = runner
        self._device = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")
        self._entries: dict[int, _Entry] = {}
        self._arrived = asyncio.Event()
        self._pace = Pace({}, runner.step_seconds)
        self._keys = count()
        # All bookkeeping happens in the event loop; the device's thread reads only the sessions of its
        # forward.
        self._running: frozenset[int] = frozenset()
        self._closed_while_running: list[HostedSession] = []
        self.sessions: dict[int, HostedSession] = {}
        self.work = Work()

    # --- sessions
    # -----------------------------------------------------------------------------------------------

    def open(self, layers: Layers) -> HostedSession:
        session = HostedSession(next(self._keys), layers)
        self.sessions[session.key] = session
        return session

    def close(self, session: HostedSession) -> None:
        """Give the session's blocks back; a forward that is running with it ends first."""
        self.sessions.pop(session.key, None)
        self._pace.last_output.pop(session.key, None)
        self._entries.pop(session.key, None)
        if session.key in self._running:
            self._closed_while_running.append(session)
        else:
            self.runner.release(session.cache)

    async def step(self, session: HostedSession, hidden: Tensor, position: int) -> StepResult:
        """Run `[tokens, hidden]` at `position`. Raises NoRoom, or whatever the forward raised."""
        self.runner.reserve(session.cache, position, len(hidden))
        entry = _Entry(
            Waiting(session.key, len(hidden), session.layers, time.monotonic()),
            Forward(session.cache, hidden),
            asyncio.get_running_loop().create_future(),
        )
        self._entries[session.key] = entry
        self._arrived.set()
        return await entry.result

    # --- ticks
    # --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run ticks until cancelled."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._entries:
                    await self._gather()
                    await self._tick()
        finally:
            self._device.shutdown(wait=False, cancel_futures=True)

    async def _gather(self) -> None:
        """Hold the tick back while sessions are about to join it."""
        while True:
            waiting = [entry.waiting for entry in self._entries.values()]
            patience = seconds_to_wait(waiting, self._pace, time.monotonic())
            if patience <= 0:
                return
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), patience)

    async def _tick(self) -> None:
        rows = MAX_ROWS if self.runner.batches_sessions else 1
        tick = next_tick([entry.waiting for entry in self._entries.values()], rows)
        for keys in tick.forwards:
            entries = [self._entries.pop(key) for key in keys if key in self._entries]
            if entries:
                await self._run(entries)

    async def _run(self, entries: list[_Entry]) -> None:
        self._running = frozenset(entry.waiting.session for entry in entries)
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        try:
            outputs = await loop.run_in_executor(
                self._device, self.runner.run, [e.forward for e in entries], entries[0].waiting.layers
            )
        except Exception as error:
            _fail(entries, error)
        else:
            self._finish(entries, outputs, time.monotonic() - started)
        finally:
            self._running = frozenset()
            self._release_closed()

    def _release_closed(self) -> None:
        while self._closed_while_running:
            self.runner.release(self._closed_while_running.pop().cache)

    def _finish(self, entries: Sequence[_Entry], outputs: Sequence[Tensor], seconds: float) -> None:
        now = time.monotonic()
        for entry, hidden in zip(entries, outputs, strict=True):
            step = entry.waiting
            self.work.tokens += step.tokens
            self.work.layer_tokens += step.tokens * (step.layers[1] - step.layers[0])
            if step.session in self.sessions:
                self._pace.last_output[step.session] = now
            if not entry.result.done():
                entry.result.set_result(StepResult(hidden, seconds))
        if entries[0].waiting.is_decode:
            self._pace = Pace(self._pace.last_output, seconds)

    @property
    def active_sessions(self) -> int:
        """Sessions that wait for a step, or had one a moment ago. The others are kept for a next turn."""
        since = time.monotonic() - ACTIVE_SECONDS
        return sum(
            key in self._entries or key in self._running or self._pace.last_output.get(key, 0.0) > since
            for key in self.sessions
        )

    @property
    def step_seconds(self) -> float:
        """Of the last decode tick."""
        return self._pace.tick_seconds

    @property
    def queue_depth(self) -> int:
        return len(self._entries)


def _fail(entries: Sequence[_Entry], error: Exception) -> None:
    for entry in entries:
        if not entry.result.done():
            entry.result.set_exception(error)
