"""What an encoder's own files say about the vector of a text: sentence-transformers' files, validated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.api.sentences import said
from engine.errors import BadModelFile, UnsupportedModel
from engine.weights.manifest import MAX_CONTEXT

PoolingMode = Literal["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]

POOLING_FILE = "1_Pooling/config.json"
SENTENCE_FILES = (
    "modules.json",
    POOLING_FILE,
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
_MAX_PROMPTS = 256

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True)
class SentenceRules:
    """How one text becomes one vector.

    As it is, this is what sentence-transformers does with a model that has none of its files.
    """

    pooling: tuple[PoolingMode, ...] = ("mean",)  # joined end to end, if several
    normalised: bool = False  # to length 1
    max_tokens: int | None = None  # None: as many as the model reads
    lower_case: bool = False
    prompt: str = ""  # put before each text


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Module(_File):
    path: str = Field(default="", max_length=200)
    type: str = Field(max_length=200)

    @property
    def kind(self) -> str:
        return self.type.rpartition(".")[2]


class _Pooling(_File):
    """Either a mode by its name, or a flag for each mode."""

    pooling_mode: PoolingMode | tuple[PoolingMode, ...] | None = None
    pooling_mode_cls_token: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False
    include_prompt: bool = True

    @property
    def modes(self) -> tuple[PoolingMode, ...]:
        named = self.pooling_mode
        if named is not None:
            return named if isinstance(named, tuple) else (named,)
        flags: dict[PoolingMode, bool] = {
            "cls": self.pooling_mode_cls_token,
            "max": self.pooling_mode_max_tokens,
            "mean": self.pooling_mode_mean_tokens,
            "mean_sqrt_len_tokens": self.pooling_mode_mean_sqrt_len_tokens,
            "weightedmean": self.pooling_mode_weightedmean_tokens,
            "lasttoken": self.pooling_mode_lasttoken,
        }
        return tuple(mode for mode, wanted in flags.items() if wanted)


class _Reading(_File):
    max_seq_length: int | None = Field(default=None, ge=1, le=MAX_CONTEXT)
    do_lower_case: bool = False


class _Prompts(_File):
    prompts: dict[str, str | None] = Field(default_factory=dict, max_length=_MAX_PROMPTS)
    default_prompt_name: str | None = Field(default=None, max_length=200)

    @property
    def default(self) -> str:
        return self.prompts.get(self.default_prompt_name or "") or ""


_MODULES: TypeAdapter[tuple[_Module, ...]] = TypeAdapter(tuple[_Module, ...])


def sentence_rules(files: Mapping[str, bytes], model: str) -> SentenceRules:
    """The rules in a model's files, by name.

    Raises BadModelFile for files that cannot be read, UnsupportedModel for steps that Potluck does not do.
    """

    def parsed(name: str, validate: Callable[[bytes], _Parsed], missing: _Parsed) -> _Parsed:
        try:
            return validate(files[name]) if name in files else missing
        except ValidationError as error:
            raise BadModelFile(
                said("{name} of {model} cannot be read: import the model again.", name=name, model=model)
            ) from error

    modules = parsed("modules.json", _MODULES.validate_json, ())
    pooling = parsed(POOLING_FILE, _Pooling.model_validate_json, _Pooling())
    reading = parsed("sentence_bert_config.json", _Reading.model_validate_json, _Reading())
    prompts = parsed("config_sentence_transformers.json", _Prompts.model_validate_json, _Prompts())
    _check_steps(modules, model)
    if prompts.default and not pooling.include_prompt:
        raise UnsupportedModel(
            said("{model} leaves its prompt out of its vectors: Potluck cannot do that yet.", model=model)
        )
    return SentenceRules(
        pooling=pooling.modes or SentenceRules.pooling,
        normalised=any(module.kind == "Normalize" for module in modules),
        max_tokens=reading.max_seq_length,
        lower_case=reading.do_lower_case,
        prompt=prompts.default,
    )


def _check_steps(modules: tuple[_Module, ...], model: str) -> None:
    unknown = [
        module.kind for module in modules if module.kind not in ("Transformer", "Pooling", "Normalize")
    ]
    if unknown:
        raise UnsupportedModel(
            said(
                "{model} takes a further step to its vectors ({unknown}), which Potluck cannot do yet.",
                model=model,
                unknown=unknown[0],
            )
        )
    pooled_at = [module.path for module in modules if module.kind == "Pooling"]
    if modules and pooled_at not in ([], [POOLING_FILE.partition("/")[0]]):
        raise UnsupportedModel(
            said("{model} keeps its pooling in an unusual place: Potluck cannot read it.", model=model)
        )
