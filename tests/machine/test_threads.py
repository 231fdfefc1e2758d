"""How many threads the processor computes with: the rule, and what is measured for it."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.machine.facts import Cpu
from engine.machine.measurement import ThreadRates
from engine.machine.measuring import measure_threads
from engine.machine.threads import ENOUGH, best_threads, threads_for, threads_to_try


def rates(threads: int, row: float, rows: float) -> ThreadRates:
    return ThreadRates(threads=threads, row_per_s=row, rows_per_s=rows)


@pytest.mark.parametrize(
    ("physical", "logical", "counts"),
    [
        (1, 1, (1,)),
        (1, 2, (1,)),
        (2, 2, (1,)),
        (2, 4, (1, 2)),
        (4, 4, (2, 3)),
        (8, 16, (4, 7, 14)),
        (14, 20, (7, 13)),  # some cores run two at once, others one
    ],
)
def test_numbers_that_are_tried(physical: int, logical: int, counts: tuple[int, ...]) -> None:
    assert threads_to_try(Cpu("Processor", physical, logical)) == counts


@given(st.integers(1, 256), st.integers(1, 4))
def test_one_core_is_left_and_the_first_guess_is_tried(physical: int, at_once: int) -> None:
    cpu = Cpu("Processor", physical, physical * at_once)
    counts = threads_to_try(cpu)
    assert threads_for(cpu) in counts
    assert min(counts) >= 1
    assert max(counts) <= max(1, (physical - 1) * at_once)


@pytest.mark.parametrize(
    ("measured", "best"),
    [
        ([rates(4, 50, 40), rates(7, 50, 70), rates(14, 49, 69)], 7),  # prompts gain, both of a core do not
        ([rates(4, 50, 40), rates(7, 50, 43), rates(14, 49, 41)], 4),  # next to nothing gains
        ([rates(4, 30, 40), rates(7, 50, 70), rates(14, 60, 90)], 14),
        ([rates(7, 50, 70), rates(4, 70, 80)], 4),  # the others are in each other's way
        ([rates(3, 1, 1)], 3),
    ],
)
def test_the_fewest_that_are_nearly_the_fastest(measured: list[ThreadRates], best: int) -> None:
    assert best_threads(measured) == best


speeds = st.floats(0.1, 1e6)


@given(st.dictionaries(st.integers(1, 512), st.tuples(speeds, speeds), min_size=1, max_size=5))
def test_what_is_chosen_is_never_much_slower_and_never_more_than_the_fastest(
    found: dict[int, tuple[float, float]],
) -> None:
    def speed(threads: int) -> float:
        row, rows = found[threads]
        return row * rows

    best = best_threads([rates(threads, *each) for threads, each in found.items()])
    fastest = max(found, key=speed)
    assert speed(best) >= ENOUGH**2 * speed(fastest) * (1 - 1e-9)
    assert best <= fastest


@pytest.fixture
def _from_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))


@pytest.mark.usefixtures("_from_the_repository")
async def test_this_processor_is_tried_with_each_number() -> None:
    found = await measure_threads((1, 2))
    assert [one.threads for one in found] == [1, 2]
    for one in found:
        assert 1e-3 < one.row_per_s < 1e6
        assert 1e-3 < one.rows_per_s < 1e6
    assert not psutil.Process().children(recursive=True)


async def test_lines_are_parsed_and_what_was_not_asked_for_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good, other = rates(2, 5, 6), rates(9, 5, 6)
    lines = [good.model_dump_json(), other.model_dump_json(), '{"threads": 1, "row_per_s": -1}']
    command = (sys.executable, "-c", f"print({os.linesep.join(lines)!r})")
    assert await measure_threads((1, 2), command) == (good,)
    assert "is no measurement" in caplog.text
