"""GGUF files of those architectures for which transformers has rules from the file's names and blocks."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.integrations.gguf.dequant import GGML_BLOCK
from transformers.integrations.gguf.reader import GgufHeader
from transformers.integrations.gguf.reader import TensorInfo as GgufInfo
from transformers.quantizers.quantizer_gguf import GgufHfQuantizer
from transformers.utils.quantization_config import GgufConfig

from engine.weights.imports.layerwise import Rules
from engine.weights.sources.checkpoint import TensorInfo
from engine.weights.sources.safetensors import RangedFile
from engine.weights.tensorfile import own_memory

_PLAIN = {
    0: ("F32", torch.float32),
    1: ("F16", torch.float16),
    30: ("BF16", torch.bfloat16),
}  # by ggml's type


class BlockCheckpoint:
    """The file's own names and, where it is quantized, the bytes of its blocks: the rules unpack them."""

    def __init__(self, path: Path, file: RangedFile) -> None:
        self._path = path
        self._file = file
        self._header = GgufHeader.from_file(str(path))
        self._infos = {info.name: info for info in self._header.tensors}

    @property
    def dtype(self) -> str:
        """As transformers chooses it: of a file that is not quantized, the half type that is in it."""
        return str(self._header.dtype or torch.float32).removeprefix("torch.")

    @property
    def entries(self) -> Mapping[str, TensorInfo]:
        return {name: _entry(info) for name, info in self._infos.items()}

    def rules(self, model: PreTrainedModel) -> Rules:
        quantizer = GgufHfQuantizer(GgufConfig(gguf_file=str(self._path), dequantize=True))
        quantizer.read_header(str(self._path))
        quantizer.update_dtype(getattr(torch, self.dtype))
        quantizer._process_model_before_weight_loading(model)
        return Rules(quantizer.update_weight_conversions([], model), quantizer)

    def read(self, names: Sequence[str]) -> dict[str, Tensor]:
        return {name: self._read(self._infos[name]) for name in names}

    def _read(self, info: GgufInfo) -> Tensor:
        raw = own_memory(info.nbytes)
        self._file.read_into(memoryview(raw.numpy()), self._header.data_start + info.offset)
        return raw.view(_PLAIN.get(info.ggml_type, ("U8", torch.uint8))[1]).view(_entry(info).shape)


def _entry(info: GgufInfo) -> TensorInfo:
    if info.ggml_type in _PLAIN:
        return TensorInfo(_PLAIN[info.ggml_type][0], tuple(info.shape), info.nbytes)
    numbers, size = GGML_BLOCK[info.ggml_type]
    return TensorInfo("U8", (*info.shape[:-1], info.shape[-1] // numbers * size), info.nbytes)
