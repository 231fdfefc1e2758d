"""After how long a server counts as hung."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.route.pace import Pace
from engine.route.settings import HopSettings

SETTINGS = HopSettings(step_seconds=10.0, token_seconds=0.1, least_step_seconds=2.0)


def pace(decode: float | None = None, *noted: tuple[int, float]) -> Pace:
    made = Pace(SETTINGS, decode)
    for tokens, seconds in noted:
        made.note(tokens, seconds)
    return made


@pytest.mark.parametrize(
    ("known", "tokens", "seconds"),
    [
        (pace(), 1, 10.1),  # nothing is known
        (pace(), 256, 35.6),
        (pace(0.05), 1, 2.0),  # fast: but every computer is held up at times
        (pace(0.5), 1, 4.0),
        (pace(5.0), 1, 10.1),  # never longer than a server that nothing is known of
        (pace(0.1), 256, 35.6),  # one by one, its tokens would take longer than that
        (pace(0.01), 256, 20.48),
        (pace(0.01, (256, 1.0)), 256, 8.0),  # of steps of several tokens, these are the measure
        (pace(0.01, (256, 1.0)), 1, 2.0),
        (pace(None, (1, 0.2), (1, 0.6)), 1, 3.2),
    ],
)
def test_a_server_has_several_times_what_it_usually_takes(known: Pace, tokens: int, seconds: float) -> None:
    assert known.seconds_for(tokens) == pytest.approx(seconds)
    assert known.carry_seconds(tokens) == pytest.approx(seconds / 4)


@given(
    st.lists(st.tuples(st.integers(1, 512), st.floats(0, 1000)), max_size=40),
    st.integers(1, 512),
)
def test_no_server_is_waited_for_too_long_or_too_short(noted: list[tuple[int, float]], tokens: int) -> None:
    seconds = pace(None, *noted).seconds_for(tokens)
    assert SETTINGS.least_step_seconds <= seconds <= SETTINGS.step_seconds + SETTINGS.token_seconds * tokens


def test_an_old_hiccup_is_forgotten() -> None:
    made = pace(None, (1, 9.0), *[(1, 0.01)] * 16)
    assert made.seconds_for(1) == SETTINGS.least_step_seconds
