"""GGUF files for llama.cpp's server: the model that is measured, with its weights in float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from engine.bench.llama_server import Llama
from engine.bench.scratch import scratch
from engine.errors import BadModelFile
from engine.weights.starter import find_starter

_OF_THE_FILE = ("GGUF.", "general.architecture", "general.file_type")  # facts that are written anew


def weights_of(path: Path) -> str:
    """How it keeps most of its weights, e.g. “F32” or “Q4_1”. Raises BadModelFile."""
    try:
        field = gguf.GGUFReader(path).get_field("general.file_type")
        name = gguf.LlamaFileType(field.contents()).name if field is not None else "as its file has them"
    except Exception as error:  # of whatever kind the reader meets in a broken file
        raise BadModelFile(f"{path.name} is not a GGUF file that can be read: name another.") from error
    return name.removeprefix("ALL_").removeprefix("MOSTLY_")


def write_float32(source: Path, target: Path) -> None:
    """The same model and words as in `source`, one tensor at a time."""
    reader = gguf.GGUFReader(source)
    architecture: Any = reader.get_field("general.architecture")
    writer = gguf.GGUFWriter(target, architecture.contents(), use_temp_file=False)
    _copy_facts(reader, writer)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for tensor in reader.tensors:
        shape = [int(n) for n in reversed(tensor.shape)]
        writer.add_tensor_info(tensor.name, shape, np.dtype(np.float32), 4 * int(tensor.n_elements))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in reader.tensors:
        writer.write_tensor_data(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.close()


def _copy_facts(reader: gguf.GGUFReader, writer: gguf.GGUFWriter) -> None:
    for field in reader.fields.values():
        if not field.name.startswith(_OF_THE_FILE):
            kind = field.types[0]
            of = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, of)


@contextmanager
def prepared(command: Path, named: Path | None, folder: Path) -> Iterator[Llama]:
    """With the file that was named, or the starter model's weights in float32, as long as they are needed in
    `folder`.

    Raises BadModelFile, and BadRequest while another process uses `folder`.
    """
    if named is not None:
        yield Llama(command, named.resolve(), weights_of(named))
        return
    with scratch(folder) as own:
        file = own / "starter.gguf"
        write_float32(find_starter(), file)
        yield Llama(command, file, weights_of(file))
