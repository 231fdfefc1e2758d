"""What was measured stays known, and gives way when the computer changes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.machine.estimates import estimated
from engine.machine.facts import Cpu, Gpu, Machine
from engine.machine.known_speeds import CORRECTION_HALF_LIFE, DAY, MOST_CORRECTION, SpeedBook
from engine.machine.measurement import Measurement, Rates, ThreadRates
from engine.machine.speeds import CPU, Speed, step_seconds
from engine.precision import Precision

CARD = Gpu(0, "Card", capability=(8, 6), uid="GPU-1", driver="550.1", multiprocessors=20, clock_hz=1.5e9)
MACHINE = Machine(Cpu("Processor", 4, 8), memory_bytes=8 << 30, available_bytes=4 << 30, gpus=(CARD,))
RATES = Rates(flops_per_s=1.5e13, bytes_per_s=2e11, layer_seconds=2e-4)


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "speeds.json"


Open = Callable[[], SpeedBook]


@pytest.fixture
def book(path: Path, clock: Clock) -> Open:
    return lambda: SpeedBook(path, clock, libraries="torch 1")


def measurement(precision: Precision, rates: Rates | None = RATES) -> Measurement:
    return Measurement(precision=precision, rates=rates)


def test_before_anything_is_measured_there_are_estimates(book: Open, path: Path) -> None:
    assert book().speeds(MACHINE).of == estimated(MACHINE).of
    assert set(book().unmeasured(MACHINE, CPU)) == estimated(MACHINE).of[CPU].keys()
    assert not path.exists()


def test_what_was_measured_is_known_after_a_restart(book: Open) -> None:
    book().note_measured(MACHINE, "GPU-1", measurement("bfloat16"))
    speeds = book().speeds(MACHINE).of["GPU-1"]
    assert speeds["bfloat16"] == Speed(1.5e13, 2e11, measured=True, layer_seconds=2e-4)
    assert speeds["float16"] == estimated(MACHINE).of["GPU-1"]["float16"]
    assert "bfloat16" not in book().unmeasured(MACHINE, "GPU-1")


def test_what_a_device_cannot_do_is_no_longer_offered(book: Open) -> None:
    book().note_measured(MACHINE, "GPU-1", measurement("int8", None))
    assert "int8" not in book().speeds(MACHINE).of["GPU-1"]
    assert "int8" not in book().unmeasured(MACHINE, "GPU-1")


@pytest.mark.parametrize(
    "machine",
    [
        replace(MACHINE, gpus=(replace(CARD, driver="560.0"),)),
        replace(MACHINE, gpus=(replace(CARD, name="Better card"),)),
    ],
    ids=["driver", "name"],
)
def test_another_driver_or_card_is_measured_anew(book: Open, machine: Machine) -> None:
    book().note_measured(MACHINE, "GPU-1", measurement("bfloat16"))
    assert "bfloat16" in book().unmeasured(machine, "GPU-1")
    assert not book().speeds(machine).of["GPU-1"]["bfloat16"].measured


def test_another_torch_is_measured_anew(book: Open, path: Path, clock: Clock) -> None:
    book().note_measured(MACHINE, CPU, measurement("float32"))
    assert "float32" in SpeedBook(path, clock, libraries="torch 2").unmeasured(MACHINE, CPU)
    assert "float32" not in book().unmeasured(MACHINE, CPU)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 2}', '{"devices": {"cpu": {}}}', '{"upload": {"value": -1, "at": 0}}'],
)
def test_a_broken_file_counts_as_none(
    book: Open, path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with caplog.at_level(logging.WARNING):
        assert book().speeds(MACHINE).of == estimated(MACHINE).of
    assert "measured again" in caplog.text
    book().note_measured(MACHINE, CPU, measurement("float32"))
    assert book().speeds(MACHINE).of[CPU]["float32"].measured


def test_a_disk_that_takes_nothing_is_no_failure(book: Open, path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    found = book()
    found.note_measured(MACHINE, CPU, measurement("float32"))
    assert found.speeds(MACHINE).of[CPU]["float32"].measured


def test_disk_and_line_are_known_after_a_restart(book: Open, tmp_path: Path) -> None:
    book().note_disk(tmp_path, 5e8)
    book().note_upload(1e6)
    book().note_download(4e6)
    speeds = book().speeds(MACHINE)
    assert (speeds.disk_bytes_per_s, speeds.upload_bytes_per_s, speeds.download_bytes_per_s) == (
        5e8,
        1e6,
        4e6,
    )
    assert book().knows_disk(tmp_path)
    assert not book().knows_disk(tmp_path / "elsewhere")


def test_of_a_line_the_best_counts_until_it_is_old(book: Open, clock: Clock) -> None:
    found = book()
    for rate in (1e6, 8e6, 2e6, 0.0):
        found.note_upload(rate)
    assert found.speeds(MACHINE).upload_bytes_per_s == 8e6
    clock.now += 30 * DAY
    found.note_upload(2e6)
    assert found.speeds(MACHINE).upload_bytes_per_s == 2e6


def rates_with(threads: int, each: float) -> ThreadRates:
    return ThreadRates(threads=threads, row_per_s=each, rows_per_s=each)


def test_the_best_number_of_threads_is_known_after_a_restart(book: Open) -> None:
    assert (book().speeds(MACHINE).threads, book().threads(MACHINE)) == (None, 3)
    assert book().untried_threads(MACHINE) == (2, 3, 6)
    book().note_threads(MACHINE, [rates_with(2, 10.0), rates_with(3, 10.1), rates_with(6, 9.0)])
    assert (book().speeds(MACHINE).threads, book().threads(MACHINE)) == (2, 2)
    assert book().untried_threads(MACHINE) == ()


def test_rates_count_for_the_number_of_threads_that_they_were_measured_with(book: Open) -> None:
    found = book()
    found.note_measured(MACHINE, CPU, measurement("float32"))
    found.note_threads(MACHINE, [rates_with(3, 10.0)])
    assert found.speeds(MACHINE).of[CPU]["float32"].measured
    found.note_threads(MACHINE, [rates_with(6, 10.0)])
    assert not found.speeds(MACHINE).of[CPU]["float32"].measured


def test_another_processor_or_torch_tries_threads_anew(book: Open, path: Path, clock: Clock) -> None:
    book().note_threads(MACHINE, [rates_with(2, 10.0)])
    other = replace(MACHINE, cpu=replace(MACHINE.cpu, physical_cores=8))
    assert (book().threads(other), book().untried_threads(other)) == (7, (4, 7))
    assert SpeedBook(path, clock, libraries="torch 2").threads(MACHINE) == 3


# --- work


def rates_of(found: SpeedBook, precision: Precision) -> tuple[float, float]:
    speed = found.speeds(MACHINE).of["GPU-1"][precision]
    return speed.flops_per_s, speed.bytes_per_s


def test_work_corrects_the_precisions_that_it_was_done_in(book: Open) -> None:
    found = book()
    before, other = rates_of(found, "nf4"), rates_of(found, "float32")
    found.server(MACHINE, "GPU-1", ["nf4", "bfloat16"], planned_tokens_per_s=100.0).note(60.0)
    assert rates_of(book(), "nf4") == pytest.approx([0.6 * rate for rate in before])
    assert rates_of(book(), "float32") == other


def test_corrected_speeds_make_a_step_so_much_longer(book: Open) -> None:
    found = book()
    before = found.speeds(MACHINE).of["GPU-1"]["nf4"]
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=100.0).note(50.0)
    after = found.speeds(MACHINE).of["GPU-1"]["nf4"]
    for rows in (1, 10_000):
        seconds = [step_seconds(speed, 10**8, 2 * 10**8, rows) for speed in (before, after)]
        assert seconds[1] == pytest.approx(2 * seconds[0])


def test_the_same_work_told_again_and_again_corrects_once(book: Open) -> None:
    found = book()
    before = rates_of(found, "nf4")
    server = found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=100.0)
    for _ in range(5):
        server.note(60.0)
    assert rates_of(found, "nf4") == pytest.approx([0.6 * rate for rate in before])


def test_a_plan_that_was_made_with_corrected_speeds_is_right(book: Open) -> None:
    found = book()
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=100.0).note(60.0)
    corrected = rates_of(found, "nf4")
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=60.0).note(60.0)
    assert rates_of(found, "nf4") == corrected


def test_what_is_measured_later_is_not_corrected_by_what_was_said_of_an_estimate(book: Open) -> None:
    found = book()
    found.server(MACHINE, "GPU-1", ["nf4", "int8"], planned_tokens_per_s=100.0).note(60.0)
    other = rates_of(found, "int8")
    found.note_measured(MACHINE, "GPU-1", measurement("nf4"))
    assert rates_of(found, "nf4") == (RATES.flops_per_s, RATES.bytes_per_s)
    assert rates_of(found, "int8") == other


def test_too_little_work_says_nothing(book: Open, path: Path) -> None:
    found = book()
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=100.0).note(0.0)
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=0.0).note(5.0)
    assert found.speeds(MACHINE).of == estimated(MACHINE).of
    assert not path.exists()


def test_a_correction_fades(book: Open, clock: Clock) -> None:
    found = book()
    before = rates_of(found, "nf4")
    found.server(MACHINE, "GPU-1", ["nf4"], planned_tokens_per_s=100.0).note(25.0)
    clock.now += CORRECTION_HALF_LIFE
    assert rates_of(found, "nf4") == pytest.approx([0.5 * rate for rate in before])


@given(planned=st.floats(1e-3, 1e9), shown=st.floats(1e-3, 1e9), times=st.integers(1, 5))
def test_no_work_corrects_without_bound(
    tmp_path_factory: pytest.TempPathFactory, planned: float, shown: float, times: int
) -> None:
    found = SpeedBook(tmp_path_factory.mktemp("book") / "speeds.json", libraries="")
    before = rates_of(found, "nf4")
    for _ in range(times):
        found.server(MACHINE, "GPU-1", ["nf4"], planned).note(shown)
    for old, new in zip(before, rates_of(found, "nf4"), strict=True):
        assert new / old >= (1 - 1e-9) / MOST_CORRECTION
        assert new / old <= (1 + 1e-9) * MOST_CORRECTION
