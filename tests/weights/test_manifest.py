import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.errors import BadModelFile
from engine.weights.manifest import MAX_JSON_BYTES, Manifest, Part

PART = Part("ab" * 32, 10)
OTHER = Part("cd" * 32, 20)


def a_manifest(**changes):
    values = {
        "name": "Small",
        "config": {"model_type": "llama", "max_position_embeddings": 64},
        "context": 64,
        "stack_path": "model.layers",
        "files": {"tokenizer.json": PART},
        "shell": PART,
        "layers": (PART, OTHER),
        "dtype": "float32",
    } | changes
    counts = {"cache_values": 8, "matrix_values": 2, "matrix_rows": 1}
    per_layer = {name: (count,) * len(values["layers"]) for name, count in counts.items()}
    return Manifest(**(per_layer | values))


def changed(path: list, value) -> bytes:
    """The JSON of a good manifest with one value replaced."""
    data = json.loads(a_manifest().to_json())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(data).encode()


def test_json_round_trip_keeps_everything():
    manifest = a_manifest(generation={"eos_token_id": [1, 2]})
    again = Manifest.from_json(manifest.to_json())
    assert again == manifest
    assert again.digest == manifest.digest
    assert again.to_json() == manifest.to_json()


def test_digest_ignores_the_display_name_and_the_order_of_keys_alone():
    manifest = a_manifest()
    turned = a_manifest(config=dict(reversed(manifest.config.items())))
    assert a_manifest(name="Other").digest == turned.digest == manifest.digest
    assert a_manifest(layers=(OTHER, PART)).digest != manifest.digest
    assert a_manifest(config={"model_type": "mistral"}).digest != manifest.digest


def test_parts_are_all_parts():
    manifest = a_manifest(files={"b.json": OTHER, "a.json": PART})
    assert manifest.parts() == (PART, OTHER, PART, PART, OTHER)
    assert manifest.n_layers == 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["name"], ""),
        (["name"], "a\nb"),
        (["name"], "x" * 201),
        (["name"], "\x9b2J"),
        (["name"], "soup \u202e puos"),
        (["format"], 2),
        (["kind"], "tabular"),
        (["context"], 0),
        (["cache_values"], [1]),
        (["cache_values", 0], -1),
        (["matrix_values"], [4]),
        (["matrix_values", 0], 11),
        (["matrix_rows"], [2, 2, 2]),
        (["matrix_rows", 1], 5),
        (["surprise"], 1),
        (["stack_path"], "model..layers"),
        (["stack_path"], "model.layers\n"),
        (["dtype"], "int8"),
        (["layers"], []),
        (["layers"], [{"digest": "ab" * 32, "size": 1}] * 4097),
        (["layers", 0, "digest"], "AB" * 32),
        (["layers", 0, "digest"], "../" + "a" * 61),
        (["layers", 0, "size"], -1),
        (["layers", 0, "size"], 2**41),
        (["layers", 0, "size"], "10"),
        (["layers", 0, "more"], 1),
        (["files"], {"../evil": {"digest": "ab" * 32, "size": 1}}),
        (["files"], {"/etc/evil": {"digest": "ab" * 32, "size": 1}}),
        (["files"], {"a/b/c": {"digest": "ab" * 32, "size": 1}}),
        (["files"], {"a\\b": {"digest": "ab" * 32, "size": 1}}),
        (["files"], {".hidden": {"digest": "ab" * 32, "size": 1}}),
        (["files"], {f"f{n}": {"digest": "ab" * 32, "size": 1} for n in range(65)}),
        (["files"], {"vocab.txt": {"digest": "ab" * 32, "size": 2**29}}),
        (["files"], {name: {"digest": "ab" * 32, "size": 1} for name in ("a", "a/b")}),
        (["config"], {"value": float("nan")}),
        (["generation"], {"value": float("inf")}),
        (["config"], []),
    ],
)
def test_what_breaks_the_bounds_is_refused(path, value):
    with pytest.raises(BadModelFile, match=r"^This model's manifest cannot be read \(.+\)\.$"):
        Manifest.from_json(changed(path, value))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"name": "\\ud800"}'])
def test_what_is_no_manifest_is_refused(data):
    with pytest.raises(BadModelFile):
        Manifest.from_json(data)


def test_too_long_json_is_refused_before_it_is_parsed():
    with pytest.raises(BadModelFile, match="too large"):
        Manifest.from_json(b" " * MAX_JSON_BYTES + a_manifest().to_json())


@given(st.binary(max_size=200))
def test_no_bytes_surprise_the_parser(data):
    with pytest.raises(BadModelFile):
        Manifest.from_json(data)


@given(st.data())
def test_no_damaged_manifest_surprises_the_parser(data):
    good = a_manifest().to_json()
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(max_size=3)) + good[at + 1 :]
    try:
        manifest = Manifest.from_json(bad)
    except BadModelFile:
        return
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_a_part_is_checked_here_too():
    with pytest.raises(ValidationError):
        Part("nonsense", 1)


def test_listing_models_needs_no_torch():
    code = (
        "import sys, engine.weights.manifest, engine.weights.store.layer_store, engine.weights.starter;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'hivemind')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
