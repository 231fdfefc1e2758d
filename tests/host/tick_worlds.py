"""The same sessions on two runners: they join, go back, fork and leave between ticks."""

import math
import random
from collections.abc import Callable

import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.host.capturing import Capture
from engine.host.forward import Forward
from engine.host.kv_cache import SessionCache
from engine.host.runner import SpanRunner
from engine.model.span import Span
from tests.tiny_models import HIDDEN, some_states, span_of, tiny_model

ROOM = 1 << 26  # bytes for what is captured
_CACHE_TOKENS = 24 * 64
_MOST_SESSIONS = 4
_LONGEST = 120


def span_for(family: str, device: str = "cpu") -> Span:
    return span_of_all(tiny_model(family), device)


def span_of_all(model: PreTrainedModel, device: str = "cpu") -> Span:
    """With weights under which every token counts."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += torch.randn(weight.shape, generator=generator) / math.sqrt(weight.shape[-1])
    span = span_of(model)
    span.decoder.to(device)
    return span


def runner_on(span: Span, capture: Capture | None) -> SpanRunner:
    first = SpanRunner(span, HIDDEN, cache_bytes=1)
    cache_bytes = first.bytes_per_token * _CACHE_TOKENS
    return SpanRunner(span, HIDDEN, cache_bytes, capture=capture, graph_bytes=ROOM)


class World:
    """One runner with its sessions. All worlds with one seed do the same."""

    def __init__(self, runner: SpanRunner, seed: int) -> None:
        self.runner = runner
        self.sessions: list[SessionCache] = []
        self._random = random.Random(seed)
        self._time = 0

    def tick(self) -> list[Tensor]:
        """What all sessions get, after something has happened to them."""
        happenings: list[Callable[[], None]] = [self._join, self._leave, self._go_back, self._fork]
        if self._random.random() < 0.3 or not self.sessions:
            self._random.choice(happenings)()
        if not self.sessions:
            self._join()
        for session in self.sessions:
            self.runner.reserve(session, min(session.length, _LONGEST), 1)
        return self._run([Forward(session, self._states(1)) for session in self.sessions])

    def _run(self, forwards: list[Forward]) -> list[Tensor]:
        outputs = self.runner.run(forwards, self.runner.layers)
        for forward in forwards:
            self.runner.settle(forward.session)
        return outputs

    def _states(self, tokens: int) -> Tensor:
        self._time += 1
        return some_states(tokens, seed=self._time)

    def _join(self) -> None:
        if len(self.sessions) < _MOST_SESSIONS:
            session, tokens = SessionCache(), self._random.choice((2, 7, 30, 70))
            self.runner.reserve(session, 0, tokens)
            self._run([Forward(session, self._states(tokens))])
            self.sessions.append(session)

    def _leave(self) -> None:
        if len(self.sessions) > 1:
            self.runner.release(self.sessions.pop(self._random.randrange(len(self.sessions))))

    def _go_back(self) -> None:
        session = self._random.choice(self.sessions or [SessionCache()])
        if session.length > 2:
            self.runner.reserve(session, self._random.randrange(1, session.length), 1)

    def _fork(self) -> None:
        if self.sessions and len(self.sessions) < _MOST_SESSIONS:
            parent = self._random.choice(self.sessions)
            table = self.runner.budget.fork(parent.table, parent.length)
            self.sessions.append(SessionCache(parent.length, table))


def farthest(ours: World, theirs: World, ticks: int) -> float:
    """How far apart any of what they get is."""
    apart = 0.0
    for _ in range(ticks):
        pairs = zip(ours.tick(), theirs.tick(), strict=True)
        apart = max(apart, *(float(torch.dist(a, b, float("inf"))) for a, b in pairs))
    return apart
