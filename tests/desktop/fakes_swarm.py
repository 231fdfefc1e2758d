"""The part of a fake engine that the pages Contribution and Swarm ask: plain data that a test sets."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from engine.api.doctor_schema import Diagnosis, Finding, Grade, Reach, Topic
from engine.api.history_schema import By, History, Period
from engine.api.map_schema import MapModel, MapServer, MapState, SwarmMap
from engine.api.schema import Given
from engine.errors import PotluckError
from tests.desktop.told import BEHIND, RELAYED, SET_CLOCK, WAY_IN, WAY_OUT

DIAGNOSIS = Diagnosis(
    reach=Reach.RELAYED,
    findings=(
        Finding(
            topic=Topic.WAY_OUT,
            grade=Grade.GOOD,
            sentence=WAY_OUT,
        ),
        Finding(
            topic=Topic.REACH,
            grade=Grade.HINT,
            sentence=RELAYED,
            advice=WAY_IN,
        ),
        Finding(
            topic=Topic.CLOCK,
            grade=Grade.BAD,
            sentence=BEHIND,
            advice=SET_CLOCK,
        ),
    ),
)


def given(work: float, estimated: bool = False) -> Given:
    """What `work` busy hours give."""
    hours = min(work * 1.6, 1.0) if work < 1 else work * 1.6
    watt_hours = 210.0 * work + 20 * hours
    return Given(
        layer_tokens=round(work * 6_400_000),
        tokens=round(work * 800_000),
        seconds_online=hours * 3600,
        sent_bytes=round(work * 1.9e9),
        received_bytes=round(work * 1.6e9),
        watt_hours=watt_hours,
        watt_hours_estimated=watt_hours if estimated else 0.0,
    )


def make_history(by: By, now: datetime, random: Random) -> History:
    """Evenings and week-ends are busy; some periods have nothing."""
    make = {By.HOUR: _hours, By.DAY: _days, By.MONTH: _months}[by]
    return History(by=by, periods=tuple(make(now, random)))


def _hours(now: datetime, random: Random) -> Iterator[Period]:
    began = now.replace(minute=0, second=0, microsecond=0)
    for hour in (began - timedelta(hours=back) for back in reversed(range(60))):
        if hour.hour >= 17 or hour.hour < 1:
            yield Period(start=hour.isoformat(timespec="minutes"), given=given(random.uniform(0.1, 0.6)))


def _days(now: datetime, random: Random) -> Iterator[Period]:
    for back in reversed(range(40)):
        day = now.date() - timedelta(days=back)
        busy = 2 if day.weekday() > 4 else 1
        if back % 9:
            work = random.uniform(1, 4) * busy
            yield Period(start=day.isoformat(), given=given(work, estimated=back > 21))


def _months(now: datetime, random: Random) -> Iterator[Period]:
    for back in reversed(range(9)):
        year, month = divmod(now.year * 12 + now.month - 1 - back, 12)
        yield Period(start=f"{year}-{month + 1:02}", given=given(random.uniform(40, 90)))


def make_server(peer: str, start: int, end: int, **more: object) -> MapServer:
    fields = {
        "state": MapState.ONLINE,
        "precisions": (("bfloat16", end - start),),
        "tokens_per_s": 40.0,
        "busy": 0.4,
        "protocol": 2,
    }
    return MapServer(peer=peer, start=start, end=end, **{**fields, **more})


def make_swarm(n_layers: int, n_servers: int, seed: int = 7, hole: tuple[int, int] | None = None) -> MapModel:
    """Home computers' spans, some twice as fast as others; nobody serves `hole`."""
    random = Random(seed)
    servers: list[MapServer] = []
    while len(servers) < n_servers:
        length = random.choice((4, 6, 8, 8, 12, 16, 24))
        start = random.randrange(0, max(1, n_layers - length + 1))
        end = min(start + length, n_layers)
        if hole and start < hole[1] and hole[0] < end:
            continue
        coarse = random.choice((0, 0, length // 2, end - start))
        kinds = (("nf4", coarse), ("bfloat16", end - start - coarse))
        state = random.choices(tuple(MapState), (1, 2, 30, 1))[0]
        servers.append(
            make_server(
                f"12D3KooW{random.getrandbits(128):032x}",
                start,
                end,
                state=state,
                precisions=tuple((kind, layers) for kind, layers in kinds if layers > 0),
                tokens_per_s=random.lognormvariate(3.5, 0.8) if state is MapState.ONLINE else 0.0,
                busy=random.random() ** 2 if state is MapState.ONLINE else 0.0,
                waiting=random.choice((0, 0, 0, 3, 12)),
                round_trip=random.choice((None, random.uniform(0.004, 0.25))),
            )
        )
    return MapModel(digest=f"swarm-{seed}", name="wide-chat-70B", n_layers=n_layers, servers=tuple(servers))


class SwarmPagesFake:
    """A mixin of `FakeEngine`. `hold_diagnosis` lets an examination last until it is given up."""

    def __init__(self) -> None:
        self.clock = datetime.now().astimezone()
        self.histories = {by: make_history(by, self.clock, Random(by.value)) for by in By}
        self.map = SwarmMap()
        self.map_asked = 0
        self.histories_asked: list[By] = []
        self.diagnosis = DIAGNOSIS
        self.hold_diagnosis = False
        self.swarm_failure: PotluckError | None = None
        self.diagnoses_asked = self.diagnoses_given_up = 0

    async def history(self, by: By) -> History:
        self._check_swarm()
        self.histories_asked.append(by)
        return self.histories[by]

    async def swarm_map(self) -> SwarmMap:
        self._check_swarm()
        self.map_asked += 1
        return self.map

    async def examine(self) -> Diagnosis:
        self._check_swarm()
        self.diagnoses_asked += 1
        try:
            if self.hold_diagnosis:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.diagnoses_given_up += 1
            raise
        return self.diagnosis

    def _check_swarm(self) -> None:
        if self.swarm_failure is not None:
            raise self.swarm_failure
