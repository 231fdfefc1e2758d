"""When Potluck may give: tables of single rules, and what holds for all of them together."""

import dataclasses
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import Activity, Reason
from engine.manners.conditions import Conditions
from engine.manners.judge import GRACE, State, judge
from engine.manners.rules import WhenRules, Window
from tests.manners.moments import MONDAY_NOON, moment

EVENINGS = (Window(frozenset(range(5)), 18 * 60, 6 * 60),)
STRICT = WhenRules(
    idle_seconds=300, apps=frozenset({"steam"}), monthly_bytes=10**9, schedule=EVENINGS, only_if_certain=True
)

TABLE = [
    # rules, how it is, the sentence
    (WhenRules(idle_seconds=300), {"idle_seconds": 299.0}, "Paused: this computer is in use"),
    (
        WhenRules(apps=frozenset({"steam"})),
        {"programs": {"Steam.exe"}},
        "Paused: steam is running",
    ),
    (WhenRules(), {"full_screen": True}, "Paused: an application fills the screen"),
    (WhenRules(), {"other_load": 0.31}, "Paused: other programs use RTX 4090"),
    (WhenRules(), {"celsius": 83.6}, "Paused: RTX 4090 is too hot (84 °C)"),
    (WhenRules(), {"on_battery": True}, "Paused: on battery"),
    (WhenRules(), {"metered": True}, "Paused: on a metered connection"),
    (
        WhenRules(monthly_bytes=9 * 10**9),
        {"traffic_bytes": 9 * 10**9},
        "Paused: this month's 9.0 GB of traffic are used up",
    ),
    (WhenRules(), {"free_disk_bytes": 10**9}, "Paused: less than 2.0 GB of the disk are free"),
    (WhenRules(schedule=EVENINGS), {}, "Paused until 18:00, as scheduled"),
    (
        WhenRules(schedule=EVENINGS),
        {"local": datetime(2024, 1, 6, 12)},
        "Paused until Monday 18:00, as scheduled",
    ),
    (
        WhenRules(idle_seconds=300),
        {"idle_seconds": None},
        "Paused: Potluck cannot see whether somebody uses this computer",
    ),
    (
        WhenRules(only_if_certain=True),
        {"other_load": None},
        "Paused: Potluck cannot see whether other programs use RTX 4090",
    ),
]


@pytest.mark.parametrize(("rules", "changes", "sentence"), TABLE)
def test_each_rule_keeps_it_from_giving_and_says_so(rules: WhenRules, changes: dict, sentence: str) -> None:
    verdict = judge(rules, moment(**changes), State())
    assert not verdict.allowed
    assert verdict.condition is not None
    assert (verdict.condition.sentence, verdict.condition.activity) == (sentence, Activity.PAUSED)


@pytest.mark.parametrize(
    ("rules", "changes"),
    [
        (WhenRules(), {}),
        (STRICT, {"local": datetime(2024, 1, 1, 18)}),
        (STRICT, {"local": datetime(2024, 1, 6, 5, 59)}),  # Friday's evening
        (WhenRules(full_screen=True, on_battery=True, metered=True), dict.fromkeys(("full_screen",), True)),
        (WhenRules(other_gpu_load=None, max_celsius=None), {"other_load": 1.0, "celsius": 99.0}),
        (WhenRules(), {"idle_seconds": 0.0, "traffic_bytes": 10**15}),
        (WhenRules(), {"full_screen": None, "metered": None, "other_load": None, "celsius": None}),
    ],
)
def test_what_no_rule_speaks_against_is_allowed(rules: WhenRules, changes: dict) -> None:
    assert judge(rules, moment(**changes), State()).allowed


def test_what_cannot_be_told_is_said() -> None:
    verdict = judge(WhenRules(), moment(full_screen=None, celsius=None), State())
    assert verdict.allowed
    assert verdict.not_told == (
        "Potluck cannot see whether an application fills the screen.",
        "Potluck cannot see how hot RTX 4090 is.",
    )


UNKNOWABLE = {
    "idle_seconds",
    "programs",
    "full_screen",
    "other_load",
    "celsius",
    "on_battery",
    "metered",
    "traffic_bytes",
    "free_disk_bytes",
}


@given(st.sets(st.sampled_from(sorted(UNKNOWABLE)), min_size=1))
def test_nothing_unknown_counts_as_allowed_where_the_owner_wants_certainty(unknown: set[str]) -> None:
    evening = MONDAY_NOON.replace(hour=20)
    assert not judge(STRICT, moment(local=evening, **dict.fromkeys(unknown)), State()).allowed


def test_a_hot_card_has_to_cool_down_before_it_computes_again() -> None:
    hot = judge(WhenRules(), moment(celsius=84.0), State())
    warm = judge(WhenRules(), moment(celsius=80.0, at=2000.0), hot.state)
    assert not warm.allowed
    cool = judge(WhenRules(), moment(celsius=76.0, at=2000.0 + GRACE[Reason.PAUSED_TOO_HOT]), warm.state)
    assert cool.allowed


def test_those_who_are_served_when_the_schedule_ends_are_served_to_the_end() -> None:
    assert judge(WhenRules(schedule=EVENINGS), moment(), State()).soft
    assert not judge(WhenRules(schedule=EVENINGS), moment(on_battery=True), State()).soft


def test_the_reason_that_holds_now_is_told_before_one_that_held_a_moment_ago() -> None:
    playing = judge(WhenRules(), moment(full_screen=True), State())
    unplugged = judge(WhenRules(), moment(on_battery=True, at=1001.0), playing.state)
    assert [one.rule for one in unplugged.objections] == [Reason.PAUSED_ON_BATTERY, Reason.PAUSED_FULL_SCREEN]


known = {
    "idle_seconds": st.none() | st.floats(0, 600),
    "on_battery": st.none() | st.booleans(),
    "metered": st.none() | st.booleans(),
    "full_screen": st.none() | st.booleans(),
    "programs": st.none() | st.sampled_from([frozenset[str](), frozenset({"steam"})]),
    "traffic_bytes": st.none() | st.sampled_from([0, 2 * 10**9]),
    "free_disk_bytes": st.none() | st.sampled_from([0, 22 << 27, 1 << 40]),
    "other_load": st.none() | st.floats(0, 1),
    "celsius": st.none() | st.floats(20, 100),
}
rules_of_any_kind = st.builds(
    WhenRules,
    idle_seconds=st.none() | st.floats(1, 600),
    schedule=st.sampled_from([(), EVENINGS]),
    on_battery=st.booleans(),
    metered=st.booleans(),
    full_screen=st.booleans(),
    apps=st.sampled_from([frozenset[str](), frozenset({"steam"})]),
    other_gpu_load=st.none() | st.floats(0, 1),
    max_celsius=st.none() | st.floats(40, 100),
    monthly_bytes=st.sampled_from([None, 10**9]),
    only_if_certain=st.booleans(),
)
days = st.lists(st.tuples(st.floats(0.1, 40), st.fixed_dictionaries(known)), min_size=1, max_size=40)


def walked(steps: list[tuple[float, dict]]) -> list[Conditions]:
    at, found = 0.0, []
    for seconds, changes in steps:
        at += seconds
        found.append(moment(at=at, **changes))
    return found


@given(rules_of_any_kind, days)
def test_it_yields_at_once_and_comes_back_only_after_the_grace(rules: WhenRules, steps) -> None:
    state, objected = State(), {}
    for now in walked(steps):
        alone = judge(rules, now, State())
        verdict = judge(rules, now, state)
        assert verdict.allowed <= alone.allowed  # whatever was so before
        objected |= {one.rule: now.at for one in alone.objections}
        if verdict.allowed:
            assert all(now.at - last >= GRACE[rule] for rule, last in objected.items())
        state = verdict.state


@given(rules_of_any_kind, days)
def test_it_comes_back_by_itself_when_nothing_speaks_against_it_any_more(rules: WhenRules, steps) -> None:
    state = State()
    for now in walked(steps):
        state = judge(rules, now, state).state
    evening = MONDAY_NOON.replace(hour=20)
    quiet = moment(local=evening, at=1e6, celsius=20.0, other_load=0.0)
    assert judge(dataclasses.replace(rules, only_if_certain=False), quiet, state).allowed
