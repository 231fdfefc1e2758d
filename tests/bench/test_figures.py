import pytest

from engine.bench.figures import as_json, as_rows, as_text, figure
from engine.bench.timing import Timing, rate_of_all
from engine.errors import BlockServerFailed

ONE = figure("One stream", "tokens/s", [0.9, 0.8, 1.1], "of local", [1.5, 1.2, 1.4], "bare products")
READY = figure("Start", "until it serves", [4.2], "s")


def test_medians_are_shown_with_their_rounds_and_their_limit() -> None:
    assert (ONE.value, ONE.limit, ONE.spread) == (0.9, 1.4, (0.8, 1.1))
    assert as_text([ONE, READY]).splitlines() == [
        "One stream",
        "  tokens/s: 0.90 of local (0.80 – 1.10); limit 1.40: bare products",
        "",
        "Start",
        "  until it serves: 4.20 s",
    ]
    assert [one["value"] for one in as_json([ONE, READY])] == [0.9, 4.2]


def test_a_row_for_each_figure() -> None:
    assert as_rows([ONE, READY])[1:] == [
        ["tokens/s", "0.90 of local", "0.80 – 1.10", "1.40", "bare products"],
        ["until it serves", "4.20 s", "", "", ""],
    ]


def test_what_has_a_unit_is_no_ratio() -> None:
    assert (ONE.is_ratio, READY.is_ratio) == (True, False)


def test_streams_count_while_all_of_them_decode() -> None:
    answers = [Timing(0.0, (1, 2, 3, 4), (1.0, 2.0, 3.0, 4.0)), Timing(0.0, (1, 2, 3), (2.0, 3.0, 5.0))]
    assert rate_of_all(answers) == 1.5  # three tokens from 2 s to 4 s
    with pytest.raises(BlockServerFailed, match="did not overlap"):
        rate_of_all([Timing(0.0, (1,), (1.0,)), Timing(0.0, (1, 2), (1.5, 2.0))])
