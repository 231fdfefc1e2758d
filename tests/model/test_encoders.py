"""Encoders cut into a shell and spans give the whole model's states, for every family that can be cut."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import CONFIG_MAPPING, BigBirdModel, PretrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from engine.errors import UnsupportedModel
from engine.model.encoder_shell import EncoderShell
from engine.model.span import cut_span
from engine.model.trial import check_cut
from engine.weights.kinds import empty_model, kind_of
from engine.weights.loading import materialise_buffers

UNEVEN = ((0, 1), (1, 3), (3, 5))
TOLERANCE = 1e-5
VOCABULARY = 97

# By whatever name a family's config gives them.
_SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "dim": 32,
    "d_model": 32,
    "embedding_size": 32,
    "intermediate_size": 48,
    "hidden_dim": 48,
    "num_hidden_layers": 5,
    "n_layers": 5,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "n_heads": 4,
    "max_position_embeddings": 140,
    "entity_vocab_size": 8,
    "entity_emb_size": 16,
    "pronunciation_vocab_size": 8,
    "shape_vocab_size": 8,
    "relative_attention": True,  # as every published deberta has it
    "pos_att_type": ["c2p", "p2c"],
    "pad_token_id": 0,
}

# The other families that fill gaps in a text, each with what an import says about it.
REFUSED = {
    "albert": "0 lists of .* layers",  # all layers share the weights of one
    "bart": "an encoder and a decoder in one",
    "deberta": "more than the hidden states",  # relative positions with weights outside of the layers
    "deberta-v2": "more than the hidden states",
    "funnel": "2 lists of 12 layers",  # blocks of layers, each half as long as the one before
    "flaubert": "4 lists of 5 layers",  # a list for each kind of module
    "longformer": "take no row of tokens",
    "mbart": "an encoder and a decoder in one",
    "mpnet": "more than the hidden states",  # as deberta
    "mvp": "an encoder and a decoder in one",
    "perceiver": "does not say how many layers",
    "reformer": "hand on more than hidden states",
    "roformer": "more than the hidden states",  # as deberta
    "squeezebert": "does not run its layers one after the other",
    "xlm": "4 lists of 5 layers",
    "xmod": "does not run by itself",  # wants to be told the language
}
AS_IT_IS = {"funnel", "reformer"}  # take no other sizes in the common way
# Not tried here, for their configs make no tiny model of five layers in the common way.
UNTRIED = {"modernvbert", "neomme", "ultravbert"}
FAMILIES = sorted(set(MODEL_FOR_MASKED_LM_MAPPING_NAMES) - set(REFUSED) - UNTRIED)


def tiny_config(family: str) -> PretrainedConfig:
    kind = CONFIG_MAPPING[family]
    usual = kind()
    sizes = {} if family in AS_IT_IS else _SIZES
    config = kind(**{name: size for name, size in sizes.items() if hasattr(usual, name)})
    config.architectures = [MODEL_FOR_MASKED_LM_MAPPING_NAMES[family]]
    return config


def builder(family: str) -> Callable[[], PreTrainedModel]:
    """Makes the model without weights."""
    config = tiny_config(family)
    kind = kind_of(config)

    def build() -> PreTrainedModel:
        model = empty_model(config, kind, torch.float32)
        materialise_buffers(model)
        return model

    return build


def tiny_encoder(family: str) -> PreTrainedModel:
    model = builder(family)()
    generator = torch.Generator().manual_seed(0)
    values = {name: 0.2 * torch.randn(p.shape, generator=generator) for name, p in model.named_parameters()}
    buffers = {name: b for name, b in model.named_buffers() if not b.is_meta}
    made_up = {name: torch.zeros(b.shape, dtype=b.dtype) for name, b in model.named_buffers() if b.is_meta}
    model.load_state_dict(values | buffers | made_up, strict=False, assign=True)
    return model.eval()


def inputs(rows: int) -> dict[str, Tensor]:
    """One text, or two of which the second is shorter."""
    ids = torch.randint(5, VOCABULARY, (rows, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1:, 6:] = ids[1:, 6:] = 0
    return {"input_ids": ids, "attention_mask": mask}


@torch.inference_mode()
def whole(model: PreTrainedModel, given: dict[str, Tensor]) -> Tensor:
    return model(**given)[0]


def through_spans(model: PreTrainedModel, given: dict[str, Tensor], mask: Any) -> Tensor:
    spans = [cut_span(copy.deepcopy(model), start, end) for start, end in UNEVEN]

    def walk(hidden: Tensor) -> Tensor:
        for span in spans:
            hidden = span.forward(hidden, None, attention_mask=mask)
        return hidden

    return EncoderShell(copy.deepcopy(model)).encode(given, walk)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cut_encoder_gives_the_whole_model_s_states(family: str) -> None:
    model = tiny_encoder(family)
    padded, alone = inputs(2), inputs(1)
    real = padded["attention_mask"].bool()
    expected = whole(model, padded)
    assert expected[real].std() > 0.01
    together = through_spans(model, padded, padded["attention_mask"])
    assert (together - expected)[real].abs().max() <= TOLERANCE
    # As it is sent through the swarm: one text, of which nothing is padding.
    assert (through_spans(model, alone, None) - whole(model, alone)).abs().max() <= TOLERANCE


def test_most_families_can_be_cut() -> None:
    assert len(FAMILIES) >= 25
    assert {"bert", "roberta", "distilbert", "electra", "xlm-roberta", "modernbert"} <= set(FAMILIES)
    assert set(REFUSED) | UNTRIED <= set(MODEL_FOR_MASKED_LM_MAPPING_NAMES)


@pytest.mark.parametrize("family", REFUSED)
def test_an_encoder_that_cannot_be_cut_says_why(family: str) -> None:
    with pytest.raises(UnsupportedModel, match=REFUSED[family]):
        check_cut(builder(family))


def test_a_text_that_a_model_fills_up_is_refused() -> None:
    """Servers would take what it is filled up with for a part of the text."""
    config = CONFIG_MAPPING["big_bird"](
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=5,
        num_attention_heads=4,
        block_size=2,
        num_random_blocks=1,
    )
    shell = EncoderShell(BigBirdModel(config))
    with pytest.raises(UnsupportedModel, match="send a shorter one"):
        shell.encode({"input_ids": torch.full((1, 15), 7)}, lambda hidden: hidden)
