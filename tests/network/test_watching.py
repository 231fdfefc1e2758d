"""The directory as it was a moment ago."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace

import pytest

from engine.network import watching
from engine.network.directory import Directory
from engine.network.watching import ModelView, Watch
from engine.wire.records import ServerState, SpanRecord
from tests.network.records import MODEL, OTHER_MODEL, span

ANNA, BERT = "12D3KooWAnna1111111111111", "12D3KooWBert1111111111111"


class Network:
    """Answers with `records`, once `answers` is set; counts the questions."""

    def __init__(self) -> None:
        self.records: Sequence[SpanRecord] = ()
        self.failure: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = 0

    async def read(self) -> Sequence[SpanRecord]:
        self.asked += 1
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure
        return self.records


@pytest.fixture
async def network() -> Network:
    return Network()


@pytest.fixture
async def open_watch(network: Network) -> AsyncIterator[Callable[[], Watch]]:
    watches = []

    def watch() -> Watch:
        watches.append(Watch(ModelView(network.read)))
        return watches[-1]

    yield watch
    for opened in watches:
        opened.close()


async def seen(watch: Watch) -> list[str]:
    return [record.peer for record in await watch.look_up()]


async def news(watch: Watch) -> list[str]:
    """What is there once the question that a look-up asks has been answered."""
    await watch.look_up()
    await asyncio.sleep(0.01)
    return await seen(watch)


async def test_the_first_look_waits_and_later_ones_do_not(
    network: Network, open_watch: Callable[[], Watch]
) -> None:
    network.records = [span(ANNA)]
    watch = open_watch()
    assert await seen(watch) == [ANNA]
    network.answers.clear()
    assert [await seen(watch) for _ in range(3)] == [[ANNA]] * 3
    await asyncio.sleep(0.01)
    assert network.asked == 2  # the one under way serves all


async def test_whoever_looks_again_sees_news(network: Network, open_watch: Callable[[], Watch]) -> None:
    watch = open_watch()
    assert await seen(watch) == []
    network.records = [span(ANNA)]
    assert await news(watch) == [ANNA]


async def test_a_record_counts_until_it_expires(
    network: Network, open_watch: Callable[[], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = [0.0]
    clock = SimpleNamespace(time=lambda: time.time() + later[0], monotonic=time.monotonic)
    monkeypatch.setattr(watching, "time", clock)
    network.records = [span(ANNA, seconds=60.0), span(BERT, seconds=300.0)]
    watch = open_watch()
    assert await seen(watch) == [ANNA, BERT]
    network.records = []
    assert await news(watch) == [ANNA, BERT]
    later[0] = 61.0
    assert await seen(watch) == [BERT]


async def test_a_withdrawn_record_is_gone_for_good(network: Network, open_watch: Callable[[], Watch]) -> None:
    network.records = [span(ANNA)]
    watch = open_watch()
    assert await seen(watch) == [ANNA]
    withdrawn = span(ANNA, seconds=61.0, state=ServerState.OFFLINE)
    network.records = [withdrawn]
    assert await news(watch) == []
    network.records = [span(ANNA)]  # an older copy
    assert await news(watch) == []


async def test_a_failed_look_keeps_what_is_known(
    network: Network, open_watch: Callable[[], Watch], expected_logs
) -> None:
    expected_logs.append("The directory cannot be read: OSError")
    network.records = [span(ANNA)]
    watch = open_watch()
    assert await seen(watch) == [ANNA]
    network.failure = OSError("gone")
    assert await news(watch) == [ANNA]


async def test_a_view_is_refreshed_while_it_is_watched_and_no_longer(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "REFRESH_SECONDS", 0.01)
    view = ModelView(network.read)
    first, second = Watch(view), Watch(view)
    first.close()
    first.close()
    async with asyncio.timeout(30):
        while network.asked <= 2:  # noqa: ASYNC110 (a plain number)
            await asyncio.sleep(0.01)
    second.close()
    await asyncio.sleep(0.02)
    asked = network.asked
    await asyncio.sleep(0.05)
    assert network.asked == asked


async def test_the_directory_watches_the_models_in_use(start_node) -> None:
    server = await start_node()
    client = await start_node(server, client_only=True)
    announced, directory = Directory(server), Directory(client)
    await announced.announce(span(server.peer_id))
    watches = [directory.watch(MODEL), directory.watch(MODEL), directory.watch(OTHER_MODEL)]
    assert directory.watched == (MODEL, OTHER_MODEL)
    assert await seen(watches[0]) == [server.peer_id]
    await announced.withdraw(MODEL)
    assert await eventually_nobody(watches[1])
    for watch in watches:
        watch.close()
    assert directory.watched == ()


async def eventually_nobody(watch: Watch) -> bool:
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline:
        if await seen(watch) == []:
            return True
        await asyncio.sleep(0.02)
    return False
