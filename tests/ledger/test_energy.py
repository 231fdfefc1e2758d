"""Energy: measured where a driver tells, estimated and marked where none does."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import Given, ServerPhase, ServerStatus
from engine.ledger.energy import MAX_WATTS, Meter, Reading, energy_between, reading_of, served_by
from engine.ledger.energy_watch import MAX_INTERVAL, EnergyWatch
from engine.machine.facts import Cpu, Gpu, Machine, Vendor

CARD = "GPU-1"
NUMBERS = st.one_of(st.none(), st.floats(0, 1e9))


def machine(**card: object) -> Machine:
    return Machine(Cpu(physical_cores=8), 1, 1, gpus=(Gpu(0, uid=CARD, **card),))


def reading(at: float, joules: float | None = None, watts: float | None = None) -> Reading:
    return Reading(at, {CARD: Meter(joules, watts)})


def server(place: str = CARD, phase: ServerPhase = ServerPhase.ONLINE, busy: float = 0.5) -> ServerStatus:
    spans = {"model": "m", "start": 0, "end": 1, "n_layers": 1, "precision": "float32", "device": "d"}
    return ServerStatus(pid=1, place=place, phase=phase, busy=busy, **spans)


def test_the_counter_of_a_card_comes_before_its_power() -> None:
    took = energy_between(reading(0, 1000.0, 500.0), reading(36, 8200.0, 500.0), {CARD: 0.1}, machine())
    assert took == Given(watt_hours=2.0)


def test_power_times_time_where_there_is_no_counter() -> None:
    took = energy_between(reading(0, watts=100.0), reading(36, watts=300.0), {CARD: 0.1}, machine())
    assert took == Given(watt_hours=2.0)


@pytest.mark.parametrize("joules", [0.0, 1000.0 + MAX_WATTS * 36 + 1])
def test_a_counter_that_was_set_anew_counts_nothing(joules: float) -> None:
    took = energy_between(reading(0, 1000.0, 50.0), reading(36, joules, 50.0), {CARD: 1.0}, machine())
    assert took == Given(watt_hours=0.5)


@pytest.mark.parametrize(
    ("place", "computer", "watts"),
    [
        ("cpu", machine(), 80.0),
        (CARD, machine(power_limit_watts=320.0), 320.0),
        (CARD, machine(vendor=Vendor.APPLE), 30.0),
        (CARD, machine(), 200.0),
    ],
)
def test_what_nobody_measures_is_estimated_and_marked(place: str, computer: Machine, watts: float) -> None:
    took = energy_between(reading(0), reading(36), {place: 0.5}, computer)
    assert took.watt_hours == took.watt_hours_estimated == pytest.approx(watts * 0.5 * 36 / 3600)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.floats(0.1, 60), st.floats(0, 1))
def test_energy_never_runs_backwards(joules, later, watts, watts_later, seconds, busy) -> None:
    took = energy_between(
        reading(0, joules, watts), reading(seconds, later, watts_later), {CARD: busy, "cpu": busy}, machine()
    )
    assert 0 <= took.watt_hours_estimated <= took.watt_hours


def test_only_what_serves_counts() -> None:
    servers = (server(), server("cpu", ServerPhase.LOADING), server("GPU-2", ServerPhase.DRAINING, 0.9))
    assert served_by(servers) == {CARD: 0.5, "GPU-2": 0.9}


def test_meters_are_read_off_the_machine() -> None:
    told = reading_of(machine(energy_joules=5.0, power_watts=7.0), 3.0)
    assert told == Reading(3.0, {CARD: Meter(5.0, 7.0)})


class Computer:
    """Takes 100 W; sleeps and breaks as told."""

    def __init__(self) -> None:
        self.at, self.step, self.failures, self.counted = 0.0, 36.0, 0, list[Given]()
        self.serving = (server(),)
        self.seen = list[Machine | None]()
        self.enough = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    def read(self) -> Machine:
        if self.failures:
            self.failures -= 1
            raise OSError("the driver is gone")
        self.at += self.step
        if self.at >= 4 * self.step:
            self.loop.call_soon_threadsafe(self.enough.set)
        return machine(energy_joules=100 * self.at)

    def see(self, machine: Machine | None) -> None:
        self.seen.append(machine)
        if machine is None:
            self.enough.set()

    async def watch(self) -> None:
        """For four looks and more."""
        watch = EnergyWatch(
            self.read, lambda: self.serving, self.counted.append, 0.0, lambda: self.at, self.see
        )
        running = asyncio.create_task(watch.run())
        async with asyncio.timeout(30):
            await self.enough.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_each_stretch_of_serving_is_counted_once() -> None:
    computer = Computer()
    await computer.watch()
    assert computer.counted[:2] == [Given(watt_hours=1.0)] * 2


async def test_time_asleep_is_no_measurement() -> None:
    computer = Computer()
    computer.step = MAX_INTERVAL + 1
    await computer.watch()
    assert computer.counted == []


async def test_a_driver_that_fails_is_asked_again(caplog) -> None:
    computer = Computer()
    computer.failures = 1
    await computer.watch()
    assert Given(watt_hours=1.0) in computer.counted
    assert "cannot be read" in caplog.text


async def test_what_was_read_is_handed_on_and_nothing_while_nothing_is_served() -> None:
    computer = Computer()
    await computer.watch()
    assert computer.seen[0] == machine(energy_joules=3600.0)
    computer.serving, computer.seen = (), []
    computer.enough.clear()
    await computer.watch()
    assert set(computer.seen) == {None}
