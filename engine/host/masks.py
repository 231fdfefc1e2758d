"""Which sessions may share a forward with others, by how their rotary tables are made."""

from collections.abc import Mapping
from typing import Any

_LENGTH_BOUND_ROPES = {"dynamic", "longrope"}  # their angles change with the longest position of a forward


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
