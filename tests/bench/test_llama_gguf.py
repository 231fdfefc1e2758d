from pathlib import Path

import gguf
import numpy as np
import pytest

from engine.bench.llama_gguf import prepared, weights_of, write_float32
from engine.errors import BadModelFile


def quantized(path: Path, values: np.ndarray) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(64)
    writer.add_token_list(["one", "two"])
    coarse = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("a.weight", coarse, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_the_copy_has_the_same_facts_words_and_numbers(tmp_path: Path) -> None:
    values = np.arange(128, dtype=np.float32).reshape(4, 32)
    source, target = tmp_path / "coarse.gguf", tmp_path / "fine.gguf"
    quantized(source, values)
    write_float32(source, target)
    copy = gguf.GGUFReader(target)
    [tensor] = copy.tensors
    assert (weights_of(source), weights_of(target)) == ("Q8_0", "F32")
    assert copy.get_field("llama.context_length").contents() == 64
    assert copy.get_field("tokenizer.ggml.tokens").contents() == ["one", "two"]
    assert tensor.data.dtype == np.float32
    np.testing.assert_allclose(tensor.data, values, atol=0.6)


def test_a_file_that_is_named_is_used_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "coarse.gguf"
    quantized(source, np.ones((4, 32), dtype=np.float32))
    with prepared(Path("/bin/true"), source, tmp_path) as llama:
        assert (llama.gguf, llama.weights) == (source, "Q8_0")


def test_what_is_no_gguf_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but no more")
    with (
        pytest.raises(BadModelFile, match=r"broken\.gguf is not a GGUF file"),
        prepared(broken, broken, tmp_path),
    ):
        pytest.fail("it was read")
