"""Captured decode ticks never take more than their part of the plan."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from engine.host.budget import BLOCK_TOKENS, BlockBudget
from engine.host.decode_tick import TickInputs, run_tick
from engine.host.kv_cache import SessionCache
from engine.host.schedule import MAX_COPIED_KEYS
from engine.host.session_memory import Pool
from engine.host.tick_sizes import MAX_CAPTURED_ROWS
from engine.model.masks import MaskBuilder, mask_forms
from engine.model.span import cut_span
from engine.planning import activations
from engine.planning.activations import captured_bytes
from engine.planning.memory import CAPTURED_SHARE, plan_memory
from engine.planning.models import shape_of
from engine.weights.store.layer_store import LayerStore
from tests.planning.live_bytes import allocated
from tests.planning.real_models import CONFIGS, N_LAYERS, imported
from tests.planning.shapes import LLAMA_8B
from tests.planning.test_memory import CARD
from tests.tiny_models import one_torch_thread

__all__ = ["one_torch_thread"]

CAPTURING = replace(CARD, captures=True)
TOKENS = 8192


def taken(family: str, rows: int) -> int:
    """By a tick of so many rows, as long as any that is captured."""
    span = cut_span(AutoModelForCausalLM.from_config(CONFIGS[family]).eval(), 0, N_LAYERS)
    blocks = MAX_COPIED_KEYS // rows // BLOCK_TOKENS
    memory = Pool(span, BlockBudget(rows * blocks))
    sessions = [SessionCache() for _ in range(rows)]
    for session in sessions:
        memory.reserve(session, 0, blocks * BLOCK_TOKENS)
        session.length = blocks * BLOCK_TOKENS - 1
    hidden_size = span.config.hidden_size
    inputs = TickInputs(rows, blocks, hidden_size, span.dtype, span.device)
    inputs.fill(sessions, torch.zeros(rows, 1, hidden_size))
    masks = MaskBuilder(span.config, mask_forms(span.config)[0])
    run_tick(span, memory.pool, masks, inputs)  # takes the pool's memory
    with allocated() as peak:
        run_tick(span, memory.pool, masks, inputs)
    return peak.bytes


@pytest.mark.parametrize("rows", [1, MAX_CAPTURED_ROWS])
@pytest.mark.parametrize("family", ["llama", "gemma2", "qwen3_moe"])
def test_no_captured_tick_takes_more_than_is_planned(
    family: str, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "SHARED_POOL", 1)
    monkeypatch.setattr(activations, "GRAPH_BYTES", 0)
    planned = captured_bytes(shape_of(imported(family, LayerStore(tmp_path))), "float32", quantized=False)
    assert planned / 20 < taken(family, rows) <= planned


def test_they_have_room_beside_all_other_forwards() -> None:
    with_them, without = (plan_memory(card, LLAMA_8B, 0, ("nf4",), TOKENS) for card in (CAPTURING, CARD))
    assert with_them.captured > 0 == without.captured
    assert with_them.activations == without.activations + with_them.captured


def test_they_take_little_of_the_room_for_layers_or_nothing() -> None:
    wanted = plan_memory(CAPTURING, LLAMA_8B, 0, ("nf4",), TOKENS).captured
    just = CARD.runtime + CAPTURED_SHARE * wanted
    assert plan_memory(replace(CAPTURING, budget=just), LLAMA_8B, 0, ("nf4",), TOKENS).captured == wanted
    assert plan_memory(replace(CAPTURING, budget=just - 1), LLAMA_8B, 0, ("nf4",), TOKENS).captured == 0


@pytest.mark.parametrize("change", [{"kind": "encoder"}, {"batches": False}])
def test_nothing_is_captured_of_what_shares_no_forwards(change: dict[str, object]) -> None:
    assert captured_bytes(replace(LLAMA_8B, **change), "bfloat16", quantized=True) == 0
