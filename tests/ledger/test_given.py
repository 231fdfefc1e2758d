from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import Given, ServerPhase
from engine.host.orders import Report
from engine.ledger.given import SAVE_INTERVAL, GivenLedger, given_between


class Time:
    day = "2026-01-01"
    now = 0.0


def ledger(path: Path, time: Time) -> GivenLedger:
    return GivenLedger(path, lambda: time.day, lambda: time.now)


def online(tokens: int) -> Report:
    return Report(phase=ServerPhase.ONLINE, tokens=tokens, layer_tokens=4 * tokens)


@given(st.lists(st.lists(st.integers(0, 100), min_size=1), max_size=5))
def test_every_token_counts_once_whatever_the_reports(processes):
    """Each process reports its own running sum, several times."""
    sums = GivenLedger(Path("/nowhere/given.json"), lambda: "day", lambda: 0.0)
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


def test_counters_that_fell_belong_to_another_process():
    assert given_between(online(50), online(3), 1.0) == Given(tokens=3, layer_tokens=12)


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


def test_days_and_restarts(tmp_path):
    path, time = tmp_path / "given.json", Time()
    first = ledger(path, time)
    first.hear(1, online(5))
    time.day = "2026-01-02"
    first.hear(1, online(7))
    first.save()
    again = ledger(path, time)
    assert (again.today.tokens, again.total.tokens) == (2, 7)
    time.day = "2026-01-03"
    assert (again.today.tokens, again.total.tokens) == (0, 7)


def test_it_is_saved_now_and_then(tmp_path):
    path, time = tmp_path / "given.json", Time()
    sums = ledger(path, time)
    sums.hear(1, online(1))
    assert not path.exists()
    time.now = SAVE_INTERVAL
    sums.hear(1, online(2))
    assert ledger(path, time).total.tokens == 2


def test_a_damaged_file_is_kept_and_counting_goes_on(tmp_path):
    path = tmp_path / "given.json"
    path.write_text('{"days": {"2026-01-01": ')
    sums = ledger(path, Time())
    sums.hear(1, online(5))
    sums.save()
    assert ledger(path, Time()).total.tokens == 5
    assert [p.read_text() for p in tmp_path.glob("given.damaged-*")] == ['{"days": {"2026-01-01": ']
