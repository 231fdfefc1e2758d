"""A span: layers [start, end) of a model, run by the model class's own forward.

The model is built at full depth without weights, so that every layer gets the settings of its own index,
then cut. Its forward runs with dummy token ids; a hook on the first layer swaps in the hidden states that
arrived, a hook on the last one takes what comes out. Masks, rotary tables and positions come from the
model's own code.
"""

import copy
import inspect
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.cache_utils import Cache

from engine.errors import UnsupportedModel
from engine.model.stack import LayerStack, find_stack, text_config

AttentionMask = Tensor | Mapping[str, Tensor]


class Span:
    """Layers [start, end) as one callable: hidden states in, hidden states out."""

    def __init__(
        self, decoder: nn.Module, layers: nn.ModuleList, attribute: str, start: int, end: int
    ) -> None:
        self.decoder = decoder
        self._layers = layers
        self._attribute = attribute
        self.start = start
        self.end = end
        self._accepted = set(inspect.signature(decoder.forward).parameters)
        self._incoming: Tensor | None = None
        self._outgoing: Tensor | None = None
        self._hooks = (
            layers[0].register_forward_pre_hook(self._swap_in, with_kwargs=True),
            layers[-1].register_forward_hook(self._take_out),
        )

    @property
    def n_layers(self) -> int:
        return self.end - self.start

    @property
    def layers(self) -> nn.ModuleList:
        return self._layers

    @property
    def config(self) -> Any:
        return self.decoder.config

    # Looked up once: a walk through all parameters is felt in every step. The span is filled by then.

    @cached_property
    def dtype(self) -> torch.dtype:
        return next(p.dtype for p in self._layers.parameters() if p.is_floating_point())

    @cached_property
    def device(self) -> torch.device:
        return next(self._layers.parameters()).device

    @property
    def weights_bytes(self) -> int:
        return sum(
            t.numel() * t.element_size() for t in (*self._layers.parameters(), *self._layers.buffers())
        )

    @torch.inference_mode()
    def forward(
        self,
        hidden: Tensor,
        cache: Cache | None,
        positions: Tensor | None = None,
        attention_mask: AttentionMask | None = None,
    ) -> Tensor:
        """`[rows, tokens, hidden]` in and out. Without `positions` (`[rows, tokens]`) the model counts from
        the cache.
        """
        self._incoming = hidden
        dummy_ids = torch.zeros(hidden.shape[:2], dtype=torch.long, device=hidden.device)
        wanted = {
            "input_ids": dummy_ids,
            "attention_mask": attention_mask,
            "position_ids": positions,
            "past_key_values": cache,
            "use_cache": cache is not None,
        }
        try:
            self.decoder(**{name: value for name, value in wanted.items() if name in self._accepted})
            out = self._outgoing
        finally:
            self._incoming = self._outgoing = None
        if out is None:
            raise UnsupportedModel(f"{type(self.decoder).__name__} did not run its last layer.")
        return out

    def detach(self) -> None:
        """Take the hooks off layers that other spans go on using."""
        for hook in self._hooks:
            hook.remove()

    def narrow(self, start: int, end: int) -> "Span":
        """The same layers, or fewer of them, sharing these weights; cache slots keep counting from this
        span's start.
        """
        decoder = copy.copy(self.decoder)
        decoder._modules = dict(self.decoder._modules)
        layers = nn.ModuleList(self._layers[start - self.start : end - self.start])
        setattr(decoder, self._attribute, layers)
        decoder.config = _cut_config(self.decoder.config, start - self.start, end - self.start)
        return Span(decoder, layers, self._attribute, start, end)

    # Spans that share layers hang their hooks on the same modules; only the one that runs has incoming
    # states.

    def _swap_in(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._incoming is None:
            return None
        if "hidden_states" in kwargs:
            return args, {**kwargs, "hidden_states": self._incoming}
        return (self._incoming, *args[1:]), kwargs

    def _take_out(self, layer: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        if self._incoming is not None:
            self._outgoing = output if isinstance(output, Tensor) else output[0]


def cut_span(skeleton: PreTrainedModel, start: int, end: int, device: torch.device | str = "cpu") -> Span:
    """Cut a full-depth model without weights to layers [start, end). The skeleton is used up.

    The layers stay without weights, for the caller to fill; everything around them shrinks to nothing.
    """
    stack = find_stack(skeleton)
    if not 0 <= start < end <= len(stack.layers):
        raise ValueError(f"layers {start}:{end} are not inside 0:{len(stack.layers)}")
    layers = nn.ModuleList(stack.layers[start:end])
    setattr(stack.owner, stack.attribute, layers)
    _renumber(layers)
    cut_config(stack, start, end)
    shrink(stack.owner, layers.parameters(), device)
    return Span(stack.owner.eval(), layers, stack.attribute, start, end)


def cut_config(stack: LayerStack, start: int, end: int) -> None:
    """Give the stack's owner a config of its own that describes layers [start, end) only."""
    stack.owner.config = _cut_config(text_config(stack.owner.config), start, end)


def _cut_config(config: PretrainedConfig, start: int, end: int) -> PretrainedConfig:
    cut = copy.deepcopy(config)
    kinds = getattr(config, "layer_types", None)
    cut.num_hidden_layers = end - start
    if kinds is not None:
        cut.layer_types = list(kinds[start:end])
    return cut


def _renumber(layers: nn.ModuleList) -> None:
    """Cache slots count from 0 inside the span."""
    for index, layer in enumerate(layers):
        for module in layer.modules():
            if isinstance(getattr(module, "layer_idx", None), int):
                module.layer_idx = index


def shrink(model: nn.Module, keep: Iterable[nn.Parameter], device: torch.device | str = "cpu") -> None:
    """Replace every parameter that is not to `keep` by one zero of the same shape (stride 0, no memory).

    For what embeddings and norms compute only to have it thrown away: they need a shape and nothing else.
    """
    inside = {id(p) for p in keep}
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if id(parameter) not in inside:
                zero = torch.zeros((), dtype=parameter.dtype, device=device).expand(parameter.shape)
                setattr(module, name, nn.Parameter(zero, requires_grad=False))
