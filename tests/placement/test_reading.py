"""The directory's records as a swarm."""

from engine.placement.coverage import throughput
from engine.placement.reading import MOST_OF_USUAL, believed, rank, view_of
from engine.wire.records import PROTOCOL_VERSION, ServerState, SpanRecord

MODEL, OTHER = "a" * 64, "b" * 64


def peer(number: int) -> str:
    return "12D3KooW" + "z" * 30 + "".join("123456789A"[int(digit)] for digit in f"{number:05}")


def record(number: int, start: int = 0, end: int = 4, **fields: object) -> SpanRecord:
    given = {
        "peer": peer(number),
        "model": MODEL,
        "model_name": "M",
        "start": start,
        "end": end,
        "n_layers": 8,
        "state": ServerState.ONLINE,
        "tokens_per_s": 10.0,
        "expires": 1e10,
    }
    return SpanRecord.model_validate({**given, **fields})


def peers_in(records: list[SpanRecord], **options: object) -> set[str]:
    view = view_of(records, **options)  # type: ignore[arg-type]
    return {server.peer for model in view.models.values() for server in model.servers}


def test_who_serves_or_is_about_to_counts() -> None:
    states = list(ServerState)
    records = [record(number, state=state) for number, state in enumerate(states)]
    expected = {ServerState.CHOOSING, ServerState.JOINING, ServerState.ONLINE}
    assert peers_in(records) == {peer(states.index(state)) for state in expected}


def test_of_two_who_choose_exactly_one_counts_the_other() -> None:
    one, other = record(1, state=ServerState.CHOOSING), record(2, state=ServerState.CHOOSING)
    seen_by_one = peers_in([other], rank_below=one.peer)
    seen_by_other = peers_in([one], rank_below=other.peer)
    assert len(seen_by_one) + len(seen_by_other) == 1
    assert bool(seen_by_one) == (rank(other.peer, MODEL) < rank(one.peer, MODEL))


def test_own_servers_and_other_protocols_do_not_count() -> None:
    records = [record(1), record(2), record(3, protocol=PROTOCOL_VERSION + 1)]
    assert peers_in(records, without=(peer(1),)) == {peer(2)}


def test_a_server_counts_once_per_model() -> None:
    view = view_of([record(1, 0, 4), record(1, 4, 8), record(1, model=OTHER)])
    assert [(s.start, s.end) for s in view.models[MODEL].servers] == [(4, 8)]
    assert len(view.models[OTHER].servers) == 1


def test_rates_are_layer_tokens() -> None:
    view = view_of([record(1, 0, 4), record(2, 2, 8)])
    assert [server.layer_tokens_per_s for server in view.models[MODEL].servers] == [40.0, 60.0]


def test_a_liar_does_not_make_layers_look_served() -> None:
    honest = [record(number, 0, 8, tokens_per_s=10.0) for number in range(9)]
    view = view_of([*honest, record(99, 0, 8, tokens_per_s=1e9)])
    assert throughput(view.models[MODEL]) <= 9 * 10 + MOST_OF_USUAL * 10
    alone = view_of([record(99, 0, 8, tokens_per_s=1e9)])
    assert throughput(alone.models[MODEL]) < 1e6


def test_who_says_nothing_counts_as_slow() -> None:
    assert believed([0.0, 40.0, 40.0, 40.0]) == [10.0, 40.0, 40.0, 40.0]
    assert believed([]) == []
    assert believed([0.0])[0] > 0
    assert believed([5.0]) == [5.0]


def test_a_lonely_claim_of_another_length_is_outvoted() -> None:
    view = view_of([record(1), record(2), record(3, 0, 4000, n_layers=4000, model_name="Better")])
    model = view.models[MODEL]
    assert (model.n_layers, model.name, len(model.servers)) == (8, "M", 2)


def test_demand_is_what_is_in_use_and_what_waits() -> None:
    idle = view_of([record(1, 0, 8)]).models[MODEL].wanted_tokens_per_s
    half = view_of([record(1, 0, 8, busy=0.5)]).models[MODEL].wanted_tokens_per_s
    full = view_of([record(1, 0, 8, busy=1.0)]).models[MODEL].wanted_tokens_per_s
    crowded = view_of([record(1, 0, 8, busy=1.0, queue_depth=1_000_000)]).models[MODEL].wanted_tokens_per_s
    assert (idle, half, full) == (0.0, 5.0, 10.0)
    assert full < crowded <= 4 * full


def test_many_servers_of_a_chain_tell_of_one_demand() -> None:
    chain = [record(number, start, start + 2, busy=0.5) for number, start in enumerate(range(0, 8, 2))]
    assert view_of(chain).models[MODEL].wanted_tokens_per_s == 5.0
