"""Computers come and go: what they serve together stays near the bound, and most of them fetch nothing."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from engine.placement.choice import ranked
from engine.placement.coverage import throughput
from engine.placement.moves import Circumstances, move
from engine.placement.view import Candidate, ModelView, Offer, SwarmView
from tests.placement.swarms import LAYER_BYTES, model, offer, serving

STAY_SECONDS = 8 * 3600.0


@dataclass
class Computer:
    name: str
    longest: dict[str, int]  # by model
    rate: float
    held: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    place: Candidate | None = None


class Swarm:
    def __init__(self, layers: dict[str, int], wanted: dict[str, float], random: Random) -> None:
        self.layers, self.wanted, self._random = layers, wanted, random
        self.on: list[Computer] = []
        self.off: list[Computer] = []
        self.fetched, self.moved = 0, 0

    def model(self, name: str, without: Computer | None = None) -> ModelView:
        servers = (
            serving(one.place, one.name)
            for one in self.on
            if one is not without and one.place is not None and one.place.offer.model == name
        )
        return model(self.layers[name], *servers, name=name, wanted=self.wanted[name])

    def view(self, without: Computer) -> SwarmView:
        return SwarmView({name: self.model(name, without) for name in self.layers})

    def offers(self, computer: Computer) -> list[Offer]:
        return [self._offer(computer, name) for name in self.layers]

    def _offer(self, computer: Computer, name: str) -> Offer:
        return offer(
            self.layers[name],
            computer.longest[name],
            computer.rate,
            of=name,
            held=computer.held[name],
            bytes_per_s=1e7,
        )

    def come(self, computer: Computer) -> None:
        best = ranked(self.view(computer), self.offers(computer), STAY_SECONDS)[0]
        self.on.append(computer)
        self._take(computer, best)

    def _take(self, computer: Computer, place: Candidate) -> None:
        computer.place = place
        self.fetched += place.missing_bytes // LAYER_BYTES
        computer.held[place.offer.model] |= set(range(place.start, place.end))

    def one_goes_one_comes_one_thinks(self) -> None:
        gone = self.on.pop(self._random.randrange(len(self.on)))
        self.off.append(gone)
        self.come(self.off.pop(self._random.randrange(len(self.off))))
        self._think(self._random.choice(self.on))

    def _think(self, computer: Computer) -> None:
        assert computer.place is not None
        circumstances = Circumstances(3600.0, STAY_SECONDS, 60.0, self._random.random())
        better = move(self.view(computer), self.offers(computer), computer.place, circumstances)
        if better is not None:
            self.moved += 1
            self._take(computer, better)

    def share_of_bound(self) -> float:
        """Of the worst served model, in relation to what is wanted, of what all rates together could do."""
        work = sum(self.layers[name] * wanted for name, wanted in self.wanted.items())
        bound = sum(one.rate for one in self.on) / work
        return min(throughput(self.model(name)) / wanted for name, wanted in self.wanted.items()) / bound


Kind = Callable[[Random], tuple[dict[str, int], float]]


def equal(random: Random) -> tuple[dict[str, int], float]:
    """Layers that fit into memory, by model, and layer-tokens/s."""
    return {"A": 8, "B": 5}, 100.0


def mixed(random: Random) -> tuple[dict[str, int], float]:
    """As cards are: those with more memory are quicker; the best a hundred times the slowest."""
    memory = random.choice([3, 4, 4, 6, 6, 8, 12, 24])
    rate = 30.0 * memory * random.lognormvariate(0, 0.6)
    return {"A": memory, "B": max(1, memory // 2)}, min(max(rate, 20.0), 2000.0)


def grown(kind: Kind, wanted: dict[str, float]) -> Swarm:
    random = Random(7)
    swarm = Swarm({name: {"A": 24, "B": 16}[name] for name in wanted}, wanted, random)
    computers = [Computer(str(number), *kind(random)) for number in range(110)]
    swarm.off = computers[80:]
    for computer in computers[:80]:
        swarm.come(computer)
    for _ in range(100):
        swarm.one_goes_one_comes_one_thinks()
    return swarm


@pytest.mark.parametrize("kind", [equal, mixed])
@pytest.mark.parametrize("wanted", [{"A": 1.0}, {"A": 3.0, "B": 1.0}], ids=["one model", "two models"])
def test_a_swarm_with_churn_stays_near_the_bound(kind: Kind, wanted: dict[str, float]) -> None:
    swarm = grown(kind, wanted)
    before, moved, shares = swarm.fetched, swarm.moved, []
    for _ in range(60):
        swarm.one_goes_one_comes_one_thinks()
        shares.append(swarm.share_of_bound())
    assert sum(shares) / len(shares) >= 0.95
    assert swarm.moved - moved <= 6
    assert swarm.fetched - before <= 60 * 4  # layers: who comes back mostly finds his own in the store
