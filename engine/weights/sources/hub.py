"""A repository on the Hugging Face hub as a source: small files whole, of the weights the wanted bytes alone.

Sessions, tokens, addresses and the meaning of refusals are huggingface_hub's. Its own downloads are not used:
they keep files in a cache, read answers of any length into memory, and tell the hub what runs here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from huggingface_hub import constants
from huggingface_hub.utils import get_token_to_send
from torch import Tensor

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.weights.sources.checkpoint import Source, TensorInfo
from engine.weights.sources.hub_errors import in_words
from engine.weights.sources.ranges import Patience, RangeReader, Wanted
from engine.weights.sources.repository import Repository, address_in, find, small_files, weight_files
from engine.weights.tensorfile import PREFIX_BYTES, Entry, entries_in, header_length, tensor_on

HEADER_GUESS = 32 << 10  # bytes asked for at first: most headers are shorter
MAX_HEADERS = 128 << 20  # bytes, of all files


@dataclass(frozen=True)
class Place:
    """Where a tensor lies. `start` is the byte at which it starts, counted from the start of its file."""

    file: str
    start: int
    entry: Entry

    @property
    def stop(self) -> int:
        return self.start + self.entry.nbytes


class HubCheckpoint:
    """The tensors of a repository's safetensors files; `read` fetches their bytes and no others."""

    def __init__(self, repository: Repository, reader: RangeReader, places: Mapping[str, Place]) -> None:
        self._repository = repository
        self._reader = reader
        self._places = places

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        found = {name: place.entry for name, place in self._places.items()}
        return {name: TensorInfo(entry.dtype, entry.shape, entry.nbytes) for name, entry in found.items()}

    def read(self, names: Sequence[str]) -> dict[str, Tensor]:
        """Tensors that lie side by side share one buffer. Raises HubError, Stopped or BadModelFile."""
        rows = in_rows({name: self._places[name] for name in names})
        pairs = [(row, torch.empty(self._length(row), dtype=torch.uint8)) for row in rows]
        with in_words(self._repository.repo_id, self._repository.commit, self._repository.endpoint):
            self._reader.fill([self._wanted(row, buffer) for row, buffer in pairs])
        return {name: self._tensor(name, row, buffer) for row, buffer in pairs for name in row}

    def _length(self, row: Sequence[str]) -> int:
        return self._places[row[-1]].stop - self._places[row[0]].start

    def _wanted(self, row: Sequence[str], buffer: Tensor) -> Wanted:
        first = self._places[row[0]]
        return Wanted(self._repository.url(first.file), first.start, memoryview(buffer.numpy()))

    def _tensor(self, name: str, row: Sequence[str], buffer: Tensor) -> Tensor:
        place, base = self._places[name], self._places[row[0]].start
        return tensor_on(name, place.entry, buffer[place.start - base : place.stop - base])


@contextmanager
def open_repository(
    repo_id: str,
    revision: str | None = None,
    *,
    endpoint: str | None = None,
    token: str | None = None,
    patience: Patience | None = None,
) -> Iterator[Source]:
    """A model of a repository, pinned to the commit that the revision means now, while the context lasts.

    `repo_id` may also be `owner/name/file.gguf`, and either may have `@revision` behind it.
    `endpoint` and `token`, where they are not given, are what huggingface_hub finds (HF_ENDPOINT, HF_TOKEN,
    `hf auth login`). Raises HubError, BadRequest or BadModelFile.
    """
    address = address_in(repo_id, revision)
    endpoint = (endpoint or constants.ENDPOINT).rstrip("/")
    with (
        TemporaryDirectory(prefix="potluck-hub-") as folder,
        RangeReader(_headers(token), patience) as reader,
    ):
        with in_words(address.repo_id, address.revision, endpoint):
            repository = find(reader, address, endpoint)
        with _opened(repository, address.file, reader, Path(folder)) as source:
            yield source


def _opened(
    repository: Repository, file: str | None, reader: RangeReader, folder: Path
) -> AbstractContextManager[Source]:
    if file is None:
        return nullcontext(_safetensors(repository, reader, folder))
    from engine.weights.sources.hub_gguf import open_hub_gguf  # gguf and what reads it: only where needed

    return open_hub_gguf(repository, reader, file, folder)


def _safetensors(repository: Repository, reader: RangeReader, folder: Path) -> Source:
    with in_words(repository.repo_id, repository.commit, repository.endpoint):
        places = _places(repository, weight_files(repository, reader), reader)
        _fetch_small_files(repository, reader, folder)
    return Source(
        name=repository.repo_id.rpartition("/")[2],
        origin=repository.origin(),
        key=repository.key(),
        folder=folder,
        checkpoint=HubCheckpoint(repository, reader, places),
    )


def in_rows(places: Mapping[str, Place]) -> list[list[str]]:
    """The names in groups whose bytes follow each other without a gap."""
    rows: list[list[str]] = []
    for name in sorted(places, key=lambda name: (places[name].file, places[name].start, places[name].stop)):
        before = places[rows[-1][-1]] if rows else None
        if before and (before.file, before.stop) == (places[name].file, places[name].start):
            rows[-1].append(name)
        else:
            rows.append([name])
    return rows


def _headers(token: str | None) -> dict[str, str]:
    key = get_token_to_send(token)
    return {"User-Agent": "potluck"} | ({"Authorization": f"Bearer {key}"} if key else {})


def _fetch_small_files(repository: Repository, reader: RangeReader, folder: Path) -> None:
    for name, data in _read_all(
        repository, reader, _whole(repository, small_files(repository.sizes))
    ).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def _whole(repository: Repository, names: Sequence[str]) -> dict[str, range]:
    return {name: range(repository.sizes[name]) for name in names}


def _read_all(repository: Repository, reader: RangeReader, ranges: Mapping[str, range]) -> dict[str, bytes]:
    """The bytes in these ranges of these files."""
    buffers = {name: bytearray(len(wanted)) for name, wanted in ranges.items()}
    reader.fill(
        [
            Wanted(repository.url(name), ranges[name].start, memoryview(buffer))
            for name, buffer in buffers.items()
        ]
    )
    return {name: bytes(buffer) for name, buffer in buffers.items()}


def _places(repository: Repository, files: Sequence[str], reader: RangeReader) -> dict[str, Place]:
    """Where each tensor lies, from the headers of the files."""
    guesses = {file: range(min(HEADER_GUESS, repository.sizes[file])) for file in files}
    heads = _read_all(repository, reader, guesses)
    ends = {file: _header_end(file, heads[file], repository.sizes[file]) for file in files}
    if sum(ends.values()) > MAX_HEADERS:
        raise BadModelFile(
            said("{repository} lists too many tensors: choose another model.", repository=repository.repo_id)
        )
    missing = {file: range(len(heads[file]), ends[file]) for file in files if ends[file] > len(heads[file])}
    tails = _read_all(repository, reader, missing)
    places: dict[str, Place] = {}
    for file in files:
        header = (heads[file] + tails.get(file, b""))[PREFIX_BYTES : ends[file]]
        places |= _places_in(file, header, ends[file], repository.sizes[file])
    return places


def _header_end(file: str, head: bytes, size: int) -> int:
    with _named(file):
        return PREFIX_BYTES + header_length(head[:PREFIX_BYTES], size)


def _places_in(file: str, header: bytes, start: int, size: int) -> dict[str, Place]:
    with _named(file):
        entries = entries_in(header, size - start)
    return {name: Place(file, start + entry.data_offsets[0], entry) for name, entry in entries.items()}


@contextmanager
def _named(file: str) -> Iterator[None]:
    try:
        yield
    except BadModelFile as error:
        raise BadModelFile(
            said(
                "{file} cannot be read as a model; it may be incomplete ({reason:clause}).",
                file=file,
                reason=str(error),
            )
        ) from error
