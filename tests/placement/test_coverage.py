"""Exact throughput, against the maximal flow that networkx finds."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from engine.placement.coverage import throughput
from engine.placement.levels import balanced
from engine.placement.spans import spans_of
from engine.placement.view import ModelView
from tests.placement.swarms import model, redundancy, server, uncovered

N_LAYERS = 7
spans = st.tuples(st.integers(0, N_LAYERS - 1), st.integers(1, N_LAYERS)).filter(lambda s: s[0] < s[1])
servers = st.lists(st.tuples(spans, st.integers(1, 300)), max_size=8)


def _flow(view: ModelView, tokens_per_s: float) -> float:
    """How many layer-tokens/s arrive where each layer takes so many."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    for layer in range(view.n_layers):
        graph.add_edge(("layer", layer), "sink", capacity=tokens_per_s)
    for number, one in enumerate(view.servers):
        graph.add_edge("source", number, capacity=one.layer_tokens_per_s)
        for layer in range(one.start, one.end):
            graph.add_edge(number, ("layer", layer))
    return float(nx.maximum_flow_value(graph, "source", "sink"))


@given(servers)
def test_throughput_is_the_most_that_a_flow_allows(found: list[tuple[tuple[int, int], int]]) -> None:
    view = model(N_LAYERS, *(server(*span, rate) for span, rate in found))
    tokens_per_s = throughput(view)
    assert _flow(view, tokens_per_s) >= N_LAYERS * tokens_per_s * (1 - 1e-6)
    more = tokens_per_s * 1.001 + 1e-3
    assert _flow(view, more) < N_LAYERS * more * (1 - 1e-6)


@given(servers)
def test_balanced_levels_are_possible_and_reach_almost_as_far(
    found: list[tuple[tuple[int, int], int]],
) -> None:
    view = model(N_LAYERS, *(server(*span, rate) for span, rate in found))
    levels = balanced(spans_of(view.servers, N_LAYERS))
    assert (levels >= 0).all()
    assert abs(levels.sum() - sum(s.layer_tokens_per_s for s in view.servers)) < 1e-6 * (1 + levels.sum())
    assert 0.8 * throughput(view) <= levels.min() + 1e-9 <= throughput(view) * (1 + 1e-6) + 1e-8


def test_a_long_span_helps_where_it_is_needed() -> None:
    view = model(4, server(0, 4, 40), server(0, 1, 10), server(2, 4, 30))
    assert throughput(view) == 20.0
    assert throughput(model(4, *view.servers, server(1, 2, 20))) == 25.0


def test_one_missing_layer_serves_nobody() -> None:
    view = model(6, server(0, 3, 100), server(4, 6, 100), server(1, 3, 5))
    assert throughput(view) == 0.0
    assert uncovered(view) == ((3, 4),)
    assert redundancy(view) == (1, 2, 2, 0, 1, 1)


def test_spans_outside_of_the_model_do_not_count() -> None:
    assert throughput(model(3, server(0, 3, 30), server(1, 9, 1e9), server(-2, 3, 1e9))) == 10.0
    assert throughput(model(3)) == 0.0
