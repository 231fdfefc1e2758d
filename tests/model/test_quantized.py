"""Layers kept in int8 and nf4: what they compute is what bitsandbytes' own rounded numbers give."""

import copy
from collections.abc import Sequence

import bitsandbytes.functional as bnb
import pytest
import torch
import transformers as hf
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from engine.model.dtypes import mark_float32
from engine.model.matrices import FEWEST_NUMBERS, FEWEST_ROWS, matrices, matrix_sizes
from engine.model.quantized import Coarse, Quantized, quantize
from engine.model.span import cut_span
from engine.model.stack import find_stack
from engine.planning.models import LayerSize
from engine.planning.weights import weights_bytes
from engine.precision import Native, Precision
from tests.host.test_own_caches import CONFIGS as WITH_STATES
from tests.tiny_models import CONFIGS, N_LAYERS
from tests.wide_models import WIDE_HIDDEN, quantized_span, wide_model, widened

COARSE: tuple[Coarse, ...] = ("int8", "nf4")
MIXED: tuple[Precision, ...] = ("nf4", "float32", "int8", "nf4", "int8")
ALL = CONFIGS | WITH_STATES
TOLERANCE = 1e-4  # of the largest number


def rounded(matrix: Tensor, precision: Coarse) -> Tensor:
    """By bitsandbytes alone: to fewer bits and back."""
    if precision == "nf4":
        return bnb.dequantize_4bit(*bnb.quantize_4bit(matrix.contiguous(), blocksize=64, quant_type="nf4"))
    kept, largest, _ = bnb.int8_vectorwise_quant(matrix.flatten(0, -2).half())
    return bnb.int8_vectorwise_dequant(kept, largest).view(matrix.shape)


def rounded_model(model: PreTrainedModel, precisions: Sequence[Precision]) -> PreTrainedModel:
    """The same model with ordinary weights of the values that coarse ones have."""
    twin = copy.deepcopy(model)
    for layer, precision in zip(find_stack(twin).layers, precisions, strict=True):
        for parameter in matrices(layer).values() if precision in COARSE else ():
            parameter.copy_(rounded(parameter, precision))
    return twin


@torch.inference_mode()
def answers(span, tokens: int = 7) -> Tensor:
    """Outputs of a prompt and two single steps: `[tokens, hidden]`."""
    hidden = torch.randn(1, tokens, WIDE_HIDDEN, generator=torch.Generator().manual_seed(0))
    cache = span.new_cache()
    return torch.cat([span.forward(piece, cache)[0] for piece in hidden.split([tokens - 2, 1, 1], dim=1)])


@pytest.mark.parametrize("family", ALL)
def test_every_family_computes_with_the_rounded_numbers(family: str) -> None:
    model = wide_model(ALL[family]())
    for precisions in (("int8",) * N_LAYERS, ("nf4",) * N_LAYERS, MIXED):
        expected = answers(cut_span(rounded_model(model, precisions), 0, N_LAYERS))
        found = answers(quantized_span(model, precisions))
        assert (found - expected).abs().max() <= TOLERANCE * expected.abs().max()


def test_an_encoder_computes_with_the_rounded_numbers() -> None:
    sizes = {"hidden_size": WIDE_HIDDEN, "intermediate_size": 192, "num_attention_heads": 4}
    torch.manual_seed(0)
    config = hf.BertConfig(vocab_size=97, num_hidden_layers=N_LAYERS, **sizes)
    model = hf.BertModel(config).eval().requires_grad_(False)
    hidden = torch.randn(2, 7, WIDE_HIDDEN)
    expected = cut_span(rounded_model(model, MIXED), 0, N_LAYERS).forward(hidden, None)
    found = quantized_span(model, MIXED).forward(hidden, None)
    assert (found - expected).abs().max() <= TOLERANCE * expected.abs().max()


@pytest.mark.parametrize("family", ALL)
def test_nearly_all_numbers_of_a_layer_lie_in_matrices(family: str) -> None:
    for layer in find_stack(wide_model(ALL[family]())).layers:
        large = sum(p.numel() for p in layer.parameters() if p.dim() > 1)
        assert matrix_sizes(layer).values >= 0.9 * large


@pytest.mark.parametrize("family", ALL)
def test_layers_take_the_bytes_that_plans_count_with(family: str) -> None:
    natives: tuple[Native, ...] = ("float32", "bfloat16")
    for native in natives:
        model = wide_model(ALL[family]()).to(getattr(torch, native))
        sizes = [layer_size(layer) for layer in find_stack(model).layers]
        for precision in (native, *COARSE):
            planned = sum(weights_bytes(precision, size, native) for size in sizes)
            held = quantized_span(model, (precision,) * N_LAYERS).weights_bytes
            assert 0.98 * planned <= held <= planned + tables_bytes(model)


def layer_size(layer: nn.Module) -> LayerSize:
    found, values = matrix_sizes(layer), sum(t.numel() for t in layer.state_dict().values())
    return LayerSize(values, found.values, found.rows, cache_values=0, stored_bytes=values * 2)


def tables_bytes(model: PreTrainedModel) -> int:
    """That the model's code makes for its layers; no file holds them."""
    layers = find_stack(model).layers
    return sum(b.nbytes for name, b in layers.named_buffers() if name not in layers.state_dict())


# --- which tensors


class Mixture(nn.Module):
    """What a layer may be made of."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(128)
        self.wide = nn.Linear(128, 192)
        self.turned = Conv1D(192, 128)  # [128, 192]
        self.conv = nn.Conv1d(128, 128, 4, groups=2)  # its weight has three dimensions, too
        self.small = nn.Linear(64, FEWEST_NUMBERS // 64 - 1)
        self.gate = nn.Linear(4096, FEWEST_ROWS - 1)
        self.uneven = nn.Linear(100, 128)
        self.router = nn.Linear(128, 96)
        self.experts = nn.Module()
        self.experts.up = nn.Parameter(torch.zeros(96, 64, 128))
        self.experts.bias = nn.Parameter(torch.zeros(96, 128))


def test_matrices_are_those_of_products_and_of_experts() -> None:
    layer = Mixture()
    assert set(matrices(layer)) == {"wide.weight", "turned.weight", "experts.up"}
    numbers, rows = 128 * 192 * 2 + 96 * 64 * 128, 192 + 128 + 96 * 64
    assert (matrix_sizes(layer).values, matrix_sizes(layer).rows) == (numbers, rows)


class Careful(hf.LlamaForCausalLM):
    _keep_in_fp32_modules = ("o_proj",)


def test_what_a_model_keeps_in_float32_stays_as_it_is() -> None:
    model = Careful(widened(CONFIGS["llama"]()))
    assert "self_attn.o_proj.weight" in matrices(model.model.layers[0])
    mark_float32(model)
    assert "self_attn.o_proj.weight" not in matrices(model.model.layers[0])


# --- tensors in fewer bits


@pytest.mark.parametrize("precision", COARSE)
def test_to_torch_it_is_a_tensor_of_its_numbers(precision: Coarse) -> None:
    matrix, states = torch.randn(192, 128), torch.randn(3, 128)
    coarse = quantize(matrix, precision, torch.float32)
    numbers = rounded(matrix, precision)
    assert (coarse.shape, coarse.dtype, coarse.device) == (matrix.shape, matrix.dtype, matrix.device)
    assert torch.allclose(coarse.numbers(), numbers)
    assert 0 < (numbers - matrix).abs().mean() < 0.1
    with torch.inference_mode():
        assert torch.allclose(states @ coarse.t(), states @ numbers.t(), atol=1e-5)
        assert torch.allclose(
            torch.addmm(torch.ones(128), coarse.t(), coarse), 1 + numbers.t() @ numbers, atol=1e-3
        )
        assert type(coarse[3:5] + 1) is Tensor


def test_nf4_on_a_cpu_has_the_bits_that_bitsandbytes_makes() -> None:
    matrix = torch.randn(100, 640)
    matrix[3] = 0
    matrix[5, :64] = bnb.get_4bit_type("nf4", device="cpu").repeat(4) * 1e-30
    for dtype in (torch.float32, torch.bfloat16):
        packed, state = bnb.quantize_4bit(matrix.to(dtype), blocksize=64, quant_type="nf4")
        coarse = quantize(matrix.to(dtype), "nf4", dtype)
        assert torch.equal(coarse.kept.view(-1, 1), packed)
        assert torch.equal(coarse.scale.view(-1), state.absmax)


@pytest.mark.parametrize("precision", COARSE)
def test_one_expert_of_a_stack_stays_coarse(precision: Coarse) -> None:
    stack = torch.randn(3, 64, 128)
    coarse = quantize(stack, precision, torch.bfloat16)
    one = coarse[torch.tensor(1)]
    assert isinstance(one, Quantized)
    assert one.kept.data_ptr() == coarse.kept[1].data_ptr()
    assert torch.equal(one.numbers(), rounded(stack[1], precision).bfloat16())


@pytest.mark.parametrize("precision", COARSE)
def test_quantizing_in_pieces_changes_nothing(precision: Coarse, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = torch.randn(3, 64, 128)
    whole = quantize(stack, precision, torch.float32)
    monkeypatch.setattr("engine.model.quantized._PIECE", 1000)
    in_pieces = quantize(stack, precision, torch.float32)
    assert torch.equal(in_pieces.kept, whole.kept)
    assert torch.equal(in_pieces.scale, whole.scale)


@pytest.mark.parametrize("precision", COARSE)
def test_multiplying_in_pieces_changes_nothing(precision: Coarse, monkeypatch: pytest.MonkeyPatch) -> None:
    coarse, states, bias = quantize(torch.randn(192, 128), precision, torch.float32), torch.randn(3, 128), 5.0
    with torch.inference_mode():
        whole = coarse.times(states, torch.full((192,), bias))
        monkeypatch.setattr("engine.model.quantized._PIECE", 1000)
        assert len(coarse._pieces()) > 20
        assert torch.allclose(coarse.times(states, torch.full((192,), bias)), whole, atol=1e-4)


@pytest.mark.parametrize("precision", COARSE)
def test_experts_are_unpacked_one_at_a_time(precision: Coarse, monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0
    numbers = Quantized.numbers

    def noted(coarse: Quantized) -> Tensor:
        nonlocal largest
        largest = max(largest, coarse.dim())
        return numbers(coarse)

    monkeypatch.setattr(Quantized, "numbers", noted)
    answers(quantized_span(wide_model(CONFIGS["mixtral"]()), (precision,) * N_LAYERS))
    assert largest < 3


@pytest.mark.parametrize("precision", COARSE)
@pytest.mark.parametrize("family", ["llama", "mixtral", "gpt2"])
def test_a_row_s_answer_does_not_depend_on_the_rows_beside_it(family: str, precision: Coarse) -> None:
    span = quantized_span(wide_model(CONFIGS[family]()), (precision,) * N_LAYERS)
    rows = torch.randn(5, 1, WIDE_HIDDEN)
    rows[1:] *= 100
    together = span.forward(rows, span.new_cache())
    for row, found in zip(rows, together, strict=True):
        alone = span.forward(row[None], span.new_cache())[0]
        assert (found - alone).abs().max() <= TOLERANCE * alone.abs().max()
