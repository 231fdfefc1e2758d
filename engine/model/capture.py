"""What an image-text model gives its language layers beside hidden states, and what of it a step must carry.

The model's own code makes positions and masks from the picture. What plain text would have given as well is
left out: servers make that themselves.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.model.extras import StepExtras
from engine.model.stack import text_config
from engine.model.swarm_cache import SwarmCache

_MADE_BY_SERVERS = {"input_ids", "inputs_embeds", "past_key_values", "use_cache", "cache_position"}


def watch(decoder: nn.Module) -> None:
    """From now on each forward of a shell's text decoder leaves what its layers need with the SwarmCache."""
    names = inspect.signature(decoder.forward)

    def leave(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = names.bind_partial(*args, **kwargs).arguments
        given |= given.pop("kwargs", {})
        cache = given.get("past_key_values")
        if isinstance(cache, SwarmCache):
            cache.extras = step_extras(given, text_config(decoder.config), cache.length)

    decoder.register_forward_pre_hook(leave, with_kwargs=True)


def step_extras(given: Mapping[str, Any], config: Any, position: int) -> StepExtras:
    """What must travel of the arguments of a text decoder, in a step at `position`.

    Raises UnsupportedModel if a picture reaches the layers in a way that no step can carry.
    """
    rest = {name: value for name, value in given.items() if name not in _MADE_BY_SERVERS}
    positions, masks = rest.pop("position_ids", None), rest.pop("attention_mask", None)
    for name, value in rest.items():
        if _holds_tensor(value):
            raise UnsupportedModel(
                said(
                    "This model's layers need more of a picture than its place in the text ({name}): it "
                    "can be asked about text only.",
                    name=name,
                )
            )
    return StepExtras(_unusual_positions(positions, position), _unusual_masks(masks, config, position))


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_tensor, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_tensor, value))
    return isinstance(value, Tensor)


def _unusual_positions(positions: Tensor | None, start: int) -> Tensor | None:
    """Positions of one row as `[axes, tokens]`; None where they only count on from `start`.

    Models give `[1, tokens]`, or `[axes, 1, tokens]`.
    """
    if positions is None:
        return None
    by_axis = positions.reshape(-1, positions.shape[-1])
    counted = torch.arange(start, start + by_axis.shape[1], device=by_axis.device)
    return None if torch.equal(by_axis, counted.expand_as(by_axis)) else by_axis


def _unusual_masks(masks: Any, config: Any, position: int) -> dict[str, Tensor]:
    """What each kind of layer may see, as `[tokens, position + tokens]`, where it is not as in plain text."""
    by_kind = masks if isinstance(masks, Mapping) else {"": masks}
    told = {kind: mask for kind, mask in by_kind.items() if mask is not None and not _is_no_padding(mask)}
    allowed = {kind: _allowed(mask) for kind, mask in told.items()}
    return {kind: mask for kind, mask in allowed.items() if not _is_plain(mask, kind, config, position)}


def _is_no_padding(mask: Tensor) -> bool:
    """Whether a mask `[1, position + tokens]` only says that every token is one."""
    return mask.dim() == 2 and bool(mask.all())


def _allowed(mask: Tensor) -> Tensor:
    """A mask of one row, bool or additive, as bool `[tokens, position + tokens]`."""
    flat = mask.reshape(mask.shape[-2:])
    return flat == 0 if flat.is_floating_point() else flat.bool()


def _is_plain(mask: Tensor, kind: str, config: Any, position: int) -> bool:
    window = getattr(config, "sliding_window", None) if kind in ("", "sliding_attention") else None
    query = torch.arange(position, position + len(mask), device=mask.device)[:, None]
    key = torch.arange(mask.shape[1], device=mask.device)[None, :]
    plain = (key <= query) & (key > query - window) if window else key <= query
    return torch.equal(mask, plain)
