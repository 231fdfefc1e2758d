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
    model_validator,
)
from pydantic.dataclasses import dataclass

from engine.api.complaints import first_complaint
from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.wire.records import MAX_LAYERS, Digest, DisplayName

MAX_JSON_BYTES = 16 << 20
MAX_PART_BYTES = 1 << 40
MAX_FILE_BYTES = 256 << 20  # of a tokenizer's or processor's file, which is read into memory
MAX_CONTEXT = 1 << 24  # tokens

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}"  # never starts with a dot: no way out of a folder
FileName = Annotated[str, StringConstraints(pattern=rf"^({_NAME}/)?{_NAME}$")]
ModulePath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$", max_length=200)
]
PerLayer = Annotated[tuple[Annotated[int, Field(ge=0, le=MAX_PART_BYTES)], ...], Field(max_length=MAX_LAYERS)]
Dtype = Literal["float64", "float32", "bfloat16", "float16"]
Kind = Literal[
    "causal", "encoder", "image_text"
]  # writes text; makes embeddings; writes text and sees images


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Part:
    """One file of a model, named by its content."""

    digest: Digest  # of the file's bytes, hex: see `engine.weights.content_hash`
    size: Annotated[int, Field(ge=0, le=MAX_PART_BYTES)]  # bytes


class Manifest(BaseModel):
    """Everything that makes a model: two manifests with the same digest give the same answers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: Literal[3] = 3
    name: DisplayName  # for people; not part of the digest
    config: dict[str, JsonValue]  # of Hugging Face, with `architectures`
    generation: dict[str, JsonValue] = Field(default_factory=dict)  # generation config; may be empty
    kind: Kind = "causal"
    context: Annotated[int, Field(gt=0, le=MAX_CONTEXT)]  # tokens: the longest sequence it was made for
    stack_path: ModulePath  # of the layer stack in the model, e.g. "model.layers"
    files: Annotated[
        dict[FileName, Part], Field(max_length=64)
    ]  # by name: tokenizer, image processor, pooling
    shell: Part  # safetensors: the state dict without the layer stack, tied tensors once
    layers: Annotated[
        tuple[Part, ...], Field(min_length=1, max_length=MAX_LAYERS)
    ]  # safetensors; relative names
    # Of each layer, in the same order as `layers`:
    cache_values: PerLayer  # numbers that it keeps of a token, in the dtype that it computes in
    matrix_values: PerLayer  # numbers in matrices that may be kept in fewer bits: `engine.model.quantized`
    matrix_rows: PerLayer  # of these matrices together
    dtype: Dtype

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        for counts in (self.cache_values, self.matrix_values, self.matrix_rows):
            if len(counts) != len(self.layers):
                raise ValueError("as many counts as layers are needed")
        for part, values, rows in zip(self.layers, self.matrix_values, self.matrix_rows, strict=True):
            if not rows <= values <= part.size:
                raise ValueError("the matrices of a layer are larger than the layer, or have more rows")
        return self

    @field_validator("files")
    @classmethod
    def _are_small_files(cls, value: dict[str, Part]) -> dict[str, Part]:
        if any(part.size > MAX_FILE_BYTES for part in value.values()):
            raise ValueError("a file beside the weights is too large")
        if any(name.partition("/")[0] in value for name in value if "/" in name):
            raise ValueError("a file is also a folder")
        return value

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
                said(
                    "This model's manifest is too large: at most {most} bytes are read.",
                    most=MAX_JSON_BYTES,
                )
            )
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            complaint = first_complaint(error, "JSON")
            raise BadModelFile(
                said("This model's manifest cannot be read ({complaint}).", complaint=complaint)
            ) from None

    def to_json(self) -> bytes:
        return _canonical(self.model_dump(mode="json"))

    @cached_property
    def digest(self) -> str:
        """The model's identity in the swarm: SHA-256 of the canonical JSON without the display name, hex."""
        return hashlib.sha256(_canonical(self.model_dump(mode="json", exclude={"name"}))).hexdigest()

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    def parts(self) -> tuple[Part, ...]:
        """Every part, in the order files, shell, layers."""
        return (*(self.files[name] for name in sorted(self.files)), self.shell, *self.layers)

    def __hash__(self) -> int:
        return hash(self.digest)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
