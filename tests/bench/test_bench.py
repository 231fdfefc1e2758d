"""Every scenario once, with real processes and a small model."""

from pathlib import Path

import pytest

from engine.bench.run import measure
from engine.bench.scenarios import SCENARIOS, BenchSettings
from engine.cli.bench import SCENARIOS as OFFERED
from engine.weights.imports.importing import import_model
from engine.weights.store.layer_store import LayerStore
from tests.tiny_models import byte_tokenizer, chat_model

SMALL = BenchSettings(
    tokens=16, rounds=1, servers=(2,), streams=(2,), prompts=(16, 48), round_trips=(0.01,), rates=(1e9,)
)


def test_the_command_offers_every_scenario() -> None:
    assert set(OFFERED) == set(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_scenario_measures(scenario: str, tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    figures = [one async for one in measure(SMALL, {scenario}, store, manifest)]
    assert figures != []
    assert all(one.value > 0 for one in figures)
