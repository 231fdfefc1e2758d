"""Attention masks: for decode steps of sessions of different lengths, those that a client made, and those of
drafts with branches.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

_KNOWN_KINDS = {"full_attention", "sliding_attention"}

MaskForm = str  # "by_kind": a dict by layer type; "plain": one tensor
Masks = Tensor | dict[str, Tensor]


class MaskBuilder:
    """Builds the additive 4-D masks that a model's forward takes as they are.

    Models with several kinds of layers take a dict by layer type, the others one tensor. Which of the two a
    model takes, or neither, is found by trying (`engine.host.trials`, `engine.model.branching`), not known by
    name.
    """

    def __init__(self, config: Any, form: MaskForm) -> None:
        self._window = getattr(config, "sliding_window", None)
        kinds = getattr(config, "layer_types", None)
        self._kinds = tuple(dict.fromkeys(kinds)) if kinds else ()
        self._form = form

    def for_rows(self, lengths: Sequence[int], dtype: torch.dtype, device: torch.device) -> Masks:
        """Masks `[rows, 1, 1, longest + 1]` for rows whose new token stands at position `lengths[row]`."""
        position = torch.tensor(lengths, device=device)[:, None]
        return self.for_positions(position, max(lengths) + 1, dtype)

    def for_positions(self, position: Tensor, keys: int, dtype: torch.dtype) -> Masks:
        """Masks `[rows, 1, 1, keys]` for rows whose new token stands at `position` `[rows, 1]`."""
        full, windowed = self._allowed(position, keys)
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


def branch_masks(
    config: Any, trunk: int, end: int, paths: Sequence[Sequence[tuple[int, int]]]
) -> dict[str, Tensor]:
    """What rows see that follow different branches of one text, by kind of layer: bool `[rows, end]`.

    A cache of `end` places holds `trunk` positions of the text at its beginning, which every row sees. Behind
    them each row sees its path alone: places in the cache with their positions in the text, its own last.
    """
    kinds = tuple(dict.fromkeys(getattr(config, "layer_types", None) or ("",)))
    window = getattr(config, "sliding_window", None)
    if len(kinds) == 1:
        return {"": _path_mask(trunk, end, paths, window if kinds[0] in ("", "sliding_attention") else None)}
    return {
        kind: _path_mask(trunk, end, paths, window if kind == "sliding_attention" else None) for kind in kinds
    }


def _path_mask(
    trunk: int, end: int, paths: Sequence[Sequence[tuple[int, int]]], window: int | None
) -> Tensor:
    mask = torch.zeros(len(paths), end, dtype=torch.bool)
    for row, path in zip(mask, paths, strict=True):
        first = 0 if window is None else max(0, path[-1][1] - window + 1)
        row[first:trunk] = True
        row[[place for place, position in path if position >= first]] = True
    return mask
