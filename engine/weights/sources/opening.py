"""Find a model by what a person types: a path, an installed package, or a repository."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.weights.sources.checkpoint import Source
from engine.weights.sources.folder import PICKLES, open_folder
from engine.weights.sources.package import model_in


def open_source(text: str) -> AbstractContextManager[Source]:
    """A folder, a .gguf file, `package:NAME`, a hub's `owner/name[@revision]` or `hub:owner/name/file.gguf`.

    Also what a source's `origin` says. Raises BadModelFile, or a hub's kinds of failure.
    """
    scheme, colon, rest = text.partition(":")
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme](rest)
    path = Path(text).expanduser()
    if path.exists():
        return _open_path(path)
    if path.is_absolute() or text.startswith((".", "~")) or text.count("/") != 1:
        raise BadModelFile(
            said(
                "There is no file or folder {text}: choose a model's folder, a GGUF file, or a "
                "repository such as owner/name.",
                text=text,
            )
        )
    return _open_hub(text)


def _open_path(path: Path) -> AbstractContextManager[Source]:
    if path.is_dir():
        return open_folder(path)
    if path.suffix in PICKLES:
        raise BadModelFile(
            said(
                "{file} is a pickle file, which can run code and stays shut: choose the same model as "
                "safetensors.",
                file=path.name,
            )
        )
    return _open_gguf(path)


def _open_gguf(path: Path) -> AbstractContextManager[Source]:
    from engine.weights.sources.gguf import open_gguf  # gguf and what reads it: only where needed

    return open_gguf(path)


def _open_hub(text: str) -> AbstractContextManager[Source]:
    from engine.weights.sources.hub import open_repository  # the hub's client: only where needed

    repository, _, revision = text.partition("@")
    return open_repository(repository, revision or None)


@contextmanager
def _open_package(name: str) -> Iterator[Source]:
    """The origin names the package: its path differs between computers, and changes with updates."""
    with _open_path(model_in(name)) as source:
        yield replace(source, origin=f"package:{name}")


_SCHEMES = {
    "folder": lambda rest: open_folder(Path(rest)),
    "gguf": lambda rest: _open_gguf(Path(rest)),
    "package": _open_package,
    "hub": _open_hub,
}
