"""A device is measured once, in a process of its own."""

import asyncio
import math
import os
import sys
from pathlib import Path

import psutil
import pytest

from engine.machine.disk import reading_rate
from engine.machine.facts import Cpu, Machine
from engine.machine.known_speeds import SpeedBook
from engine.machine.measure import main
from engine.machine.measurement import Measurement, Rates, ThreadRates
from engine.machine.measuring import measure, measure_unmeasured
from engine.machine.speeds import CPU
from engine.precision import Precision

MACHINE = Machine(Cpu("Processor", 1, 1), memory_bytes=8 << 30, available_bytes=4 << 30)
KNOWN = Rates(flops_per_s=1e10, bytes_per_s=1e9)
RATES = KNOWN.model_dump_json()


def saying(*lines: str) -> tuple[str, ...]:
    """A process that says this, and notes how often it was asked."""
    code = "import sys; open('asked', 'a').write(' '.join(sys.argv[1:]) + '\\n')"
    return (sys.executable, "-c", f"{code}; print({chr(10).join(lines)!r})")


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repository_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules are found from any folder."""
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]))


@pytest.mark.usefixtures("repository_path")
async def test_this_processor_is_measured_once_in_what_was_not_measured_yet(tmp_path: Path) -> None:
    store = tmp_path / "layers"
    store.mkdir()
    (store / "part").write_bytes(os.urandom(4 << 20))
    path = tmp_path / "speeds.json"
    book = SpeedBook(path)
    book.note_measured(MACHINE, CPU, Measurement(precision="bfloat16", rates=KNOWN))
    await measure_unmeasured(book, MACHINE, store)
    speeds = book.speeds(MACHINE)
    for speed in speeds.of[CPU].values():
        assert speed.measured
        assert math.isfinite(speed.flops_per_s)
        assert math.isfinite(speed.bytes_per_s)
    assert {"float32", "int8", "nf4"} <= speeds.of[CPU].keys()
    assert speeds.of[CPU]["bfloat16"].flops_per_s == KNOWN.flops_per_s
    assert speeds.disk_bytes_per_s is None or speeds.disk_bytes_per_s > 0
    assert not psutil.Process().children(recursive=True)
    # In this computer's own process nothing remains of it, and it is not done again.
    again = SpeedBook(path)
    await measure_unmeasured(again, MACHINE, store, saying())
    assert not (tmp_path / "asked").exists()
    assert again.speeds(MACHINE) == speeds


async def test_lines_are_parsed_and_what_was_not_asked_for_is_left_out(tmp_path: Path) -> None:
    command = saying(
        "Warning: something else speaks, too",
        f'{{"precision": "float32", "rates": {RATES}}}',
        f'{{"precision": "nf4", "rates": {RATES}}}',
        '{"precision": "int8", "rates": null}',
        '{"precision": "bfloat16", "rates": {"flops_per_s": -1, "bytes_per_s": 1}}',
        '{"precision": "bfloat16", "rates": {"flops_per_s": NaN, "bytes_per_s": 1}}',
    )
    asked: list[Precision] = ["float32", "bfloat16", "int8"]
    found: list[Measurement] = []
    await measure("cpu", 1, asked, found.append, command)
    assert [each.precision for each in found] == ["float32", "int8"]
    assert found[1].rates is None
    assert (tmp_path / "asked").read_text() == "cpu 1 float32 bfloat16 int8\n"


async def test_threads_are_tried_first_and_the_rates_are_of_the_best(tmp_path: Path) -> None:
    machine = Machine(Cpu("Processor", 4, 4), memory_bytes=8 << 30, available_bytes=4 << 30)
    tried = saying(
        ThreadRates(threads=2, row_per_s=9.9, rows_per_s=9.9).model_dump_json(),
        ThreadRates(threads=3, row_per_s=10, rows_per_s=10).model_dump_json(),
    )
    book = SpeedBook(tmp_path / "speeds.json")
    await measure_unmeasured(book, machine, tmp_path, saying(), tried)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "2 3"
    assert asked[1].startswith("cpu 2 ")
    assert book.speeds(machine).threads == 2


async def test_half_an_answer_chooses_no_number_of_threads(tmp_path: Path) -> None:
    machine = Machine(Cpu("Processor", 4, 4), memory_bytes=8 << 30, available_bytes=4 << 30)
    tried = saying(ThreadRates(threads=2, row_per_s=9.9, rows_per_s=9.9).model_dump_json())
    book = SpeedBook(tmp_path / "speeds.json")
    await measure_unmeasured(book, machine, tmp_path, saying(), tried)
    assert book.speeds(machine).threads is None
    assert book.untried_threads(machine) == (2, 3)


@pytest.mark.parametrize("command", [(sys.executable, "-c", "raise SystemExit(3)"), ("no-such-command",)])
async def test_a_process_that_fails_leaves_the_estimates(tmp_path: Path, command: tuple[str, ...]) -> None:
    book = SpeedBook(tmp_path / "speeds.json")
    await measure_unmeasured(book, MACHINE, tmp_path / "no store", command)
    assert not any(speed.measured for speed in book.speeds(MACHINE).of[CPU].values())
    assert book.unmeasured(MACHINE, CPU)


async def test_a_measurement_that_is_interrupted_leaves_what_was_found_and_no_process() -> None:
    line = f'{{"precision": "float32", "rates": {RATES}}}'
    command = (sys.executable, "-c", f"import time; print({line!r}, flush=True); time.sleep(600)")
    found, first = [], asyncio.Event()

    def note(measurement: Measurement) -> None:
        found.append(measurement.precision)
        first.set()

    measuring = asyncio.create_task(measure("cpu", 1, ["float32", "nf4"], note, command))
    await first.wait()
    measuring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await measuring
    assert found == ["float32"]
    assert not psutil.Process().children(recursive=True)


def test_a_device_that_does_not_work_says_nothing_of_what_it_can_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises((RuntimeError, AssertionError)):  # by what torch was built for
        main("xpu:7", 1, ["float32"])
    assert capsys.readouterr().out == ""


def test_an_empty_store_tells_nothing_of_its_disk(tmp_path: Path) -> None:
    assert reading_rate(tmp_path) is None
    (tmp_path / "small").write_bytes(b"few bytes")
    assert reading_rate(tmp_path) is None
