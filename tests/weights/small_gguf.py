"""A tiny llama as a GGUF file, with a tokenizer of bytes."""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, quants

from tests.tiny_models import byte_tokenizer

HIDDEN, FEED_FORWARD, HEADS, N_LAYERS = 64, 128, 4, 3

_SHAPES = {
    "attn_q": (HIDDEN, HIDDEN),
    "attn_k": (HIDDEN, HIDDEN),
    "attn_v": (HIDDEN, HIDDEN),
    "attn_output": (HIDDEN, HIDDEN),
    "ffn_gate": (FEED_FORWARD, HIDDEN),
    "ffn_up": (FEED_FORWARD, HIDDEN),
    "ffn_down": (HIDDEN, FEED_FORWARD),
    "attn_norm": (HIDDEN,),
    "ffn_norm": (HIDDEN,),
}


def write_small_gguf(path: Path, seed: int = 0) -> None:
    """Matrices in blocks of 8 bits, norms as float32."""
    tokenizer = byte_tokenizer([("p", "o")])
    words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(N_LAYERS)
    writer.add_context_length(64)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(words)
    writer.add_token_types([1] * len(words))
    writer.add_token_merges(["p o"])
    writer.add_bos_token_id(len(words) - 2)
    writer.add_eos_token_id(len(words) - 1)
    _add_tensors(writer, len(words), np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tensors(writer: GGUFWriter, n_words: int, random: np.random.Generator) -> None:
    shapes = {f"blk.{i}.{name}": shape for i in range(N_LAYERS) for name, shape in _SHAPES.items()}
    outside = {"token_embd": (n_words, HIDDEN), "output": (n_words, HIDDEN), "output_norm": (HIDDEN,)}
    for name, shape in (outside | shapes).items():
        values = random.standard_normal(shape, dtype=np.float32) / 8
        if len(shape) == 1:
            writer.add_tensor(f"{name}.weight", values)
        else:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(f"{name}.weight", quants.quantize(values, kind), raw_dtype=kind)
