"""The recorded day, what rules would have meant on it, and the month's traffic."""

import dataclasses
import json
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import Reason
from engine.manners.day import DAY_SECONDS, MOST_SURPLUS, RecordedDay, Sample
from engine.manners.judge import GRACE
from engine.manners.preview import preview
from engine.manners.rules import DAY_MINUTES, WhenRules, Window
from engine.manners.schedule import lies_in, next_start
from engine.manners.traffic import MonthlyTraffic
from tests.manners.moments import MONDAY_NOON, moment
from tests.manners.test_judge import known, rules_of_any_kind

NOON = 1_704_110_400.0


def day(*hours: dict) -> list[Sample]:
    """A sample each minute; each hour as it says."""
    return [
        Sample(
            NOON + 60 * minute,
            moment(local=MONDAY_NOON + timedelta(minutes=minute), **hours[minute // 60]),
        )
        for minute in range(60 * len(hours))
    ]


def test_yesterday_as_the_rules_would_have_had_it() -> None:
    seen = preview(WhenRules(idle_seconds=300), day({}, {"idle_seconds": 9.0}, {"on_battery": True}, {}))
    assert seen.recorded_seconds == 4 * 3600
    assert seen.giving_seconds == 2 * 3600
    assert [(kept.condition.reason, kept.seconds) for kept in seen.kept] == [
        (Reason.PAUSED_IN_USE, 3600),
        (Reason.PAUSED_ON_BATTERY, 3600),
    ]


def test_the_longest_reason_comes_first_with_the_sentence_that_held_longest() -> None:
    hot = day({"celsius": 90.0}, {"celsius": 90.0}, {"celsius": 95.0}, {"metered": True})
    kept = preview(WhenRules(), hot).kept
    assert [one.condition.sentence for one in kept] == [
        "Paused: RTX 4090 is too hot (90 °C)",
        "Paused: on a metered connection",
    ]


def test_time_in_which_no_engine_ran_is_not_counted() -> None:
    whole = day({}, {}, {})
    seen = preview(WhenRules(), [*whole[:60], *whole[120:]])
    assert seen.recorded_seconds == 2 * 3600
    assert preview(WhenRules(), []).recorded_seconds == 0


def test_what_could_not_be_told_is_said_once() -> None:
    seen = preview(WhenRules(), day({"full_screen": None}))
    assert seen.not_told == ("Potluck cannot see whether an application fills the screen.",)


def test_programs_that_were_not_watched_for_are_named() -> None:
    sample = dataclasses.replace(day({})[0], watched=frozenset({"steam"}))
    rules = WhenRules(apps=frozenset({"steam", "blender"}))
    assert preview(rules, [sample]).not_told == ("Whether blender ran was not recorded all the time.",)


@given(rules_of_any_kind, st.lists(st.fixed_dictionaries(known), max_size=30))
def test_giving_and_not_giving_make_up_the_whole_day(rules: WhenRules, minutes: list[dict]) -> None:
    samples = [Sample(NOON + 60 * at, moment(**changes)) for at, changes in enumerate(minutes)]
    seen = preview(rules, samples)
    assert seen.recorded_seconds == pytest.approx(60 * len(samples))
    assert seen.giving_seconds + sum(kept.seconds for kept in seen.kept) == seen.recorded_seconds
    assert all(kept.seconds > 0 for kept in seen.kept)
    assert max(GRACE.values()) <= 60  # else one minute's samples would say too little


# --- on disk


def test_a_day_is_kept_over_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    first = RecordedDay(path)
    programs = frozenset({"bash", "Steam.exe"})
    for minute in range(3):
        first.note(NOON + 60 * minute, moment(programs=programs), frozenset({"steam"}))
        first.note(NOON + 60 * minute + 30, moment(), frozenset())  # within the same minute
    assert first.samples({"bash"})[0].conditions.programs == {"bash"}
    with path.open("a") as file:
        file.write('{"unix": 17041')  # the power was cut
    again = RecordedDay(path)
    assert [sample.unix for sample in again.samples(())] == [NOON, NOON + 60, NOON + 120]
    assert again.samples({"bash"})[0].conditions.programs == {"Steam.exe"}  # of the others nothing is written
    assert again.samples(())[0].watched == {"steam"}
    again.note(NOON + 180, moment(), frozenset())
    assert len(RecordedDay(path).samples(())) == 4


def test_hundreds_of_programs_a_minute_take_little_memory(tmp_path: Path) -> None:
    record, minutes, names = RecordedDay(tmp_path / "day.jsonl"), 100, range(350)
    tracemalloc.start()
    before = tracemalloc.take_snapshot()
    for minute in range(minutes):
        programs = frozenset(f"program {name}" for name in (*names, 1000 + minute))
        record.note(NOON + 60 * minute, moment(programs=programs), frozenset())
    grown = tracemalloc.take_snapshot().compare_to(before, "filename")
    tracemalloc.stop()
    assert sum(each.size_diff for each in grown) < 6_000 * minutes  # a set of so many takes 33,000
    assert [sample.conditions.programs for sample in record.samples({"Program 1007"})][6:9] == [
        set(),
        {"program 1007"},
        set(),
    ]


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text('{"unix": 17041')
    RecordedDay(path).note(NOON, moment(), frozenset())
    assert [sample.unix for sample in RecordedDay(path).samples(())] == [NOON]


def test_more_than_a_day_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    record = RecordedDay(path)
    minutes = int(DAY_SECONDS // 60) + MOST_SURPLUS + 5
    for minute in range(minutes):
        record.note(NOON + 60 * minute, moment(), frozenset())
    newest = NOON + 60 * (minutes - 1)
    assert (record.samples(())[0].unix, record.samples(())[-1].unix) == (newest - DAY_SECONDS, newest)
    assert len(path.read_text().splitlines()) < DAY_SECONDS // 60 + MOST_SURPLUS


def test_a_clock_that_went_back_goes_on_from_there(tmp_path: Path) -> None:
    record = RecordedDay(tmp_path / "day.jsonl")
    for unix in (NOON, NOON + 3600, NOON + 60):
        record.note(unix, moment(), frozenset())
    assert [sample.unix for sample in record.samples(())] == [NOON, NOON + 60]


def test_a_disk_that_refuses_is_no_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    record = RecordedDay(blocked / "day.jsonl")
    record.note(NOON, moment(), frozenset())
    assert len(record.samples(())) == 1


# --- schedules

windows = st.builds(
    Window,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.integers(0, DAY_MINUTES - 1),
    end=st.integers(0, DAY_MINUTES),
)


@given(st.lists(windows, min_size=1, max_size=4), st.integers(0, 7 * DAY_MINUTES - 1))
def test_outside_of_a_schedule_nothing_begins_before_the_time_that_is_told(schedule, minute: int) -> None:
    local = datetime(2024, 1, 1) + timedelta(minutes=minute)
    start = next_start(schedule, local)
    assert lies_in(schedule, start)
    assert local < start <= local + timedelta(days=8)
    if not lies_in(schedule, local):
        steps = int((start - local) / timedelta(minutes=17))
        assert not any(lies_in(schedule, local + timedelta(minutes=17 * step)) for step in range(steps))


# --- traffic


class Months:
    def __init__(self) -> None:
        self.now, self.month = 0.0, "2024-01"

    def meter(self, path: Path) -> MonthlyTraffic:
        return MonthlyTraffic(path, lambda: self.month, lambda: self.now)


def test_each_byte_counts_once_whatever_ends_or_begins_anew(tmp_path: Path) -> None:
    months, path = Months(), tmp_path / "traffic.json"
    traffic = months.meter(path)
    for meter, count in (("node", 100), ("node", 100), ("process 7", 5), ("node", 150), ("node", 30)):
        traffic.hear(meter, count)
    assert traffic.bytes == 150 + 30 + 5
    traffic.save()
    again = months.meter(path)
    again.hear("process 9", 15)
    assert again.bytes == 200


def test_a_new_month_begins_at_nothing(tmp_path: Path) -> None:
    months = Months()
    traffic = months.meter(tmp_path / "traffic.json")
    traffic.hear("node", 100)
    months.month = "2024-02"
    assert traffic.bytes == 0
    traffic.hear("node", 110)
    assert traffic.bytes == 10


def test_it_is_written_from_time_to_time_and_may_be_damaged(tmp_path: Path) -> None:
    months, path = Months(), tmp_path / "traffic.json"
    traffic = months.meter(path)
    traffic.hear("node", 1)
    assert not path.exists()
    months.now = 31.0
    traffic.hear("node", 2)
    assert json.loads(path.read_text()) == {"months": {"2024-01": 2}}
    path.write_text('{"months": {"2024-01": -5}}')
    assert months.meter(path).bytes == 0
