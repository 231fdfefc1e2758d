"""After how long a server counts as hung."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.prompt_share import PromptShare
from engine.peers.book import PeerBook
from engine.route.pace import Pace
from engine.route.settings import HopSettings
from tests.route.records import server

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
        (pace(0.1), 1, 4.0),  # behind a piece of somebody's prompt
        (pace(0.5), 1, 10.1),
        (pace(5.0), 1, 10.1),  # never longer than a server that nothing is known of
        (pace(0.1), 256, 35.6),  # one by one, its tokens would take longer than that
        (pace(0.01), 32, 2.88),
        (pace(0.002), 64, 6.0),
        (pace(0.005), 64, 7.84),
        (pace(0.01, (256, 1.0)), 256, 25.0),  # of steps of several tokens, these are the measure
        (pace(0.01, (256, 1.0)), 32, 2.0),
        (pace(0.01, (256, 1.0)), 1, 2.0),
        (pace(None, (1, 0.04), (1, 0.12)), 1, 3.2),
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


def test_it_has_longer_where_it_says_that_many_wait() -> None:
    waiting = 32
    made = Pace(SETTINGS, 0.01, lambda: waiting)
    assert made.seconds_for(1) == pytest.approx(5 * SETTINGS.least_step_seconds)
    waiting = 10**6
    assert made.seconds_for(1) == made.late_at(0.0, 1) == SETTINGS.busy_seconds


def test_while_it_answers_others_it_is_not_hung_yet_nobody_waits_for_ever() -> None:
    heard = 0.0
    made = Pace(SETTINGS, 0.01, heard_at=lambda: heard)
    assert made.late_at(5.0, 1) == 5.0 + SETTINGS.least_step_seconds
    heard = 20.0
    assert made.late_at(5.0, 1) == 20.0 + SETTINGS.least_step_seconds
    heard = 1000.0
    assert made.late_at(5.0, 1) == 5.0 + SETTINGS.busy_seconds


def test_what_servers_say_of_their_queues_counts_until_their_records_expire() -> None:
    book, now = PeerBook(), time.time()
    busy = server(1, queue_depth=3).model_copy(update={"expires": now + 60})
    book.note_queues([busy])
    assert book.queue(busy.peer) == 0  # strangers' records alone do not fill the book
    book.note_chosen(busy)
    assert book.queue(busy.peer) == 3
    book.note_queues([busy.model_copy(update={"queue_depth": 5})])
    assert book.queue(busy.peer) == 5
    book.note_queues([busy.model_copy(update={"expires": now - 1})])
    assert book.queue(busy.peer) == 0


@given(st.floats(1e-4, 0.2), st.floats(1.0, 64.0), st.integers(2, 256))
def test_no_prompt_is_held_back_for_longer_than_is_waited_for_it(
    step: float, together: float, tokens: int
) -> None:
    """What a server has taken for it alone is known on both sides."""
    token = step / together
    share, alone = PromptShare(step), step + tokens * token
    share.note_piece(256, step + 256 * token)
    patience = pace(step, (tokens, alone)).seconds_for(tokens)
    assert share.longest_seconds(tokens) + alone < patience or patience == pytest.approx(
        SETTINGS.step_seconds + SETTINGS.token_seconds * tokens
    )


def test_an_old_hiccup_is_forgotten() -> None:
    made = pace(None, (1, 9.0), *[(1, 0.01)] * 16)
    assert made.seconds_for(1) == SETTINGS.least_step_seconds
