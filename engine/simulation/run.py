"""One run of a made-up swarm under one rule, from its first computer to its last hour."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from engine.placement.coverage import throughput
from engine.planning.models import ModelShape
from engine.simulation.bounds import Bound, Kind
from engine.simulation.cards import Card
from engine.simulation.demand import activity, zipf
from engine.simulation.events import Timeline
from engine.simulation.measures import Sample, looked_at
from engine.simulation.offering import Offering
from engine.simulation.population import HOUR, Computer, computers
from engine.simulation.potluck import Potluck
from engine.simulation.routed import Routed, Traffic
from engine.simulation.rules import RandomRule, Rule
from engine.simulation.settings import SimulationSettings
from engine.simulation.shapes import known_models
from engine.simulation.weakest_first import WeakestFirst
from engine.simulation.world import Tally, World

RULES = ("potluck", "random", "weakest-first")


@dataclass(frozen=True)
class Outcome:
    rule: str
    settings: SimulationSettings
    models: Mapping[str, ModelShape]  # by digest
    samples: tuple[Sample, ...]
    tally: Tally
    covered_after: Mapping[str, float]  # seconds from when a model was wanted first, by digest; absent: never
    chats: Mapping[str, Routed]  # at the end, by digest
    batches: Mapping[str, Routed]

    @property
    def steady(self) -> tuple[Sample, ...]:
        start, end = self.settings.steady_seconds
        return tuple(sample for sample in self.samples if start <= sample.at <= end)


def simulate(settings: SimulationSettings, rule: str) -> Outcome:
    """The same settings and rule give the same outcome, but for the seconds that decisions took."""
    return _Run(settings, rule).outcome()


class _Run:
    def __init__(self, settings: SimulationSettings, rule: str) -> None:
        self._settings, self._rule = settings, rule
        shapes = known_models()
        self._first = tuple(shapes[name].digest for name in settings.models)
        newcomer = settings.newcomer
        self._newcomer = shapes[newcomer].digest if newcomer and newcomer not in settings.models else None
        names = (*settings.models, *((newcomer,) if self._newcomer and newcomer else ()))
        self._models = {shapes[name].digest: shapes[name] for name in names}
        population = computers(settings.peers, Random(f"{settings.seed} population"))
        self._demand = _Demand(settings, population, self._models)
        make = partial(_rule, rule, Random(f"{settings.seed} rule"))
        self._world = World(population, self._models, make, settings, settings.seed)
        self._samples: list[Sample] = []

    def outcome(self) -> Outcome:
        settings, timeline = self._settings, self._world.timeline
        self._load()
        timeline.after(settings.pace.sample, self._sample)
        timeline.run(settings.hours * HOUR)
        chats, batches = self._routed(batch=False), self._routed(batch=True)
        return Outcome(
            rule=self._rule,
            settings=settings,
            models=self._models,
            samples=tuple(self._samples),
            tally=self._world.tally,
            covered_after={m: at - self._wanted_from(m) for m, at in self._world.covered_at.items()},
            chats=chats,
            batches=batches,
        )

    def _wanted_from(self, model: str) -> float:
        return self._settings.newcomer_seconds if model == self._newcomer else 0.0

    def _load(self) -> None:
        """Clients come and go; servers say how busy they are."""
        world, now = self._world, self._world.timeline.now
        in_use = tuple(model for model in self._models if self._wanted_from(model) <= now)
        rates = {model: throughput(world.online(model)) for model in in_use}
        world.want(self._demand.at(now, in_use), rates)
        world.timeline.after(self._settings.pace.load, self._load)

    def _sample(self) -> None:
        self._samples.append(looked_at(self._world, throughput))
        self._world.timeline.after(self._settings.pace.sample, self._sample)

    def _routed(self, batch: bool) -> dict[str, Routed]:
        found: dict[str, Routed] = {}
        for model, rate in looked_at(self._world, throughput).throughput.items():
            if rate > 0:
                random = Random(f"{self._settings.seed} clients {model}")
                found[model] = Traffic(self._world, model, rate, self._settings.rounds, random).routed(batch)
        return found


class _Demand:
    """In relation to the most that all computers together could serve, on average."""

    def __init__(
        self, settings: SimulationSettings, population: Sequence[Computer], models: Mapping[str, ModelShape]
    ) -> None:
        self._settings = settings
        offering = Offering(tuple(models.values()))
        on: dict[Card, float] = defaultdict(float)  # on average
        for computer in population:
            on[computer.card] += computer.availability
        kinds = (Kind(count, offering.of_card(card)) for card, count in on.items())
        self._bound = Bound(kinds, {digest: shape.n_layers for digest, shape in models.items()})
        self._means: dict[tuple[str, ...], dict[str, float]] = {}

    def at(self, now: float, in_use: tuple[str, ...]) -> dict[str, float]:
        """Tokens/s by model."""
        if in_use not in self._means:
            mix = zipf(in_use)
            most = self._settings.pressure * self._bound.times(mix)
            self._means[in_use] = {model: most * share for model, share in mix.items()}
        return {model: activity(now) * rate for model, rate in self._means[in_use].items()}


def _rule(name: str, random: Random, timeline: Timeline) -> Rule:
    def clock() -> float:
        return timeline.now

    makers: dict[str, Callable[[], Rule]] = {
        "potluck": lambda: Potluck(random),
        "potluck-anywhere": lambda: Potluck(random, looks_near=False),
        "random": lambda: RandomRule(random),
        "weakest-first": lambda: WeakestFirst(clock),
    }
    return makers[name]()
