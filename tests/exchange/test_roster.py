"""Whom a fetch asks, and whom it leaves alone."""

import pytest

from engine.exchange.roster import FIRST_PAUSE_SECONDS, LATER_SECONDS, MAX_STRIKES, Ending, Roster
from engine.wire.records import ServerState, SpanRecord

ALL = ((0, 8),)


def server(letter: str, start: int = 0, end: int = 8) -> SpanRecord:
    return SpanRecord(
        peer=letter * 30,
        model="0f" * 32,
        model_name="Small",
        start=start,
        end=end,
        n_layers=8,
        state=ServerState.ONLINE,
        expires=2e9,
    )


def due(roster: Roster, *records: SpanRecord, now: float = 0.0, wanted=ALL) -> str:
    return "".join(record.peer[0] for record in roster.due(records, wanted, now))


def test_everybody_is_asked_once_at_a_time_and_never_oneself() -> None:
    roster = Roster("c" * 30, 8)
    assert due(roster, server("a"), server("b"), server("c")) == "ab"
    assert due(roster, server("a"), server("b"), server("d")) == "d"


def test_who_serves_more_of_what_is_wanted_is_asked_first() -> None:
    roster = Roster("", 2)
    servers = server("a", 0, 4), server("b", 2, 6), server("c", 4, 8)
    assert due(roster, *servers, wanted=((3, 4), (5, 8))) == "cb"


def test_an_end_makes_room_for_the_next() -> None:
    roster = Roster("", 1)
    assert due(roster, server("a"), server("b")) == "a"
    roster.ended("a" * 30, Ending.NOTHING_TO_ASK, 0.0)
    assert due(roster, server("a"), server("b")) == "b"


@pytest.mark.parametrize(
    ("ending", "seconds"),
    [
        (Ending.NOTHING_TO_ASK, LATER_SECONDS),
        (Ending.BUSY, LATER_SECONDS),
        (Ending.FAILED, FIRST_PAUSE_SECONDS),
    ],
)
def test_a_peer_is_asked_again_after_a_pause(ending: Ending, seconds: float) -> None:
    roster = Roster("", 8)
    due(roster, server("a"))
    roster.ended("a" * 30, ending, 10.0)
    assert due(roster, server("a"), now=10.0 + 0.9 * seconds) == ""
    assert due(roster, server("a"), now=10.0 + seconds) == "a"


def test_who_is_asked_for_the_first_time_may_bring_what_is_missing() -> None:
    roster = Roster("", 8)
    assert not roster.somebody_is_new
    due(roster, server("a"))
    assert roster.somebody_is_new
    roster.ended("a" * 30, Ending.NOTHING_TO_ASK, 0.0)
    assert due(roster, server("a"), now=10.0) == "a"
    assert not roster.somebody_is_new


def test_who_was_busy_may_have_what_is_missing() -> None:
    roster = Roster("", 8)
    due(roster, server("a"))
    roster.ended("a" * 30, Ending.BUSY, 0.0)
    assert roster.somebody_is_busy
    assert due(roster, server("a"), now=10.0) == "a"
    roster.ended("a" * 30, Ending.NOTHING_TO_ASK, 10.0)
    assert not roster.somebody_is_busy


def test_who_fails_again_and_again_is_given_up() -> None:
    roster, now = Roster("", 8), 0.0
    for _ in range(MAX_STRIKES):
        assert due(roster, server("a"), now=now) == "a"
        roster.ended("a" * 30, Ending.FAILED, now)
        now += 1000.0
    assert due(roster, server("a"), now=now) == ""


def test_what_was_brought_makes_up_for_failures() -> None:
    roster, now = Roster("", 8), 0.0
    for _ in range(2 * MAX_STRIKES):
        assert due(roster, server("a"), now=now) == "a"
        roster.brought("a" * 30)
        roster.ended("a" * 30, Ending.FAILED, now)
        now += 1000.0


def test_who_sent_wrong_bytes_is_never_asked_again() -> None:
    roster = Roster("", 8)
    due(roster, server("a"), server("b"))
    roster.ended("a" * 30, Ending.BAD, 0.0)
    roster.ended("a" * 30, Ending.FAILED, 0.0)
    assert roster.bad == ("a" * 30,)
    assert due(roster, server("a"), now=1e6) == ""
