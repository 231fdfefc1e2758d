import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.device import DeviceThread
from engine.host.duty import LEAST_REST, DutyCycle, taken


@given(st.floats(0.05, 1.0), st.lists(st.floats(0.0, 2.0), min_size=1))
def test_the_share_holds_but_for_rests_that_are_too_short_to_sleep(share: float, jobs: list[float]) -> None:
    duty = DutyCycle(share)
    rested = sum(map(duty.rest_after, jobs))
    owed = sum(jobs) * (1 - share) / share
    assert owed - LEAST_REST <= rested + 1e-9
    assert rested <= owed + 1e-9


@pytest.mark.parametrize(("busy", "duty", "share"), [(0.5, 1.0, 0.5), (0.25, 0.5, 0.5), (0.52, 0.5, 1.0)])
def test_a_device_that_does_all_that_it_may_is_full(busy: float, duty: float, share: float) -> None:
    assert taken(busy, duty) == share


def test_a_device_that_may_compute_all_the_time_never_rests() -> None:
    assert DutyCycle().rest_after(3600.0) == 0.0


def test_the_device_rests_between_jobs_and_that_is_no_work() -> None:
    device, done = DeviceThread(DutyCycle(0.25)), threading.Event()
    starts: list[float] = []

    def job() -> None:
        starts.append(time.monotonic())
        time.sleep(0.05)

    began = time.monotonic()
    for _ in range(2):
        device.submit(job)
    device.submit(done.set)
    assert done.wait(10)
    assert starts[1] - starts[0] >= 0.2
    assert time.monotonic() - began - device.busy_seconds >= 0.3
    device.close()
