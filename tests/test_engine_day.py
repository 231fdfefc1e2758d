"""Days of the engine in seconds: what remembers peers, processes and hours holds no more after them."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

import numpy as np
import pytest

from engine.api.event_stream import SnapshotFeed
from engine.api.schema import Condition, Reason, ServerPhase, Snapshot, SwarmStatus
from engine.audit.checks import Size, Sizes, Span
from engine.giving.losses import Losses
from engine.host.orders import Report
from engine.ledger.given import GivenLedger
from engine.manners.day import RecordedDay
from engine.manners.traffic import MonthlyTraffic
from engine.peers.book import PeerBook
from engine.placement.intents import Intents
from engine.wire.records import ServerState
from tests.giving.records import record
from tests.manners.moments import MONDAY_NOON, QUIET

DAY = 24 * 3600.0
FEW = 1.1  # times what was held before
Minute = Callable[[float, int], object]  # at this second, for the so-manieth time


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def held(thing: object) -> int:
    """How many objects are reached from it, code and classes aside."""
    code = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
    seen, waiting = {id(thing)}, [thing]
    while waiting:
        more = [each for each in gc.get_referents(waiting.pop()) if not isinstance(each, code)]
        fresh = {id(each): each for each in more if id(each) not in seen}
        seen.update(fresh)
        waiting.extend(fresh.values())
    return len(seen)


def peer(count: int) -> str:
    return f"12D3KooW{count:016}".replace("0", "A")


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def play(clock: Clock, minute: Minute, days: int, every: float = 60.0) -> None:
    until = clock.now + days * DAY
    while clock.now < until:
        clock.now += every
        minute(clock.now, round(clock.now / every))


def book_of_peers(clock: Clock, _: Path) -> tuple[object, Minute]:
    """Four strangers a minute: more in a day than are remembered."""
    book = PeerBook(clock)

    def minute(now: float, count: int) -> None:
        for peer in (f"peer-{4 * count + each}" for each in range(4)):
            book.note_round_trip(peer, 0.02)
            book.note_step(peer, 4, 1, 0.01, 0.04)
            book.note_failure(peer)
            book.note_link_failure(peer, f"to-{peer}")

    return book, minute


def sizes_of_steps(clock: Clock, _: Path) -> tuple[object, Minute]:
    sizes, size = Sizes(), Size(np.zeros(1), np.ones(1))

    def minute(now: float, count: int) -> None:
        for span in (Span("m", 0, 4), Span("m", count, count + 4)):
            sizes.learn(span, f"peer-{count}", size)
            sizes.is_odd(span, f"peer-{count}", size)
        sizes.confirm(Span("m", 0, 4), size)

    return sizes, minute


def recorded_day(clock: Clock, folder: Path) -> tuple[object, Minute]:
    day = RecordedDay(folder / "day.jsonl")

    def minute(now: float, count: int) -> None:
        local = MONDAY_NOON + timedelta(seconds=now)
        day.note(now, replace(QUIET, at=now, local=local, idle_seconds=float(count)), frozenset())

    return day, minute


def traffic(clock: Clock, folder: Path) -> tuple[object, Minute]:
    """A process of its own every minute."""
    month = MonthlyTraffic(folder / "traffic.json", lambda: "2024-01", clock)
    return month, lambda now, count: month.hear(f"pid-{count}", 1000 * count)


def ledger(clock: Clock, folder: Path) -> tuple[object, Minute]:
    """A process of its own every minute, and years that pass in a day."""
    given = GivenLedger(folder / "given.json", now=lambda: 2000 * clock.now, clock=clock)

    def minute(now: float, count: int) -> None:
        for step in range(2):
            tokens = 100 + step
            given.hear(count, Report(phase=ServerPhase.ONLINE, tokens=tokens, layer_tokens=4 * tokens))
        given.keep()

    play(clock, minute, days=1)  # until hours become days for the first time
    return given, minute


def losses(clock: Clock, _: Path) -> tuple[object, Minute]:
    known = Losses()

    def minute(now: float, count: int) -> None:
        there = [record(peer(count + each)) for each in range(4)]
        known.look(there, now)
        known.connected_to([each.peer for each in there])
        known.suspect([there[0].peer])

    return known, minute


def intents(clock: Clock, _: Path) -> tuple[object, Minute]:
    believed = Intents()

    def minute(now: float, count: int) -> None:
        choosing = [record(peer(count + each), state=ServerState.CHOOSING) for each in range(4)]
        believed.believed(choosing, now)

    return believed, minute


def feed(clock: Clock, _: Path) -> tuple[object, Minute]:
    """Each minute a window that looks on and is closed."""
    swarm = SwarmStatus(peer_id="p", peers=1, private=False)
    first = Snapshot(version="1", condition=Condition(reason=Reason.STARTING), swarm=swarm)
    fed = SnapshotFeed(first, min_interval=0.0, keep_alive=0.01, clock=clock)

    async def look_on(count: int) -> None:
        async with aclosing(fed.events()) as events:
            await anext(events)
            fed.publish(first.model_copy(update={"version": str(count)}))
            await anext(events)

    return fed, lambda now, count: asyncio.run(look_on(count))


@pytest.mark.parametrize(
    "made",
    [book_of_peers, sizes_of_steps, recorded_day, traffic, ledger, losses, intents, feed],
    ids=lambda made: made.__name__,
)
def test_days_leave_no_more_behind_than_one_does(made: Callable[..., object], tmp_path: Path) -> None:
    clock = Clock()
    part, minute = made(clock, tmp_path)
    play(clock, minute, days=1)
    before, disk = held(part), on_disk(tmp_path)
    play(clock, minute, days=1)
    assert held(part) <= FEW * before
    assert on_disk(tmp_path) <= 2 * disk  # files are written anew when they have grown by as much
