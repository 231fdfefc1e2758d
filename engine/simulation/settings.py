"""How long things take between made-up computers, and how often they look again."""

from dataclasses import dataclass

from engine.simulation.population import HOUR


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    seen: float = 3.0  # until others know of what was announced
    loss: float = 8.0  # until others are sure that a computer has vanished
    survey: float = 5.0  # from being switched on to the first decision
    settle: float = 2.0  # between announcing an intent and deciding again
    drain: float = 60.0  # from deciding to move until no session is left
    think: float = 1800.0  # on average, between decisions whether to move; at random times
    after_loss: float = 3.0  # at most, from hearing of a hole to such a decision
    load: float = 300.0  # between records that say how busy a server is
    sample: float = 600.0  # between looks at the swarm for the report


@dataclass(frozen=True)
class SimulationSettings:
    peers: int = 1000  # that are on, on average
    hours: float = 24.0
    seed: int = 0
    models: tuple[str, ...] = ("8b", "70b", "405b")  # the most wanted first
    newcomer: str | None = "32b"  # is wanted after a while
    pressure: float = 1.0  # what clients want on average, of the most that so many computers could serve
    drained: float = 0.7  # share of computers that leave in order; others vanish
    arrival: float = HOUR / 2  # seconds in which all that are on at the start come
    steady_from: float = 0.35  # share of the time; the swarm counts as steady between this ...
    newcomer_from: float = 0.75  # ... and this
    rounds: int = 8  # of sessions that are sent through the swarm at the end
    pace: Pace = Pace()

    @property
    def newcomer_seconds(self) -> float:
        """When it comes."""
        return self.newcomer_from * self.hours * HOUR

    @property
    def steady_seconds(self) -> tuple[float, float]:
        """From when until when, on the clock of the run."""
        return self.steady_from * self.hours * HOUR, self.newcomer_seconds
