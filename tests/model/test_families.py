"""Every causal family in transformers' registry computes cut what it does whole, or says why not."""

from functools import cache

import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from engine.errors import UnsupportedModel
from engine.model.stack import find_stack
from engine.model.trial import check_cut
from engine.weights.loading import materialise_buffers
from tests.model.cutting import difference
from tests.model.registry import VOCABULARY, families, tiny_config, tiny_family

TOLERANCE = 1e-5
PROMPT_TOKENS, NEW_TOKENS = 12, 16

# Families of which no tiny model can be made, and what making one says.
NOT_BUILT = {
    "dots3_note": "adapter_in_dim must match hidden_size",
    "gemma3n": "requires the timm library",
    "gemma4_assistant": "hidden_size_per_layer_input must be 0",
    "gemma4_unified_assistant": "layer types producing a cache is different",  # reads another model's
    "musicgen": "has no attribute 'dropout'",  # registered with the config of the model around it
    "musicgen_melody": "has no attribute 'dropout'",
}

_TAKES_MORE = "must need more than the hidden states that come out of the layer before"
_ONE_BY_ONE = "does not run its layers one after the other"
_NO_ROW = "take no row of tokens"
_NO_CACHE = "keeps no cache of what it has read"

# Families that cannot be cut, and what an import says about them.
NOT_CUT = {
    "blt": "does not say how many layers it has",  # several models in one
    "cpmant": _NO_ROW,  # puts a prompt of its own before the text
    "gemma3n_text": _NO_ROW,  # four streams of states, and inputs by token for every layer
    "gemma4": _TAKES_MORE,  # inputs by token for every layer
    "gemma4_text": _TAKES_MORE,
    "hrm_text": "2 lists of 40 layers",  # two stacks, each run several times
    "hy_v4": "Layer 2 of HYV4Model cannot run alone",  # takes another layer's choice of keys
    "inkling2_text": _TAKES_MORE,  # sums over earlier layers
    "minimax": "Layer 1 of MiniMaxModel cannot run alone",  # its own cache counts layers from the first
    "mllama": _ONE_BY_ONE,  # leaves out the layers for pictures when there is none
    "openai-gpt": _NO_CACHE,
    "prophetnet": _NO_ROW,  # several streams of states
    "reformer": _NO_CACHE,
    "roformer": _TAKES_MORE,  # positions with weights outside of the layers
    "rwkv": _NO_CACHE,  # has a state of another kind
    "xlm": "4 lists of 5 layers",  # a list for each kind of module
    "xlnet": _NO_ROW,
    "xlstm": "does not run by itself",
    "zamba": _TAKES_MORE,  # the embeddings, in every layer of attention
    "zamba2": _TAKES_MORE,
    "zaya": _TAKES_MORE,  # what the router of the layer before found
}

CUT = [family for family in families() if family not in NOT_BUILT | NOT_CUT]


def skeleton(family: str) -> PreTrainedModel:
    """As an import builds it: no weights, buffers with their values."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(tiny_config(family))
    materialise_buffers(model)
    return model


@cache
def prompt() -> torch.Tensor:
    return torch.randint(3, VOCABULARY, (1, PROMPT_TOKENS), generator=torch.Generator().manual_seed(0))


def test_the_registry_holds_all_that_is_listed_here() -> None:
    """Each family is in exactly one list; those that are in neither dictionary must pass."""
    assert NOT_BUILT.keys() | NOT_CUT.keys() <= set(families())
    assert not NOT_BUILT.keys() & NOT_CUT.keys()
    assert len(CUT) + len(NOT_BUILT) + len(NOT_CUT) == len(families())
    assert len(CUT) >= 150


@pytest.mark.parametrize("family", CUT)
def test_a_family_that_is_cut_computes_what_it_does_whole(family: str) -> None:
    model = tiny_family(family)
    whole = model(prompt()).logits[0]
    assert (whole[1:] - whole[:-1]).abs().amax(dim=1).min() > 0.01  # every token counts
    assert difference(model, prompt(), NEW_TOKENS) <= TOLERANCE


@pytest.mark.parametrize("family", CUT)
def test_the_trial_lets_a_family_pass_that_can_be_cut(family: str) -> None:
    model = skeleton(family)
    facts = check_cut(lambda: model)
    assert len(facts.cache_values) == len(find_stack(model).layers)


@pytest.mark.parametrize("family", NOT_CUT)
def test_the_trial_says_why_a_family_cannot_be_cut(family: str) -> None:
    with pytest.raises(UnsupportedModel, match=NOT_CUT[family]):
        check_cut(lambda: skeleton(family))


@pytest.mark.parametrize("family", NOT_BUILT)
def test_a_family_of_which_no_tiny_model_can_be_made_says_why(family: str) -> None:
    with pytest.raises(Exception, match=NOT_BUILT[family]):
        tiny_family(family)
