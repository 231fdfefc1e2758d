"""A block server's runner with layers in int8 and nf4: it shares forwards, serves parts, and goes back."""

import pytest
import torch

from engine.host.forward import Forward
from engine.host.kv_cache import SessionCache
from engine.host.loading import hidden_width
from engine.host.runner import SpanRunner
from engine.precision import Precision
from tests.host.test_own_caches import CONFIGS as WITH_STATES
from tests.tiny_models import CONFIGS, N_LAYERS
from tests.wide_models import WIDE_HIDDEN, quantized_span, wide_model

MIXED: tuple[Precision, ...] = ("nf4", "float32", "int8", "nf4", "int8")
CACHE_BYTES = 8 << 20


@pytest.fixture(scope="module", params=["llama", "qwen3_moe", "gpt2", "deepseek_v3"])
def runner(request: pytest.FixtureRequest) -> SpanRunner:
    model = wide_model(CONFIGS[request.param]())
    return SpanRunner(quantized_span(model, MIXED), WIDE_HIDDEN, CACHE_BYTES)


def some_states(tokens: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(tokens, WIDE_HIDDEN, generator=torch.Generator().manual_seed(seed))


def after(runner: SpanRunner, session: SessionCache, position: int, hidden: torch.Tensor) -> torch.Tensor:
    runner.reserve(session, position, len(hidden))
    [out] = runner.run([Forward(session, hidden)], runner.layers)
    return out


def test_sessions_share_forwards_and_get_what_they_get_alone(runner: SpanRunner) -> None:
    assert runner.batches_sessions
    steps = [some_states(1, seed) for seed in range(3)]

    def begun() -> list[SessionCache]:
        sessions = [SessionCache() for _ in steps]
        for seed, session in enumerate(sessions):
            after(runner, session, 0, some_states(3 + seed, seed))
        return sessions

    alone = [after(runner, s, s.length, hidden) for s, hidden in zip(begun(), steps, strict=True)]
    sessions = begun()
    for session in sessions:
        runner.reserve(session, session.length, 1)
    shared = runner.run(
        [Forward(s, hidden) for s, hidden in zip(sessions, steps, strict=True)], runner.layers
    )
    for one, other in zip(alone, shared, strict=True):
        assert (one - other).abs().max() <= 1e-5 * one.abs().max()


def test_parts_of_the_span_give_what_it_gives_whole(runner: SpanRunner) -> None:
    hidden = some_states(6)
    whole = after(runner, SessionCache(), 0, hidden)
    for start, end in ((0, 2), (2, 3), (3, N_LAYERS)):
        session = SessionCache()
        runner.reserve(session, 0, len(hidden))
        [hidden] = runner.run([Forward(session, hidden)], (start, end))
    assert torch.equal(hidden, whole)


@pytest.mark.parametrize("family", ["mamba2", "lfm2", "qwen3_next"])
def test_models_that_keep_a_state_go_on_from_it(family: str) -> None:
    span = quantized_span(wide_model(WITH_STATES[family]()), MIXED)
    assert hidden_width(span) == WIDE_HIDDEN
    runner, hidden, session = SpanRunner(span, WIDE_HIDDEN, CACHE_BYTES), some_states(6), SessionCache()
    whole = after(runner, SessionCache(), 0, hidden)
    pieces = [after(runner, session, session.length, piece) for piece in hidden.split([4, 1, 1])]
    assert (torch.cat(pieces) - whole).abs().max() <= 1e-4 * whole.abs().max()


def test_a_step_may_go_back(runner: SpanRunner) -> None:
    assert runner.goes_back
    session, start, other = SessionCache(), some_states(4), some_states(3, seed=1)
    after(runner, session, 0, torch.cat([start, some_states(5, seed=2)]))
    again = after(runner, session, 4, other)
    straight = SessionCache()
    after(runner, straight, 0, start)
    assert (again - after(runner, straight, 4, other)).abs().max() <= 1e-5 * again.abs().max()
