"""Between the sessions' coroutines and the device: collects ready steps, runs ticks, hands out results."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import inf
from typing import TypeVar

from torch import Tensor

from engine.host.device import DeviceThread
from engine.host.duty import DutyCycle
from engine.host.forward import Forward
from engine.host.hosted_session import HostedSession
from engine.host.main_memory import MainMemory
from engine.host.pending import Pending, StepResult
from engine.host.prompt_share import PromptShare
from engine.host.room import KEPT_SECONDS, Room
from engine.host.runner import SpanRunner
from engine.host.schedule import MAX_TEXTS_TOKENS, Layers, Pace, Waiting, next_tick, seconds_to_wait
from engine.host.throughput import Throughput, usual_rows
from engine.model.extras import StepExtras

MAX_ROWS = 64
LEAST_PATIENCE = 0.001  # seconds: of clocks that disagree on when a prompt's piece is due
ACTIVE_SECONDS = 5.0  # after a step a session is shown as in use

Result = TypeVar("Result")


@dataclass
class Work:
    """What the batcher did since it started."""

    tokens: int = 0
    layer_tokens: int = 0


class Batcher:
    """Accepts one step at a time per session, and runs them in shared forwards.

    Everything happens in the event loop but the forward itself; the device's thread reads only the sessions
    of its forward. Where the device is free, a step starts a tick at once: one wake-up less for each token.
    """

    def __init__(
        self,
        runner: SpanRunner,
        throughput: Throughput | None = None,
        duty: float = 1.0,
        main_memory: MainMemory | None = None,
    ) -> None:
        """`throughput` is told of forwards that several share. `duty`: share of the time for forwards.
        `main_memory`: for sessions that rest; None: they are dropped where others need their room.
        """
        self.runner = runner
        self.throughput = throughput or Throughput(1, runner.step_seconds)
        self._duty = duty
        self._device = DeviceThread(DutyCycle(duty))
        self._entries: dict[int, Pending] = {}  # steps that wait
        self._forwards: deque[tuple[int, ...]] = deque()  # what is left of the tick
        self._running: frozenset[int] = frozenset()  # sessions of the forward that runs
        self._alarm: asyncio.TimerHandle | None = None  # ends the wait for more steps, or for the others'
        self._prompts = PromptShare(runner.step_seconds, runner.spans)
        self._pace = Pace({}, runner.step_seconds)
        self.step_seconds = runner.step_seconds  # of the last decode forward through the whole span
        self._keys = count()
        self._closed_while_running: list[HostedSession] = []
        self._moving: set[int] = set()  # sessions whose cache comes or goes
        self._at_work: set[int] = set()  # of which the device reads or writes a piece
        self.sessions: dict[int, HostedSession] = {}
        self.room = Room(runner, self._device, self, main_memory or MainMemory(0))
        self.work = Work()

    def open(self, layers: Layers, peer: str = "") -> HostedSession:
        session = HostedSession(next(self._keys), layers, peer)
        self.sessions[session.key] = session
        return session

    def fork(self, parent: HostedSession, position: int) -> HostedSession:
        """A session of the same peer that begins with what this one holds up to there, and holds it once with
        it: whoever writes behind that gets blocks of its own. Raises NoRoom.
        """
        child = self.open(parent.layers, parent.peer)
        try:
            self.room.fork(parent, child, position)
        except BaseException:
            self.close(child)
            raise
        self._pace.last_output[child.key] = time.monotonic()
        return child

    def close(self, session: HostedSession) -> None:
        """Give the session's blocks back; a forward that is running with it ends first."""
        self.sessions.pop(session.key, None)
        self._pace.last_output.pop(session.key, None)
        self._prompts.forget(session.key)
        self._entries.pop(session.key, None)
        self.release(session)

    def release(self, session: HostedSession) -> None:
        """Forget what a session holds, as soon as the device is done with it."""
        if session.key in self._running or session.key in self._at_work:
            self._closed_while_running.append(session)
        else:
            self.room.release(session)

    async def step(
        self, session: HostedSession, hidden: Tensor, position: int, extras: StepExtras | None = None
    ) -> StepResult:
        """Run `[tokens, hidden]` at `position`. Raises NoRoom, or whatever the forward raised."""
        comes_back = session.cache.resting is not None  # if that fails, nobody else's step does
        self.room.reserve(session, position, len(hidden))
        forward = Forward(session.cache, hidden, extras)
        waiting = self._waiting(session, forward, comes_back)
        entry = Pending(waiting, forward, asyncio.get_running_loop().create_future())
        self._entries[session.key] = entry
        self._start_tick()
        return await entry.result

    def _waiting(self, session: HostedSession, forward: Forward, comes_back: bool) -> Waiting:
        tokens, length = len(forward.hidden), session.cache.length
        alone = comes_back or self.runner.runs_alone(length + tokens, forward.extras)
        may_be_cut = self.runner.continues and not alone
        step = Waiting(
            session.key,
            tokens,
            session.layers,
            time.monotonic(),
            length,
            forward.axes,
            alone=alone,
            whole=not self.runner.causal,
            prompt=may_be_cut and tokens > self._prompts.short_tokens,
        )
        if not step.prompt:
            return step
        return replace(step, due=step.arrived + self._prompts.longest_seconds(tokens, self._part_of(step)))

    def is_busy(self, key: int) -> bool:
        """Whether a step of it waits or runs, or its cache is moving."""
        return any(key in busy for busy in (self._entries, self._running, self._moving, self._at_work))

    # --- caches that come and go

    @contextlib.contextmanager
    def moving(self, session: HostedSession) -> Iterator[None]:
        """Nobody else gets the session's room meanwhile, and it counts as used."""
        self._moving.add(session.key)
        try:
            yield
            if session.key in self.sessions:
                self._pace.last_output[session.key] = time.monotonic()
        finally:
            self._moving.discard(session.key)

    def make_room(self, session: HostedSession, tokens: int) -> None:
        """For a session's first `tokens` positions. Raises NoRoom."""
        self.room.reserve(session, 0, tokens)

    def is_gone(self, session: HostedSession) -> None:
        """Its cache is elsewhere now: it waits for nothing, and its room is free."""
        session.evicted = True
        self._pace.last_output.pop(session.key, None)
        self._prompts.forget(session.key)
        self.release(session)

    async def on_device(self, session: HostedSession, job: Callable[[], Result]) -> Result:
        """Have the device's thread read or write what a session holds. Does not end before that does."""
        self._at_work.add(session.key)
        try:
            return await self._device.call(job)
        finally:
            self._at_work.discard(session.key)
            self._release_closed()

    async def run(self) -> None:
        """Until cancelled; then the device's thread ends."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._device.close()

    # --- ticks

    def _start_tick(self) -> None:
        """Start the next tick, unless one runs or more steps are about to join it."""
        if self._running or not self._entries:
            return
        now = time.monotonic()
        waiting = [self._looked_at(entry.waiting) for entry in self._entries.values()]
        patience = seconds_to_wait(waiting, self._pace, now)
        if all(step.held for step in waiting):
            patience = min(self._seconds_to_piece(step, now) for step in waiting)
        self._end_alarm()
        if patience > 0:
            self._alarm = asyncio.get_running_loop().call_later(patience, self._on_alarm)
            return
        rows = MAX_ROWS if self.runner.batches_sessions else 1
        self._forwards.extend(next_tick(waiting, rows).forwards)
        self._start_forward()

    def _looked_at(self, step: Waiting) -> Waiting:
        return replace(step, held=self._tokens_now(step) == 0) if step.prompt else step

    def _on_alarm(self) -> None:
        self._end_alarm()
        self._start_tick()

    def _end_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _start_forward(self) -> None:
        """The tick's next forward, or the next tick."""
        while self._forwards:
            keys = self._forwards.popleft()
            entries = [self._entries[key] for key in keys if key in self._entries]
            if not entries or self._gives_way(entries[0].waiting):
                continue
            if tokens := self._tokens_now(entries[0].waiting):
                self._run(entries, tokens)
                return
        self._start_tick()

    def _gives_way(self, step: Waiting) -> bool:
        """Whether a prompt waits for steps that have come in during this tick."""
        if not step.prompt or not self._seconds_held(step, time.monotonic()):
            return False
        if all(entry.waiting.prompt for entry in self._entries.values()):
            return False
        return self._prompts.gives_way(step.tokens, self._waiting_prompts, self._part_of(step))

    def _tokens_now(self, step: Waiting) -> int:
        """Of a step, to be run in the next forward; 0: it waits for others."""
        now = time.monotonic()
        if not step.prompt or not self._seconds_held(step, now):
            return step.tokens
        return self._prompts.piece_tokens(step.tokens, now, self._waiting_prompts, self._part_of(step))

    def _seconds_held(self, step: Waiting, now: float) -> float:
        """How much longer a prompt runs only behind others' ticks."""
        return max(0.0, min(step.due - now, self._prompts.seconds_beside(step.session, now)))

    def _seconds_to_piece(self, step: Waiting, now: float) -> float:
        """Until some of a prompt may be run though no other step comes."""
        prompts, part = self._waiting_prompts, self._part_of(step)
        piece = self._prompts.seconds_to_piece(step.tokens, now, prompts, part)
        return max(LEAST_PATIENCE, min(self._seconds_held(step, now), piece))

    def _waited_since(self, began: float, now: float) -> float:
        """For how long others' steps have waited for a prompt's piece that began then."""
        arrived = (entry.waiting.arrived for entry in self._entries.values() if not entry.waiting.prompt)
        return now - max(began, min(arrived, default=now))

    @property
    def _waiting_prompts(self) -> int:
        return sum(entry.waiting.prompt for entry in self._entries.values())

    def _run(self, entries: list[Pending], tokens: int) -> None:
        for entry in entries:
            del self._entries[entry.waiting.session]
        self._running = frozenset(entry.waiting.session for entry in entries)
        forwards = [entry.next(tokens) for entry in entries]
        self._device.submit(partial(self._compute, entries, forwards, asyncio.get_running_loop()))

    def _compute(
        self, entries: list[Pending], forwards: list[Forward], loop: asyncio.AbstractEventLoop
    ) -> None:
        """In the device's thread."""
        started = time.monotonic()
        outcome: list[Tensor] | Exception
        try:
            outcome = self.runner.run(forwards, entries[0].waiting.layers)
        except Exception as error:
            outcome = error
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
            loop.call_soon_threadsafe(self._on_computed, entries, outcome, time.monotonic() - started)

    def _on_computed(self, entries: list[Pending], outcome: list[Tensor] | Exception, seconds: float) -> None:
        self._running = frozenset()
        for entry in entries:
            self.runner.settle(entry.left.session)
        self._release_closed()
        if isinstance(outcome, Exception):
            for entry in entries:
                entry.fail(outcome)
        else:
            self._finish(entries, outcome, seconds)
        self._start_forward()

    def _release_closed(self) -> None:
        closed, self._closed_while_running = self._closed_while_running, []
        for session in closed:
            self.release(session)

    def _finish(self, entries: Sequence[Pending], outputs: Sequence[Tensor], seconds: float) -> None:
        now = time.monotonic()
        steps = [entry.waiting for entry in entries]
        self._note([step.session for step in steps], steps[0], len(outputs[0]), seconds)
        for entry, hidden in zip(entries, outputs, strict=True):
            session = entry.waiting.session
            entry.came_out(hidden, seconds, now)
            if session in self.sessions:
                self._pace.last_output[session] = now
                if not entry.result.done():
                    self._entries[session] = entry

    def _note(self, sessions: Sequence[int], step: Waiting, tokens: int, seconds: float) -> None:
        """What a forward of steps like this one says of the next."""
        now, part, rows = time.monotonic(), self._part_of(step), len(sessions)
        self.work.tokens += rows * tokens
        self.work.layer_tokens += rows * tokens * (step.layers[1] - step.layers[0])
        if step.prompt:
            self._prompts.note_piece(tokens, seconds / self._duty, part)
            began = now - seconds
            if self._seconds_held(step, began):
                prompts, waited = 1 + self._waiting_prompts, self._waited_since(began, now)
                self._prompts.spend(tokens, seconds / self._duty, began, waited, prompts, part)
        else:
            living = [key for key in sessions if key in self.sessions]
            self._prompts.note_short(living, seconds / self._duty, now, part)
        if step.is_decode or step.whole:  # a prompt's pieces say nothing of what shares forwards
            self.throughput.note(rows * tokens, seconds / part / self._duty)
        if step.is_decode:
            self._pace = Pace(self._pace.last_output, seconds)
            if step.layers == self.runner.layers:
                self.step_seconds = seconds

    def _part_of(self, step: Waiting) -> float:
        """Of the span, the layers that a step runs."""
        (start, end), (first, last) = step.layers, self.runner.layers
        return (end - start) / (last - first)

    @property
    def busy_seconds(self) -> float:
        """That the device computed so far."""
        return self._device.busy_seconds

    @property
    def active_sessions(self) -> int:
        """Sessions that wait for a step, or had one a moment ago. The others are kept for a next turn."""
        return sum(self._used_within(ACTIVE_SECONDS, key) for key in self.sessions)

    @property
    def unfinished_sessions(self) -> int:
        """Sessions whose answer may still be under way, though another server holds it up."""
        return sum(self._used_within(KEPT_SECONDS, key) for key in self.sessions)

    def _used_within(self, seconds: float, key: int) -> bool:
        return self.rested_seconds(key) < seconds

    def rested_seconds(self, key: int) -> float:
        """Since a session's last step; 0 while one is under way, infinite before the first."""
        if key in self._entries or key in self._running or key in self._moving:
            return 0.0
        return time.monotonic() - self._pace.last_output.get(key, -inf)

    @property
    def queue_depth(self) -> int:
        return len(self._entries)


def throughput_of(runner: SpanRunner, context: int, estimate: float) -> Throughput:
    """For a batcher. `estimate`: tokens per second that many sessions together may get; 0: none."""
    rows = 1
    if not runner.causal:
        rows = MAX_TEXTS_TOKENS
    elif runner.batches_sessions:
        rows = usual_rows(runner.budget_tokens, context)
    return Throughput(rows, runner.step_seconds, estimate)
