"""Real layers never take more than their plan says: loaded, with a full cache, in the largest forwards."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from engine.host import batcher, loading
from engine.host.forward import Forward
from engine.host.kv_cache import SessionCache
from engine.host.orders import HostConfig
from engine.host.runner import SpanRunner
from engine.host.schedule import MAX_PADDED_TOKENS
from engine.machine.facts import Cpu, Machine
from engine.machine.speeds import CPU, Speed, Speeds
from engine.model import quantized
from engine.planning.activations import MAX_ROWS
from engine.planning.memory import LAYERS_AT_ONCE, PIECE_VALUES
from engine.planning.models import shape_of
from engine.planning.planner import plan
from engine.planning.plans import HostPlan
from engine.planning.situation import Situation
from engine.precision import runs_of
from engine.settings import HostSettings
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.messages import MAX_STEP_TOKENS
from tests.planning.live_bytes import Tracker, allocated
from tests.planning.real_models import imported
from tests.tiny_models import one_torch_thread

__all__ = ["one_torch_thread"]

SPEED = Speed(1e10, 1e9)
SPEEDS = Speeds({CPU: dict.fromkeys(("nf4", "int8", "bfloat16", "float32"), SPEED)})


@dataclass(frozen=True)
class Loaded:
    plan: HostPlan
    runner: SpanRunner
    peak: int  # bytes of tensors, at the highest while it was loaded


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Tracker:
    tracker = Tracker()
    for name in ("fill", "fill_coarse", "lay_out"):  # run in threads of their own
        monkeypatch.setattr(loading, name, tracker.watched(getattr(loading, name)))
    return tracker


def planned(manifest: Manifest, budget: int, wishes: HostSettings) -> HostPlan:
    machine = Machine(Cpu(physical_cores=2), 4 * budget, 2 * budget)
    [found] = plan(Situation(machine, SPEEDS, (shape_of(manifest),), replace(wishes, memory_bytes=budget)))
    assert found.plan is not None, found.regret
    return found.plan


def load(manifest: Manifest, store: LayerStore, chosen: HostPlan, tracker: Tracker) -> Loaded:
    config = HostConfig(
        store=store.root,
        manifest=manifest.digest,
        start=chosen.start,
        end=chosen.end,
        precision=chosen.precision,
        layer_precisions=runs_of(chosen.layer_precisions),
        cache_bytes=chosen.memory.cache,
    )
    loaded = tracker.watched(loading.load_span)(config)
    return Loaded(chosen, loaded.runner, tracker.peak)


def largest_forwards(loaded: Loaded) -> Iterator[int]:
    """Bytes that each takes."""
    runner, tokens = loaded.runner, loaded.plan.cache_tokens
    longest = min(tokens, shape_tokens(loaded))
    yield taken(runner, [longest - MAX_STEP_TOKENS], MAX_STEP_TOKENS)
    rows = min(MAX_ROWS, MAX_PADDED_TOKENS // longest, tokens // longest)
    yield taken(runner, [longest - 1] * rows, 1)
    yield taken(runner, [tokens // MAX_ROWS // 64 * 64 - 1] * MAX_ROWS, 1)


def shape_tokens(loaded: Loaded) -> int:
    return loaded.runner.span.config.max_position_embeddings


def taken(runner: SpanRunner, lengths: list[int], tokens: int) -> int:
    """By one forward of sessions of these lengths; what they hold is whatever lies in the cache."""
    sessions = [SessionCache() for _ in lengths]
    for session, length in zip(sessions, lengths, strict=True):
        runner.reserve(session, 0, length + tokens)
        session.length = length
    hidden = torch.zeros(tokens, runner.hidden_size)
    with allocated() as peak:
        runner.run([Forward(session, hidden) for session in sessions], runner.layers)
    for session in sessions:
        runner.release(session)
    return peak.bytes


def check(loaded: Loaded) -> None:
    memory = loaded.plan.memory
    assert memory.total <= memory.budget
    assert loaded.runner.span.weights_bytes <= memory.weights
    assert loaded.runner.cache_budget_bytes <= memory.cache
    assert loaded.peak <= memory.total - memory.runtime
    for size in largest_forwards(loaded):
        assert 0 < size <= memory.activations


@pytest.mark.parametrize(
    ("family", "precision"),
    [("llama", None), ("llama", "nf4"), ("gemma2", None), ("deepseek_v3", "bfloat16")],
)
def test_no_family_takes_more_than_is_planned(
    family: str, precision: str | None, tmp_path: Path, tracker: Tracker
):
    store = LayerStore(tmp_path)
    manifest = imported(family, store)
    chosen = planned(manifest, 800_000_000, HostSettings(precision=precision))
    check(load(manifest, store, chosen, tracker))


@pytest.mark.starter
def test_a_part_of_the_starter_fills_its_budget_and_no_more(
    starter_store: tuple[LayerStore, Manifest], tracker: Tracker
):
    store, manifest = starter_store
    chosen = planned(manifest, 750_000_000, HostSettings())
    assert 0 < chosen.end - chosen.start < manifest.n_layers
    assert chosen.memory.total > 0.9 * chosen.memory.budget
    check(load(manifest, store, chosen, tracker))


def test_the_plan_knows_how_layers_are_loaded():
    assert loading.LOADERS == LAYERS_AT_ONCE
    assert quantized._PIECE <= PIECE_VALUES
    assert batcher.MAX_ROWS == MAX_ROWS
