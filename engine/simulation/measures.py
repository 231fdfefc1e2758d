"""What is seen of a simulated swarm, from moment to moment."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.placement.view import ModelView
from engine.simulation.bounds import Bound, Kind
from engine.simulation.cards import Card
from engine.simulation.world import World

Throughput = Callable[[ModelView], float]


@dataclass(frozen=True)
class Sample:
    """Rates in tokens/s, by model."""

    at: float  # seconds
    computers_on: int
    computers_serving: int
    throughput: Mapping[str, float]
    wanted: Mapping[str, float]
    of_bound: (
        float  # of what any placement of those that serve could have at the same mix of models: at most 1
    )
    of_bound_on: float  # of what any placement of all that are on, fetching ones included, could
    met: float  # share of what is wanted that the worst served model gets
    met_bound: float  # what any placement of those that serve could give to the worst served model


def looked_at(world: World, throughput: Throughput) -> Sample:
    rates = {model: throughput(world.online(model)) for model in world.models}
    serving, on = world.cards(online=True), world.cards(online=False)
    bound, bound_on = _bound(world, serving), _bound(world, on)
    wanted = {model: rate for model, rate in world.wanted.items() if rate > 0}
    return Sample(
        at=world.timeline.now,
        computers_on=on.total(),
        computers_serving=serving.total(),
        throughput=rates,
        wanted=wanted,
        of_bound=_of(bound.times(rates)),
        of_bound_on=_of(bound_on.times(rates)),
        met=min((rates[model] / rate for model, rate in wanted.items()), default=0.0),
        met_bound=bound.times(wanted),
    )


def _bound(world: World, cards: Counter[Card]) -> Bound:
    kinds = (Kind(count, world.offering.of_card(card)) for card, count in cards.items())
    return Bound(kinds, {model: shape.n_layers for model, shape in world.models.items()})


def _of(times: float) -> float:
    """1 of how many times as much there could be."""
    return 1 / times if times else 0.0
