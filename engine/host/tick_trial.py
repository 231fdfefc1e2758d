"""Whether a span's decode ticks give, from one block of memory and captured, what plain forwards give."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from torch import Tensor

from engine.host.capturing import Capture
from engine.host.forward import Forward, Setup, run_forward
from engine.host.kv_cache import SessionCache
from engine.host.session_memory import Pool
from engine.host.tick_sizes import OFTEN
from engine.host.ticks import Ticks
from engine.host.trials import all_same, noise
from engine.model.span import Span

log = logging.getLogger("potluck.host")

_LENGTHS = (3, 5)  # of the sessions that are tried


def with_ticks(
    span: Span, setup: Setup, hidden_size: int, capture: Capture | None, graph_bytes: int
) -> Setup:
    """The same, with decode ticks as the trial allows them; without where nothing is gained by them."""
    memory, masks = setup.memory, setup.masks
    if capture is None or masks is None or not isinstance(memory, Pool):
        return setup

    def ticks(use: Capture | None, often: int) -> Ticks:
        return Ticks(memory, masks, hidden_size, use, graph_bytes, often)

    trial = _Trial(span, setup, hidden_size)
    captured = ticks(capture, often=1)
    if trial.passes(captured) and captured.replays:
        log.info("decode ticks are captured")
        return replace(setup, ticks=ticks(capture, OFTEN))
    if trial.passes(ticks(None, often=1)):
        log.warning("decode ticks are not captured: Python starts each of their operations")
        return replace(setup, ticks=ticks(None, OFTEN))
    log.warning("decode ticks are not captured, and copied to the device in parts")
    return setup


class _Trial:
    def __init__(self, span: Span, setup: Setup, hidden_size: int) -> None:
        self._span, self._plain = span, setup
        self._hidden_size = hidden_size

    def passes(self, ticks: Ticks) -> bool:
        """The second time sessions have changed places and are longer, and the third time one has left: what
        is still as it was the first time shows.
        """
        sessions = [SessionCache() for _ in _LENGTHS[: self._plain.memory.budget.free]]
        try:
            for session, length in zip(sessions, _LENGTHS, strict=False):
                self._run(self._plain, [session], length)
            tried = replace(self._plain, ticks=ticks)
            rounds = (sessions, sessions[::-1], sessions[::-1], sessions[:1], sessions[-1:])
            return all(self._is_same(tried, some) for some in rounds)
        finally:
            for session in sessions:
                self._plain.memory.release(session)

    def _is_same(self, tried: Setup, sessions: Sequence[SessionCache]) -> bool:
        """First as it is to be tried: plain forwards would leave right keys for it to read."""
        lengths = [session.length for session in sessions]
        got = self._run(tried, sessions, 1)
        for session, length in zip(sessions, lengths, strict=True):
            session.length = length
        return all_same(self._run(self._plain, sessions, 1), got)

    def _run(self, setup: Setup, sessions: Iterable[SessionCache], tokens: int) -> list[Tensor]:
        forwards = []
        for session in sessions:
            setup.memory.reserve(session, session.length, tokens)
            forwards.append(Forward(session, noise(tokens + session.length, self._hidden_size)[-tokens:]))
        return run_forward(self._span, setup, forwards)
