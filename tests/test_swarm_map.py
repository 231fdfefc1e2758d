"""The map for people: what records say, bounded, and in the eyes of this computer."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import httpx
from starlette.applications import Starlette

from engine import swarm_map
from engine.api.client import EngineClient
from engine.api.map_routes import MapRoutes
from engine.api.map_schema import MapState, SwarmMap
from engine.api.schema import HopReport
from engine.peers.book import PeerBook
from engine.swarm_map import FRESH_SECONDS, SwarmMapper, map_of
from engine.wire.records import ServerState, SpanRecord

OWN, OTHER, THIRD = "1" * 40, "2" * 40, "3" * 40


def record(peer: str = OTHER, start: int = 0, end: int = 4, **more: object) -> SpanRecord:
    fields = {"model": "a" * 64, "model_name": "tiny", "n_layers": 8, "state": ServerState.ONLINE}
    return SpanRecord(**{"peer": peer, "start": start, "end": end, "expires": 1e10, **fields, **more})


def unknown(peer: str) -> None:
    return None


def test_one_row_for_each_server_its_own_first() -> None:
    records = [
        record(OTHER, 2, 6, tokens_per_s=50.0, busy=0.5, layer_precisions=(("nf4", 3), ("bfloat16", 1))),
        record(THIRD, 0, 4, state=ServerState.JOINING),
        record(OWN, 4, 8, state=ServerState.DRAINING),
    ]
    (model,) = map_of(records, {OWN}, {OTHER: 0.02, OWN: 0.001}.get).models
    assert (model.name, model.n_layers) == ("tiny", 8)
    assert [server.peer for server in model.servers] == [OWN, THIRD, OTHER]
    own, third, other = model.servers
    assert (own.own, own.state, own.round_trip) == (True, MapState.DRAINING, None)
    assert (third.precisions, third.tokens_per_s, third.round_trip) == ((("float32", 4),), 0.0, None)
    assert (other.precisions, other.round_trip) == ((("nf4", 3), ("bfloat16", 1)), 0.02)
    assert other.layer_tokens_per_s_now == 50.0 * 4 * 0.5


def test_what_no_chain_can_use_is_left_out() -> None:
    gone = [record(state=ServerState.OFFLINE), record(THIRD, protocol=1)]
    assert map_of(gone, (), unknown) == SwarmMap()


def test_a_claim_beyond_belief_is_cut_down() -> None:
    claims = [record(str(n) * 40, tokens_per_s=10.0) for n in range(1, 6)]
    liar = record("9" * 40, tokens_per_s=1e9)
    (model,) = map_of([*claims, liar], (), unknown).models
    assert max(server.tokens_per_s for server in model.servers) < 1000


def test_one_who_speaks_of_other_layers_than_most_is_left_out() -> None:
    records = [record(OTHER), record(THIRD), record(OWN, n_layers=4000)]
    (model,) = map_of(records, (), unknown).models
    assert (model.n_layers, len(model.servers)) == (8, 2)


def test_a_swarm_of_any_size_makes_a_map_of_a_bounded_one(monkeypatch) -> None:
    monkeypatch.setattr(swarm_map, "MAX_MODELS", 2)
    monkeypatch.setattr(swarm_map, "MAX_SERVERS", 3)
    peers = [letter * 40 for letter in "ABCDE"]
    records = [record(peer, model=str(n) * 64) for n in range(1, 5) for peer in peers[: n + 1]]
    models = map_of(records, {"E" * 40}, unknown).models
    assert [(model.digest[0], len(model.servers)) for model in models] == [("4", 3), ("3", 3)]
    assert models[0].servers[0].own


class Supply:
    def __init__(self) -> None:
        self.asked = 0

    async def records(self) -> Sequence[SpanRecord]:
        self.asked += 1
        return (record(),)


def test_windows_that_ask_at_once_share_a_look() -> None:
    supply, clock = Supply(), [0.0]
    swarm = SimpleNamespace(supply=supply, book=PeerBook(), ways=tuple)
    mapper = SwarmMapper(lambda: swarm, lambda: {OTHER}, lambda: clock[0])

    async def ask() -> None:
        first = await mapper.swarm_map()
        assert first.models[0].servers[0].own
        assert await mapper.swarm_map() == first
        assert supply.asked == 1
        clock[0] = FRESH_SECONDS + 0.1
        await mapper.swarm_map()
        assert supply.asked == 2

    asyncio.run(ask())


def test_without_a_swarm_the_map_is_empty() -> None:
    assert asyncio.run(SwarmMapper(lambda: None, set).swarm_map()) == SwarmMap()


async def test_the_map_through_the_local_door() -> None:
    hops = (HopReport(peer=OTHER, start=0, end=4),)
    swarm = SimpleNamespace(supply=Supply(), book=PeerBook(), ways=lambda: (("a" * 64, hops),))
    mapper = SwarmMapper(lambda: swarm, set)
    app = Starlette(routes=MapRoutes(mapper).routes())
    async with EngineClient("http://door", "key", httpx.ASGITransport(app)) as client:
        told = await client.swarm_map()
    assert told == await mapper.swarm_map()
    assert told.models[0].answers == (hops,)
