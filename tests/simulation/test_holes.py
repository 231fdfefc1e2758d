from engine.simulation.holes import Gap, Holes


def test_how_long_a_model_lacked_layers() -> None:
    holes = Holes(4)
    assert holes.come(0, 3, 1.0) is None
    assert (holes.come(2, 4, 2.0), holes.whole_first) == (None, 2.0)
    holes.go(2, 4, 10.0)
    assert holes.come(2, 3, 11.0) is None
    assert holes.come(3, 4, 15.0) == Gap(since=10.0, seconds=5.0)
    assert (holes.come(0, 4, 16.0), holes.whole_first) == (None, 2.0)


def test_what_was_never_whole_has_no_gap() -> None:
    holes = Holes(2)
    holes.come(0, 1, 1.0)
    holes.go(0, 1, 2.0)
    assert (holes.come(0, 2, 3.0), holes.whole_first) == (None, 3.0)
