import asyncio

import pytest

from engine.api.schema import ServerPhase
from engine.giving.quiet import is_quiet, measure_when_quiet
from tests.waiting import until


@pytest.mark.parametrize(
    ("allowed", "wanted", "phases", "quiet"),
    [
        (True, False, (), True),
        (True, True, (), False),  # about to start
        (True, True, (ServerPhase.JOINING, ServerPhase.JOINING), True),
        (True, True, (ServerPhase.JOINING, ServerPhase.LOADING), False),
        (True, True, (ServerPhase.ONLINE,), False),
        (False, False, (), False),  # the owner plays
        (False, True, (ServerPhase.JOINING,), False),
    ],
)
def test_it_is_quiet_where_nothing_computes_and_the_owner_does_not_mind(allowed, wanted, phases, quiet):
    assert is_quiet(allowed, wanted, phases) is quiet


class Bench:
    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.go_on = asyncio.Event()

    async def measure(self) -> None:
        self.begun += 1
        await self.go_on.wait()
        self.ended += 1


async def test_it_is_not_measured_beside_giving_nor_right_after_it(monkeypatch):
    monkeypatch.setattr("engine.giving.quiet.LOOK_SECONDS", 0.01)
    bench, asked = Bench(), [0]

    def is_quiet_now() -> bool:
        asked[0] += 1
        return asked[0] > 5

    measuring = asyncio.create_task(measure_when_quiet(is_quiet_now, bench.measure, quiet_seconds=0.05))
    await until(lambda: asked[0] == 8)
    assert bench.begun == 0
    await until(lambda: bench.begun)
    assert asked[0] >= 10
    measuring.cancel()
    await asyncio.gather(measuring, return_exceptions=True)


async def test_giving_ends_a_measurement_that_is_under_way(monkeypatch):
    monkeypatch.setattr("engine.giving.quiet.LOOK_SECONDS", 0.01)
    bench, quiet = Bench(), [True]
    measuring = asyncio.create_task(measure_when_quiet(lambda: quiet[0], bench.measure, quiet_seconds=0.01))
    await until(lambda: bench.begun == 1)
    quiet[0] = False
    await asyncio.sleep(0.1)
    quiet[0] = True
    await until(lambda: bench.begun == 2)
    assert bench.ended == 0
    measuring.cancel()
    await asyncio.gather(measuring, return_exceptions=True)
