import asyncio
import json

from hypothesis import given
from hypothesis import strategies as st

from engine.api.event_stream import SnapshotFeed, changed_fields
from engine.api.schema import Given, Reason
from engine.api.sse import KEEP_ALIVE, data_lines, json_event

from .conftest import snapshot

STATES = st.fixed_dictionaries({name: st.integers(0, 2) for name in "abc"})


@given(STATES, STATES)
def test_a_delta_leads_from_one_state_to_the_other_and_no_further(before, after):
    delta = changed_fields(before, after)
    assert {**before, **delta} == after
    assert all(before[name] != value for name, value in delta.items())


@given(st.lists(st.text()), st.integers(1, 7))
async def test_data_lines_read_what_json_event_wrote_however_it_is_cut(texts, size):
    wire = b"".join(KEEP_ALIVE + json_event(text) for text in texts)

    async def chunks():
        for at in range(0, len(wire), size):
            yield wire[at : at + size]

    assert [json.loads(line) async for line in data_lines(chunks())] == texts


def parsed(event: bytes) -> dict:
    return json.loads(event.removeprefix(b"data: "))


async def test_snapshot_then_deltas_with_rising_numbers():
    feed = SnapshotFeed(snapshot(), min_interval=0)
    events = feed.events()
    first = parsed(await anext(events))
    feed.publish(snapshot(Reason.STARTING))
    second = parsed(await anext(events))
    assert (first["type"], first["seq"], first["data"]["version"]) == ("snapshot", 0, "0")
    assert (second["type"], second["seq"], list(second["data"])) == ("delta", 1, ["condition"])


async def test_a_slow_reader_gets_one_state_for_many_changes():
    feed = SnapshotFeed(snapshot(), min_interval=0)
    events = feed.events()
    await anext(events)
    for tokens in range(1, 1000):
        feed.publish(snapshot(given_total=Given(tokens=tokens)))
    assert parsed(await anext(events))["data"]["given_total"]["tokens"] == 999
    feed.close()
    assert [event async for event in events] == []


async def test_events_keep_their_distance():
    feed = SnapshotFeed(snapshot(), min_interval=0.2)
    events = feed.events()
    await anext(events)
    started = asyncio.get_running_loop().time()
    for tokens in (1, 2):
        feed.publish(snapshot(given_total=Given(tokens=tokens)))
        await anext(events)
    assert asyncio.get_running_loop().time() - started >= 0.4


async def test_silence_is_broken_by_a_comment():
    feed = SnapshotFeed(snapshot(), keep_alive=0.01)
    events = feed.events()
    await anext(events)
    assert await anext(events) == KEEP_ALIVE


async def test_a_change_and_its_undoing_say_nothing():
    feed = SnapshotFeed(snapshot(), min_interval=0, keep_alive=0.05)
    events = feed.events()
    await anext(events)
    feed.publish(snapshot(Reason.STARTING))
    feed.publish(snapshot())
    assert await anext(events) == KEEP_ALIVE
