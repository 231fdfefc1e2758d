"""Captured ticks give what Python's ticks give, whatever happens to the sessions between them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from engine.host import tick_trial, ticks
from engine.host.capturing import Captured, capture_on
from engine.host.kv_cache import SessionCache
from engine.host.tick_sizes import TickSize, rounded_up
from engine.host.ticks import Ticks
from engine.model.span import Span
from tests.host.recording_device import RecordingCapture
from tests.host.test_runner import stretched
from tests.host.tick_worlds import World, farthest, runner_on, span_for, span_of_all
from tests.tiny_models import span_of

TOLERANCE = 1e-4
TICKS = 40
# Grouped heads, windows, two kinds of layers, learned positions, ALiBi, latent keys, experts.
FAMILIES = ("llama", "mistral", "gemma3_text", "gpt2", "mpt", "deepseek_v3", "qwen3_moe")


@pytest.fixture(autouse=True)
def captured_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_trial, "OFTEN", 2)


def ticks_of(world: World) -> Ticks:
    found = world.runner._setup.ticks
    assert found is not None
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_captured_ticks_give_what_python_s_ticks_give(family: str) -> None:
    captured = World(runner_on(span_for(family), RecordingCapture()), seed=3)
    plain = World(runner_on(span_for(family), None), seed=3)
    assert plain.runner._setup.ticks is None
    assert farthest(captured, plain, TICKS) <= TOLERANCE
    assert ticks_of(captured).replays > TICKS / 2


@pytest.mark.parametrize(("rope_type", "is_captured"), [("longrope", True), ("dynamic", False)])
def test_rotary_tables_that_change_with_the_longest_row(rope_type: str, is_captured: bool) -> None:
    model = LlamaForCausalLM(stretched(rope_type)).eval()
    captured = World(runner_on(span_of_all(model), RecordingCapture()), seed=3)
    plain = World(runner_on(span_of(model), None), seed=3)
    assert ticks_of(captured).captures is is_captured
    assert farthest(captured, plain, TICKS // 2) <= TOLERANCE


def from_python(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """As code that takes positions from Python's numbers: right, unless it is captured."""

    def run(hidden: Tensor, cache: Any, positions: Tensor | None = None, mask: Any = None) -> Tensor:
        if positions is not None:
            positions = torch.cat([torch.full((1, 1), row[0]) for row in positions.tolist()])
        return forward(hidden, cache, positions, mask)

    return run


def test_what_is_captured_with_a_number_of_python_s_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    baking = span_for("llama")
    monkeypatch.setattr(baking, "forward", from_python(baking.forward))
    world = World(runner_on(baking, RecordingCapture()), seed=3)
    assert not ticks_of(world).captures
    assert farthest(world, World(runner_on(span_for("llama"), None), seed=3), 9) <= TOLERANCE


def test_without_the_trial_such_a_number_gives_wrong_results(monkeypatch: pytest.MonkeyPatch) -> None:
    baking = span_for("llama")
    monkeypatch.setattr(baking, "forward", from_python(baking.forward))
    monkeypatch.setattr(tick_trial, "all_same", lambda expected, got: True)
    world = World(runner_on(baking, RecordingCapture()), seed=3)
    assert farthest(world, World(runner_on(span_for("llama"), None), seed=3), TICKS) > 100 * TOLERANCE


class NoCapture:
    def capture(self, compute: Callable[[], Tensor]) -> Captured:
        raise RuntimeError("not on this card")


def test_what_cannot_be_captured_is_said_and_run_by_python(caplog: pytest.LogCaptureFixture) -> None:
    world = World(runner_on(span_for("llama"), NoCapture()), seed=5)
    assert "not on this card" in caplog.text
    assert not ticks_of(world).captures
    assert farthest(world, World(runner_on(span_for("llama"), None), seed=5), 9) <= TOLERANCE


def test_a_family_that_brings_numbers_of_python_s_in_each_layer_is_not_captured() -> None:
    world = World(runner_on(span_for("falcon"), RecordingCapture()), seed=5)
    assert not ticks_of(world).captures
    assert farthest(world, World(runner_on(span_for("falcon"), None), seed=5), 9) <= TOLERANCE


def test_a_processor_captures_nothing() -> None:
    assert capture_on(torch.device("cpu")) is None


# --- how much is captured


class Counted:
    """Replays nothing, but says that it takes so much."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes, self.captures = nbytes, 0

    def capture(self, compute: Callable[[], Tensor]) -> Captured:
        self.captures += 1
        return Captured(compute(), lambda: None, self.nbytes)


def bounded(span: Span, capture: Counted, room: int) -> tuple[Ticks, Callable[[int], None]]:
    """Ticks with so much room, and one tick of a single session of some length."""
    runner = runner_on(span, None)
    memory, masks = runner._setup.memory, runner._setup.masks
    made = Ticks(memory, masks, runner.hidden_size, capture, room, often=1)

    def tick(length: int) -> None:
        session = SessionCache()
        memory.reserve(session, 0, length + 1)
        session.length = length
        made.run(span, [session], torch.zeros(1, 1, runner.hidden_size))
        memory.release(session)

    return made, tick


def test_what_takes_more_than_all_may_take_is_captured_once_and_never_again() -> None:
    counted = Counted(nbytes=10)
    made, tick = bounded(span_for("llama"), counted, room=9)
    tick(3), tick(3), tick(4)
    assert (counted.captures, made.replays) == (1, 0)


def test_where_room_ends_all_begin_anew() -> None:
    counted = Counted(nbytes=4)
    made, tick = bounded(span_for("llama"), counted, room=9)
    tick(3), tick(64), tick(64), tick(3)  # of one block, and of two
    assert (counted.captures, made.replays) == (2, 4)
    tick(128)  # of three: one too many
    tick(3), tick(64), tick(3)
    assert (counted.captures, made.replays) == (5, 7)


def test_the_latest_used_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "MOST_GRAPHS", 2)
    counted = Counted(nbytes=0)
    _, tick = bounded(span_for("llama"), counted, room=9)
    tick(3), tick(64), tick(3), tick(128)
    assert counted.captures == 3
    tick(3), tick(128)
    assert counted.captures == 3
    tick(64)
    assert counted.captures == 4


def test_sizes_are_rounded_up_by_less_than_half() -> None:
    assert [rounded_up(n) for n in (1, 2, 3, 4, 5, 7, 9, 13, 17, 33, 64)] == [
        *(1, 2, 3, 4, 6, 8, 12, 16, 24, 48, 64)
    ]
    assert all(n <= rounded_up(n) < 1.5 * n for n in range(1, 500))


def test_ticks_beyond_what_was_planned_are_not_captured() -> None:
    assert TickSize(0, 5, rows=64, blocks=2).is_bounded
    assert not TickSize(0, 5, rows=64, blocks=3).is_bounded
    assert not TickSize(0, 5, rows=96, blocks=1).is_bounded
