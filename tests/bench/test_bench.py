"""Every scenario once, with real processes and a small model."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.bench.figures import Failure
from engine.bench.llama_server import Llama
from engine.bench.run import measure
from engine.bench.scenarios import SCENARIOS
from engine.bench.settings import BenchSettings
from engine.cli.bench import SCENARIOS as OFFERED
from engine.weights.imports.importing import import_model
from engine.weights.store.layer_store import LayerStore
from tests.tiny_models import byte_tokenizer, chat_model

SMALL = BenchSettings(
    tokens=16, rounds=1, servers=(2,), streams=(2,), prompts=(16, 48), round_trips=(0.01,), rates=(1e9,)
)


def test_the_command_offers_every_scenario() -> None:
    assert set(OFFERED) == set(SCENARIOS)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "llama"])
async def test_a_scenario_measures(scenario: str, tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    figures = [one async for one in measure(SMALL, {scenario}, store, manifest)]
    assert figures != []
    assert [one for one in figures if isinstance(one, Failure)] == []
    assert all(one.value > 0 for one in figures)


async def test_without_llama_cpp_nothing_is_measured_beside_it(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    assert [one async for one in measure(SMALL, {"llama"}, store, manifest)] == []


async def test_the_same_questions_go_to_a_swarm_and_to_llama_cpp(tmp_path: Path, program: Path) -> None:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    settings = replace(SMALL, servers=(1,), prompts=(16,), streams=(1,))
    llama = Llama(program, tmp_path / "a.gguf", "F32")
    figures = [one async for one in measure(settings, {"llama"}, store, manifest, llama)]
    assert {one.scenario for one in figures} == {"Beside llama.cpp's server with weights in F32"}
    assert [one.name.split(",")[0] for one in figures] == [
        "one stream through 1 server",
        "transformers' generate()",
        "a prompt of 16 tokens",
        "1 at once through 1 server",
    ]


async def test_a_scenario_that_fails_ends_no_other(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    nothing = Llama(tmp_path / "nothing", tmp_path / "a.gguf", "F32")
    settings = replace(SMALL, servers=(1,))
    came = [one async for one in measure(settings, {"start", "llama"}, store, manifest, nothing)]
    assert [one.scenario for one in came] == ["Start and end", "Start and end", "llama"]
    assert isinstance(came[-1], Failure)
    assert came[-1].why.startswith("llama.cpp's server cannot be measured")
