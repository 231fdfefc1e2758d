"""Make transformers read a GGUF file quickly and quietly."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from threading import Lock
from types import ModuleType
from typing import Any

import gguf
from transformers import modeling_gguf_pytorch_utils as reading

_REPLACING = Lock()  # the libraries' names are replaced for the whole process


@contextmanager
def read_once() -> Iterator[None]:
    """Within this, a file's metadata is parsed once, and the table of tensor names made once;
    no progress bar is drawn on standard error.

    transformers parses them for the config, the weights and the tokenizer each, and makes the table for every
    module. That was more than half of the time of an import of the starter model.
    """
    with _REPLACING, ExitStack() as undo:
        for name in ("GGUFReader", "get_tensor_name_map"):
            _replace(undo, gguf, name, lru_cache(getattr(gguf, name)))
        _replace(undo, reading, "tqdm", partial(reading.tqdm, disable=True))
        yield


def _replace(undo: ExitStack, module: ModuleType, name: str, value: Any) -> None:
    undo.callback(setattr, module, name, getattr(module, name))
    setattr(module, name, value)
