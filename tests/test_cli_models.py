"""Real models through `models import` and `models export`, without an engine."""

import os
import signal
import threading
from pathlib import Path

import pytest

from engine import cli
from engine.settings import Settings
from engine.weights.store.layer_store import LayerStore
from tests.weights.small_models import a_tokenizer, small_model


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LayerStore:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path / "home"))
    return LayerStore(Settings().paths.layer_store)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small-llama"
    small_model("llama").save_pretrained(folder)
    a_tokenizer().save_pretrained(folder)
    return folder


def test_a_folder_in_and_out_and_in_again(store, folder: Path, tmp_path: Path, capsys):
    assert cli.main(["models", "import", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("small-llama is in the layer store: 3 layers, ")
    [first] = store.manifests()
    away = tmp_path / "away" / "small-llama"
    assert cli.main(["models", "export", "small-llama", str(away)]) == 0
    assert capsys.readouterr().out == f"small-llama is in {away}.\n"
    assert cli.main(["models", "remove", "small-llama"]) == 0
    assert store.manifests() == ()
    assert cli.main(["models", "import", str(away)]) == 0
    assert store.manifests() == (first,)


def test_the_same_model_under_another_name(store, folder: Path, capsys):
    cli.main(["models", "import", str(folder)])
    capsys.readouterr()
    assert cli.main(["models", "import", str(folder), "--name", "mine"]) == 0
    assert capsys.readouterr().out.endswith(". It is the model that was called small-llama here.\n")
    assert [model.name for model in store.manifests()] == ["mine"]
    cli.main(["models", "import", str(folder), "--name", "mine"])
    assert "called" not in capsys.readouterr().out


def test_what_is_no_model(tmp_path: Path, capsys):
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "absent", "package:nobody-has-this"):
        assert cli.main(["models", "import", str(source)]) == 1
        out, err = capsys.readouterr()
        last = err.splitlines()[-1]
        assert (out, last.startswith("potluck-engine: "), last.endswith(".")) == ("", True, True)


def test_an_export_into_what_is_there(store, folder: Path, capsys):
    cli.main(["models", "import", str(folder)])
    assert cli.main(["models", "export", "small-llama", str(folder)]) == 1
    assert "is there already: choose a new folder" in capsys.readouterr().err


def test_ctrl_c_stops_an_import_and_the_same_command_finishes_it(store, folder, capsys, monkeypatch):
    put, put_once = store.put, threading.Event()

    def put_and_press(self, data):
        if not put_once.is_set():
            put_once.set()
            os.kill(os.getpid(), signal.SIGINT)
        return put(data)

    monkeypatch.setattr(LayerStore, "put", put_and_press)
    assert cli.main(["models", "import", str(folder)]) == 130
    assert capsys.readouterr().err.endswith("Stopped: the same command goes on from here.\n")
    assert store.manifests() == ()
    assert cli.main(["models", "import", str(folder)]) == 0
    assert store.complete(store.find("small-llama"))
