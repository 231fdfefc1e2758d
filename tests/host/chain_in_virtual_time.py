"""Chats that decode through a chain of servers, each a computer of its own, and a prompt that is read beside
them: real decisions, virtual time.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count

from engine.host.prompt_share import PromptShare
from engine.host.schedule import Waiting, next_tick

LAYERS = (0, 10)
PROMPT = -1  # its session
CHUNK = 256

Job = Callable[[], None]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self._jobs: list[tuple[float, int, Job]] = []
        self._order = count()

    def after(self, seconds: float, job: Job) -> None:
        heapq.heappush(self._jobs, (self.now + seconds, next(self._order), job))

    def run(self, until: float, is_over: Callable[[], bool] = lambda: False) -> None:
        while self._jobs and self._jobs[0][0] <= until and not is_over():
            self.now, _, job = heapq.heappop(self._jobs)
            job()


@dataclass(frozen=True)
class Costs:
    """Seconds; as measured for ten layers of the starter model on one core."""

    step: float = 0.018
    row: float = 0.001
    token: float = 0.0007  # of a prompt
    key: float = 4e-7  # before each of them

    def of(self, rows: int, tokens: int, length: int) -> float:
        if tokens == 1:
            return self.step + rows * self.row
        return self.step + tokens * (self.token + self.key * (length + tokens / 2))


class Server:
    """As the batcher does it."""

    def __init__(self, clock: Clock, spans: float, costs: Costs, done: Callable[[int, int], None]) -> None:
        self._clock, self._costs, self._done = clock, costs, done
        self._share = PromptShare(costs.step, spans)
        self._waiting: dict[int, Waiting] = {}
        self._chunks: deque[int] = deque()  # of the prompt
        self._forwards: deque[tuple[int, ...]] = deque()
        self._is_busy = False
        self._chunk = self._length = 0
        self._alarm = 0  # the one that counts
        self.piece_seconds: list[float] = []

    def arrive(self, session: int, tokens: int) -> None:
        if session != PROMPT:
            self._wait(Waiting(session, tokens, LAYERS, self._clock.now))
            return
        self._chunks.append(tokens)
        if not self._chunk:
            self._next_chunk()

    def _next_chunk(self) -> None:
        self._chunk = tokens = self._chunks.popleft() if self._chunks else 0
        if tokens:
            due = self._clock.now + self._share.longest_seconds(tokens)
            self._wait(Waiting(PROMPT, tokens, LAYERS, self._clock.now, prompt=True, due=due))

    def _wait(self, step: Waiting) -> None:
        self._waiting[step.session] = step
        self._start_tick()

    def _start_tick(self) -> None:
        if self._is_busy or not self._waiting:
            return
        now = self._clock.now
        steps = [replace(s, held=self._tokens_now(s) == 0) for s in self._waiting.values()]
        self._alarm += 1
        if all(step.held for step in steps):
            [step] = steps
            patience = min(self._seconds_held(step), self._share.seconds_to_piece(step.tokens, now))
            self._clock.after(max(0.001, patience), lambda alarm=self._alarm: self._on_alarm(alarm))
            return
        self._forwards.extend(next_tick(steps, 64).forwards)
        self._start_forward()

    def _on_alarm(self, alarm: int) -> None:
        if alarm == self._alarm:
            self._start_tick()

    def _start_forward(self) -> None:
        while self._forwards:
            steps = [self._waiting[key] for key in self._forwards.popleft()]
            if not self._gives_way(steps[0]) and (tokens := self._tokens_now(steps[0])):
                self._run(steps, tokens)
                return
        self._start_tick()

    def _seconds_held(self, step: Waiting) -> float:
        now = self._clock.now
        return max(0.0, min(step.due - now, self._share.seconds_beside(step.session, now)))

    def _tokens_now(self, step: Waiting) -> int:
        if not step.prompt or not self._seconds_held(step):
            return step.tokens
        return self._share.piece_tokens(step.tokens, self._clock.now)

    def _gives_way(self, step: Waiting) -> bool:
        others_wait = any(not other.prompt for other in self._waiting.values())
        held = step.prompt and self._seconds_held(step) > 0
        return bool(held and others_wait and self._share.gives_way(step.tokens))

    def _run(self, steps: list[Waiting], tokens: int) -> None:
        self._is_busy = True
        for step in steps:
            del self._waiting[step.session]
        seconds = self._costs.of(len(steps), tokens, self._length)
        was_held = steps[0].prompt and self._seconds_held(steps[0]) > 0
        self._clock.after(seconds, lambda: self._ran(steps, tokens, seconds, was_held))

    def _ran(self, steps: list[Waiting], tokens: int, seconds: float, was_held: bool) -> None:
        self._is_busy = False
        if steps[0].prompt:
            self._share.note_piece(tokens, seconds)
            if was_held:
                began = self._clock.now - seconds
                self._share.spend(tokens, seconds, began, self._waited_since(began))
            self._read(steps[0], tokens, seconds)
        else:
            self._share.note_short([step.session for step in steps], seconds, self._clock.now)
            for step in steps:
                self._done(step.session, 1)
        self._start_forward()

    def _waited_since(self, began: float) -> float:
        arrived = (step.arrived for step in self._waiting.values() if not step.prompt)
        return self._clock.now - max(began, min(arrived, default=self._clock.now))

    def _read(self, step: Waiting, tokens: int, seconds: float) -> None:
        self.piece_seconds.append(seconds)
        self._length += tokens
        if left := step.tokens - tokens:
            self._waiting[PROMPT] = replace(step, tokens=left, arrived=self._clock.now)
        else:
            self._done(PROMPT, self._chunk)
            self._next_chunk()


@dataclass
class Chain:
    """Each chat has its head computed, and comes back with the next token."""

    servers: int = 3
    chats: int = 8
    link: float = 0.0015  # seconds, one way
    head: float = 0.01
    costs: Costs = Costs()
    tokens: list[float] = field(default_factory=list)  # when one of a chat came
    left: int = 0  # of the prompt
    read_at: float | None = None

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.hosts = [
            Server(self.clock, float(self.servers), self.costs, self._after(at)) for at in range(self.servers)
        ]
        for chat in range(self.chats):
            self.clock.after(0.01 * chat, lambda chat=chat: self._send(0, chat, 1))

    def _send(self, server: int, session: int, tokens: int) -> None:
        self.clock.after(self.link, lambda: self.hosts[server].arrive(session, tokens))

    def _after(self, server: int) -> Callable[[int, int], None]:
        if server + 1 < self.servers:
            return lambda session, tokens: self._send(server + 1, session, tokens)
        return lambda session, tokens: self.clock.after(self.link, lambda: self._came(session, tokens))

    def _came(self, session: int, tokens: int) -> None:
        if session != PROMPT:
            self.tokens.append(self.clock.now)
            self.clock.after(self.head, lambda: self._send(0, session, 1))
            return
        self.left -= tokens
        if not self.left:
            self.read_at = self.clock.now

    def rate(self, seconds: float) -> float:
        """Of all chats together, for so long."""
        began = self.clock.now
        self.clock.run(began + seconds)
        return sum(at > began for at in self.tokens) / seconds

    def read(self, tokens: int) -> tuple[float, float]:
        """Seconds until a prompt is read, and the rate of all chats meanwhile."""
        began, self.left, self.read_at = self.clock.now, tokens, None
        for chunk in chunks(tokens):
            self._send(0, PROMPT, chunk)
        self.clock.run(began + 600.0, lambda: self.read_at is not None)
        assert self.read_at is not None
        seconds = self.read_at - began
        return seconds, sum(at > began for at in self.tokens) / seconds


def chunks(tokens: int) -> Iterable[int]:
    return (min(CHUNK, tokens - at) for at in range(0, tokens, CHUNK))
