"""A span: layers [start, end) of a model, run by the model class's own forward.

The model is built at full depth without weights and stays at full depth, so that every setting that goes by
a layer's index is right: its own layers keep their indices, and modules that pass hidden states on stand for
the others. The forward runs with dummy token ids; a hook on the first layer swaps in the hidden states that
arrived, a hook on the last one takes what comes out. Masks, rotary tables and positions come from the
model's own code.
"""

import copy
import inspect
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.model.cache_slots import advance, hand_out
from engine.model.elsewhere import AllLayers, Elsewhere, LayerHabits, habits_of, states_from, with_states
from engine.model.kept import kept_bytes
from engine.model.stack import find_stack, text_config

CACHE_ARGUMENTS = ("past_key_values", "cache_params")  # what models call their cache

AttentionMask = Tensor | Mapping[str, Tensor]


class Span:
    """Layers [start, end) as one callable: hidden states in, hidden states out.

    `decoder` runs the layers, which lie at `path` inside it; `layers` are all of the model's, or what stands
    for them.
    """

    def __init__(
        self,
        decoder: nn.Module,
        path: str,
        layers: Sequence[nn.Module],
        habits: LayerHabits,
        start: int,
        end: int,
    ) -> None:
        self.start = start
        self.end = end
        self._path = path
        self._habits = habits
        self._all = [
            layer if start <= index < end else Elsewhere(layer, habits.answer_length)
            for index, layer in enumerate(layers)
        ]
        self.decoder = replaced(decoder, path.split("."), AllLayers(self._all))
        self.layers = nn.ModuleList(self._all[start:end])
        self._slots = frozenset(self.slots_of(start, end))
        self._accepted = accepted_by(decoder)
        self._incoming: Tensor | None = None
        self._outgoing: Tensor | None = None
        self._cache: Cache | None = None
        self._hooks = (
            self.layers[0].register_forward_pre_hook(self._swap_in, with_kwargs=True),
            self.layers[-1].register_forward_hook(self._take_out),
        )

    @property
    def n_layers(self) -> int:
        return self.end - self.start

    @property
    def cache_slots(self) -> int:
        """How many layers a cache for this span counts: all of the model's, for layers keep their indices."""
        counted = getattr(self._habits.cache, "layers", ())  # a layer may count as several
        return max(len(self._all), len(counted))

    def slots_of(self, start: int, end: int) -> list[int]:
        """The cache slots of layers [start, end), which are inside this span."""
        return sorted({slot for index in range(start, end) for slot in _slots_of(self._all[index], index)})

    @property
    def config(self) -> Any:
        """Describes all layers of the model."""
        return text_config(self.decoder.config)

    # Looked up once: a walk through all parameters is felt in every step. The span is filled by then.

    @cached_property
    def dtype(self) -> torch.dtype:
        return next(p.dtype for p in self.layers.parameters() if p.is_floating_point())

    @cached_property
    def device(self) -> torch.device:
        return next(self.layers.parameters()).device

    @property
    def weights_bytes(self) -> int:
        return sum(map(kept_bytes, (*self.layers.parameters(), *self.layers.buffers())))

    def new_cache(self) -> Any:
        """An empty cache of the kind that the model makes by itself; None if it makes none.

        The slots of other layers only follow: they know how long they would be.
        """
        return hand_out(copy.deepcopy(self._habits.cache), self.cache_slots, self._slots)

    @torch.inference_mode()
    def forward(
        self,
        hidden: Tensor,
        cache: Cache | None,
        positions: Tensor | None = None,
        attention_mask: AttentionMask | None = None,
    ) -> Tensor:
        """`[rows, tokens, hidden]` in and out. Without `positions` (`[rows, tokens]`) they count on from what
        the cache holds.
        """
        self._incoming, self._cache = hidden, cache
        dummy_ids = torch.zeros(hidden.shape[:2], dtype=torch.long, device=hidden.device)
        wanted = {
            "input_ids": dummy_ids,
            "attention_mask": attention_mask,
            "position_ids": next_positions(cache, dummy_ids) if positions is None else positions,
            **dict.fromkeys(CACHE_ARGUMENTS, cache),
            "use_cache": cache is not None,
        }
        try:
            self.decoder(**{name: value for name, value in wanted.items() if name in self._accepted})
            out = self._outgoing
        finally:
            self._incoming = self._outgoing = self._cache = None
        if out is None:
            raise UnsupportedModel(
                said("{name} did not run its last layer.", name=type(self.decoder).__name__)
            )
        return out

    def detach(self) -> None:
        """Take the hooks off layers that other spans go on using."""
        for hook in self._hooks:
            hook.remove()

    def narrow(self, start: int, end: int) -> "Span":
        """The same layers, or fewer of them, sharing these weights."""
        return Span(self.decoder, self._path, self._all, self._habits, start, end)

    # Spans that share layers hang their hooks on the same modules; only the one that runs has incoming
    # states.

    def _swap_in(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._incoming is None:
            return None
        advance(self._cache, range(min(self._slots)), self._incoming.shape[1])
        return with_states(args, kwargs, self._incoming)

    def _take_out(self, layer: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        if self._incoming is not None:
            self._outgoing = states_from(output)
            advance(self._cache, range(min(self._slots), self.cache_slots), self._incoming.shape[1])


def cut_span(skeleton: PreTrainedModel, start: int, end: int, device: torch.device | str = "cpu") -> Span:
    """Cut a full-depth model without weights to layers [start, end). The skeleton is used up.

    The layers stay without weights, for the caller to fill; everything around them shrinks to nothing.
    """
    stack = find_stack(skeleton)
    if not 0 <= start < end <= len(stack.layers):
        raise ValueError(f"layers {start}:{end} are not inside 0:{len(stack.layers)}")
    decoder, path = stack.decoder_of(skeleton)
    shrink(decoder, stack.layers[start:end].parameters(), device)
    habits = habits_of(decoder, stack, accepted_by(decoder))
    return Span(decoder.eval(), path, list(stack.layers), habits, start, end)


def next_positions(cache: Any, ids: Tensor) -> Tensor | None:
    """`[1, tokens]`, as `generate()` gives them to a model; None if the cache counts none.

    Models that are left to count by themselves do not all look into their cache.
    """
    try:
        first = cache.get_seq_length()
    except (AttributeError, ValueError):  # no cache, or one that holds states alone
        return None
    return torch.arange(first, first + ids.shape[1], device=ids.device)[None]


def _slots_of(layer: nn.Module, index: int) -> set[int]:
    """Cache slots that a layer names as its own; most have the one of their index."""
    named = {getattr(m, name, None) for m in layer.modules() for name in ("layer_idx", "layer_id")}
    return {slot for slot in named if isinstance(slot, int)} or {index}


def accepted_by(module: nn.Module) -> frozenset[str]:
    """Names of the arguments of a module's forward."""
    return frozenset(inspect.signature(module.forward).parameters)


def replaced(module: nn.Module, path: Sequence[str], new: nn.Module) -> nn.Module:
    """The same module with another submodule at `path`. Shares everything else with `module`."""
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    name, *rest = path
    child = module._modules[name]
    twin._modules[name] = replaced(child, rest, new) if rest and child is not None else new
    return twin


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
