from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.history_schema import By
from engine.api.schema import Given, ServerPhase
from engine.host.orders import Report
from engine.ledger.given import MAX_SILENCE, SAVE_INTERVAL, GivenLedger, given_between

DAY = 24 * 3600.0


class Time:
    wall = 20_000 * DAY  # midnight in UTC
    now = 0.0


def ledger(path: Path, time: Time) -> GivenLedger:
    return GivenLedger(path, lambda: time.wall, lambda: time.now, lambda at: datetime.fromtimestamp(at, UTC))


def online(tokens: int, **more: int) -> Report:
    return Report(phase=ServerPhase.ONLINE, tokens=tokens, layer_tokens=4 * tokens, **more)


@given(st.lists(st.lists(st.integers(0, 100), min_size=1), max_size=5))
def test_every_token_counts_once_whatever_the_reports(processes):
    """Each process reports its own running sum, several times."""
    sums = GivenLedger(Path("/nowhere/given.json"), clock=lambda: 0.0)
    for pid, steps in enumerate(processes):
        total = 0
        for step in steps:
            total += step
            sums.hear(pid, online(total))
    wanted = sum(sum(steps) for steps in processes)
    assert (sums.today.tokens, sums.today.layer_tokens) == (wanted, 4 * wanted)


def test_the_same_report_counts_once(tmp_path):
    sums, report = ledger(tmp_path / "given.json", Time()), online(5)
    for _ in range(3):
        sums.hear(1, report)
    assert sums.total.tokens == 5


def test_time_counts_while_online():
    loading = Report(phase=ServerPhase.LOADING)
    assert given_between(None, loading, 7.0) == Given()
    assert given_between(loading, online(0), 7.0) == Given()
    assert given_between(online(2), online(5), 1.5) == Given(tokens=3, layer_tokens=12, seconds_online=1.5)


def test_bytes_count_in_both_directions():
    before, after = online(2, sent_bytes=100, received_bytes=40), online(2, sent_bytes=150, received_bytes=41)
    assert given_between(before, after, 0.0) == Given(sent_bytes=50, received_bytes=1)


def test_counters_that_fell_belong_to_another_process():
    assert given_between(online(50), online(3), 1.0) == Given(tokens=3, layer_tokens=12)
    restarted = given_between(online(50, sent_bytes=9), online(50, sent_bytes=2), 1.0)
    assert restarted == Given(tokens=50, layer_tokens=200, sent_bytes=2)


def test_several_processes_give_side_by_side_and_time_counts_once(tmp_path):
    time = Time()
    sums = ledger(tmp_path / "given.json", time)
    for second in range(11):
        time.now = float(second)
        sums.hear(1, online(second))
        time.now += 0.5
        sums.hear(2, online(2 * second))
    assert (sums.today.tokens, sums.today.layer_tokens) == (30, 120)
    assert sums.today.seconds_online == 10.5


def test_a_computer_that_slept_gave_nothing_meanwhile(tmp_path):
    time = Time()
    sums = ledger(tmp_path / "given.json", time)
    sums.hear(1, online(1))
    time.now = 8 * 3600.0
    sums.hear(1, online(2))
    assert sums.total.seconds_online == MAX_SILENCE


def test_a_clock_that_is_set_moves_what_follows_and_nothing_else(tmp_path):
    time = Time()
    sums = ledger(tmp_path / "given.json", time)
    sums.hear(1, online(1))
    for jump, tokens in ((DAY, 3), (-2 * DAY, 7), (500 * DAY, 15)):
        time.wall += jump
        sums.hear(1, online(tokens))
    assert [period.given.tokens for period in sums.history(By.DAY).periods] == [4, 1, 2, 8]
    assert (sums.today.tokens, sums.total.tokens) == (8, 15)


def test_days_and_restarts(tmp_path):
    path, time = tmp_path / "given.json", Time()
    first = ledger(path, time)
    first.hear(1, online(5))
    time.wall += DAY
    first.hear(1, online(7))
    first.save()
    again = ledger(path, time)
    assert (again.today.tokens, again.total.tokens) == (2, 7)
    time.wall += DAY
    assert (again.today.tokens, again.total.tokens) == (0, 7)


def test_a_crash_loses_seconds(tmp_path):
    path, time = tmp_path / "given.json", Time()
    sums = ledger(path, time)
    sums.hear(1, online(1))
    sums.keep()
    assert list(tmp_path.iterdir()) == []
    time.now = SAVE_INTERVAL
    sums.keep()
    sums.hear(1, online(2))
    assert ledger(path, time).total.tokens == 1
    assert [file.stat().st_mode & 0o077 for file in tmp_path.iterdir()] == [0]


def test_the_days_of_an_earlier_version_are_taken_over(tmp_path):
    path, time = tmp_path / "given.json", Time()
    path.write_text(
        '{"days": {"2024-10-03": {"layer_tokens": 12, "tokens": 3, "seconds_online": 60.5},'
        ' "2024-10-04": {"layer_tokens": 4, "tokens": 1, "seconds_online": 2.0}}}'
    )
    sums = ledger(path, time)
    assert sums.today == Given(layer_tokens=4, tokens=1, seconds_online=2.0)
    sums.hear(1, online(5))
    sums.save()
    again = ledger(path, time)
    days = [(period.start, period.given.tokens) for period in again.history(By.DAY).periods]
    assert days == [("2024-10-03", 3), ("2024-10-04", 6)]
    assert again.total.tokens == 9


def test_history_by_hour_day_and_month(tmp_path):
    time = Time()
    sums = ledger(tmp_path / "given.json", time)
    for tokens in (1, 3, 7):
        sums.hear(1, online(tokens))
        time.wall += 3600.0 * 20
    assert [(p.start, p.given.tokens) for p in sums.history(By.HOUR).periods] == [
        ("2024-10-04T00:00+00:00", 1),
        ("2024-10-04T20:00+00:00", 2),
        ("2024-10-05T16:00+00:00", 4),
    ]
    assert [(p.start, p.given.tokens) for p in sums.history(By.DAY).periods] == [
        ("2024-10-04", 3),
        ("2024-10-05", 4),
    ]
    assert [(p.start, p.given.tokens) for p in sums.history(By.MONTH).periods] == [("2024-10", 7)]
    assert sums.history(By.MONTH).total.tokens == 7


def test_a_damaged_file_is_kept_and_counting_goes_on(tmp_path):
    path = tmp_path / "given.json"
    path.write_text('{"days": {"2026-01-01": ')
    sums = ledger(path, Time())
    sums.hear(1, online(5))
    sums.save()
    assert ledger(path, Time()).total.tokens == 5
    assert [p.read_text() for p in tmp_path.glob("given.damaged-*")] == ['{"days": {"2026-01-01": ']


def test_a_disk_that_refuses_is_tried_again(tmp_path, monkeypatch, caplog):
    path, time = tmp_path / "given.json", Time()
    sums = ledger(path, time)
    sums.hear(1, online(5))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("engine.ledger.book_file.write_whole", refuse)
        sums.save()
    assert "cannot be saved" in caplog.text
    assert not path.exists()
    sums.save()
    assert ledger(path, time).total.tokens == 5


@pytest.mark.parametrize("by", list(By))
def test_nothing_was_given_yet(tmp_path, by):
    assert ledger(tmp_path / "given.json", Time()).history(by).periods == ()
