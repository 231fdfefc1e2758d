"""Make transformers' reading of a GGUF file bearable."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any

import gguf

_REPLACING = Lock()  # the library's names are replaced for the whole process


@contextmanager
def read_once() -> Iterator[None]:
    """Within this, a file's metadata is parsed once, and the table of tensor names made once.

    transformers parses them for the config, the weights and the tokenizer each, and makes the table for every
    module. That was more than half of the time of an import of the starter model.
    """
    with _REPLACING, ExitStack() as undo:
        for name in ("GGUFReader", "get_tensor_name_map"):
            _replace(undo, name, lru_cache(getattr(gguf, name)))
        yield


def _replace(undo: ExitStack, name: str, value: Any) -> None:
    undo.callback(setattr, gguf, name, getattr(gguf, name))
    setattr(gguf, name, value)
