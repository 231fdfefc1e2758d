"""What the demo says, and how long its answer may get."""

import argparse
import json
from types import SimpleNamespace

import pytest

from engine import demo
from engine.api.schema import HopReport
from engine.demo import Summary
from tests.tiny_models import CHAT_CONTEXT, byte_tokenizer

KEPT = (("nf4", 2), ("bfloat16", 1))
HOPS = (
    HopReport(peer="a", start=0, end=3, steps=7, seconds=0.5, precisions=KEPT),
    HopReport(peer="b", start=3, end=4),
)
SUMMARY = Summary("tiny", 7, 1.0, 0.5, 7, HOPS, "soup", True)


def test_people_read_layers_from_one():
    said = SUMMARY.as_text()
    assert "layers 1–3 in nf4 (2 layers) and bfloat16 (1): 7 steps, 0.50 s on a\n" in said
    assert "layers 4–4: 0 steps" in said


def test_programs_read_half_open_ranges():
    assert [(hop["start"], hop["end"]) for hop in json.loads(SUMMARY.as_json())["spans"]] == [(0, 3), (3, 4)]


@pytest.mark.parametrize(("asked", "left"), [(3, 3), (10**9, None)])
async def test_an_answer_ends_where_the_context_ends(asked, left, monkeypatch):
    class NoTokens:
        def __init__(self, shell, session, prompt, *, max_new_tokens):
            seen.append((prompt, max_new_tokens))

        async def tokens(self):
            return
            yield

    seen = []
    session = SimpleNamespace(trips=0, report=lambda: HOPS, close=lambda: None)
    monkeypatch.setattr(demo, "Generation", NoTokens)
    monkeypatch.setattr(demo, "open_session", lambda *_: session)
    shell = SimpleNamespace(tokenizer=byte_tokenizer(), manifest=SimpleNamespace(context=CHAT_CONTEXT))
    args = argparse.Namespace(prompt="Hi", max_tokens=asked, json=True)
    run = await demo._answer(SimpleNamespace(node=None, directory=None), shell, args)
    [(prompt, limit)] = seen
    assert limit == (left or CHAT_CONTEXT - len(prompt))
    assert run.spans == HOPS
