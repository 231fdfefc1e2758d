import numpy as np
import pytest

from engine.placement.view import ModelView, Offer, Server, SwarmView
from engine.simulation.rules import Choice, Serving
from engine.simulation.weakest_first import WeakestFirst, block_throughputs, weakest_window


def offer(model: str, n_layers: int, most: int, rate: float) -> Offer:
    longest = tuple(min(most, n_layers - start) for start in range(n_layers))
    return Offer(model, n_layers, longest, rate, (0,) * n_layers, 1.0)


def model(name: str, n_layers: int, *spans: tuple[int, int, float], wanted: float = 1.0) -> ModelView:
    """Spans with the tokens/s of their servers."""
    servers = [
        Server(f"{name}{at}", start, end, rate * (end - start)) for at, (start, end, rate) in enumerate(spans)
    ]
    return ModelView(name, name, n_layers, tuple(servers), wanted)


def swarm(*models: ModelView) -> SwarmView:
    return SwarmView({model.digest: model for model in models})


def serving(of: Offer, start: int) -> Serving:
    return Serving(Choice(of, start, start + max(of.longest)), 3600.0, 60.0, False)


def rule() -> WeakestFirst:
    return WeakestFirst(lambda: 0.0)


def test_throughputs_of_a_blocks_servers_add_up() -> None:
    sums = block_throughputs(model("m", 4, (0, 3, 2.0), (1, 4, 3.0)))
    assert sums.tolist() == pytest.approx([2.0, 5.0, 5.0, 3.0])


@pytest.mark.parametrize(
    ("throughputs", "length", "start"),
    [
        ([0, 0, 0, 0], 2, 0),
        ([3, 3, 1, 3], 2, 1),  # the first of equal ones
        ([3, 3, 1, 2], 2, 2),  # with the weaker other block
        ([1, 9, 1, 1], 2, 2),
        ([5, 4, 3], 3, 0),
    ],
)
def test_the_weakest_window(throughputs: list[float], length: int, start: int) -> None:
    assert weakest_window(np.array(throughputs, dtype=float), length) == start


def test_who_joins_takes_the_weakest_window_of_the_model_that_is_short_most() -> None:
    view = swarm(model("a", 4, (0, 4, 2.0)), model("b", 4, (0, 4, 3.0), (0, 2, 1.0), wanted=4.0))
    choice = rule().choose("me", view, [offer("a", 4, 2, 5.0), offer("b", 4, 2, 5.0)])
    assert choice is not None
    assert (choice.offer.model, choice.start, choice.end) == ("b", 2, 4)


def test_nobody_moves_for_less_than_a_fifth() -> None:
    own = offer("m", 4, 2, 2.0)
    view = swarm(model("m", 4, (0, 2, 9.0), (2, 4, 9.0)))
    assert rule().move("me", view, [own], serving(own, 0)) is None


def test_who_helps_more_elsewhere_moves() -> None:
    own = offer("m", 4, 2, 8.0)
    view = swarm(model("m", 4, (0, 2, 9.0), (2, 4, 1.0)))
    choice = rule().move("me", view, [own], serving(own, 0))
    assert choice is not None
    assert (choice.start, choice.end) == (2, 4)


def test_who_is_alone_with_a_block_stays() -> None:
    own = offer("m", 4, 2, 8.0)
    view = swarm(model("m", 4, (2, 4, 1.0)))
    assert rule().move("me", view, [own], serving(own, 0)) is None


def test_a_hole_is_reason_enough() -> None:
    own = offer("m", 4, 2, 8.0)
    view = swarm(model("m", 4, (0, 2, 9.0)))
    choice = rule().move("me", view, [own], serving(own, 0))
    assert choice is not None
    assert choice.start == 2
