"""Bounds on what a config may ask to be built: a stranger wrote it, and building comes before any weight."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.api.sentences import said
from engine.errors import BadModelFile
from engine.wire.records import MAX_LAYERS

MAX_SIZE = 1 << 24  # of a vocabulary, a width, a number of positions

_COUNTS = re.compile(r"(^|_)(layers?|depths?|blocks)$")
_SIZES = re.compile(
    r"(^|_)(size|dims?|heads|experts|positions|embeddings|length|len|channels|rank|ctx|embd|inner|model|ff|kv)$"
)


def check_config_sizes(values: Mapping[str, Any], name: str) -> None:
    """Raises BadModelFile if the config of the model called `name` asks for more than any model has."""
    for key, number in _numbers(values):
        most = MAX_LAYERS if _COUNTS.search(key) else MAX_SIZE if _SIZES.search(key) else None
        if most is not None and number > most:
            raise BadModelFile(
                said(
                    "The config of {name} cannot be right: {key} is {number}, and at most {most} is built.",
                    name=name,
                    key=key[:60],
                    number=f"{number:.3g}",
                    most=most,
                )
            )


def _numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a config with the name that it, or the list around it, has."""
    if isinstance(value, Mapping):
        for inner_key, inner in value.items():
            yield from _numbers(inner, str(inner_key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value
