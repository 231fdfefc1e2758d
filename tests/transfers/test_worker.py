"""The worker as a function: what it says of jobs that end well and of those that do not."""

import json
from pathlib import Path

import pytest

from engine.errors import DiskFull, Stopped
from engine.transfers import worker
from engine.transfers.jobs import (
    JOB,
    ExportJob,
    ImportJob,
    MoveJob,
    RefillJob,
    StarterJob,
    VerifyJob,
    perform,
)
from engine.weights.imports import importing
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.origins import save_origin
from tests.stored_models import stored_model


@pytest.fixture(autouse=True)
def stdin(monkeypatch: pytest.MonkeyPatch):
    """One that does not end: a worker whose standard input ends, ends."""
    monkeypatch.setattr(worker, "_stop_when_stdin_ends", lambda cancelled: None)


@pytest.mark.parametrize(
    "job",
    [
        ImportJob(source="/x", name="x"),
        StarterJob(),
        RefillJob(model="0" * 64),
        VerifyJob(),
        MoveJob(folder="/x"),
    ],
)
def test_jobs_travel_as_text(job):
    assert JOB.validate_json(job.model_dump_json()) == job


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_progress_then_the_outcome(tmp_path: Path, capsys):
    stored_model(LayerStore(tmp_path))
    assert worker.main(str(tmp_path), '{"kind": "verify"}') == 0
    first, *_, last_step, outcome = lines(capsys)
    assert first == {"phase": "reading", "done": 0, "total": 12_000_002}
    assert last_step["done"] == last_step["total"]
    assert outcome["outcome"]["text"] == "Nothing is damaged: 5 parts, 12 MB."


@pytest.mark.parametrize(
    ("failure", "code"), [(DiskFull("The disk is full."), "disk_full"), (Stopped("Stopped."), "stopped")]
)
def test_a_failure_is_told(tmp_path: Path, capsys, monkeypatch, failure, code):
    def fail(*_):
        raise failure

    monkeypatch.setattr(worker, "perform", fail)
    assert worker.main(str(tmp_path), '{"kind": "starter"}') == 1
    [said] = lines(capsys)
    assert (said["failure"]["message"], said["failure"]["code"]) == (str(failure), code)


@pytest.mark.parametrize("source", ["owner/name", "hub:owner/name"])
def test_a_revision_is_of_a_hub(source):
    assert ImportJob(source=source, revision="v1").text == "hub:owner/name@v1"


def test_a_refill_reads_what_was_asked_for_and_is_missing(tmp_path: Path, monkeypatch):
    store = LayerStore(tmp_path)
    manifest = stored_model(store, n_layers=4, here=1)
    save_origin(store, manifest.digest, "folder:/soup")
    seen: list[list[int]] = []
    monkeypatch.setattr(importing, "refill", lambda *given: seen.append(given[3]))
    job = RefillJob(model=manifest.digest, layers=(0, 2), shell=True)
    perform(job, store, lambda *_: None, lambda: False)
    assert seen == [[2]]


def test_a_model_whose_source_is_forgotten(tmp_path: Path, capsys):
    manifest = stored_model(LayerStore(tmp_path))
    assert worker.main(str(tmp_path), RefillJob(model=manifest.digest).model_dump_json()) == 1
    assert "import it again" in lines(capsys)[-1]["failure"]["message"]


def test_an_export_that_goes_well(tmp_path: Path, capsys, monkeypatch):
    from engine.weights.imports import exporting

    manifest = stored_model(LayerStore(tmp_path), "soup")
    exported = []
    monkeypatch.setattr(
        exporting, "export_model", lambda manifest, store, folder, *_: exported.append(folder)
    )
    job = ExportJob(model=manifest.digest, folder="/data/soup")
    assert worker.main(str(tmp_path), job.model_dump_json()) == 0
    assert exported == [Path("/data/soup")]
    assert lines(capsys)[-1]["outcome"]["text"] == "soup is in /data/soup."
