"""Pieces of prompts: short enough that no server waits for long, long enough that they cost little."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.peers.book import PeerBook
from engine.route.pieces import LEAST_TOKENS, Stage, piece_tokens, stages_of
from engine.route.plan import PlannedHop
from tests.peers.clock import Clock
from tests.route.records import A, N, server

MOST = 256
CPU, GPU = Stage(0.015, 0.001), Stage(0.015, 0.0001)
stages = st.builds(Stage, st.floats(1e-4, 1), st.floats(1e-6, 0.1))


def seconds(tokens: int, size: int, stage: Stage, hops: int) -> float:
    return (ceil(tokens / size) + hops - 1) * stage.seconds(size)


@pytest.mark.parametrize(
    ("tokens", "stages", "expected"),
    [
        (1024, [CPU] * 3, 86),
        (256, [CPU] * 3, 43),
        (256, [CPU, GPU, CPU], 43),  # the slowest counts
        (1024, [GPU] * 3, 256),
        (256, [GPU] * 3, 128),
        (4096, [GPU] * 3, MOST),
        (40, [CPU] * 3, 20),
        (4096, [CPU], MOST),  # nobody waits behind
        (1024, [CPU, None, CPU], MOST),  # not measured
        (LEAST_TOKENS, [CPU] * 3, MOST),  # one piece
    ],
)
def test_pieces(tokens: int, stages: list[Stage | None], expected: int) -> None:
    assert piece_tokens(tokens, stages, MOST) == expected


@given(st.integers(1, 1 << 14), st.lists(stages, min_size=1, max_size=9), st.integers(1, 512))
def test_they_are_never_longer_than_allowed_and_of_one_length(
    tokens: int, every: list[Stage], most: int
) -> None:
    size = piece_tokens(tokens, every, most)
    assert 1 <= size <= most
    if size < most:
        assert tokens - (ceil(tokens / size) - 1) * size > 0
        assert ceil(tokens / size) <= ceil(tokens / min(LEAST_TOKENS, most))


@given(st.integers(LEAST_TOKENS + 1, 1 << 14), stages, st.integers(2, 9))
def test_a_prompt_is_through_no_later_than_with_the_longest_pieces(
    tokens: int, stage: Stage, hops: int
) -> None:
    size = piece_tokens(tokens, [stage] * hops, MOST)
    longest = ceil(tokens / ceil(tokens / MOST))
    assert seconds(tokens, size, stage, hops) <= seconds(tokens, longest, stage, hops) + stage.seconds(size)


def test_servers_are_taken_as_they_were_measured() -> None:
    book, hop = PeerBook(Clock()), PlannedHop(server(0), 0, N)
    assert stages_of([hop], book) == [None]
    book.note_step(A, N, 1, 0.08, 0.08)
    book.note_step(A, N, 100, 0.8, 0.8)
    [stage] = stages_of([hop], book)
    assert stage == Stage(pytest.approx(0.08), pytest.approx(0.008))
