"""Leaks, what is left, and how long kills held answers up."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.soak.processes import Family, Use, children_left
from engine.soak.report import (
    FILE_GROWTH,
    MEBIBYTE,
    MEMORY_GROWTH,
    MEMORY_GROWTH_PER_MINUTE,
    TASK_GROWTH,
    Growth,
    Recovery,
    SoakReport,
)
from engine.soak.tally import Answer, Kill, Tally

EARLY = Use(500 * MEBIBYTE, 30, 10)


def report(
    tally: Tally | None = None, growth: Growth | None = None, left: list[str] | None = None
) -> SoakReport:
    return SoakReport(
        "m", 3, 2.0, 4, 2, tally or Tally(right=1), [growth] if growth else [], Recovery.of([]), left or []
    )


def grown(memory: int = 0, files: int = 0, tasks: int = 0) -> Growth:
    late = Use(EARLY.memory + memory, EARLY.files + files, EARLY.tasks + tasks)
    return Growth("client", EARLY, late, minutes=2.0)


ALLOWED = MEMORY_GROWTH + 2 * MEMORY_GROWTH_PER_MINUTE


@pytest.mark.parametrize("growth", [grown(), grown(ALLOWED, FILE_GROWTH, TASK_GROWTH), grown(-1, -1, -1)])
def test_growth_within_the_bounds_is_no_leak(growth):
    assert report(growth=growth).is_clean


@pytest.mark.parametrize(
    "growth", [grown(memory=ALLOWED + 1), grown(files=FILE_GROWTH + 1), grown(tasks=TASK_GROWTH + 1)]
)
def test_growth_beyond_the_bounds_makes_a_soak_fail(growth):
    assert len(growth.leaks()) == 1
    assert not report(growth=growth).is_clean


def test_a_cache_that_is_held_for_nobody_makes_a_soak_fail():
    held = Growth("server 7", EARLY, replace(EARLY, cache=3 * MEBIBYTE), minutes=2.0)
    assert held.leaks() == ["server 7: 3.0 MiB of cache for ended sessions"]
    assert not report(growth=held).is_clean


@pytest.mark.parametrize("fault", ["wrong", "lost", "crashes", "complaints"])
def test_any_fault_makes_a_soak_fail_and_is_told(fault):
    tally = Tally(right=9)
    getattr(tally, fault).append("what went wrong")
    assert not report(tally).is_clean
    assert "what went wrong" in report(tally).as_text()
    assert "what went wrong" in report(tally).as_json()


def test_what_is_left_makes_a_soak_fail():
    assert not report(left=["process 7 (p2pd)"]).is_clean


def test_the_json_holds_the_figures():
    told = json.loads(report(Tally(right=3, cancelled=1, pieces=40), grown()).as_json())
    assert (told["is_clean"], told["seed"], told["right"], told["pieces"]) == (True, 3, 3, 40)
    assert told["growth"][0]["early"]["files"] == 30


def test_a_process_or_folder_that_outlives_its_server_is_noticed(tmp_path: Path):
    before = psutil.Process().children(recursive=True)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    try:
        family = Family(process, (), process, tmp_path)
        assert len(family.left()) == 2
        assert len(children_left(before)) == 1
    finally:
        child.communicate()
    assert family.left() == [f"folder {tmp_path}"]
    assert children_left(before) == []


def test_the_time_to_the_next_token_is_that_of_answers_that_lost_a_server():
    tally = Tally(
        kills=[Kill(10.0, slot=1), Kill(50.0, slot=2)],
        answers=[
            Answer(0, 1.0, [9.5, 10.1, 12.6, 13.0], replaced_spans=1),  # one was under way
            Answer(1, 1.0, [9.9, 10.1, 10.2], replaced_spans=0),  # it had no session with that server
            Answer(2, 10.5, [11.0], replaced_spans=1),  # it began later
            Answer(3, 1.0, [7.0, 14.0], replaced_spans=1),  # something held it up before
            Answer(4, 40.0, [49.0, 70.0], replaced_spans=1),  # something else happened, too
        ],
    )
    assert tally.recoveries(lambda since, until, slot: until < 60 and slot == 1) == [2.5]
