"""Attention masks: for decode steps of sessions of different lengths, and those that a client made."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

_KNOWN_KINDS = {"full_attention", "sliding_attention"}
_LENGTH_BOUND_ROPES = {"dynamic", "longrope"}  # their angles change with the longest position of a forward

MaskForm = str  # "by_kind": a dict by layer type; "plain": one tensor
Masks = Tensor | dict[str, Tensor]


class MaskBuilder:
    """Builds the additive 4-D masks that a model's forward takes as they are.

    Models with several kinds of layers take a dict by layer type, the others one tensor. Which of the two a
    model takes, or neither, is found by trying (`engine.host.runner`), not known by name.
    """

    def __init__(self, config: Any, form: MaskForm) -> None:
        self._window = getattr(config, "sliding_window", None)
        kinds = getattr(config, "layer_types", None)
        self._kinds = tuple(dict.fromkeys(kinds)) if kinds else ()
        self._form = form

    def for_rows(self, lengths: Sequence[int], dtype: torch.dtype, device: torch.device) -> Masks:
        """Masks `[rows, 1, 1, longest + 1]` for rows whose new token stands at position `lengths[row]`."""
        position = torch.tensor(lengths, device=device)[:, None]
        full, windowed = self._allowed(position, max(lengths) + 1)
        if self._form == "plain":
            return _additive(windowed, dtype)[:, None, None, :]
        by_kind = {
            True: _additive(windowed, dtype)[:, None, None, :],
            False: _additive(full, dtype)[:, None, None, :],
        }
        return {kind: by_kind[kind == "sliding_attention"] for kind in self._kinds}

    def takes(self, kinds: Sequence[str]) -> bool:
        """Whether a client's masks for these kinds of layers say clearly what each layer gets."""
        if self._form == "by_kind":
            return _KNOWN_KINDS.union([""]).issuperset(kinds)
        return len(kinds) == 1

    def for_step(self, masks: Mapping[str, Tensor], dtype: torch.dtype, device: torch.device) -> Masks:
        """A client's masks `[tokens, position + tokens]` as `[1, 1, tokens, position + tokens]`.

        The mask of the kind "" is for all kinds that are not named; without it these see what they see in
        plain text.
        """
        tokens, keys = next(iter(masks.values())).shape
        if self._form == "plain":
            return _additive(next(iter(masks.values())).to(device), dtype)[None, None]
        full, windowed = self._allowed(torch.arange(keys - tokens, keys)[:, None], keys)
        usual = {kind: windowed if kind == "sliding_attention" else full for kind in self._kinds}
        chosen = {kind: masks.get(kind, masks.get("", usual[kind])) for kind in self._kinds}
        return {kind: _additive(mask.to(device), dtype)[None, None] for kind, mask in chosen.items()}

    def _allowed(self, position: Tensor, keys: int) -> tuple[Tensor, Tensor]:
        """What tokens at `position` `[rows, 1]` see in plain text: by full and by sliding layers."""
        key = torch.arange(keys, device=position.device)[None, :]
        causal = key <= position
        return causal, causal & (key > position - self._window) if self._window else causal


def _additive(allowed: Tensor, dtype: torch.dtype) -> Tensor:
    """0 where attention is allowed, the dtype's lowest number elsewhere."""
    mask = torch.zeros(allowed.shape, dtype=dtype, device=allowed.device)
    return mask.masked_fill_(~allowed, torch.finfo(dtype).min)


def mask_forms(config: Any) -> tuple[MaskForm, ...]:
    """The forms worth trying, the likelier first; none if some layers need masks that are not known here."""
    kinds = getattr(config, "layer_types", None)
    if not kinds:
        return ("plain",)
    return ("by_kind", "plain") if _KNOWN_KINDS.issuperset(kinds) else ()


def shared_length(config: Any) -> int | None:
    """The longest session that may share a forward with others; None: any.

    Some rotary tables are made anew for a forward's longest position, which would change what the shorter
    rows get.
    """
    limits = [_limit(rope, config) for rope in _ropes(config) if rope.get("rope_type") in _LENGTH_BOUND_ROPES]
    return min(limits, default=None)


def _ropes(config: Any) -> list[Mapping[str, Any]]:
    """Rotary settings: one set, or one for each kind of layer."""
    settings = getattr(config, "rope_parameters", None) or {}
    nested = [inner for inner in settings.values() if isinstance(inner, Mapping)]
    return nested or [settings]


def _limit(rope: Mapping[str, Any], config: Any) -> int:
    return int(rope.get("original_max_position_embeddings") or config.max_position_embeddings)
