"""What happens to which server when: a pure function of the seed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]  # half-open range of layers

FIRST_AFTER_SECONDS = 3.0
MEAN_PAUSE_SECONDS = 5.0  # between events
SHORTEST_PAUSE_SECONDS = 0.5
START_SECONDS = 8.0  # that a new server needs at most, by and large, until others know it
CALM_SECONDS = 12.0  # at the end: what happened last is over when the plan ends
GAP_SHARE = 0.08  # of the events may leave layers that nobody serves


class Kind(StrEnum):
    KILL = "kill"  # -9, like a computer that loses power
    KILL_NETWORK = "kill network"  # its p2pd; the server has to notice and end
    STOP = "stop"  # politely, whatever it is doing
    LEAVE = "leave"  # drain, then end
    HANG = "hang"  # stopped and continued: it is silent, and its connections stay
    LAG = "lag"  # its line gets slow
    SILENCE = "silence"  # its line brings nothing, and its connections stay
    REFUSE = "refuse"  # its line takes no new connections, and the open ones break
    CUT = "cut"  # all its connections break, new ones come through


@dataclass(frozen=True)
class _Nature:
    share: int
    shortest: float  # seconds
    longest: float
    ends_server: bool = False
    takes_server: bool = True  # nobody can use it meanwhile


NATURES: Mapping[Kind, _Nature] = {
    Kind.KILL: _Nature(3, 0.5, 6.0, ends_server=True),
    Kind.KILL_NETWORK: _Nature(1, 0.5, 4.0, ends_server=True),
    Kind.STOP: _Nature(1, 0.5, 4.0, ends_server=True),
    Kind.LEAVE: _Nature(2, 0.5, 4.0, ends_server=True),
    Kind.HANG: _Nature(2, 1.0, 25.0),
    Kind.LAG: _Nature(1, 4.0, 15.0, takes_server=False),
    Kind.SILENCE: _Nature(1, 1.0, 15.0),
    Kind.REFUSE: _Nature(1, 1.0, 8.0),
    Kind.CUT: _Nature(1, 0.0, 0.0, takes_server=False),
}


@dataclass(frozen=True)
class Event:
    at: float  # seconds after the plan's beginning
    slot: int  # index of the place whose server is meant
    kind: Kind
    lasts: float = 0.0  # seconds; of what ends a server: until another one starts in its place
    delay_seconds: float = 0.0  # of a lag
    bytes_per_s: float = 0.0

    @property
    def over_at(self) -> float:
        """When the slot can be used again, as far as the plan knows."""
        return self.at + self.lasts + (START_SECONDS if NATURES[self.kind].ends_server else 0.0)


def spans_for(n_layers: int, servers: int) -> list[Span]:
    """Overlapping spans: with three servers or more, a chain is left whichever one is taken away."""
    third, half = n_layers // 3, n_layers // 2
    if servers == 3:
        return [(0, n_layers - third), (third, n_layers), (0, n_layers)]
    round_ = [(0, n_layers - third), (third, n_layers), (0, half), (half, n_layers)]
    return [round_[slot % len(round_)] for slot in range(servers)]


def uncovered(spans: Sequence[Span], n_layers: int) -> frozenset[int]:
    """Layers that none of the spans holds."""
    return frozenset(range(n_layers)).difference(*(range(start, end) for start, end in spans))


def schedule(seed: int, seconds: float, spans: Sequence[Span], n_layers: int) -> tuple[Event, ...]:
    """Events in order of time. One server, which the seed chooses, lives through all: leaks add up there."""
    return tuple(_events(random.Random(seed), seconds, spans, n_layers, survivor=seed % len(spans)))


def _events(
    rng: random.Random, seconds: float, spans: Sequence[Span], n_layers: int, survivor: int
) -> Iterator[Event]:
    over_at = [0.0] * len(spans)
    kinds = _kinds(rng)
    now = FIRST_AFTER_SECONDS
    while now < seconds - CALM_SECONDS:
        kind = next(kinds)
        idle = {slot: span for slot, span in enumerate(spans) if over_at[slot] <= now}
        may_leave_gap = rng.random() < GAP_SHARE or not NATURES[kind].takes_server
        fit = [
            slot
            for slot in idle
            if (slot != survivor or not NATURES[kind].ends_server)
            and (may_leave_gap or _is_spare(slot, idle, n_layers))
        ]
        if fit:
            event = _event(rng, now, rng.choice(fit), kind, seconds - CALM_SECONDS)
            over_at[event.slot] = event.over_at
            yield event
        now += max(SHORTEST_PAUSE_SECONDS, rng.expovariate(1 / MEAN_PAUSE_SECONDS))


def _is_spare(slot: int, spans: Mapping[int, Span], n_layers: int) -> bool:
    """Whether the others' spans make a chain."""
    return not uncovered([span for other, span in spans.items() if other != slot], n_layers)


def _kinds(rng: random.Random) -> Iterator[Kind]:
    """Like cards that are shuffled and dealt, again and again: none is missing for long."""
    cards = [kind for kind, nature in NATURES.items() for _ in range(nature.share)]
    while True:
        yield from rng.sample(cards, len(cards))


def _event(rng: random.Random, now: float, slot: int, kind: Kind, until: float) -> Event:
    nature = NATURES[kind]
    lasts = min(rng.uniform(nature.shortest, nature.longest), until - now)
    if kind is not Kind.LAG:
        return Event(now, slot, kind, lasts)
    return Event(now, slot, kind, lasts, rng.uniform(0.02, 0.3), rng.uniform(1e5, 2e6))
