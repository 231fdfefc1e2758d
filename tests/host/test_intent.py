"""What a block server says before it serves, and what it is told meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.api.schema import ServerPhase
from engine.host.intent import StatedIntent
from engine.host.orders import HostConfig, Order, Report
from engine.network.directory import Directory
from engine.network.node import Node, NodeSettings
from engine.private_swarm import PrivateSwarm
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import ModelSpan, ServerState, SpanRecord
from tests.stored_models import stored_model
from tests.waiting import until

PATIENCE = 60.0  # seconds: a process imports a lot


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "layers")


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    started = await Node.start(NodeSettings())
    yield started
    await started.stop()


async def said(directory: Directory, model: str) -> list[tuple[ServerState, int, int]]:
    return [(record.state, record.start, record.end) for record in await directory.spans(model)]


async def test_an_intent_can_change_until_it_is_carried_out(store: LayerStore, node: Node):
    soup, stew = stored_model(store, "soup"), stored_model(store, "stew", seed=1)
    directory, reports = Directory(node), list[Report]()
    config = HostConfig(
        store=store.root, manifest=soup.digest, start=0, end=2, intent="choosing", tokens_per_s=15.0, duty=0.5
    )
    intent = StatedIntent(config, node, directory, reports.append)
    announcing = asyncio.create_task(intent.announce_forever())
    await until(lambda: reports)
    assert await said(directory, soup.digest) == [(ServerState.CHOOSING, 0, 2)]
    [record] = await directory.spans(soup.digest)
    assert (record.usable, record.tokens_per_s, record.model_name) == (False, 7.5, "soup")
    intent.change(config.model_copy(update={"manifest": stew.digest, "start": 1, "intent": "joining"}))
    await until(lambda: len(reports) == 2)
    assert await said(directory, soup.digest) == []
    assert await said(directory, stew.digest) == [(ServerState.JOINING, 1, 2)]
    assert [report.phase for report in reports] == [ServerPhase.CHOOSING, ServerPhase.JOINING]
    announcing.cancel()
    await asyncio.gather(announcing, return_exceptions=True)
    await intent.withdraw()
    assert await said(directory, stew.digest) == []


async def test_a_process_that_is_told_to_leave_while_it_chooses_takes_its_word_back(store: LayerStore):
    soup = stored_model(store, "soup")
    async with PrivateSwarm.open(store, soup) as swarm:
        server = await swarm.add(0, 2, intent="choosing")
        await until(lambda: server.report.phase is ServerPhase.CHOOSING)
        [before] = await of(swarm)
        server.tell(server.config.model_copy(update={"start": 1, "end": 3, "intent": "joining"}))
        await until(lambda: server.report.phase is ServerPhase.JOINING)
        [after] = await of(swarm)
        assert (before.state, before.start, before.end) == (ServerState.CHOOSING, 0, 2)
        assert (after.state, after.start, after.end) == (ServerState.JOINING, 1, 3)
        server.order(Order(order="stop"))
        async with asyncio.timeout(PATIENCE):
            assert await server.ended() == 0
        assert await of(swarm) == ()


@pytest.mark.starter
async def test_who_serves_says_where_it_means_to_go_and_goes_until_it_is_heard_of_there(starter_store):
    store, model = starter_store
    to = ModelSpan(model=model.digest, model_name=model.name, start=1, end=3, n_layers=model.n_layers)
    async with PrivateSwarm.open(store, model) as swarm:
        server = await swarm.add(0, 2, threads=1)
        await server.online()
        for place in (to, None):
            server.order(Order(order="intend", moves_to=place))
            await until(lambda place=place: server.report.moves_to == place)
            [record] = await of(swarm)
            assert (record.state, record.moves_to) == (ServerState.ONLINE, place)
        server.order(Order(order="drain", moves_to=to))
        async with asyncio.timeout(PATIENCE):
            assert await server.ended() == 0
        [last] = await of(swarm)
        assert (last.is_on_its_way, last.moves_to, last.usable) == (True, to, False)


async def of(swarm: PrivateSwarm) -> tuple[SpanRecord, ...]:
    return await swarm.directory.spans(swarm.manifest.digest)
