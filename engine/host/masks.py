"""Attention masks for one decode step of several sessions of different lengths."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

_KNOWN_KINDS = {"full_attention", "sliding_attention"}

MaskForm = str  # "by_kind": a dict by layer type; "plain": one tensor


class DecodeMasks:
    """Builds the additive 4-D masks that a model's forward takes as they are.

    Models with several kinds of layers take a dict by layer type, the others one tensor. Which of the two a
    model takes, or neither, is found by trying (`engine.host.runner`), not known by name.
    """

    def __init__(self, config: Any, form: MaskForm) -> None:
        self._window = getattr(config, "sliding_window", None)
        kinds = getattr(config, "layer_types", None)
        self._kinds = tuple(dict.fromkeys(kinds)) if kinds else ()
        self._form = form

    def build(
        self, lengths: Sequence[int], dtype: torch.dtype, device: torch.device
    ) -> Tensor | dict[str, Tensor]:
        """Masks `[rows, 1, 1, longest + 1]` for rows whose new token stands at position `lengths[row]`."""
        position = torch.tensor(lengths, device=device)[:, None]
        key = torch.arange(max(lengths) + 1, device=device)[None, :]
        causal = key <= position
        windowed = causal & (key > position - self._window) if self._window else causal
        if self._form == "plain":
            return _additive(windowed, dtype)
        by_kind = {True: _additive(windowed, dtype), False: _additive(causal, dtype)}
        return {kind: by_kind[kind == "sliding_attention"] for kind in self._kinds}


def _additive(allowed: Tensor, dtype: torch.dtype) -> Tensor:
    """0 where attention is allowed, the dtype's lowest number elsewhere."""
    mask = torch.zeros(allowed.shape, dtype=dtype, device=allowed.device)
    return mask.masked_fill_(~allowed, torch.finfo(dtype).min)[:, None, None, :]


def mask_forms(config: Any) -> tuple[MaskForm, ...]:
    """The forms worth trying, the likelier first; none if some layers need masks that are not known here."""
    kinds = getattr(config, "layer_types", None)
    if not kinds:
        return ("plain",)
    return ("by_kind", "plain") if _KNOWN_KINDS.issuperset(kinds) else ()
