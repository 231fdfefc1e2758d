"""`models …` and `layers …` on a real store, without an engine."""

import io
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from engine import cli
from engine.api.openai_schema import ModelListing
from engine.api.schema import ModelInfo
from engine.api.store_schema import StoredModel, StoreStatus, Transfer, TransferKind, VerifyReport
from engine.cli import models as models_module
from engine.cli.progress import ProgressLine, bar, duration_in_words, figures, stopped_by_ctrl_c
from engine.cli.wording import known_models, models_text, store_text, transfer_text
from engine.errors import DiskFull, Stopped
from engine.main import single_instance
from engine.settings import Settings
from engine.transfers.status import store_status
from engine.weights.store.layer_store import LayerStore
from tests.stored_models import LAYER_BYTES, damage, stored_model


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LayerStore:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path))
    return LayerStore(Settings().paths.layer_store)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]):
    """Runs a command; gives its exit status, what it printed and its complaints."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return run


# --- models


def test_nothing_is_known_yet(say):
    status, out, _ = say("models")
    assert (status, out) == (
        0,
        "No model is known yet: `potluck-engine models import PATH-or-ID` brings one.\n",
    )
    assert json.loads(say("models", "--json")[1]) == {"object": "list", "data": [], "engine_runs": False}


def test_what_is_here_without_an_engine(say, store):
    stored_model(store, "whole")
    stored_model(store, "half", n_layers=5, seed=1, here=2)
    _, out, _ = say("models", "list")
    assert out.splitlines() == [
        "MODEL  DOES    LAYERS  ON THIS COMPUTER",
        "half   writes  5       layers 1–2, 9.0 MB of 18 MB",
        "whole  writes  3       12 MB",
        "",
        "What the swarm serves is not known: Potluck's engine is not running.",
    ]
    listing = ModelListing.model_validate_json(say("models", "list", "--json")[1])
    assert [(model.id, model.stored.complete) for model in listing.data] == [("half", False), ("whole", True)]
    assert say("models", "--json", "list")[1] == say("models", "--json")[1]


def test_keeping_and_releasing(say, store):
    manifest = stored_model(store)
    assert say("models", "keep", "tiny")[1] == "tiny is kept: it never makes room for other models.\n"
    assert store.kept() == {manifest.digest}
    assert "12 MB, kept" in say("models")[1]
    released = StoredModel.model_validate_json(say("models", "release", manifest.digest, "--json")[1])
    assert (released.kept, store.kept()) == (False, frozenset())


def test_removing(say, store):
    first = stored_model(store, "first")
    stored_model(store, "second", seed=1)
    assert say("models", "remove", "first")[1] == "first is removed: 9.0 MB are free again.\n"
    assert [m.name for m in store.manifests()] == ["second"]
    status, out, err = say("models", "remove", "first")
    assert (status, out) == (1, "")
    assert err == "potluck-engine: There is no model called “first” here. Known models: second.\n"
    with store.in_use(first.layers):
        stored_model(store, "first")
        status, out, err = say("models", "remove", "first")
    assert (status, out) == (1, "")
    assert err.startswith("potluck-engine: first is in use on this computer: pause giving")


def test_models_of_one_name_are_told_apart_by_their_digests(say, store):
    first, second = stored_model(store), stored_model(store, seed=1)
    short = first.digest[:12]
    assert f"tiny ({short})" in say("models")[1]
    status, _, err = say("models", "keep", "tiny")
    assert status == 1
    assert "2 models are called “tiny”: name one by its digest" in err
    assert say("models", "keep", short)[0] == 0
    assert store.kept() == {first.digest}
    assert say("models", "keep", second.digest[:3])[0] == 1  # too little to go by


def test_verifying(say, store):
    manifest = stored_model(store)
    other = stored_model(store, "other", seed=1)
    assert say("models", "verify")[:2] == (0, "Nothing is damaged: 8 parts, 21 MB.\n")
    damage(store, manifest.layers[0])
    damage(store, manifest.layers[1])
    assert say("models", "verify", "other")[:2] == (0, "Nothing is damaged: 5 parts, 12 MB.\n")
    status, out, err = say("layers", "verify")
    assert status == 1
    assert out.startswith("2 of 8 parts were damaged and are removed. tiny lacks layers 1–2 now: ")
    assert "Checking the layer store: " in err
    damage(store, other.shell)
    report = VerifyReport.model_validate_json(say("layers", "verify", "--json")[1])
    assert [(loss.name, loss.layers, loss.shell) for loss in report.losses] == [
        ("other", (), True),
        ("tiny", (), True),
    ]


@pytest.mark.parametrize(
    ("failure", "status", "sentence"),
    [
        (DiskFull("The disk is full: free 5 GB."), 1, "The disk is full: free 5 GB."),
        (Stopped("The import was stopped."), 130, "Stopped: the same command goes on from here."),
    ],
)
def test_an_import_that_does_not_end_well(say, monkeypatch, failure, status, sentence):
    def fail(job, store, progress, cancelled):
        progress("copying", 10, 100)
        raise failure

    monkeypatch.setattr(models_module, "import_model", fail)
    got, out, err = say("models", "import", "/models/large", "--name", "large")
    assert (got, out) == (status, "")
    assert err.splitlines() == ["Importing large: 10 %, 10 bytes of 100 bytes", f"potluck-engine: {sentence}"]


def test_what_an_import_is_told(say, store, monkeypatch):
    jobs = []

    def bring(job, store, progress, cancelled):
        jobs.append(job)
        return stored_model(store, job.name or "tiny")

    monkeypatch.setattr(models_module, "import_model", bring)
    assert say("models", "import", "/models/x")[1] == "tiny is in the layer store: 3 layers, 12 MB.\n"
    _, out, _ = say("models", "import", "owner/name", "--revision", "v1", "--name", "large", "--json")
    assert StoredModel.model_validate_json(out).name == "large"
    assert [(job.text, job.name) for job in jobs] == [("/models/x", None), ("hub:owner/name@v1", "large")]
    for option, value in (("--revision", "../.."), ("--name", "two\nlines")):
        status, _, err = say("models", "import", "owner/name", option, value)
        assert status == 1
        assert err == f"potluck-engine: “{value}” is no model's {option[2:]}: write another.\n"


# --- layers


def test_moving_the_layers(say, store, tmp_path: Path):
    manifest = stored_model(store)
    status, out, _ = say("layers", "move", str(tmp_path / "disk"))
    assert (status, out.splitlines()[-1]) == (0, f"The layers are in {tmp_path / 'disk'} now.")
    assert LayerStore(Settings().paths.layer_store).complete(manifest)
    assert not store.root.exists()
    status, _, err = say("layers", "move", str(tmp_path / "disk" / "deeper"))
    assert status == 1
    assert "choose a folder elsewhere" in err
    moved = StoreStatus.model_validate_json(say("layers", "move", str(store.root), "--json")[1])
    assert moved.path == str(store.root)


def test_the_layers_stay_while_an_engine_runs(say, store, tmp_path: Path):
    manifest = stored_model(store)
    with single_instance(Settings().paths.lock_file):
        status, _, err = say("layers", "move", str(tmp_path / "disk"))
    assert status == 1
    assert "the Layers page, or end it first with `potluck-engine quit`" in err
    assert store.complete(manifest)


def test_layers_model_by_model(say, store):
    manifest = stored_model(store, n_layers=5, here=3)
    with store.in_use(manifest.layers[:1]):
        _, out, _ = say("layers")
    lines = out.splitlines()
    assert lines[0] == f"Layer store: {store.root}"
    assert lines[1].startswith("It holds 12 MB and may hold ")
    assert lines[2:] == [
        "",
        "tiny, 18 MB",
        "  shell       3.0 MB  here",
        "  layer 1     3.0 MB  in use   used today",
        "  layers 2–3  6.0 MB  here     used today",
        "  layers 4–5  6.0 MB  missing",
    ]
    status = StoreStatus.model_validate_json(say("layers", "list", "--json")[1])
    assert [layer.present for layer in status.models[0].layers] == [True, True, True, False, False]


def test_the_limit(say, store):
    manifest = stored_model(store)
    assert say("layers", "limit")[1].endswith("half of what the disk has free.\n")
    assert say("layers", "limit", "50GB")[1] == "The store holds 12 MB and may hold 50 GB.\n"
    os.utime(store.path(manifest.layers[1]), (0, 0))
    assert say("layers", "limit", "10MB")[1].splitlines() == [
        "3.0 MB of the least used layers were removed.",
        "The store holds 9.0 MB and may hold 10 MB.",
    ]
    assert not store.has(manifest.layers[1])
    store.keep(manifest.digest, True)
    assert "what is in use or kept stays" in say("layers", "limit", "1MB")[1]
    assert StoreStatus.model_validate_json(say("layers", "limit", "none", "--json")[1]).limit_chosen is False


def test_what_is_no_limit(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["layers", "limit", "50GiB"])
    assert "“50GiB” is no size: write one such as 50GB or 800MB, or none" in capsys.readouterr().err


def test_clearing(say, store):
    kept, other = stored_model(store, "kept"), stored_model(store, "other", seed=1)
    store.keep(kept.digest, True)
    assert say("layers", "clear")[1] == "9.0 MB are free again.\n"
    assert store.complete(kept)
    assert not any(map(store.has, other.layers))
    assert json.loads(say("layers", "clear", "--json")[1]) == {"size": 0}


@pytest.mark.parametrize(("answer", "status", "left"), [("y", 0, 0), ("", 1, 4), ("n", 1, 4)])
def test_in_a_terminal_clearing_asks_first(say, store, monkeypatch, answer, status, left):
    manifest = stored_model(store)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert say("layers", "clear")[0] == status
    assert sum(map(store.has, (manifest.shell, *manifest.layers))) == left


# --- wording


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def served(name: str, digest: str, n_layers: int, servers: int) -> ModelInfo:
    """Its first two layers, by so many servers."""
    covered = ((0, 2),) if servers else ()
    return ModelInfo(
        name=name, digest=digest, n_layers=n_layers, context=9, local=False, covered=covered, servers=servers
    )


def test_models_of_the_swarm_beside_those_of_this_computer(store):
    half = stored_model(store, "half", here=2)
    [stored] = store_status(store.root, store.usage()).models
    swarm = [
        ModelInfo(
            name="half", digest=half.digest, n_layers=3, context=9, local=True, covered=((0, 2),), servers=1
        ),
        ModelInfo(
            name="far", digest="0" * 64, n_layers=2, context=9, local=False, covered=((0, 2),), servers=2
        ),
        ModelInfo(name="lost", digest="1" * 64, n_layers=2, context=9, local=False),
    ]
    assert models_text(known_models([stored], swarm), engine_runs=True).splitlines() == [
        "MODEL  DOES    LAYERS  ON THIS COMPUTER             IN THE SWARM",
        "half   writes  3       layers 1–2, 9.0 MB of 12 MB  lacks 3, 1 server",
        "far    –       2       –                            can answer, 2 servers",
        "lost   –       2       –                            nobody serves it",
    ]


def test_what_belongs_to_no_model_is_told(store):
    status = store_status(store.root, store.usage()).model_copy(update={"orphan_size": 25 * 10**6})
    lines = store_text(status, now=0).splitlines()
    assert lines[2] == "25 MB of it belong to no model here, and go first where room is needed."


def test_transfers_in_flight(store):
    transfer = Transfer(
        id="1", kind=TransferKind.FETCH, model="tiny", layers=(0, 4), done_bytes=25 * 10**6,
        total_bytes=100 * 10**6, bytes_per_s=5e6,
    )  # fmt: skip
    words = "Fetching tiny, layers 1–4: 25 %, 25 MB of 100 MB, 5.0 MB/s, 15 s left"
    assert transfer_text(transfer) == words
    status = store_status(store.root, store.usage(), (transfer,))
    assert store_text(status, now=0).splitlines()[-1] == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (200, "3 min 20 s"),
        (4320, "1 h 12 min"),
        (180_000, "50 h"),
    ],
)
def test_durations(seconds, words):
    assert duration_in_words(seconds) == words


def test_figures_and_bar():
    assert figures(122_000_000, 271_000_000, 35e6) == "45 %, 122 MB of 271 MB, 35 MB/s, 4 s left"
    assert figures(5, 10, 0) == "50 %, 5 bytes of 10 bytes"
    assert [bar(share).count("━") for share in (0, 0.5, 1, 2)] == [0, 10, 20, 20]


# --- progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_in_a_terminal_one_line_is_rewritten(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    terminal, clock = Terminal(), Clock()
    line = ProgressLine("Importing tiny", terminal, clock)
    for clock.now in range(4):
        line("copying", clock.now * LAYER_BYTES, 3 * LAYER_BYTES)
    line.close()
    assert "\n" not in terminal.getvalue()
    shown = terminal.getvalue().split("\r\x1b[K")
    assert shown[0] == shown[-1] == ""
    assert all(len(text) < 60 for text in shown)
    assert shown[3].startswith("Importing tiny  ━━━━━━━━━━━━━╌╌╌╌╌╌╌  66 %, 6.0 MB of")


def test_elsewhere_few_lines_are_said():
    plain, clock = io.StringIO(), Clock()
    line = ProgressLine("Importing tiny", plain, clock)
    line("opening", 0, 1)
    line("checking", 0, 1)
    for clock.now in range(25):
        line("copying", clock.now * 10**6, 24 * 10**6)
    line.close()
    assert plain.getvalue().splitlines() == [
        "Importing tiny: opening …",
        "Importing tiny: checking whether it can be cut into layers …",
        "Importing tiny: 0 %, 0 bytes of 24 MB",
        "Importing tiny: 41 %, 10 MB of 24 MB, 1.0 MB/s, 14 s left",
        "Importing tiny: 83 %, 20 MB of 24 MB, 1.0 MB/s, 4 s left",
    ]


def test_ctrl_c_asks_first_and_insists_the_second_time():
    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_ctrl_c() as stopped:
        assert not stopped()
        os.kill(os.getpid(), signal.SIGINT)
        assert stopped()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
