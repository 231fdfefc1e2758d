"""Repositories on a model hub: what is fetched, what is done about faults, and what people are told."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine.errors import (
    BadModelFile,
    BadRequest,
    HubAccessDenied,
    HubEntryMissing,
    HubUnreachable,
    PotluckError,
    Stopped,
)
from engine.weights.sources import hub as hub_module
from engine.weights.sources import ranges as ranges_module
from engine.weights.sources import repository as repository_module
from engine.weights.sources.checkpoint import Source
from engine.weights.sources.folder import open_folder
from engine.weights.sources.hub import Place, in_rows, open_repository
from engine.weights.sources.ranges import Patience, RangeReader, pause_after
from engine.weights.tensorfile import Entry
from tests.hub_server import Fault, HubServer, only_hub
from tests.weights.small_models import small_model

REPO = "table/small"
SINGLE = "model.safetensors"
HASTY = Patience(timeout=5.0, attempts=3, pause=0.01, longest_pause=0.05)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same model in one file and in several, with what lies beside it in a repository."""
    root = tmp_path_factory.mktemp("models")
    for name, size in {"single": "1GB", "sharded": "40KB"}.items():
        small_model("llama").save_pretrained(root / name, max_shard_size=size)
        (root / name / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
        (root / name / "1_Pooling").mkdir()
        (root / name / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
        (root / name / "modeling_small.py").write_text("raise SystemExit('code of a stranger')")
        (root / name / "README.md").write_text("# Small")
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with only_hub(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def opened(hub: HubServer, folders: dict[str, Path]) -> Iterator[Source]:
    """The model in one file, found and described; the counts start after that."""
    hub.push(REPO, folders["single"])
    with open_repository(REPO, patience=HASTY) as source:
        hub.forget()
        yield source


def names_of_layer(source: Source, layer: int) -> list[str]:
    return [name for name in source.checkpoint.entries if name.startswith(f"model.layers.{layer}.")]


def check_equal(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def check_layer(source: Source, folder: Path, layer: int) -> int:
    """The layer reads as from the folder. Returns its bytes."""
    names = names_of_layer(source, layer)
    with open_folder(folder) as other:
        check_equal(source.checkpoint.read(names), other.checkpoint.read(names))
    return sum(source.checkpoint.entries[name].nbytes for name in names)


def test_the_hub_of_the_tests_serves_the_real_client(hub, folders, tmp_path):
    commit = hub.push(REPO, folders["single"])
    api = HfApi(token=False)
    info = api.model_info(REPO, files_metadata=True)
    sizes = {path.name: path.stat().st_size for path in folders["single"].iterdir() if path.is_file()}
    assert info.sha == commit
    assert {file.rfilename: file.size for file in info.siblings}.items() >= sizes.items()
    for name in ("config.json", SINGLE):
        path = hf_hub_download(REPO, name, cache_dir=tmp_path / "cache", token=False)
        assert Path(path).read_bytes() == (folders["single"] / name).read_bytes()
        assert commit in path
    tensors = api.get_safetensors_metadata(REPO, revision=commit).files_metadata[SINGLE].tensors
    with open_folder(folders["single"]) as source:
        assert tensors.keys() == source.checkpoint.entries.keys()


def test_the_hub_of_the_tests_refuses_as_the_real_client_expects(hub, folders):
    hub.push(REPO, folders["single"], access="gated")
    api = HfApi(token=False)
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("table/absent")
    with pytest.raises(RevisionNotFoundError):
        api.model_info(REPO, revision="absent")
    with pytest.raises(GatedRepoError):
        api.parse_safetensors_file_metadata(REPO, SINGLE)
    with pytest.raises(EntryNotFoundError):
        api.parse_safetensors_file_metadata(REPO, "absent.safetensors", token=hub.token)
    assert api.parse_safetensors_file_metadata(REPO, SINGLE, token=hub.token).tensors


@pytest.mark.parametrize("kind", ["single", "sharded"])
def test_a_repository_holds_what_the_folder_holds(hub, folders, kind):
    commit = hub.push(REPO, folders[kind])
    with open_repository(REPO) as source, open_folder(folders[kind]) as folder:
        assert (source.name, source.origin) == ("small", f"hub:{REPO}@{commit}")
        assert source.checkpoint.entries == folder.checkpoint.entries
        names = list(folder.checkpoint.entries)
        check_equal(source.checkpoint.read(names), folder.checkpoint.read(names))


def test_small_files_come_whole_and_code_stays_away(opened, folders):
    here = {path.relative_to(opened.folder).as_posix() for path in opened.folder.rglob("*") if path.is_file()}
    assert here == {
        "config.json",
        "generation_config.json",
        "tokenizer_config.json",
        "1_Pooling/config.json",
    }
    for name in here:
        assert (opened.folder / name).read_bytes() == (folders["single"] / name).read_bytes()


def test_nothing_is_kept_when_a_repository_is_closed(hub, folders, tmp_path):
    hub.push(REPO, folders["single"])
    with open_repository(REPO) as source:
        source.checkpoint.read(names_of_layer(source, 0))
        folder = source.folder
    assert not folder.exists()
    assert not list(tmp_path.iterdir())


def test_of_the_weights_only_the_wanted_bytes_are_fetched(opened, hub, folders):
    size = check_layer(opened, folders["single"], 1)
    assert hub.served == {SINGLE: size}
    assert len(hub.asked_for(SINGLE, "cdn")) == 1


def test_of_several_files_only_those_that_hold_the_layer_are_touched(hub, folders):
    hub.push(REPO, folders["sharded"])
    with open_repository(REPO) as source:
        hub.forget()
        size = check_layer(source, folders["sharded"], 2)
    index = json.loads((folders["sharded"] / repository_module.INDEX).read_text())["weight_map"]
    assert set(hub.served) == {index[name] for name in names_of_layer(source, 2)}
    assert len(hub.served) < len(set(index.values()))
    assert hub.served.total() == size


def test_opening_reads_the_headers_of_the_weights_and_no_more(hub, folders, monkeypatch):
    monkeypatch.setattr(hub_module, "HEADER_GUESS", 8)
    hub.push(REPO, folders["single"])
    with open_repository(REPO) as source:
        data = sum(entry.nbytes for entry in source.checkpoint.entries.values())
        assert hub.served[SINGLE] == (folders["single"] / SINGLE).stat().st_size - data


def test_a_revision_stays_what_it_was_when_it_was_opened(hub, folders):
    first = hub.push(REPO, folders["single"])
    with open_repository(REPO) as source:
        second = hub.push(REPO, {"config.json": b"{}", SINGLE: b"another model"})
        check_layer(source, folders["single"], 0)
    with open_repository(source.origin.removeprefix("hub:")) as again:
        assert (again.origin, again.key) == (source.origin, source.key)
        check_layer(again, folders["single"], 0)
    assert first != second


def test_a_branch_with_a_slash_is_found(hub, folders):
    hub.push(REPO, folders["single"])
    commit = hub.repositories[REPO].refs.pop("main")
    hub.repositories[REPO].refs["refs/pr/1"] = commit
    with open_repository(REPO, "refs/pr/1") as source:
        assert source.origin.endswith(commit)


def test_a_broken_connection_goes_on_where_it_broke(opened, hub, folders):
    hub.faults[SINGLE] = [Fault(break_after=100), Fault(break_after=1000)]
    size = check_layer(opened, folders["single"], 0)
    starts = [request.headers["Range"].split("-")[0] for request in hub.asked_for(SINGLE, "cdn")]
    first = int(starts[0].removeprefix("bytes="))
    assert starts == [f"bytes={at}" for at in (first, first + 100, first + 1100)]
    assert hub.served == {SINGLE: size}


def test_large_reads_go_in_several_requests(opened, hub, folders, monkeypatch):
    monkeypatch.setattr(ranges_module, "PIECE_BYTES", 1000)
    size = check_layer(opened, folders["single"], 0)
    assert len(hub.asked_for(SINGLE, "cdn")) == -(-size // 1000)
    assert hub.served == {SINGLE: size}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(status=429, headers={"Retry-After": "1"}),
        Fault(break_after=0),
        Fault(wait=1.5),
    ],
    ids=["unavailable", "too-many", "broken", "silent"],
)
def test_a_passing_fault_is_waited_out(hub, folders, fault):
    hub.push(REPO, folders["single"])
    patience = Patience(timeout=1.0, attempts=3, pause=0.01, longest_pause=0.05)
    with open_repository(REPO, patience=patience) as source:
        hub.faults[SINGLE] = [fault]
        check_layer(source, folders["single"], 0)
        assert not hub.faults[SINGLE]


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(break_after=0)], ids=["unavailable", "broken"])
def test_a_lasting_fault_is_told(opened, hub, fault):
    hub.faults[SINGLE] = [fault] * HASTY.attempts
    with pytest.raises(HubUnreachable, match="try again"):
        opened.checkpoint.read(names_of_layer(opened, 0))
    assert not hub.faults[SINGLE]


def test_a_refusal_is_not_asked_for_twice(opened, hub):
    hub.faults[SINGLE] = [Fault(status=403)]
    with pytest.raises(HubAccessDenied, match="does not let"):
        opened.checkpoint.read(names_of_layer(opened, 0))
    assert len(hub.asked_for(SINGLE, "cdn")) == 1


def test_a_server_that_ignores_ranges_is_read_in_passing(opened, hub, folders):
    hub.ignores_ranges = True
    check_layer(opened, folders["single"], 1)


def test_a_server_that_ignores_ranges_is_not_read_in_vain_for_long(opened, hub, monkeypatch):
    hub.ignores_ranges = True
    monkeypatch.setattr(ranges_module, "MAX_SKIP", 1000)
    with pytest.raises(HubUnreachable, match="download the model's folder"):
        opened.checkpoint.read(names_of_layer(opened, 2))


@pytest.mark.parametrize("answered", ["bytes 0-9/100", "bytes 5-14/100", "", "all"])
def test_an_answer_of_other_bytes_is_refused(opened, hub, answered):
    hub.faults[SINGLE] = [Fault(status=206, headers={"Content-Range": answered})]
    with pytest.raises(HubUnreachable, match="other bytes"):
        opened.checkpoint.read(names_of_layer(opened, 2))


def test_the_token_goes_to_the_hub_and_nowhere_else(hub, folders, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", hub.token)
    hub.push(REPO, folders["single"], access="private")
    with open_repository(REPO) as source:
        check_layer(source, folders["single"], 0)
    sent = {(request.host, request.headers.get("Authorization")) for request in hub.requests}
    assert sent == {("hub", f"Bearer {hub.token}"), ("cdn", None)}


def test_a_gated_repository_opens_with_a_token(hub, folders):
    hub.push(REPO, folders["single"], access="gated")
    with open_repository(REPO, token=hub.token) as source:
        check_layer(source, folders["single"], 2)


def test_the_endpoint_can_be_another_than_the_library_s(hub, folders):
    with HubServer() as other:
        other.push(REPO, folders["single"])
        with open_repository(REPO, endpoint=other.url + "/") as source:
            check_layer(source, folders["single"], 0)
    assert not hub.requests


def told(
    hub: HubServer, repo_id: str = REPO, revision: str | None = None, token: str | None = None
) -> PotluckError:
    """The error with which a repository does not open: one sentence."""
    with (
        pytest.raises(PotluckError) as caught,
        open_repository(repo_id, revision, endpoint=hub.url, token=token, patience=HASTY),
    ):
        pass
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return caught.value


@pytest.mark.parametrize(
    ("access", "token", "kind", "words"),
    [
        ("private", None, HubEntryMissing, "HF_TOKEN"),
        ("gated", None, HubAccessDenied, "accept its terms on http"),
        ("public", "hf_wrong", HubAccessDenied, "does not accept the token"),
    ],
)
def test_a_shut_repository_says_how_it_opens(hub, folders, access, token, kind, words):
    hub.push(REPO, folders["single"], access=access)
    error = told(hub, token=token)
    assert isinstance(error, kind)
    assert words in str(error)


def test_what_is_not_there_is_named(hub, folders):
    hub.push(REPO, folders["single"])
    for error, word in [
        (told(hub, "table/absent"), "table/absent"),
        (told(hub, "table/absent", token=hub.token), "table/absent"),
        (told(hub, revision="v9"), "v9"),
    ]:
        assert isinstance(error, HubEntryMissing)
        assert word in str(error)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({SINGLE: b""}, "no config.json"),
        ({"config.json": b"{}"}, "no safetensors"),
        ({"config.json": b"{}", "pytorch_model.bin": b"PK"}, "run code"),
        ({"config.json": b"{}", "small.Q4_0.gguf": b"GGUF"}, "small.Q4_0.gguf"),
        ({"config.json": b"{}", "a.safetensors": b"", "b.safetensors": b""}, "whole model"),
        ({"config.json": b"{}", "transformer/model.safetensors": b""}, "whole model"),
        ({"config.json": b"{}", SINGLE: b"\xff" * 100}, "header"),
        ({"config.json": b"{}", SINGLE: b"\x02" + b"\0" * 7 + b"[]"}, "header"),
        ({"config.json": b"{}", SINGLE: b""}, "header"),
        ({"config.json": b"{}", SINGLE + ".index.json": b"nothing"}, "index"),
        (
            {"config.json": b"{}", SINGLE + ".index.json": b'{"weight_map": {"a": "b.safetensors"}}'},
            "lacks b.safetensors",
        ),
        (
            {"config.json": b"{}", SINGLE + ".index.json": b'{"weight_map": {"a": "../b.safetensors"}}'},
            "cannot be read",
        ),
    ],
)
def test_a_repository_that_cannot_be_read_says_why(hub, files, words):
    hub.push(REPO, files)
    error = told(hub)
    assert isinstance(error, BadModelFile)
    assert words in str(error)


def test_files_outside_of_the_folder_are_left_alone(hub, folders):
    good = {path.name: path.read_bytes() for path in folders["single"].iterdir() if path.is_file()}
    bad = (
        "../tokenizer.json",
        "/tokenizer.json",
        ".tokenizer.json",
        "1_Pooling/../config.json",
        "a\\vocab.txt",
    )
    hub.push(REPO, good | {name: b"{}" for name in bad})
    with open_repository(REPO) as source:
        assert not {path.name for path in source.folder.parent.glob("tokenizer.json")}
        assert not [request for request in hub.requests if request.path in bad]


@pytest.mark.parametrize(("limit", "value"), [("MAX_SMALL_FILE", 50), ("MAX_SMALL_FILES", 200)])
def test_files_too_large_for_their_names_are_not_fetched(hub, folders, monkeypatch, limit, value):
    monkeypatch.setattr(repository_module, limit, value)
    hub.push(REPO, folders["single"])
    assert "too large" in str(told(hub))
    assert not hub.served["config.json"]


def test_headers_too_long_for_memory_are_not_fetched(hub, folders, monkeypatch):
    monkeypatch.setattr(hub_module, "HEADER_GUESS", 8)
    monkeypatch.setattr(hub_module, "MAX_HEADERS", 100)
    hub.push(REPO, folders["single"])
    assert "too many tensors" in str(told(hub))
    assert hub.served[SINGLE] == 8


def test_a_server_that_is_no_hub_is_named(hub, folders, monkeypatch):
    hub.push(REPO, folders["single"])
    hub.states_sizes = False
    assert "HF_ENDPOINT" in str(told(hub))
    hub.states_sizes = True
    monkeypatch.setattr(repository_module, "MAX_DESCRIPTION", 100)
    assert "larger than 100 bytes" in str(told(hub))


def test_a_hub_that_is_not_there_is_named(hub, monkeypatch):
    with HubServer() as gone:
        pass
    error = told(gone)
    assert isinstance(error, HubUnreachable)
    assert gone.url.removeprefix("http://") in str(error)


def test_the_switch_that_keeps_hubs_shut_is_named(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in str(told(hub))
    assert not hub.requests


@pytest.mark.parametrize(
    "repo_id", ["", "a/b/c", "a/b/c/d", "a/../b.gguf", "../etc", "a b", "a/b@", "https://huggingface.co/a/b"]
)
def test_names_that_no_repository_has_are_refused_here(hub, repo_id):
    assert isinstance(told(hub, repo_id), BadRequest)
    assert not hub.requests


@pytest.mark.parametrize("revision", ["", "a\nb", "x" * 300])
def test_names_that_no_revision_has_are_refused_here(hub, revision):
    assert isinstance(told(hub, revision=revision), BadRequest)
    assert not hub.requests


def test_closing_ends_a_long_wait(hub, folders):
    commit = hub.push(REPO, folders["single"])
    hub.faults[SINGLE] = [Fault(status=429, headers={"Retry-After": "300"})] * 2
    waiting = threading.Event()
    with RangeReader({}, Patience()) as reader:
        url = f"{hub.url}/{REPO}/resolve/{commit}/{SINGLE}"
        read = _in_thread(lambda: reader.read(url, 0, 10), waiting)
        while not hub.asked_for(SINGLE, "cdn"):
            waiting.wait(0.01)
    thread, failures = read
    thread.join(timeout=30)
    assert [type(failure) for failure in failures] == [Stopped]


def _in_thread(
    action: Callable[[], object], started: threading.Event
) -> tuple[threading.Thread, list[BaseException]]:
    failures: list[BaseException] = []

    def run() -> None:
        started.set()
        try:
            action()
        except PotluckError as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failures


@pytest.mark.parametrize(
    ("failures", "headers", "seconds"),
    [
        (1, {}, 0.5),
        (3, {}, 2.0),
        (9, {}, 60.0),
        (1, {"Retry-After": "7"}, 7.0),
        (1, {"Retry-After": "99999"}, 60.0),
        (1, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.5),
        (1, {"RateLimit": '"resolvers";r=0;t=55'}, 55.0),
        (1, {"RateLimit": '"resolvers";r=3;t=55'}, 0.5),
    ],
)
def test_pauses_grow_and_listen_to_the_server(failures, headers, seconds):
    assert pause_after(failures, Patience(pause=0.5, longest_pause=60.0), headers) == seconds


def place(file: str, start: int, stop: int) -> Place:
    return Place(file, start, Entry(dtype="U8", shape=(stop - start,), data_offsets=(start, stop)))


@pytest.mark.parametrize(
    ("places", "rows"),
    [
        ({}, []),
        ({"b": place("1", 4, 9), "a": place("1", 0, 4)}, [["a", "b"]]),
        ({"a": place("1", 0, 4), "b": place("1", 5, 9)}, [["a"], ["b"]]),
        ({"a": place("1", 0, 4), "b": place("2", 4, 9)}, [["a"], ["b"]]),
        ({"a": place("1", 4, 9), "b": place("1", 4, 4), "c": place("1", 0, 4)}, [["c", "b", "a"]]),
    ],
)
def test_what_lies_side_by_side_is_one_request(places, rows):
    assert in_rows(places) == rows
