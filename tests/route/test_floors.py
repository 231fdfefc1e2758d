"""A client's floor: which layers are left, and that sessions keep to it whatever happens."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedModel

from engine.errors import MissingLayers, TooCoarse
from engine.layer_ranges import LayerRange
from engine.precision import NATIVES, PRECISIONS, Native, Precision, Runs, at_least, coarsest, runs_of
from engine.route.costs import layer_seconds
from engine.route.floors import effective, fine_enough, precisions_among
from engine.route.plan import PlannedHop, plan_chain
from engine.wire.records import ServerState, SpanRecord
from tests.in_memory_swarm import IMPATIENT, MemoryServer, MemorySwarm
from tests.route.records import N, server
from tests.route.test_leaving import BEFORE, PROMPT, moved, steps
from tests.route.test_session import assert_undisturbed
from tests.tiny_models import some_states

MIXED: Runs = (("nf4", 3), ("bfloat16", 3), ("int8", 2))
INT8 = replace(IMPATIENT, floor="int8")


def spans(records: Sequence[SpanRecord]) -> list[LayerRange]:
    return [(record.start, record.end) for record in records]


@pytest.mark.parametrize(
    ("floor", "left"),
    [
        ("nf4", [(0, 8)]),
        ("int8", [(3, 8)]),
        ("bfloat16", [(3, 6)]),
        ("float16", []),
        ("float32", []),
    ],
)
def test_coarser_layers_are_left_out(floor: Precision, left: list[LayerRange]) -> None:
    assert spans(fine_enough([server(0, layer_precisions=MIXED)], floor)) == left


def test_one_server_may_have_several_fine_runs() -> None:
    kept: Runs = (("int8", 2), ("nf4", 1), ("bfloat16", 2), ("nf4", 2), ("int8", 1))
    runs = fine_enough([server(0, layer_precisions=kept)], "int8")
    assert spans(runs) == [(0, 2), (3, 5), (7, 8)]
    assert [run.layer_precisions for run in runs] == [(("int8", 2),), (("bfloat16", 2),), (("int8", 1),)]


def test_what_is_computed_coarsely_is_coarse_however_it_is_kept() -> None:
    record = server(0, precision="bfloat16", layer_precisions=(("float32", N),))
    assert fine_enough([record], "bfloat16") == [record]
    assert fine_enough([record], "float32") == []
    assert effective(record, 2, 4) == ("bfloat16", "bfloat16")


LAYERS = st.lists(st.sampled_from(PRECISIONS), min_size=N, max_size=N)


@given(LAYERS, st.sampled_from(NATIVES), st.sampled_from(PRECISIONS))
def test_exactly_the_fine_layers_stay_as_they_are(
    kept: list[Precision], native: Native, floor: Precision
) -> None:
    whole = server(0, precision=native, layer_precisions=runs_of(kept), step_seconds=0.8, tokens_per_s=10.0)
    left = fine_enough([whole], floor)
    fine = [layer for layer in range(N) if at_least(coarsest((kept[layer], native)), floor)]
    assert [layer for run in left for layer in range(run.start, run.end)] == fine
    for run in left:
        assert run.precisions == tuple(kept[run.start : run.end])
        assert SpanRecord.model_validate(run.model_dump()) == run
        assert layer_seconds(run, None) == pytest.approx(layer_seconds(whole, None))
        assert run.tokens_per_s * (run.end - run.start) == pytest.approx(whole.tokens_per_s * N)


SOME = st.integers(0, N - 1).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, N)))


@given(st.lists(st.tuples(SOME, LAYERS), max_size=6), st.sampled_from(PRECISIONS))
def test_chains_take_fine_layers_only_and_are_found_wherever_they_are(
    servers: list[tuple[LayerRange, list[Precision]]], floor: Precision
) -> None:
    records = [
        server(number, start, end, layer_precisions=runs_of(kept[start:end]))
        for number, ((start, end), kept) in enumerate(servers)
    ]
    chain = plan_chain(fine_enough(records, floor), 0, N)
    fine = {
        layer
        for record in records
        for layer, precision in enumerate(record.precisions, record.start)
        if at_least(precision, floor)
    }
    assert (chain is not None) == (fine == set(range(N)))
    assert all(at_least(precision, floor) for hop in chain or () for precision in hop.precisions)


def test_in_which_precisions_some_layers_are_served() -> None:
    leaving = server(2, precision="float16", state=ServerState.DRAINING)
    servers = [server(0, layer_precisions=MIXED), server(1, 4, 8, precision="bfloat16"), leaving]
    assert precisions_among(servers, [(0, 3)]) == ("nf4",)
    assert precisions_among(servers, [(2, 4), (7, 8)]) == ("nf4", "int8", "bfloat16")


def test_a_hop_knows_what_its_layers_are_kept_in() -> None:
    assert PlannedHop(server(0, layer_precisions=MIXED), 2, 7).precisions == (
        "nf4",
        "bfloat16",
        "bfloat16",
        "bfloat16",
        "int8",
    )


# --- sessions


def peers(servers: Sequence[MemoryServer]) -> list[str]:
    return [server.peer for server in servers]


async def test_a_server_still_gives_its_fine_layers(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    mixed = swarm.add(model, layer_precisions=(("nf4", 3), ("bfloat16", 2)))
    fine = swarm.add(model, 0, 4, step_seconds=0.5)
    session = swarm.session(INT8)
    await assert_undisturbed(session, model)
    hops = session.report()
    assert [(hop.peer, hop.start, hop.end) for hop in hops] == [(fine.peer, 0, 3), (mixed.peer, 3, 5)]
    assert [hop.precision_words for hop in hops] == ["float32", "bfloat16"]
    session.close()


async def test_a_chain_may_come_back_to_a_server_behind_its_coarse_layers(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    mixed = swarm.add(model, layer_precisions=(("int8", 2), ("nf4", 1), ("int8", 2)))
    between = swarm.add(model, 2, 3)
    session = swarm.session(INT8)
    await assert_undisturbed(session, model)
    assert [hop.peer for hop in session.report()] == peers([mixed, between, mixed])
    session.close()


async def test_without_a_floor_the_better_server_is_taken_as_it_is(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    mixed = swarm.add(model, layer_precisions=(("nf4", 3), ("bfloat16", 2)))
    swarm.add(model, 0, 4, step_seconds=0.5)
    session = swarm.session()
    await assert_undisturbed(session, model)
    [hop] = session.report()
    assert (hop.peer, hop.precision_words) == (mixed.peer, "nf4 (3 layers) and bfloat16 (2)")
    session.close()


async def test_where_only_coarse_layers_are_the_failure_says_so(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, layer_precisions=(("nf4", 3), ("int8", 2)))
    with pytest.raises(TooCoarse) as caught:
        await swarm.session(INT8).step(some_states(PROMPT), 0)
    assert str(caught.value) == (
        "tiny cannot answer now: layers 1–3 of 5 are served here only in nf4, and you asked for int8 or "
        "better; ask for less, or wait for somebody who serves better."
    )


async def test_layers_that_nobody_serves_are_named_first(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    swarm.add(model, 0, 3, layer_precisions=(("nf4", 3),))
    with pytest.raises(MissingLayers, match="nobody serves layers 4–5 of 5"):
        await swarm.session(INT8).step(some_states(PROMPT), 0)


@pytest.mark.parametrize("spread", ["chat", "batch"])
async def test_a_replacement_keeps_to_the_floor(
    spread: str, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    lost = swarm.add(model)
    session = swarm.session(replace(INT8, purpose=spread))
    await session.step(some_states(PROMPT), 0)
    coarse = swarm.add(model, layer_precisions=(("nf4", 5),))
    lost.die()
    with pytest.raises(TooCoarse):
        await session.step(some_states(1), PROMPT)
    fine = swarm.add(model, step_seconds=0.5)
    again = swarm.session(replace(INT8, purpose=spread))
    await assert_undisturbed(again, model)
    assert [hop.peer for hop in again.report()] == [fine.peer]
    assert coarse.opened == 0
    again.close()


async def test_a_leaving_server_moves_only_to_one_that_is_fine_enough(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving = swarm.add(model)
    session = swarm.session(INT8)
    await session.step(some_states(PROMPT), 0)
    coarse = swarm.add(model, layer_precisions=(("nf4", 5),))
    leaving.spans.drain()
    await steps(session, PROMPT, PROMPT + BEFORE)
    assert [hop.peer for hop in session.report()] == peers([leaving])
    fine = swarm.add(model, layer_precisions=(("int8", 5),), step_seconds=0.5)
    await moved(session, leaving)
    assert [hop.peer for hop in session.report()] == peers([fine])
    assert coarse.opened == 0
    session.close()


@pytest.mark.parametrize(
    ("successor", "handed_over"),
    [
        ((("nf4", 2), ("int8", 3)), 1),
        ((("int8", 5),), 0),
        ((("nf4", 3), ("int8", 2)), 0),
        ((), 0),
    ],
)
async def test_a_cache_goes_only_where_each_layer_is_kept_alike(
    successor: Runs, handed_over: int, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    leaving = swarm.add(model, layer_precisions=(("nf4", 2), ("int8", 3)))
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    swarm.add(model, layer_precisions=successor, step_seconds=0.5)
    leaving.spans.drain()
    await moved(session, leaving)
    assert (session.handed_over_spans, session.replayed_spans) == (handed_over, 1 - handed_over)
    session.close()


async def test_only_the_layers_in_question_have_to_be_alike(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    swarm.add(model, 0, 2)
    leaving = swarm.add(model, 2, 5)
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    swarm.add(model, layer_precisions=(("nf4", 2), ("float32", 3)), step_seconds=0.5)
    leaving.spans.drain()
    await moved(session, leaving)
    assert session.handed_over_spans == 1
    session.close()
