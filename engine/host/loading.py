"""From the layer store to a span that is ready to run."""

import contextlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import nn

from engine.api.sentences import said
from engine.errors import BadModelFile, NotEnoughMemory
from engine.host.capturing import capture_on
from engine.host.orders import HostConfig
from engine.host.process import LoadedSpan
from engine.host.runner import SpanRunner
from engine.model.elsewhere import states_of
from engine.model.layout import lay_out
from engine.model.quantized import is_coarse
from engine.model.span import Span, cut_span
from engine.precision import Precision, per_layer
from engine.weights.loading import build_skeleton, fill, fill_coarse
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

LOADERS = 2  # layers that are read and laid out at once


def load_span(config: HostConfig) -> LoadedSpan:
    """Load, cut and try out the span. Raises StoreError, BadModelFile or NotEnoughMemory."""
    try:
        return _load_span(config)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not _is_about_memory(error):
            raise
        raise NotEnoughMemory(
            said("There is not enough memory for these layers: serve fewer of them.")
        ) from error


def _is_about_memory(error: RuntimeError) -> bool:
    """torch says it by a class of its own on a card, and only in words on the CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)


def _load_span(config: HostConfig) -> LoadedSpan:
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    store = LayerStore(config.store)
    manifest = store.manifest(config.manifest)
    span = build_span(
        manifest,
        store,
        config.start,
        config.end,
        getattr(torch, config.precision),
        config.device,
        per_layer(config.layer_precisions),
    )
    causal = manifest.kind != "encoder"
    capture = capture_on(span.device) if config.graph_bytes else None
    width = hidden_width(span)
    runner = SpanRunner(span, width, config.cache_bytes, causal, capture, config.graph_bytes)
    return LoadedSpan(manifest, runner)


def hidden_width(span: Span) -> int:
    """Numbers per token that go from layer to layer; in some models several times the hidden size."""
    seen: list[int] = []

    def look(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        seen.append(states_of(args, kwargs).flatten(2).shape[-1])

    hook = span.layers[0].register_forward_pre_hook(look, prepend=True, with_kwargs=True)
    with contextlib.suppress(RuntimeError):  # one number per token is too few for any model
        span.forward(torch.zeros(1, 1, 1, dtype=span.dtype, device=span.device), span.new_cache())
    hook.remove()
    return seen[0]


def build_span(
    manifest: Manifest,
    store: LayerStore,
    start: int,
    end: int,
    dtype: torch.dtype,
    device: str,
    precisions: Sequence[Precision] = (),
) -> Span:
    """Layers [start, end) with their weights on `device`, to compute in `dtype`.

    `precisions`: what each layer's matrices are kept in; empty: as it computes.
    """
    span = cut_span(build_skeleton(manifest, dtype, device), start, end, device)
    _check_counts(manifest, start, span.layers)
    fill_layers(span.layers, manifest.layers[start:end], store, dtype, device, precisions)
    return span


def _check_counts(manifest: Manifest, start: int, layers: Iterable[nn.Module]) -> None:
    """Memory was planned by what parts can hold in the manifest's dtype: whatever holds more is refused."""
    width = getattr(torch, manifest.dtype).itemsize
    for part, layer in zip(manifest.layers[start:], layers, strict=False):
        numbers = sum(weight.numel() for weight in layer.parameters() if weight.is_floating_point())
        if numbers * width > part.size:
            raise BadModelFile(
                said(
                    "A layer of {model} holds more than its manifest says: use another.", model=manifest.name
                )
            )


def fill_layers(
    layers: Iterable[nn.Module],
    parts: Sequence[Part],
    store: LayerStore,
    dtype: torch.dtype,
    device: str = "cpu",
    precisions: Sequence[Precision] = (),
) -> None:
    """Give each layer the weights of its part, laid out for the processor. Raises as `LayerStore.tensors`."""

    def load(layer: nn.Module, part: Part, precision: Precision | None) -> None:
        if precision is not None and is_coarse(precision):
            fill_coarse(layer, store.rows_in_turn(part), precision, dtype, device)
        else:
            fill(layer, store.tensors(part), dtype, device)
        lay_out(layer)

    # Copies into fresh memory are bound by one core each: two layers at a time are nearly twice as fast.
    with ThreadPoolExecutor(LOADERS, thread_name_prefix="loading") as pool:
        try:
            wanted = zip(layers, parts, precisions or [None] * len(parts), strict=True)
            for done in [pool.submit(load, *layer) for layer in wanted]:
                done.result()
        finally:
            pool.shutdown(cancel_futures=True)
