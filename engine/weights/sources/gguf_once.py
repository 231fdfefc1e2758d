"""Make transformers read a GGUF file quickly, and in little memory."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import Lock
from types import ModuleType
from typing import Any

import gguf
import numpy as np
from transformers import modeling_gguf_pytorch_utils as reading

_REPLACING = Lock()  # the libraries' names are replaced for the whole process


class _QuickReader(gguf.GGUFReader):
    """Slices a plain array: numpy's mapped files take several times as long for each of 100 000 words."""

    def _get(self, *args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        self.data: Any = self.data.view(np.ndarray)
        return super()._get(*args, **kwargs)


@contextmanager
def read_once() -> Iterator[Callable[[], None]]:
    """Within this, a file's metadata is parsed once, and the table of tensor names made once.

    transformers parses them for the config, the weights and the tokenizer each, and makes the table for every
    module. That was more than half of the time of an import of the starter model.

    Gives what forgets the parsed file, which takes thousands of bytes for every word of the vocabulary; what
    transformers made of it stays known.
    """
    with _REPLACING, ExitStack() as undo:
        reader = lru_cache(_QuickReader)
        _replace(undo, gguf, "GGUFReader", reader)
        _replace(undo, gguf, "get_tensor_name_map", lru_cache(gguf.get_tensor_name_map))
        _replace(undo, reading, "load_gguf_checkpoint", _copies_of(reading.load_gguf_checkpoint))
        yield reader.cache_clear


def _copies_of(load: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """What the file says, but not its tensors; the caller may change it."""
    known = lru_cache(load)
    return lambda path, return_tensors=False: copy.deepcopy(known(str(path)))


def _replace(undo: ExitStack, module: ModuleType, name: str, value: Any) -> None:
    undo.callback(setattr, module, name, getattr(module, name))
    setattr(module, name, value)
