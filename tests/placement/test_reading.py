"""The directory's records as a swarm."""

from engine.placement.coverage import throughput
from engine.placement.intents import MOST_SECONDS, Intents
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


def going(number: int, state: ServerState, **place: object) -> SpanRecord:
    to = {"model": MODEL, "model_name": "M", "start": 4, "end": 8, "n_layers": 8, "tokens_per_s": 7.0}
    return record(number, state=state, moves_to={**to, **place})


def spans_in(records: list[SpanRecord], **options: object) -> dict[str, list[tuple[int, int]]]:
    view = view_of(records, **options)  # type: ignore[arg-type]
    return {digest: [(s.start, s.end) for s in model.servers] for digest, model in view.models.items()}


def test_who_leaves_for_other_layers_counts_there() -> None:
    leaving = going(1, ServerState.DRAINING)
    assert spans_in([leaving]) == {MODEL: [(4, 8)]}
    assert view_of([leaving]).models[MODEL].servers[0].layer_tokens_per_s == 28.0
    assert (
        spans_in([leaving], rank_below=peer(2))
        == spans_in([leaving], rank_below=peer(3))
        == {MODEL: [(4, 8)]}
    )
    assert spans_in([record(1, state=ServerState.DRAINING)]) == {}


def test_who_leaves_for_another_model_counts_there_until_it_has_said_more() -> None:
    leaving = going(1, ServerState.DRAINING, model=OTHER, model_name="N", n_layers=20)
    assert spans_in([leaving]) == {OTHER: [(4, 8)]}
    come = record(1, 5, 9, model=OTHER, n_layers=20, state=ServerState.JOINING)
    assert spans_in([leaving, come]) == spans_in([come, leaving]) == {OTHER: [(5, 9)]}


def test_of_two_who_mean_to_move_exactly_one_sees_the_other_go() -> None:
    one, other = going(1, ServerState.ONLINE), going(2, ServerState.ONLINE)
    assert spans_in([one, other]) == {MODEL: [(4, 8), (4, 8)]}
    seen = [spans_in([other], rank_below=one.peer), spans_in([one], rank_below=other.peer)]
    assert sorted(each[MODEL] for each in seen) == [[(0, 4)], [(4, 8)]]  # the other one stays where it is


def test_who_means_to_move_and_who_comes_settle_by_the_same_rank() -> None:
    moves, comes = going(1, ServerState.ONLINE), record(2, 4, 8, state=ServerState.CHOOSING)
    sees_nobody_come = spans_in([comes], rank_below=moves.peer) == {}
    sees_it_go = spans_in([moves], rank_below=comes.peer) == {MODEL: [(4, 8)]}
    assert sees_nobody_come == sees_it_go


def test_a_liar_means_one_thing_at_a_time_and_nothing_for_ever() -> None:
    intents, liar = Intents(), going(1, ServerState.DRAINING)
    assert view_of(intents.believed([liar], 0.0)).models[MODEL].servers
    changed = [going(1, ServerState.DRAINING, start=start) for start in (0, 4, 6)]
    for now, lie in enumerate(changed):
        [server] = view_of(intents.believed([lie], float(now))).models[MODEL].servers
        assert server.start == lie.moves_to.start
    late = MOST_SECONDS + 1
    assert spans_in(intents.believed([liar], late)) == {}
    assert spans_in(intents.believed([going(1, ServerState.ONLINE)], late)) == {MODEL: [(0, 4)]}
    assert spans_in(intents.believed([record(1, state=ServerState.CHOOSING)], late)) == {}
    assert spans_in(intents.believed([record(1, 4, 8)], late)) == {MODEL: [(4, 8)]}  # by now it serves
    assert spans_in(intents.believed([liar], late + 1)) == {MODEL: [(4, 8)]}


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
