"""The daemon's services together, in this process, around a block server that is a real but empty process."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from engine.api.client import EngineClient
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.api.schema import DonationOrder, Reason, ServerPhase, Snapshot
from engine.api.security import load_or_create_key
from engine.daemon import Engine
from engine.errors import DiskFull, NotReady, PartsMissing, PortInUse
from engine.giving.giving import Giving
from engine.machine.facts import Cpu, Machine
from engine.settings import ApiSettings, Paths, Settings, SwarmSettings
from engine.swarm_client import SwarmClient

from .stand_in_engine import MANIFEST, EchoReplies, StandInNode, StandInSupply, stand_in_parts

START = DonationOrder(action="start")
PAUSE = DonationOrder(action="pause")
ASK = ChatRequest(model="tiny", messages=(ChatMessage(role="user", content="one two"),))

Starter = Callable[..., Awaitable[EngineClient]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(paths=Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs"))


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Starter]:
    engines: list[tuple[Engine, asyncio.Task[None], EngineClient]] = []

    async def begin(manner: str = "good", **changes) -> EngineClient:
        changed = dataclasses.replace(settings, **changes)
        engine = Engine(changed, stand_in_parts(manner))
        running = asyncio.create_task(engine.run())
        while not changed.paths.run_file.exists():  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.01)
        engines.append((engine, running, EngineClient.from_run_file(changed.paths.run_file)))
        return engines[-1][2]

    yield begin
    for engine, running, client in engines:
        engine.request_quit()
        await asyncio.wait_for(running, 30)
        await client.close()


async def until(client: EngineClient, reason: Reason) -> Snapshot:
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.condition.reason is reason:
                return snapshot
    raise AssertionError("the stream ended")


async def test_from_never_started_to_serving_to_paused(start: Starter):
    client = await start()
    await until(client, Reason.NEVER_STARTED)
    await client.donate(START)
    serving = await until(client, Reason.SERVING)
    assert (serving.servers[0].phase, serving.servers[0].end) == (ServerPhase.ONLINE, 4)
    assert serving.condition.sentence == "Giving: layers 1–4 of 4 of tiny, 1 in use now"
    pid = serving.servers[0].pid
    paused = await client.donate(PAUSE)
    assert paused.condition.reason is Reason.PAUSED_BY_OWNER
    async for snapshot in client.snapshots():
        if not snapshot.servers:
            break
    assert not psutil.pid_exists(pid)
    assert (await client.status()).given_total.tokens == 5


class Drafting:
    """Knows what it was told."""

    taken_bytes = 0

    def __init__(self) -> None:
        self.told: list[bool] = []

    def permit(self, permitted: bool) -> None:
        self.told.append(permitted)


async def test_no_draft_model_runs_while_a_block_server_takes_the_processor(start: Starter, monkeypatch):
    drafting = Drafting()

    async def join(settings, store, board):
        return SwarmClient(StandInNode(), StandInSupply(), EchoReplies(), drafting=drafting)

    monkeypatch.setattr("tests.stand_in_engine.join", join)
    client = await start()
    await client.donate(START)
    await until(client, Reason.SERVING)
    assert (drafting.told[0], drafting.told[-1]) == (True, False)
    await client.donate(PAUSE)
    async for snapshot in client.snapshots():
        if not snapshot.servers:
            break
    assert drafting.told[-1]


async def test_the_status_is_there_while_the_model_is_prepared(start: Starter):
    client = await start("prepares_for_ever")
    snapshot = await until(client, Reason.PREPARING_MODEL)
    assert snapshot.condition.values["percent"] in (0, 42)
    await client.donate(START)
    assert (await client.status()).condition.reason is Reason.PREPARING_MODEL


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("prepares_in_vain", Reason.MODEL_BROKEN),
        ("alone", Reason.SWARM_UNREACHABLE),
        ("disk_full", Reason.DISK_FULL),
    ],
)
async def test_what_goes_wrong_is_said(start: Starter, manner, reason):
    client = await start(manner, start_donating=True)
    await until(client, reason)


async def test_start_prepares_anew_what_failed(start: Starter, monkeypatch):
    tries = []

    async def prepare(store, on_percent):
        tries.append(store)
        if len(tries) == 1:
            raise DiskFull("The disk is full: free some space.")
        return MANIFEST

    monkeypatch.setattr("tests.stand_in_engine.prepare", prepare)
    client = await start()
    await until(client, Reason.DISK_FULL)
    assert (await client.donate(START)).condition.reason is Reason.PREPARING_MODEL
    await until(client, Reason.SERVING)
    assert len(tries) == 2


async def test_what_nobody_expected_while_the_model_is_prepared_is_said_and_tried_again(
    start: Starter, monkeypatch, caplog
):
    monkeypatch.setattr("engine.preparing.TRY_AGAIN_SECONDS", 0.3)
    fails = [ZeroDivisionError("a mistake")]

    async def prepare(store, on_percent):
        if fails:
            raise fails[0]
        return MANIFEST

    monkeypatch.setattr("tests.stand_in_engine.prepare", prepare)
    client = await start(start_donating=True)
    told = (await until(client, Reason.MODEL_BROKEN)).condition.sentence
    assert "a mistake" in told
    assert "it is tried again in a minute" in told
    fails.clear()
    await until(client, Reason.SERVING)
    assert "The model cannot be prepared." in caplog.text


@pytest.mark.parametrize("where", ["join", "giving"])
async def test_what_nobody_expected_in_the_swarm_is_said_and_it_is_joined_anew(
    start: Starter, monkeypatch, caplog, where: str
):
    monkeypatch.setattr("engine.presence.REJOIN_DELAY", 0.3)
    fails, nodes = [ZeroDivisionError("a mistake")], []

    async def join(settings, store, board):
        if where == "join" and fails:
            raise fails[0]
        nodes.append(StandInNode())
        return SwarmClient(nodes[-1], StandInSupply(), EchoReplies())

    async def joined(giving, swarm):
        if fails:
            raise fails[0]
        await giving_join(giving, swarm)

    giving_join = Giving.join
    monkeypatch.setattr(Giving, "join", joined)
    monkeypatch.setattr("tests.stand_in_engine.join", join)
    client = await start(start_donating=True)
    assert "a mistake" in (await until(client, Reason.SWARM_UNREACHABLE)).condition.sentence
    fails.clear()
    await until(client, Reason.SERVING)
    assert "The swarm was left, or cannot be joined." in caplog.text
    assert [node.ended.is_set() for node in nodes] == [True] * (len(nodes) - 1) + [False]


async def test_what_fails_beside_the_serving_begins_anew(start: Starter, monkeypatch, caplog):
    monkeypatch.setattr("engine.presence.REJOIN_DELAY", 0.05)
    begun = []

    async def look_around(swarm):
        begun.append(swarm)
        if len(begun) < 3:
            raise ZeroDivisionError("a mistake")
        await asyncio.Event().wait()

    monkeypatch.setattr(SwarmClient, "look_around", look_around)
    client = await start(start_donating=True)
    pid = (await until(client, Reason.SERVING)).servers[0].pid
    async with asyncio.timeout(30):
        while len(begun) < 3:  # noqa: ASYNC110 (a list)
            await asyncio.sleep(0.01)
    assert (await client.status()).servers[0].pid == pid
    assert caplog.text.count("it begins anew") == 2


async def test_a_model_that_nobody_describes_keeps_no_newcomer_from_giving(start: Starter, monkeypatch):
    async def most_served(supply: StandInSupply) -> None:
        raise PartsMissing("No computer that answers knows model 0123: try again later.")

    monkeypatch.setattr(StandInSupply, "most_served", most_served, raising=False)
    client = await start(swarm=SwarmSettings(initial_peers=("/ip4/127.0.0.1/tcp/1",)))
    await until(client, Reason.NEVER_STARTED)
    await client.donate(START)
    await until(client, Reason.SERVING)


async def test_no_memory_for_a_single_layer(start: Starter, monkeypatch):
    monkeypatch.setattr("tests.stand_in_engine.read_machine", lambda: Machine(Cpu(), 1000, 1000))
    client = await start(start_donating=True)
    assert "Not even one layer of tiny" in (await until(client, Reason.NOT_ENOUGH_MEMORY)).condition.sentence


async def test_an_answer_before_the_network_is_there(start: Starter):
    client = await start("alone")
    with pytest.raises(NotReady, match="ask again in a moment"):
        _ = [chunk async for chunk in client.chat(ASK)]


async def test_chat_works_while_paused(start: Starter):
    client = await start()
    await until(client, Reason.NEVER_STARTED)
    chunks = [chunk async for chunk in client.chat(ASK)]
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "one two"


async def test_a_pause_ends_by_itself(start: Starter):
    client = await start(start_donating=True)
    await until(client, Reason.SERVING)
    paused = await client.donate(DonationOrder(action="pause", for_seconds=3.0))
    assert paused.condition.reason is Reason.PAUSED_UNTIL
    assert paused.paused_until is not None
    resumed = await until(client, Reason.SERVING)
    assert resumed.paused_until is None


async def test_finish_serves_to_the_end_then_pauses(start: Starter):
    client = await start(start_donating=True)
    await until(client, Reason.SERVING)
    finishing = await client.donate(DonationOrder(action="finish"))
    assert finishing.condition.sentence == "Finishing: 1 in use, then pausing"
    await until(client, Reason.PAUSED_BY_OWNER)


async def test_start_pause_start_in_a_row_ends_up_serving(start: Starter):
    client = await start()
    await until(client, Reason.NEVER_STARTED)
    for order in (START, PAUSE, START, PAUSE, START):
        await client.donate(order)
    await until(client, Reason.SERVING)


async def test_the_wish_outlives_the_engine_but_not_a_wish_for_one_run(settings: Settings, start: Starter):
    client = await start(start_donating=True)
    await client.quit()
    await _gone(settings)
    client = await start()
    await until(client, Reason.NEVER_STARTED)
    await client.donate(START)
    await client.quit()
    await _gone(settings)
    await until(await start(), Reason.SERVING)


async def test_the_block_server_joins_anew_with_the_network(start: Starter, monkeypatch):
    nodes: list[StandInNode] = []
    make = StandInNode.__init__

    def remember(node: StandInNode) -> None:
        make(node)
        nodes.append(node)

    monkeypatch.setattr(StandInNode, "__init__", remember)
    client = await start(start_donating=True)
    first = (await until(client, Reason.SERVING)).servers[0].pid
    nodes[0].ended.set()
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.servers and snapshot.servers[0].pid != first:
                break
    assert len(nodes) == 2


async def test_a_port_in_use(settings: Settings, start: Starter):
    client = await start()
    port = int(client.address.rpartition(":")[2])
    elsewhere = dataclasses.replace(settings.paths, data=settings.paths.data / "second")
    second = Engine(
        dataclasses.replace(settings, paths=elsewhere, api=ApiSettings(port=port)), stand_in_parts()
    )
    with pytest.raises(PortInUse, match=f"Port {port} .* choose another port"):
        await second.run()
    assert not elsewhere.run_file.exists()


def test_the_key_stays_unless_it_makes_no_sense(tmp_path: Path):
    path = tmp_path / "data" / "api.key"
    key = load_or_create_key(path)
    assert load_or_create_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"\xff\n")
    assert load_or_create_key(path) != key


async def _gone(settings: Settings) -> None:
    async with asyncio.timeout(30):
        while settings.paths.run_file.exists():  # noqa: ASYNC110 (a file)
            await asyncio.sleep(0.01)
