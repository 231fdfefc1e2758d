"""A folder on this computer that holds a Hugging Face model as safetensors."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadModelFile, reason_of
from engine.weights.sources.checkpoint import Source
from engine.weights.sources.safetensors import LocalFile, SafetensorsCheckpoint

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


@contextmanager
def open_folder(path: Path) -> Iterator[Source]:
    """Raises BadModelFile."""
    if not (path / "config.json").is_file():
        raise BadModelFile(
            said("{path} holds no config.json: choose the folder of a Hugging Face model.", path=path)
        )
    weights = weight_files(path)
    with ExitStack() as stack:
        files = [_opened(file, stack) for file in weights]
        yield Source(
            name=path.resolve().name,
            origin=f"folder:{path.resolve()}",
            key=key_of([path / "config.json", *weights]),
            folder=path,
            checkpoint=SafetensorsCheckpoint(files),
        )


def weight_files(path: Path) -> list[Path]:
    """The files of a model's folder: those of the index, or the single one. Raises BadModelFile."""
    if (path / INDEX).is_file():
        return [path / name for name in shards_in((path / INDEX).read_bytes())]
    if (path / SINGLE).is_file():
        return [path / SINGLE]
    found = sorted(path.glob("*.safetensors"))
    if not found:
        raise BadModelFile(_why_none(path))
    if len(found) > 1:
        raise BadModelFile(
            said(
                "{path} holds {found} safetensors files but no {index}: download it again.",
                path=path,
                found=len(found),
                index=INDEX,
            )
        )
    return found


def shards_in(index: bytes) -> list[str]:
    """The names of the files that an index lists. Raises BadModelFile."""
    try:
        names = sorted(set(json.loads(index)["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        names = []
    if not names or not all(_is_plain(name) for name in names):
        raise BadModelFile(said("The model's {index} cannot be read: download it again.", index=INDEX))
    return names


def _is_plain(name: object) -> bool:
    """Whether this names a file beside the index, and nothing elsewhere."""
    return isinstance(name, str) and name.endswith(".safetensors") and Path(name).name == name


def _why_none(path: Path) -> str:
    if any(file.suffix in PICKLES for file in path.iterdir()):
        return (
            f"{path} holds its weights as pickle files, which can run code and stay shut: "
            "choose the same model as safetensors."
        )
    return f"{path} holds no safetensors file: choose the folder of a Hugging Face model."


def _opened(path: Path, stack: ExitStack) -> LocalFile:
    try:
        file = LocalFile(path)
    except OSError as error:
        raise BadModelFile(
            said(
                "{path} cannot be opened ({reason}): download the model again.",
                path=path,
                reason=reason_of(error),
            )
        ) from error
    stack.callback(file.close)
    return file


def key_of(paths: list[Path]) -> str:
    """Another one as soon as one of the files is another, or is written again."""
    facts = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
