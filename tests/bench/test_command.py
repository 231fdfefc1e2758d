"""`potluck-engine bench`, as people call it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.bench.page import PAGE
from engine.cli.bench import NO_LLAMA, SCENARIOS
from engine.cli.program import main
from engine.settings import Paths
from engine.weights.imports.importing import import_model
from engine.weights.store.layer_store import LayerStore
from tests.bench.test_llama_gguf import quantized
from tests.tiny_models import byte_tokenizer, chat_model


@pytest.fixture(autouse=True)
def _small_starter_and_no_llama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path))
    tokenizer = byte_tokenizer()
    store = LayerStore(Paths.from_environment().layer_store)
    manifest = import_model(chat_model(tokenizer), tokenizer, "tiny", store)
    monkeypatch.setattr("engine.weights.starter.import_starter", lambda store: manifest)


def test_without_llama_cpp_a_line_says_so_and_the_page_names_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page"
    assert main(["bench", "--only", "llama", "--tokens", "16", "--page", str(page)]) == 0
    assert f"{NO_LLAMA}: name it with --llama-server." in capsys.readouterr().err
    text = (page / PAGE).read_text(encoding="utf-8")
    assert "`potluck-engine bench --only llama --tokens 16 --rounds 3 --page FOLDER` with tiny" in text
    assert f"- `llama`: {NO_LLAMA}" in text
    assert all(f"- `{name}`: " in text for name in SCENARIOS)
    assert str(tmp_path) not in text


def test_a_program_that_is_none_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--only", "llama", "--llama-server", str(tmp_path / "nothing")]) == 1
    assert "is no program" in capsys.readouterr().err


def test_what_failed_is_said_and_stands_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, file = tmp_path / "page", tmp_path / "a.gguf"
    quantized(file, np.ones((4, 32), dtype=np.float32))
    beside = ["--llama-server", shutil.which("false", path="/bin:/usr/bin") or "", "--gguf", str(file)]
    assert main(["bench", "--only", "llama", *beside, "--page", str(page)]) == 1
    assert "llama failed: llama.cpp's server cannot be measured (it ended" in capsys.readouterr().err
    text = (page / PAGE).read_text(encoding="utf-8")
    assert "## Failed\n\n- `llama`: llama.cpp's server cannot be measured" in text
