"""Models as a plan sees them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Any

from engine.planning.catalogue import floor_of
from engine.precision import Native, Precision
from engine.weights.manifest import Dtype, Kind, Manifest

STORED_BYTES: Mapping[Dtype, int] = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}

_HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")  # what families call it in their configs
_WIDTHS = ("hidden_size", "n_embd", "d_model", "dim")
_HEAD_WIDTHS = ("head_dim", "v_head_dim", "kv_channels")
_MOST_HEADS, _WIDEST_HEAD = 1 << 12, 1 << 14
_EXPERTS = ("num_experts_per_tok", "num_experts_per_token", "moe_top_k", "top_k_experts")  # of one token
_EXPERT_INNERS = ("moe_intermediate_size", "expert_ffn_hidden_size")
_INNERS = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff")
_ALL_EXPERTS = ("num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts")
_WIDEST, _MOST_EXPERTS = 1 << 20, 1 << 10
_NARROW_HEAD = 32  # where a config does not say: more heads than any usual model has, never fewer


@dataclass(frozen=True)
class LayerSize:
    """Counts of numbers, but for `stored_bytes`."""

    values: int  # all weights
    matrix_values: int  # of these, in matrices, which may be kept in fewer bits
    matrix_rows: int  # of these matrices together
    cache_values: int  # kept of each token
    stored_bytes: int  # of its part in the layer store, which is what travels
    expert_share: float = 0.0  # of all weights, in experts of which a token goes to a few


@dataclass(frozen=True)
class ModelShape:
    digest: str
    name: str
    dtype: Native  # that the weights were published in
    layers: tuple[LayerSize, ...]
    hidden_size: int
    context: int  # tokens
    floor: Precision = "nf4"  # coarser ones spoil its answers too much
    batches: bool = True  # False: sessions run one at a time
    kind: Kind = "causal"
    heads: int = 0  # of attention; 0: nobody says
    attention_width: int = 0  # numbers of one token's keys in all heads; 0: as many as hidden ones
    expert_values: int = 0  # numbers that a token becomes in the experts that it goes to
    expert_use: float = 1.0  # share of a layer's experts that one token goes to
    widest_matrix: int = 0  # numbers in a layer's largest matrix, at most; 0: nobody says

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @cached_property
    def sizes(self) -> frozenset[LayerSize]:
        """That its layers have; most models have one or two."""
        return frozenset(self.layers)

    @property
    def most_heads(self) -> int:
        return self.heads or -(-self.hidden_size // _NARROW_HEAD)

    @property
    def keys_width(self) -> int:
        return self.attention_width or self.hidden_size


def shape_of(manifest: Manifest) -> ModelShape:
    """As its parts and its config tell it."""
    width = STORED_BYTES[manifest.dtype]
    counts = zip(
        manifest.layers, manifest.matrix_values, manifest.matrix_rows, manifest.cache_values, strict=True
    )
    dims = _Dimensions.of(_text_config(manifest.config))
    layers = tuple(
        LayerSize(total, values, rows, cache, part.size, dims.expert_share(total))
        for part, values, rows, cache in counts
        for total in [max(part.size // width, values)]  # of what a stranger says the larger one
    )
    shell = manifest.shell.size // width
    return ModelShape(
        digest=manifest.digest,
        name=manifest.name,
        dtype="float32" if manifest.dtype == "float64" else manifest.dtype,
        layers=layers,
        hidden_size=dims.hidden or _widest_square(layers),
        context=manifest.context,
        floor=floor_of(manifest.name, sum(layer.values for layer in layers) + shell),
        kind=manifest.kind,
        heads=dims.heads,
        attention_width=dims.heads * dims.head_width,
        expert_values=dims.experts * (3 * dims.expert + 4 * dims.hidden),
        expert_use=dims.experts / dims.all_experts if dims.has_experts else 1.0,
        widest_matrix=dims.widest_matrix,
    )


def _widest_square(layers: Collection[LayerSize]) -> int:
    """Hidden numbers, at most: some matrix of a layer has as many rows and columns. 1 at least."""
    return max(1, *(isqrt(layer.matrix_values or layer.values) for layer in layers))


@dataclass(frozen=True)
class _Dimensions:
    """What a config says of a layer; 0: nothing."""

    hidden: int
    heads: int
    head_width: int
    inner: int  # of the MLP
    experts: int  # that one token goes to
    all_experts: int  # of a layer
    expert: int  # inner size of one

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "_Dimensions":
        inner = _number(config, _INNERS, _WIDEST)
        return cls(
            hidden=_number(config, _WIDTHS, _WIDEST),
            heads=_number(config, _HEADS, _MOST_HEADS),
            head_width=_number(config, _HEAD_WIDTHS, _WIDEST_HEAD),
            inner=inner,
            experts=_number(config, _EXPERTS, _MOST_EXPERTS),
            all_experts=_number(config, _ALL_EXPERTS, _MOST_EXPERTS),
            expert=_number(config, _EXPERT_INNERS, _WIDEST) or inner,
        )

    @property
    def has_experts(self) -> bool:
        return 0 < self.experts <= self.all_experts

    def expert_share(self, values: int) -> float:
        """Of a layer with so many weights; 0 where it is too small to have experts."""
        inside = 3 * self.all_experts * self.hidden * self.expert if self.has_experts else 0
        return inside / values if inside <= values and values else 0.0

    @property
    def widest_matrix(self) -> int:
        """Gate and up, or queries, keys and values, may be one matrix."""
        if not (self.hidden and self.heads and self.inner):
            return 0
        attention = 3 * max(self.hidden, self.heads * self.head_width)
        return self.hidden * max(attention, 2 * self.inner, 2 * self.expert)


def _text_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the part that writes, in a model that also sees."""
    inner = config.get("text_config")
    return inner if isinstance(inner, dict) else config


def _number(config: Mapping[str, Any], names: tuple[str, ...], most: int) -> int:
    """The first that is there and can be one; a stranger may have written it. 0: none."""
    values = (config.get(name) for name in names)
    return next((value for value in values if type(value) is int and 0 < value <= most), 0)
