"""The importing process, with small scripts in its place."""

import sys
from pathlib import Path

import pytest

from engine.errors import BadModelFile, DiskFull, EngineError
from engine.preparation import percent_of, prepare_starter
from engine.weights.starter import STARTER_NAME
from engine.weights.store.layer_store import LayerStore

IMPORTS = f"""
import sys
from pathlib import Path
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
store = LayerStore(Path(sys.argv[1]))
print('{{"phase": "copying", "done": 0, "total": 7}}', flush=True)
part = store.put(b"weights")
manifest = Manifest(name="{STARTER_NAME}", config={{}}, stack_path="model.layers", files={{}}, shell=part,
                    layers=(part,), context=64, cache_values=(0,), matrix_values=(0,), matrix_rows=(0,),
                    dtype="float32")
store.save_manifest(manifest)
print('{{"phase": "copying", "done": 7, "total": 7}}', flush=True)
print('{{"outcome": "It is in the layer store."}}', flush=True)
"""
OLDER = """{"format": 2, "name": "SmolLM2-135M-Instruct"}"""
FILLS_THE_DISK = """
print('{"failure": {"message": "The disk is full.", "type": "import", "code": "disk_full"}}')
raise SystemExit(1)
"""
LIES = """print('{"outcome": "It is in the layer store."}')"""
FALLS = "import sys; print('not a step'); sys.exit('out of luck')"


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


async def test_a_model_is_imported_once_with_its_progress(tmp_path: Path):
    store, seen = LayerStore(tmp_path), []
    first = await prepare_starter(store, seen.append, script(IMPORTS))
    again = await prepare_starter(store, seen.append, script(FALLS))
    assert first.name == STARTER_NAME
    assert again == first
    assert seen == [40, 100]


async def test_a_model_of_an_older_format_is_imported_again(tmp_path: Path):
    store = LayerStore(tmp_path)
    older = tmp_path / "manifests" / f"{'ab' * 32}.json"
    older.parent.mkdir()
    older.write_text(OLDER)
    manifest = await prepare_starter(store, lambda percent: None, script(IMPORTS))
    assert store.manifests() == (manifest,)


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (FILLS_THE_DISK, DiskFull, "The disk is full."),
        (FALLS, EngineError, r"broke off \(status 1, out of luck\)"),
        (LIES, BadModelFile, "does not hold all of it"),
    ],
)
async def test_what_goes_wrong_is_named(tmp_path: Path, text, kind, sentence):
    with pytest.raises(kind, match=sentence):
        await prepare_starter(LayerStore(tmp_path), lambda percent: None, script(text))


async def test_a_process_that_cannot_be_started_is_named(tmp_path: Path):
    with pytest.raises(EngineError, match=r"cannot be started \(No such file or directory\): close other"):
        await prepare_starter(LayerStore(tmp_path), lambda percent: None, (str(tmp_path / "absent"),))


@pytest.mark.parametrize(
    ("news", "percent"),
    [
        (("opening", 0, 1), 10),
        (("checking", 0, 1), 30),
        (("copying", 0, 100), 40),
        (("copying", 50, 100), 70),
        (("copying", 100, 100), 100),
        (("copying", 0, 0), 40),
    ],
)
def test_percent_of_the_whole_import(news, percent):
    assert percent_of(*news) == percent
