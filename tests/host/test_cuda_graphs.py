"""Captured ticks on a real card. By hand: `pytest -s tests/host/test_cuda_graphs.py`."""

import time
from collections.abc import Callable
from itertools import count

import pytest
import torch

from engine.host import tick_trial
from engine.host.capturing import capture_on
from engine.host.forward import Forward
from engine.host.kv_cache import SessionCache
from engine.host.runner import SpanRunner
from tests.host.tick_worlds import World, farthest, runner_on, span_for
from tests.tiny_models import some_states

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card"),
    pytest.mark.filterwarnings("ignore:Synchronization debug mode"),
]
TOLERANCE = 1e-3
TICKS = 60
FAMILIES = ("llama", "mistral", "gemma3_text", "gpt2", "mpt", "deepseek_v3")
REPEATS, ROUNDS = 20, 5


@pytest.fixture(autouse=True)
def captured_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_trial, "OFTEN", 2)


def on_the_card(family: str, is_captured: bool) -> SpanRunner:
    return runner_on(span_for(family, "cuda"), capture_on(torch.device("cuda")) if is_captured else None)


@pytest.mark.parametrize("family", FAMILIES)
def test_captured_ticks_give_what_python_s_ticks_give(family: str) -> None:
    captured, plain = World(on_the_card(family, True), seed=3), World(on_the_card(family, False), seed=3)
    assert farthest(captured, plain, TICKS) <= TOLERANCE
    ticks = captured.runner._setup.ticks
    assert ticks is not None
    assert ticks.replays > TICKS / 2


def test_a_family_that_brings_numbers_of_python_s_in_each_layer_goes_on_by_python() -> None:
    captured, plain = World(on_the_card("falcon", True), seed=3), World(on_the_card("falcon", False), seed=3)
    assert farthest(captured, plain, 9) <= TOLERANCE


@pytest.mark.parametrize("calls_that_go_well", [0, 1])
def test_what_waits_for_the_card_is_refused_and_leaves_it_usable(calls_that_go_well: int) -> None:
    """Seen before the capture begins, or only while it goes on."""
    capture = capture_on(torch.device("cuda"))
    assert capture is not None
    numbers, calls = torch.ones(3, device="cuda"), count()
    before = torch.cuda.current_stream()
    with pytest.raises(RuntimeError):
        capture.capture(lambda: numbers * (numbers.sum().item() if next(calls) >= calls_that_go_well else 1))
    assert torch.cuda.current_stream() == before
    captured = capture.capture(lambda: numbers * 2)
    numbers.fill_(5)
    captured.replay()
    assert captured.out.tolist() == [10, 10, 10]


@pytest.mark.parametrize("rows", [1, 8])
def test_captured_ticks_are_faster(rows: int) -> None:
    captured, plain = (tick_of(on_the_card("llama", is_captured), rows) for is_captured in (True, False))
    ratios = sorted(seconds(plain) / seconds(captured) for _ in range(ROUNDS))
    print(f"\n{rows} rows: Python's ticks take {ratios[ROUNDS // 2]:.2f} times as long as captured ones")
    assert ratios[ROUNDS // 2] > 1


def tick_of(runner: SpanRunner, rows: int) -> Callable[[], None]:
    """One and the same tick, again and again."""
    sessions = [SessionCache() for _ in range(rows)]
    for session in sessions:
        runner.reserve(session, 0, 20)
        runner.run([Forward(session, some_states(20))], runner.layers)

    def tick() -> None:
        for session in sessions:
            runner.reserve(session, 20, 1)
        runner.run([Forward(session, some_states(1)) for session in sessions], runner.layers)

    for _ in range(3):
        tick()
    return tick


def seconds(tick: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(REPEATS):
        tick()
    return time.perf_counter() - started
