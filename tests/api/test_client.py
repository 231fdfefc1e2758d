import asyncio
import os

import httpx
import pytest

from engine import errors
from engine.api.client import EngineClient
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.api.run_file import RunFile, keep_run_file, read_run_file, write_run_file
from engine.api.schema import DonationOrder, Reason

from .conftest import KEY, PLANNED, Door, snapshot

REQUEST = ChatRequest(model="tiny", messages=(ChatMessage(role="user", content="one two\u2028three é 🍲"),))


async def test_status_models_donation_quit(client: EngineClient, door: Door):
    assert (await client.status()).condition.reason is Reason.NEVER_STARTED
    assert [card.id for card in (await client.models()).data] == ["tiny"]
    order = DonationOrder(action="pause", for_seconds=60)
    assert (await client.donate(order)).condition.reason is Reason.STARTING
    assert door.control.orders == [order]
    await client.quit()
    assert door.control.quits == 1


async def test_what_would_be_served(client: EngineClient, door: Door):
    assert await client.plan() == PLANNED
    door.control.failure = errors.UnknownModel("stew", ["soup"])
    with pytest.raises(errors.UnknownModel, match="no model called “stew”"):
        await client.plan()


async def test_snapshots_are_whole_after_each_delta(client: EngineClient, door: Door):
    states = client.snapshots()
    assert (await anext(states)).condition.reason is Reason.NEVER_STARTED
    door.feed.publish(snapshot(Reason.STARTING, paused_until=5.0))
    assert await anext(states) == snapshot(Reason.STARTING, paused_until=5.0)
    door.feed.publish(snapshot(Reason.NEVER_STARTED, paused_until=None))
    assert await anext(states) == snapshot()
    door.feed.close()
    with pytest.raises(errors.NotRunning):
        await anext(states)


async def test_snapshots_outlive_silence(client: EngineClient, door: Door):
    states = client.snapshots()
    await anext(states)
    asyncio.get_running_loop().call_later(1, door.feed.publish, snapshot(Reason.STARTING))
    assert (await anext(states)).condition.reason is Reason.STARTING


async def test_chat_streams_and_reports(client: EngineClient):
    chunks = [chunk async for chunk in client.chat(REQUEST)]
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "one two three é 🍲 "
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].potluck.trips == 5


async def test_closing_the_answer_stops_it(client: EngineClient, door: Door):
    door.replies.hang_at = 1
    chunks = client.chat(REQUEST)
    await anext(chunks)
    await chunks.aclose()
    await asyncio.wait_for(door.replies.stopped.wait(), 30)


@pytest.mark.parametrize("fail_at", [0, 2])
async def test_errors_come_back_as_what_they_were(client: EngineClient, door: Door, fail_at):
    door.replies.failure, door.replies.fail_at = errors.MissingLayers("tiny", [(1, 3)], 4), fail_at
    with pytest.raises(errors.MissingLayers, match="nobody serves layers 2–3 of 4"):
        _ = [chunk async for chunk in client.chat(REQUEST)]


async def test_an_engine_that_is_not_there(unused_tcp_port: int):
    async with EngineClient(f"http://127.0.0.1:{unused_tcp_port}", KEY) as client:
        for call in (client.status(), client.quit(), anext(client.snapshots()), anext(client.chat(REQUEST))):
            with pytest.raises(errors.NotRunning, match="cannot be reached"):
                await call


async def test_an_answer_that_breaks_off():
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b": nothing\n\n"))
    async with EngineClient("http://127.0.0.1:1", KEY, transport) as client:
        with pytest.raises(errors.NotRunning, match="broke off"):
            _ = [chunk async for chunk in client.chat(REQUEST)]


@pytest.mark.parametrize("status", [200, 500])
async def test_something_else_that_answers(status):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text="<html>"))
    async with EngineClient("http://127.0.0.1:1", KEY, transport) as client:
        with pytest.raises(errors.NotRunning, match="language"):
            await client.status()


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ('{"version": "9.1", "condition": {"reason": "singing"}}', "9.1"),
        (snapshot().model_copy(update={"version": "9.2", "api_version": 2}).model_dump_json(), "9.2"),
        ('{"version": 9}', ""),
        ("[]", ""),
    ],
)
async def test_an_engine_of_another_version_is_named(body: str, version: str):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with EngineClient("http://127.0.0.1:1", KEY, transport) as client:
        with pytest.raises(errors.NotUnderstood) as caught:
            await client.status()
    assert caught.value.version == version


async def test_an_engine_that_hangs_is_told_from_one_that_is_gone():
    def hang(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("nothing came")

    async with EngineClient("http://127.0.0.1:1", KEY, httpx.MockTransport(hang)) as client:
        for call in (client.status(), anext(client.snapshots())):
            with pytest.raises(errors.NotAnswering, match="does not answer"):
                await call


def test_every_error_is_rebuilt_from_its_code():
    def leaves(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from leaves(child)

    for kind in leaves(errors.PotluckError):
        assert type(errors.error_named(kind.code, "A sentence.")) is kind
        assert str(errors.error_named(kind.code, "A sentence.")) == "A sentence."
    assert type(errors.error_named("from_the_future", "New.")) is errors.PotluckError


def test_run_file(tmp_path):
    path = tmp_path / "data" / "engine.json"
    with pytest.raises(errors.NotRunning, match="not running"):
        EngineClient.from_run_file(path)
    content = RunFile(port=4000, key=KEY, pid=os.getpid(), version="0")
    write_run_file(path, content)
    assert read_run_file(path) == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert EngineClient.from_run_file(path).address == "http://127.0.0.1:4000"
    assert [p.name for p in path.parent.iterdir()] == ["engine.json"]


@pytest.mark.parametrize(
    "found", [None, "nonsense", '{"port": 1, "key": "0123456789abcdef", "pid": 1, "version": ""}']
)
def test_a_run_file_is_kept_as_it_should_be(tmp_path, found):
    path, content = tmp_path / "engine.json", RunFile(port=4000, key=KEY, pid=os.getpid(), version="0")
    if found is not None:
        path.write_text(found)
    keep_run_file(path, content)
    assert read_run_file(path) == content
    written = path.stat().st_mtime_ns
    keep_run_file(path, content)
    assert path.stat().st_mtime_ns == written


def test_run_file_of_a_process_that_is_gone(tmp_path, dead_pid):
    path = tmp_path / "engine.json"
    write_run_file(path, RunFile(port=4000, key=KEY, pid=dead_pid, version="0"))
    with pytest.raises(errors.NotRunning, match="ended unexpectedly"):
        EngineClient.from_run_file(path)


@pytest.mark.parametrize("content", ["", "{}", '{"port": 0, "key": "", "pid": 1, "version": "0"}'])
def test_run_file_without_sense(tmp_path, content):
    path = tmp_path / "engine.json"
    path.write_text(content)
    with pytest.raises(errors.NotRunning, match="makes no sense"):
        EngineClient.from_run_file(path)


@pytest.fixture
def dead_pid() -> int:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    return child
