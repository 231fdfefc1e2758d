"""The shell of an encoder: what surrounds its layers, run around a step through the swarm."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.model.elsewhere import Elsewhere, states_of
from engine.model.shell import habits_in
from engine.model.span import replaced
from engine.model.stack import find_stack

Walk = Callable[[Tensor], Tensor]  # `[rows, tokens, hidden]` through all layers


class _Through(Elsewhere):
    """Stands where the first layer was, for one forward, and runs all of them."""

    def __init__(self, layer: nn.Module, answer_length: int, walk: Walk) -> None:
        super().__init__(layer, answer_length)
        self._walk = walk

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        hidden = states_of(args, kwargs)
        return super().forward(self._walk(hidden.flatten(2)).view(hidden.shape))


class EncoderShell:
    """`model` is the encoder without its layers; the rest is for the caller to fill."""

    def __init__(self, skeleton: PreTrainedModel) -> None:
        """The skeleton has its full depth, and no weights. It is used up."""
        stack = find_stack(skeleton)
        self._path = stack.path.split(".")
        self._answer_length = habits_in(copy.deepcopy(skeleton)).answer_length
        self._layers = [Elsewhere(layer, self._answer_length) for layer in stack.layers]
        setattr(stack.owner, stack.attribute, nn.ModuleList())
        self.model = skeleton.eval()

    @torch.inference_mode()
    def encode(self, inputs: Mapping[str, Tensor], walk: Walk) -> Tensor:
        """The last hidden states, `[rows, tokens, hidden]`, of token ids and what else the tokenizer gives.

        May be called by several threads at once: each forward has a stand-in for the layers of its own.
        Raises UnsupportedModel if the model fills the text up before its layers see it.
        """

        def whole(hidden: Tensor) -> Tensor:
            if hidden.shape[:2] != inputs["input_ids"].shape:
                name = type(self.model).__name__
                raise UnsupportedModel(
                    said("{name} fills up texts of this length: send a shorter one.", name=name)
                )
            return walk(hidden)

        first, *others = self._layers
        through = _Through(first, self._answer_length, whole)
        return replaced(self.model, self._path, nn.ModuleList([through, *others]))(**inputs)[0]
