"""Whether an answer that failed could be helped."""

import pytest

from engine.soak.coverage import DIAL_SECONDS, KNOWN_AFTER_SECONDS, Coverage, is_fault

SPANS = [(0, 2), (2, 4), (0, 4)]
WAITED = 20.0


def covered(*changes: tuple[float, int, bool]) -> Coverage:
    coverage = Coverage(SPANS, 4)
    for at, slot, is_up in changes:
        coverage.note(at, slot, is_up)
    return coverage


def test_missing_layers_are_those_of_servers_that_are_away():
    coverage = covered((1, 0, True), (2, 1, True), (5, 0, False), (9, 2, True))
    assert coverage.missing(0.5) == {0, 1, 2, 3}
    assert coverage.missing(3) == frozenset()
    assert coverage.missing(6) == {0, 1}
    assert coverage.missing(9) == frozenset()
    assert coverage.ever_missing(3, 9.5) == {0, 1}
    assert coverage.up(4) == {0, 1}
    assert coverage.up(6) == {1}


def test_a_server_that_fails_while_all_others_are_well():
    coverage = covered((0, 0, True), (0, 1, True), (0, 2, True), (20, 1, False), (30, 0, False))
    assert coverage.is_well(8, 25, but=1)
    assert not coverage.is_well(8, 31, but=1)
    assert not coverage.is_well(25, 29, but=0)


def test_a_chain_counts_once_everybody_can_know_of_it():
    coverage = covered((10, 2, True), (30, 2, False))
    assert coverage.chain_seconds(0, 50) == pytest.approx(20 - KNOWN_AFTER_SECONDS)
    assert coverage.chain_seconds(20, 50) == pytest.approx(10)
    assert coverage.chain_seconds(31, 50) == 0


def test_servers_that_take_turns_are_a_chain_as_long_as_no_layer_is_missing():
    coverage = covered((0, 2, True), (10, 0, True), (11, 1, True), (12, 2, False))
    assert coverage.chain_seconds(10, 20) == pytest.approx(10)


def test_an_error_while_a_chain_stands_is_a_fault():
    coverage = covered((0, 2, True))
    assert is_fault(coverage, 50, WAITED, ((0, 2),)) == "a chain existed"
    assert is_fault(coverage, 50, WAITED, None) == "a chain existed"


def test_an_error_after_the_whole_waiting_time_without_a_chain_is_none():
    coverage = covered((0, 0, True), (0, 1, True), (30, 1, False))
    assert is_fault(coverage, 30 + WAITED, WAITED, ((2, 4),)) is None


def test_an_error_before_the_waiting_time_is_over_is_a_fault():
    coverage = covered((0, 0, True), (0, 1, True), (30, 1, False))
    assert is_fault(coverage, 30 + WAITED - DIAL_SECONDS - 1, WAITED, ((2, 4),)) == "a chain existed"


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        (((0, 2),), "the wrong layers are said to be missing"),
        ((), "the wrong layers are said to be missing"),
        (None, "the reason does not name the missing layers"),
        (((3, 4),), None),
    ],
)
def test_the_reason_names_layers_that_are_missing(named, fault):
    coverage = covered((0, 0, True), (0, 1, True), (30, 1, False))
    assert is_fault(coverage, 60, WAITED, named) == fault
