"""What a model hub lists for one revision of a repository, and which of its files are read."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote

from huggingface_hub import constants, hf_hub_url
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from engine.api.sentences import said
from engine.errors import BadModelFile, BadRequest, HubUnreachable
from engine.weights.manifest import FileName
from engine.weights.sources.folder import INDEX, PICKLES, SINGLE, shards_in
from engine.weights.sources.ranges import RangeReader

MAX_REVISION = 250  # characters
MAX_DESCRIPTION = 32 << 20  # bytes of JSON about one revision
MAX_SMALL_FILE = 64 << 20  # bytes
MAX_SMALL_FILES = 256 << 20  # bytes, all together

# What configs, tokenizers, image processors and pooling read. Without a folder it means the top folder.
SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer*.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "*vocab*.json",
    "*vocab*.txt",
    "*merges.txt",
    "dict.txt",
    "bpe.codes",
    "*.model",
    "*.spm",
    "*.tiktoken",
    "tekken.json",
    "chat_template*.json",
    "chat_template*.jinja",
    "additional_chat_templates/*.jinja",
    "*processor_config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "*_Pooling/config.json",
)

_FileNames = TypeAdapter(FileName)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    rfilename: Annotated[str, Field(max_length=1000)]
    size: Annotated[int, Field(ge=0, lt=2**53)]  # bytes


class _Description(BaseModel):
    """What the hub says of one revision, as far as it is needed."""

    model_config = ConfigDict(frozen=True, strict=True)

    sha: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    siblings: Annotated[tuple[_File, ...], Field(max_length=100_000)]


@dataclass(frozen=True)
class Address:
    """What of a hub is meant. Without a revision its newest commit, without a file the whole model."""

    repo_id: str
    revision: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class Repository:
    """One commit of a repository. `sizes` has the bytes of each of its files."""

    repo_id: str
    endpoint: str
    commit: str
    sizes: Mapping[str, int]

    def origin(self, file: str | None = None) -> str:
        """Where to find this commit, or a file of it, again."""
        return f"hub:{self.repo_id}{'/' if file else ''}{file or ''}@{self.commit}"

    def key(self, file: str | None = None) -> str:
        return hashlib.sha256(self.origin(file).encode()).hexdigest()

    def url(self, file: str) -> str:
        return hf_hub_url(self.repo_id, file, revision=self.commit, endpoint=self.endpoint)


def address_in(text: str, revision: str | None = None) -> Address:
    """Read `owner/name`, `owner/name/file.gguf`, or one of them with `@revision`.

    Raises BadRequest for what no hub can have.
    """
    if revision is None and "@" in text:
        text, _, revision = text.partition("@")
    owner, name, file = (*text.split("/", 2), None, None)[:3]
    named = Address(f"{owner}/{name}" if file else text, revision, file)
    try:
        validate_repo_id(named.repo_id)
    except HFValidationError:
        raise BadRequest(_not_an_address(text)) from None
    if file and not file.endswith(".gguf"):
        raise BadRequest(_not_an_address(text))
    if revision is not None and not (0 < len(revision) <= MAX_REVISION and revision.isprintable()):
        raise BadRequest(said("A revision is a branch, a tag or a commit: write the name of one, or none."))
    return named


def _not_an_address(text: str) -> str:
    return said(
        "“{text}” cannot be on a model hub: write a repository as owner/name, such as "
        "HuggingFaceTB/SmolLM2-135M-Instruct, and a GGUF file of one as hub:owner/name/file.gguf.",
        text=text[:200],
    )


def find(reader: RangeReader, address: Address, endpoint: str) -> Repository:
    """The commit that a revision means now. Raises HubUnreachable, and what `reader` does."""
    revision = quote(address.revision or constants.DEFAULT_REVISION, safe="")
    url = f"{endpoint}/api/models/{address.repo_id}/revision/{revision}?blobs=true"
    data = reader.get(url, MAX_DESCRIPTION)
    try:
        found = _Description.model_validate_json(data)
    except ValidationError:
        raise HubUnreachable(
            said(
                "{endpoint} does not answer as a model hub does: check HF_ENDPOINT, or try again later.",
                endpoint=endpoint,
            )
        ) from None
    sizes = {file.rfilename: file.size for file in found.siblings}
    return Repository(address.repo_id, endpoint, found.sha, sizes)


def weight_files(repository: Repository, reader: RangeReader) -> list[str]:
    """The safetensors files of the model. Raises BadModelFile, and what `reader` does."""
    sizes = repository.sizes
    if "config.json" not in sizes:
        raise BadModelFile(
            said(
                "{repository} holds no config.json: choose the repository of a model.",
                repository=repository.repo_id,
            )
        )
    if INDEX in sizes:
        return _shards(repository, reader)
    top = sorted(name for name in sizes if name.endswith(".safetensors") and _is_file_name(name, depth=0))
    if SINGLE in top or len(top) == 1:
        return [SINGLE] if SINGLE in top else top
    raise BadModelFile(why_no_weights(repository.repo_id, sizes))


def _shards(repository: Repository, reader: RangeReader) -> list[str]:
    size = repository.sizes[INDEX]
    if size > MAX_SMALL_FILE:
        raise BadModelFile(
            said(
                "{repository} has a {index} of {size} bytes, which is too long to be one.",
                repository=repository.repo_id,
                index=INDEX,
                size=size,
            )
        )
    shards = shards_in(reader.read(repository.url(INDEX), 0, size))
    absent = [name for name in shards if name not in repository.sizes]
    if absent:
        raise BadModelFile(
            said(
                "{repository} is incomplete: it lacks {absent}.",
                repository=repository.repo_id,
                absent=absent[0][:200],
            )
        )
    return shards


def why_no_weights(repo_id: str, names: Iterable[str]) -> str:
    """A sentence for a repository whose weights are not read."""
    kinds = {PurePosixPath(name).suffix: name[:200] for name in sorted(names, reverse=True)}
    if ".safetensors" in kinds:
        return said(
            "{repository} holds neither {single} nor {index}: choose the repository of a whole model.",
            repository=repo_id,
            single=SINGLE,
            index=INDEX,
        )
    if ".gguf" in kinds:
        return said(
            "{repository} holds GGUF files: name one of them, as in hub:{repository}/{file}.",
            repository=repo_id,
            file=kinds[".gguf"],
        )
    pickle = next((kinds[suffix] for suffix in PICKLES if suffix in kinds), None)
    if pickle:
        return said(
            "{repository} holds its weights as pickle files, such as {pickle}, which can run code and stay "
            "shut: choose the same model as safetensors.",
            repository=repo_id,
            pickle=pickle,
        )
    return said(
        "{repository} holds no safetensors file: choose the repository of a model.", repository=repo_id
    )


def small_files(sizes: Mapping[str, int]) -> list[str]:
    """The files that are fetched whole. Raises BadModelFile where they are too large for what they are."""
    chosen = sorted(name for name in sizes if any(_matches(name, pattern) for pattern in SMALL_FILES))
    too_large = [name for name in chosen if sizes[name] > MAX_SMALL_FILE]
    if too_large:
        raise BadModelFile(
            said(
                "{file} is too large, with {size} bytes, to be what it is named.",
                file=too_large[0],
                size=sizes[too_large[0]],
            )
        )
    if sum(sizes[name] for name in chosen) > MAX_SMALL_FILES:
        raise BadModelFile(said("The files beside the weights are too large to be a config and a tokenizer."))
    return chosen


def _matches(name: str, pattern: str) -> bool:
    return PurePosixPath(name).match(pattern) and _is_file_name(name, pattern.count("/"))


def _is_file_name(name: str, depth: int) -> bool:
    """Whether a file of this name lies so many folders deep, and nowhere else whatever the name."""
    try:
        return _FileNames.validate_python(name).count("/") == depth
    except ValidationError:
        return False
