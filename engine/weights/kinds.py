"""What a model is for, read from its config, and the class of transformers that builds it."""

import inspect
from typing import Any

import torch
from transformers import (
    MODEL_MAPPING,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_MAPPING_NAMES,
)

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.weights.manifest import Kind

_AUTO_CLASSES: dict[Kind, Any] = {
    "causal": AutoModelForCausalLM,
    "encoder": AutoModel,
    "image_text": AutoModelForImageTextToText,
}


def kind_of(config: PretrainedConfig) -> Kind:
    """By the class that the config names; where it names none, by what the model type is made for.

    Raises UnsupportedModel.
    """
    family, named = config.model_type, (config.architectures or [""])[0]
    if config.is_encoder_decoder:
        raise UnsupportedModel(
            said("{named} is an encoder and a decoder in one: Potluck cannot cut it.", named=named or family)
        )
    sees = MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES.get(family)
    writes = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(family)
    fills_gaps = family in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    if sees and (named != writes or sees == writes):
        return "image_text"
    if writes and (named == writes or not (fills_gaps or _reads_only(named, family))):
        return "causal"
    if writes or fills_gaps:
        return "encoder"
    raise UnsupportedModel(
        said(
            "{named} is no model for text: Potluck shares those that write, embed, or see images.",
            named=named or family,
        )
    )


def _reads_only(named: str, family: str) -> bool:
    """Whether the named class is a decoder's without a head for words: a base model, or a classifier."""
    return named == MODEL_MAPPING_NAMES.get(family) or named.endswith("Classification")


def empty_model(config: PretrainedConfig, kind: Kind, dtype: torch.dtype) -> PreTrainedModel:
    """The model at full depth, everything on the meta device. Raises whatever transformers does."""
    with torch.device("meta"):
        model: PreTrainedModel = _AUTO_CLASSES[kind].from_config(
            config, dtype=dtype, **_without_pooler(config, kind)
        )
    return model


def _without_pooler(config: PretrainedConfig, kind: Kind) -> dict[str, bool]:
    """Embeddings are made from the last layer's states; a pooler is for training, and many files lack it."""
    if kind != "encoder":
        return {}
    made = MODEL_MAPPING[type(config)]
    accepted = inspect.signature(made).parameters if inspect.isclass(made) else {}
    return {"add_pooling_layer": False} if "add_pooling_layer" in accepted else {}
