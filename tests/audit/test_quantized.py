"""Servers that keep layers of the starter model in few bits, and say so, are never accused; else they are."""

from collections.abc import Mapping
from itertools import combinations_with_replacement

import pytest
import torch

from engine.audit.tolerance import Rows, agrees, bounds_of, difference
from engine.generate.shell_models import load_shell
from engine.host.loading import build_span
from engine.model.span import Span
from engine.precision import Native, Precision
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.bench.precision import TEXT

pytestmark = pytest.mark.starter

TOKENS = 64
SPANS = ((0, 6), (13, 17), (24, 30))
# What they compute in, and what their layers are kept in, one after the other.
SERVERS: tuple[tuple[Native, tuple[Precision, ...]], ...] = (
    ("float32", ("float32",)),
    ("bfloat16", ("bfloat16",)),
    ("float32", ("int8",)),
    ("bfloat16", ("int8",)),
    ("float32", ("nf4",)),
    ("bfloat16", ("nf4",)),
    ("float32", ("nf4", "int8")),
)


@pytest.fixture(scope="module")
def texts(starter_store: tuple[LayerStore, Manifest]) -> Mapping[int, Rows]:
    """Hidden states of a text before the first layer of each span, `[tokens, hidden]`."""
    store, manifest = starter_store
    shell = load_shell(manifest, store)
    ids = torch.tensor([shell.tokenizer(TEXT.read_text()).input_ids[:TOKENS]])
    hidden, found = shell.model.get_input_embeddings()(ids)[0].numpy(), {}
    whole = build_span(manifest, store, 0, SPANS[-1][0], torch.float32, "cpu")
    for start, _ in SPANS:
        found[start] = computed(whole.narrow(0, start), hidden) if start else hidden
    return found


@torch.inference_mode()
def computed(span: Span, took: Rows) -> Rows:
    hidden = torch.from_numpy(took.copy())[None].to(span.dtype)
    out: Rows = span.forward(hidden, span.new_cache())[0].float().numpy()
    span.detach()
    return out


@pytest.mark.parametrize("layers", SPANS, ids=str)
def test_honest_servers_agree_whatever_they_keep_layers_in(
    layers: tuple[int, int], texts: Mapping[int, Rows], starter_store: tuple[LayerStore, Manifest]
) -> None:
    store, manifest = starter_store
    start, end = layers
    gave = []
    for native, pattern in SERVERS:
        kept = (pattern * (end - start))[: end - start]
        span = build_span(manifest, store, start, end, getattr(torch, native), "cpu", kept)
        gave.append(((native, *pattern), computed(span, texts[start])))
    for (mine, ours), (other, theirs) in combinations_with_replacement(gave, 2):
        bounds = bounds_of([*mine, *other, "float32"], end - start)
        assert agrees(difference(texts[start], ours, theirs), bounds), (mine, other)
    true, coarse = gave[0][1], {precisions: rows for precisions, rows in gave}
    for served, announced in ((("float32", "int8"), "float32"), (("bfloat16", "nf4"), "bfloat16")):
        bounds = bounds_of([announced, "float32"], end - start)
        assert not agrees(difference(texts[start], true, coarse[served]), bounds), served
