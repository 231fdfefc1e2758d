"""Attention that makes all its scores first runs a large step in parts, and gives the same."""

from typing import Any

import pytest
import torch

from engine.host import forward, schedule
from engine.host.forward import Forward, builds_scores
from engine.host.kv_cache import SessionCache
from engine.host.runner import SpanRunner
from engine.host.schedule import MAX_COPIED_KEYS, MAX_SCORES, rows_in_bounds, tokens_in_bounds
from engine.model.span import cut_span
from tests.tiny_models import HIDDEN, N_LAYERS, tiny_model

LENGTHS = (20, 33, 27)


def a_runner(family: str) -> SpanRunner:
    return SpanRunner(cut_span(tiny_model(family), 0, N_LAYERS), HIDDEN, cache_bytes=1 << 20)


def outputs(runner: SpanRunner) -> list[torch.Tensor]:
    """Of three prompts, and of their next tokens together."""
    generator = torch.Generator().manual_seed(1)
    sessions = [SessionCache() for _ in LENGTHS]
    found = []
    for session, length in zip(sessions, LENGTHS, strict=True):
        runner.reserve(session, 0, length + 1)
        prompt = torch.randn(length, HIDDEN, generator=generator)
        found += runner.run([Forward(session, prompt)], runner.layers)
    nexts = [Forward(session, torch.randn(1, HIDDEN, generator=generator)) for session in sessions]
    return found + runner.run(nexts, runner.layers)


@pytest.mark.parametrize(("family", "builds"), [("llama", False), ("deepseek_v3", True), ("bloom", True)])
def test_what_makes_all_scores_is_seen(family: str, builds: bool):
    assert builds_scores(a_runner(family).span) is builds


@pytest.mark.parametrize("family", ["llama", "gemma2", "deepseek_v3"])
def test_a_step_in_parts_gives_what_it_gives_whole(family: str, monkeypatch: pytest.MonkeyPatch):
    runner = a_runner(family)
    monkeypatch.setattr(forward, "builds_scores", lambda span: False)
    whole = outputs(runner)
    sizes: list[int] = []
    run = runner.span.forward

    def noted(hidden: torch.Tensor, *about: Any) -> torch.Tensor:
        sizes.append(hidden.shape[0] * hidden.shape[1])
        return run(hidden, *about)

    monkeypatch.setattr(runner.span, "forward", noted)
    monkeypatch.setattr(forward, "builds_scores", lambda span: True)
    monkeypatch.setattr(schedule, "MAX_SCORES", 128)
    monkeypatch.setattr(schedule, "MAX_COPIED_KEYS", 64)
    for ours, theirs in zip(outputs(runner), whole, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert len(sizes) > 2 * len(LENGTHS) + 1
    assert max(sizes) <= 128 // min(LENGTHS)


def test_how_much_is_in_bounds():
    assert rows_in_bounds(MAX_COPIED_KEYS // 4) == 4
    assert rows_in_bounds(MAX_COPIED_KEYS * 2) == 1
    assert tokens_in_bounds(MAX_SCORES // 32) == 32
    assert tokens_in_bounds(MAX_SCORES * 2) == 1
