from engine.bench.figures import as_json, as_rows, as_text, figure

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
