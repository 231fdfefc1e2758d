"""Audits of servers that keep some of their layers in fewer bits: bounds go by the layers in question."""

from collections.abc import Sequence
from functools import cache
from random import Random

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from engine.audit.auditor import Auditor, Result
from engine.audit.record import Case
from engine.audit.schedule import Schedule
from engine.audit.tolerance import Rows, agrees, bounds_of, difference, taking_part
from engine.audit.verdict import Opinion
from engine.precision import Precision, Runs, runs_of
from engine.route.opening import SwarmModel
from engine.route.plan import PlannedHop
from engine.settings import AuditSettings
from tests.audit.span_servers import MODEL, Book, ServedHop, Servers, history_of
from tests.audit.spans import FAMILIES, lively_model
from tests.route.records import server
from tests.tiny_models import CONFIGS, N_LAYERS, some_states
from tests.wide_models import WIDE_HIDDEN, quantized_span, wide_model

FINE: tuple[Precision, ...] = ("float32",) * N_LAYERS
MIXTURES: tuple[tuple[Precision, ...], ...] = (
    ("nf4", "float32", "float32", "float32", "float32"),
    ("float32", "float32", "nf4", "nf4", "nf4"),
    ("nf4", "int8", "float32", "int8", "nf4"),
    ("int8", "int8", "float32", "float32", "float32"),
    ("nf4",) * N_LAYERS,
)
TOKENS = 32


@cache
def model_of(family: str) -> PreTrainedModel:
    return wide_model(CONFIGS[family]())


@cache
def took() -> Rows:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(TOKENS, WIDE_HIDDEN, generator=generator).numpy()


@cache
@torch.inference_mode()
def computed(family: str, kept: tuple[Precision, ...]) -> Rows:
    span = quantized_span(model_of(family), kept)
    return span.forward(torch.from_numpy(took().copy())[None], span.new_cache())[0].numpy()


def agree(family: str, kept: tuple[Precision, ...], announced: Sequence[Precision]) -> bool:
    """What a server that keeps its layers so gave, and one that keeps them in float32."""
    bounds = bounds_of((*taking_part("float32", announced), "float32", "float32"), N_LAYERS)
    return agrees(difference(took(), computed(family, kept), computed(family, FINE)), bounds)


def test_what_takes_part() -> None:
    assert taking_part("bfloat16", ("bfloat16", "bfloat16")) == ("bfloat16",)
    assert taking_part("bfloat16", ("bfloat16", "nf4", "int8")) == ("nf4", "bfloat16")
    assert taking_part("float32", ("int8", "float32")) == ("int8", "float32")


@pytest.mark.parametrize("family", FAMILIES)
def test_honest_mixtures_never_trip(family: str) -> None:
    for kept in MIXTURES:
        assert agree(family, kept, announced=kept), kept


@pytest.mark.parametrize("family", ["llama", "gemma2", "phi3"])
def test_a_layer_that_is_kept_coarser_than_announced_trips(family: str) -> None:
    for kept in MIXTURES:
        assert not agree(family, kept, announced=FINE), kept
    assert not agree(family, ("nf4",) * N_LAYERS, announced=("int8",) * N_LAYERS)


def hop(kept: Runs, start: int, end: int) -> PlannedHop:
    return PlannedHop(server(0, 0, N_LAYERS, n_layers=N_LAYERS, layer_precisions=kept), start, end)


@pytest.mark.parametrize(("layers", "is_caught"), [((3, 5), True), ((0, 5), False)])
async def test_only_the_layers_in_question_count(layers: tuple[int, int], is_caught: bool) -> None:
    """A server with coarse layers elsewhere has no more slack for those that it keeps as they are."""
    kept: Runs = (*runs_of(("nf4",) * 3), *runs_of(("float32",) * 2))
    servers, book = Servers(lively_model("llama")), Book()
    own = servers.add(layers)
    rows = some_states(TOKENS).numpy()
    true = servers.by_peer[own].compute(rows)

    async def recompute(_: SwarmModel, case: Case, without: frozenset[str]) -> Opinion[Result]:
        since, end = case.since, case.tokens
        return Opinion(frozenset({own}), Result(true[since:end], ("float32",)), trusted=True)

    auditor = Auditor(recompute, book, Schedule(AuditSettings(share=2.0), Random(0)))
    session = auditor.watch(MODEL, lambda peer: None)
    served = ServedHop(hop(kept, *layers), history_of(true * np.float32(1.02)))
    session.saw(history_of(rows), [served])
    await auditor.idle()
    session.close()
    assert auditor.tally.lies == len(book.liars) == int(is_caught)
    assert (auditor.tally.agreed > 0) is not is_caught
