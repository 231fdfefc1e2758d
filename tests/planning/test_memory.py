from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.machine.speeds import MANY_SESSIONS, Speed
from engine.planning.filling import Filler
from engine.planning.memory import least_tokens, longest, most_tokens, plan_memory, rows_of, usual_tokens
from engine.planning.models import LayerSize, ModelShape
from engine.planning.offers import all_ways
from engine.planning.places import Place
from engine.precision import MAX_RUNS, NATIVES, PRECISIONS, at_least, runs_of
from engine.settings import HostSettings
from tests.planning.shapes import LLAMA_8B, LLAMA_405B

GIB = 1 << 30
SPEED = Speed(1e12, 1e11)
CARD = Place(
    key="GPU-a",
    device="cuda:0",
    name="Card",
    precision="bfloat16",
    budget=23 * GIB,
    reserve=GIB,
    runtime=GIB,
    speeds=dict.fromkeys(PRECISIONS, SPEED),
    fuses_attention=True,
)

counts = st.integers(1, 10**9)
layers = st.builds(
    lambda values, share, rows, cache, stored: LayerSize(
        values, int(values * share), int(values * share) // (rows + 1), cache, stored
    ),
    counts,
    st.floats(0, 1),
    st.integers(0, 10**4),
    st.integers(0, 10**5),
    counts,
)
shapes = st.builds(
    ModelShape,
    digest=st.just("1" * 64),
    name=st.just("Soup"),
    dtype=st.just("bfloat16"),
    layers=st.lists(layers, min_size=1, max_size=12).map(tuple),
    hidden_size=st.integers(1, 1 << 14),
    context=st.integers(1, 1 << 17),
    floor=st.sampled_from(PRECISIONS),
    kind=st.sampled_from(("causal", "encoder", "image_text")),
    heads=st.integers(0, 128),
    attention_width=st.integers(0, 1 << 14),
    expert_values=st.integers(0, 10**6),
)
places = st.builds(
    replace,
    st.just(CARD),
    budget=st.integers(0, 400 * GIB),
    precision=st.sampled_from(NATIVES),
    is_main_memory=st.booleans(),
    fuses_attention=st.booleans(),
    captures=st.booleans(),
)
wishes = st.builds(
    HostSettings,
    cache_bytes=st.none() | st.integers(1, 64 * GIB),
    precision=st.none() | st.sampled_from(PRECISIONS),
)


@settings(deadline=None, max_examples=150)
@given(places, shapes, wishes, st.data())
def test_whatever_is_planned_fits(place, shape, wished, data):
    for way in all_ways(place, shape, wished):
        start = data.draw(st.sampled_from([at for at, fits in enumerate(way.longest) if fits]))
        end = start + data.draw(st.integers(1, way.longest[start]))
        filler = Filler(place, shape, start, end, wished.cache_bytes)
        filling = filler.fill(way.precision, way.cache_tokens, may_raise=wished.precision is None)
        assert filling.memory.total <= filling.memory.budget == place.budget
        assert len(filling.precisions) == end - start
        assert all(at_least(precision, way.precision) for precision in filling.precisions)
        assert len(runs_of(filling.precisions)) <= MAX_RUNS
        if wished.cache_bytes is None:
            assert filling.cache_tokens >= way.cache_tokens


@settings(deadline=None, max_examples=100)
@given(places, shapes, st.sampled_from(PRECISIONS))
def test_one_layer_more_would_not_fit(place, shape, precision):
    tokens = usual_tokens(shape)
    for start, fits in enumerate(longest(place, shape, precision, tokens)):
        for count in {fits, fits + 1} & set(range(1, shape.n_layers - start + 1)):
            memory = plan_memory(place, shape, start, (precision,) * count, tokens)
            assert (memory.total <= memory.budget) == (count == fits)


def test_the_cache_holds_eight_sessions_half_way_or_one_whole_one():
    assert usual_tokens(LLAMA_8B) == 8 * 4096 // 2
    assert least_tokens(LLAMA_8B) == 4096
    short = replace(LLAMA_8B, context=1000)
    assert (usual_tokens(short), least_tokens(short)) == (4032, 1024)  # in whole blocks


def test_where_memory_is_left_over_as_many_sessions_fit_as_share_a_forward():
    assert most_tokens(LLAMA_8B, CARD) == 64 * 2048
    assert most_tokens(replace(LLAMA_8B, context=1 << 20), CARD) == 1 << 20
    assert most_tokens(replace(LLAMA_8B, context=8192), replace(CARD, is_main_memory=True)) == 16 * 2048


@pytest.mark.parametrize(
    ("tokens", "rows"),
    [(16_384, MANY_SESSIONS), (4096, MANY_SESSIONS // 4), (64, 1), (10**6, MANY_SESSIONS)],
)
def test_a_small_cache_lets_few_sessions_share_a_forward(tokens, rows):
    assert rows_of(LLAMA_8B, tokens) == rows
    assert rows_of(replace(LLAMA_8B, batches=False), tokens) == 1


def test_precision_is_raised_where_memory_is_left_over():
    usual = usual_tokens(LLAMA_8B)
    coarse = plan_memory(CARD, LLAMA_8B, 0, ("nf4",) * 32, usual).total
    fine = plan_memory(CARD, LLAMA_8B, 0, ("bfloat16",) * 32, usual).total
    kept = []
    for share in (0, 0.3, 0.6, 1):
        place = replace(CARD, budget=coarse + int(share * (fine - coarse)))
        kept.append(Filler(place, LLAMA_8B, 0, 32).fill("nf4", usual, may_raise=True).precisions)
    assert set(kept[0]) == {"nf4"}
    assert set(kept[1]) == {"nf4", "int8"}
    assert set(kept[2]) == {"int8", "bfloat16"}
    assert set(kept[3]) == {"bfloat16"}


def test_a_cache_that_is_small_grows_before_precision_rises():
    usual, least = usual_tokens(LLAMA_8B), least_tokens(LLAMA_8B)
    budget = plan_memory(CARD, LLAMA_8B, 0, ("nf4",) * 32, usual).total - 1
    filling = Filler(replace(CARD, budget=budget), LLAMA_8B, 0, 32).fill("nf4", least, may_raise=True)
    assert set(filling.precisions) == {"nf4"}
    assert usual - 64 <= filling.cache_tokens < usual


def test_the_owners_cache_is_taken_as_it_is():
    filling = Filler(CARD, LLAMA_8B, 0, 4, cache_bytes=GIB).fill("nf4", 4096, may_raise=True)
    assert filling.memory.cache == GIB
    assert filling.cache_tokens == GIB // (4 * 2048 * 2)


def test_an_owners_cache_for_no_token_is_not_said_to_hold_any():
    filling = Filler(CARD, LLAMA_8B, 0, 4, cache_bytes=1000).fill("nf4", 4096, may_raise=True)
    assert (filling.memory.cache, filling.cache_tokens) == (1000, 0)


def test_a_large_layer_is_unpacked_matrix_by_matrix():
    known = replace(LLAMA_405B, widest_matrix=2 * 16384 * 53248)
    usual = (("nf4",), usual_tokens(known))
    assert (
        plan_memory(CARD, known, 0, *usual).activations < plan_memory(CARD, LLAMA_405B, 0, *usual).activations
    )


def test_no_more_rests_in_main_memory_than_the_cache_holds() -> None:
    place = replace(CARD, resting=3 * GIB)
    small, large = (plan_memory(place, LLAMA_8B, 0, ("nf4",), 8192, size) for size in (GIB, 8 * GIB))
    assert (small.resting, large.resting) == (GIB, 3 * GIB)
    assert small.total == plan_memory(CARD, LLAMA_8B, 0, ("nf4",), 8192, GIB).total
