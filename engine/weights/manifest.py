"""A model's identity: its config and the hash of every part. Torch-free; also parses what peers send."""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic.dataclasses import dataclass

from engine.errors import BadModelFile
from engine.wire.records import MAX_LAYERS, Digest

MAX_JSON_BYTES = 16 << 20
MAX_PART_BYTES = 1 << 40
UNSTATED_CONTEXT = 2048  # tokens; for models that state no limit, such as those with ALiBi

# The names under which config classes keep the longest sequence that the model was made for.
_CONTEXT_FIELDS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "max_sequence_length",
    "seq_length",
    "n_ctx",
)

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}"  # never starts with a dot: no way out of a folder
FileName = Annotated[str, StringConstraints(pattern=rf"^({_NAME}/)?{_NAME}$")]
ModulePath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$", max_length=200)
]
DisplayName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
Dtype = Literal["float64", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Part:
    """One file of a model, named by its content."""

    digest: Digest  # SHA-256 of the file's bytes, hex
    size: Annotated[int, Field(ge=0, le=MAX_PART_BYTES)]  # bytes


class Manifest(BaseModel):
    """Everything that makes a model: two manifests with the same digest give the same answers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: Literal[1] = 1
    name: DisplayName  # for people; not part of the digest
    config: dict[str, JsonValue]  # of Hugging Face, with `architectures`
    generation: dict[str, JsonValue] = Field(default_factory=dict)  # generation config; may be empty
    stack_path: ModulePath  # of the layer stack in the model, e.g. "model.layers"
    tokenizer: Annotated[dict[FileName, Part], Field(max_length=64)]  # file name to its content
    shell: Part  # safetensors: the state dict without the layer stack, tied tensors once
    layers: Annotated[
        tuple[Part, ...], Field(min_length=1, max_length=MAX_LAYERS)
    ]  # safetensors; relative names
    dtype: Dtype

    @field_validator("config", "generation")
    @classmethod
    def _has_canonical_json(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        try:
            _canonical(value)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return value

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Parse what `to_json` wrote, here or elsewhere. Raises BadModelFile."""
        if len(data) > MAX_JSON_BYTES:
            raise BadModelFile(
                f"This model's manifest is too large: at most {MAX_JSON_BYTES} bytes are read."
            )
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(str(step) for step in first["loc"])[:80] or "JSON"
            what = first["msg"].rstrip(".")
            raise BadModelFile(f"This model's manifest cannot be read ({place}: {what}).") from None

    def to_json(self) -> bytes:
        return _canonical(self.model_dump(mode="json"))

    @cached_property
    def digest(self) -> str:
        """The model's identity in the swarm: SHA-256 of the canonical JSON without the display name, hex."""
        return hashlib.sha256(_canonical(self.model_dump(mode="json", exclude={"name"}))).hexdigest()

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @property
    def context(self) -> int:
        """The longest sequence, in tokens, that the model was made for."""
        text = self.config.get("text_config")
        configs = (text, self.config) if isinstance(text, dict) else (self.config,)
        stated = (config.get(field) for config in configs for field in _CONTEXT_FIELDS)
        return next((n for n in stated if type(n) is int and n > 0), UNSTATED_CONTEXT)

    def parts(self) -> tuple[Part, ...]:
        """Every part, in the order tokenizer, shell, layers."""
        return (*(self.tokenizer[name] for name in sorted(self.tokenizer)), self.shell, *self.layers)

    def __hash__(self) -> int:
        return hash(self.digest)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
