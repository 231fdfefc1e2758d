"""A GGUF file of a repository: its header in a file here, its tensors by ranges."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from transformers.integrations.gguf.reader import GgufHeader

from engine.api.sentences import said
from engine.errors import BadModelFile, HubEntryMissing
from engine.weights.sources.checkpoint import Source
from engine.weights.sources.gguf import open_gguf
from engine.weights.sources.hub_errors import in_words
from engine.weights.sources.ranges import RangeReader, Wanted
from engine.weights.sources.repository import Repository

FIRST_BYTES = 4 << 20  # asked for at first; the vocabulary is in the header
MAX_HEADER = 256 << 20  # bytes


class HubFile:
    """A file of a repository, of which any range can be read."""

    def __init__(self, repository: Repository, reader: RangeReader, path: str) -> None:
        """Raises HubEntryMissing."""
        if path not in repository.sizes:
            raise HubEntryMissing(
                said(
                    "{repository} has no file {path}: check the name.",
                    repository=repository.repo_id,
                    path=path[:200],
                )
            )
        self.name = path.rpartition("/")[2]
        self.size = repository.sizes[path]
        self._repository = repository
        self._reader = reader
        self._url = repository.url(path)

    def read_into(self, view: memoryview, start: int) -> None:
        """Raises HubError or Stopped."""
        with in_words(self._repository.repo_id, self._repository.commit, self._repository.endpoint):
            self._reader.fill([Wanted(self._url, start, view)])


@contextmanager
def open_hub_gguf(repository: Repository, reader: RangeReader, path: str, folder: Path) -> Iterator[Source]:
    """`folder` is for the header. Raises HubError, BadModelFile or UnsupportedModel."""
    file = HubFile(repository, reader, path)
    header = folder / file.name
    _copy_header(file, header)
    with open_gguf(header, file) as source:
        yield replace(source, origin=repository.origin(path), key=repository.key(path))


def _copy_header(file: HubFile, target: Path) -> None:
    """The header, and then a hole that takes no room, so that the copy is as long as the file."""
    have = 0
    while not _holds_header(target, have):
        if have == min(file.size, MAX_HEADER):
            raise BadModelFile(said("{file} cannot be read as a GGUF file: choose another.", file=file.name))
        more = bytearray(min(max(FIRST_BYTES, have), min(file.size, MAX_HEADER) - have))
        file.read_into(memoryview(more), have)
        with target.open("ab") as copy:
            copy.write(more)
        have += len(more)
    os.truncate(target, file.size)


def _holds_header(path: Path, size: int) -> bool:
    """Whether `size` bytes are enough. A header that is cut off fails in as many ways as its parser has."""
    try:
        return size > 0 and GgufHeader.from_file(str(path)).data_start <= size
    except Exception:
        return False
