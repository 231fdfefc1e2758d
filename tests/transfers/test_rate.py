import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.transfers.rate import Rate


def rates(*samples: tuple[float, int]) -> list[float]:
    rate = Rate(window=5)
    return [rate.add(now, done) for now, done in samples]


@pytest.mark.parametrize(
    ("samples", "last"),
    [
        ([(0, 0)], 0),
        ([(0, 0), (0, 50)], 0),
        ([(0, 0), (2, 50)], 25),
        ([(0, 900), (2, 950)], 25),  # 900 were there before: an import that goes on
        ([(0, 0), (1, 100), (6, 100), (11, 100)], 0),  # it stands still
        ([(0, 0), (10, 1000), (12, 1600), (15, 2200)], 240),  # what was long ago is forgotten
        ([(0, 0), (1, 100), (2, 0), (3, 7)], 7),  # begun anew
    ],
)
def test_rates(samples, last):
    assert rates(*samples)[-1] == last


@given(st.lists(st.tuples(st.floats(0.01, 10), st.integers(0, 10**9)), min_size=1, max_size=50))
def test_never_negative_and_never_faster_than_the_fastest_moment(steps):
    rate, now, done = Rate(), 0.0, 0
    rate.add(now, done)
    fastest = max(gained / seconds for seconds, gained in steps)
    for seconds, gained in steps:
        now, done = now + seconds, done + gained
        assert 0 <= rate.add(now, done) <= fastest * 1.000001
