"""The made-up swarm: computers come, choose, fetch, serve, move and go, in virtual time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from itertools import accumulate, takewhile
from random import Random
from time import thread_time

from engine.placement.reading import MOST_WAITING
from engine.placement.view import ModelView, Offer, Server
from engine.planning.models import ModelShape
from engine.simulation.cards import Card
from engine.simulation.events import Timeline
from engine.simulation.offering import Offering
from engine.simulation.population import Computer, seconds_off, seconds_on
from engine.simulation.rules import Choice, Rule, Serving
from engine.simulation.seen import SeenDirectory
from engine.simulation.settings import SimulationSettings


class Stage(Enum):
    OFF = auto()
    IDLE = auto()  # on, but serves nothing
    CHOOSING = auto()
    JOINING = auto()
    ONLINE = auto()
    DRAINING = auto()


@dataclass
class Member:
    """A computer as it is at the moment."""

    computer: Computer
    stage: Stage = Stage.OFF
    choice: Choice | None = None
    online_since: float = 0.0
    fetching_since: float = 0.0
    fetch_seconds: float = 0.0
    is_move: bool = False
    turn: int = 0  # rises when plans made for it no longer hold
    told: int = 0  # announcements
    held: dict[str, frozenset[int]] = field(default_factory=lambda: defaultdict(frozenset))


@dataclass
class Tally:
    """What happened, by the whole hour."""

    joins: Counter[int] = field(default_factory=Counter)
    moves: Counter[int] = field(default_factory=Counter)
    bytes_fetched: Counter[int] = field(default_factory=Counter)
    bytes_of_moves: Counter[int] = field(default_factory=Counter)
    decision_seconds: list[float] = field(default_factory=list)


class World:
    def __init__(
        self,
        computers: Iterable[Computer],
        models: Mapping[str, ModelShape],
        rule: Callable[[Timeline], Rule],
        settings: SimulationSettings,
        random: Random,
    ) -> None:
        """`models` by digest."""
        self.timeline = Timeline()
        self.tally = Tally()
        self.models = models
        self.offering = Offering(tuple(models.values()))
        self.wanted: Mapping[str, float] = {}  # tokens/s, by model that is in use
        self.covered_at: dict[str, float] = {}  # when all of a model's layers were online first
        self._rule = rule(self.timeline)
        self._pace, self._settings, self._random = settings.pace, settings, random
        self._members = {computer.peer: Member(computer) for computer in computers}
        self._online: dict[str, dict[str, Server]] = {model: {} for model in models}
        self._seen = SeenDirectory(
            {model: shape.n_layers for model, shape in models.items()},
            {model: shape.name for model, shape in models.items()},
        )
        for member in self._members.values():
            self._begin(member)
            self._plan_rethinking(member)

    # --- what there is

    def online(self, model: str) -> ModelView:
        """All that serve a model at this moment, whoever knows of it."""
        shape = self.models[model]
        servers = tuple(self._online[model].values())
        return ModelView(model, shape.name, shape.n_layers, servers, self.wanted.get(model, 0.0))

    def computer(self, peer: str) -> Computer:
        return self._members[peer].computer

    def choice(self, peer: str) -> Choice | None:
        return self._members[peer].choice

    def cards(self, *, online: bool) -> Counter[Card]:
        """Of computers that serve, or of all that are on."""
        stages = (Stage.ONLINE,) if online else tuple(stage for stage in Stage if stage is not Stage.OFF)
        return Counter(m.computer.card for m in self._members.values() if m.stage in stages)

    def want(self, wanted: Mapping[str, float], throughput: Mapping[str, float]) -> None:
        """From now on. Servers say how busy they are; nobody waits for what is not complete."""
        self.wanted = wanted
        busy, seen = {}, {}
        for model, rate in throughput.items():
            if rate > 0:
                load = wanted.get(model, 0.0) / rate
                busy[model] = min(load, 1.0)
                seen[model] = rate * min(load, 1 + MOST_WAITING)
        self._seen.load(busy, seen)

    # --- coming and going

    def _begin(self, member: Member) -> None:
        computer = member.computer
        if self._random.random() < computer.availability:
            self.timeline.after(self._random.uniform(0, self._settings.arrival), partial(self._come, member))
        else:
            self._come_later(member)

    def _come_later(self, member: Member) -> None:
        seconds = seconds_off(member.computer, self.timeline.now, self._random)
        self.timeline.after(seconds, partial(self._come, member))

    def _come(self, member: Member) -> None:
        member.stage = Stage.IDLE
        self.timeline.after(seconds_on(member.computer, self._random), partial(self._go, member))
        self._plan(member, self._pace.survey, self._choose)

    def _go(self, member: Member) -> None:
        self._stop_serving(member)
        is_drained = self._random.random() < self._settings.drained
        self._tell(member, None, self._pace.seen if is_drained else self._pace.expiry)
        self._note_fetched(member)
        member.stage, member.choice, member.is_move = Stage.OFF, None, False
        member.turn += 1
        self._come_later(member)

    def _plan(self, member: Member, seconds: float, action: Callable[[Member], None]) -> None:
        """To happen unless something else happens to the computer before."""
        turn = member.turn

        def act() -> None:
            if member.turn == turn:
                action(member)

        self.timeline.after(seconds, act)

    # --- deciding

    def _choose(self, member: Member) -> None:
        choice = self._chosen(member)
        if choice is None:
            member.stage = Stage.IDLE
            return
        if not self._rule.announces_intent:
            self._join(member, choice)
            return
        member.stage, member.choice = Stage.CHOOSING, choice
        self._tell(member, _server(member, choice, is_firm=False), self._pace.seen / 3)
        self._plan(member, self._pace.settle, self._settle)

    def _settle(self, member: Member) -> None:
        choice = self._chosen(member)
        if choice is None:
            member.stage, member.choice = Stage.IDLE, None
            self._tell(member, None, self._pace.seen)
        else:
            self._join(member, choice)

    def _chosen(self, member: Member) -> Choice | None:
        peer = member.computer.peer
        view, offers = self._seen.view(peer), self._offers(member)
        started = thread_time()
        choice = self._rule.choose(peer, view, offers, member.computer.on_seconds)
        self.tally.decision_seconds.append(thread_time() - started)
        return choice

    def _plan_rethinking(self, member: Member) -> None:
        seconds = self._random.expovariate(1 / self._pace.rethink)
        self.timeline.after(seconds, partial(self._rethink, member))

    def _rethink(self, member: Member) -> None:
        self._plan_rethinking(member)
        if member.stage is Stage.IDLE:
            self._choose(member)
        elif member.stage is Stage.ONLINE and (choice := self._better(member)) is not None:
            self._move(member, choice)

    def _better(self, member: Member) -> Choice | None:
        assert member.choice is not None
        peer = member.computer.peer
        serving = Serving(
            member.choice,
            self.timeline.now - member.online_since,
            self._pace.drain + self._load_seconds(member, member.choice),
        )
        view, offers = self._seen.view(peer), self._offers(member)
        started = thread_time()
        choice = self._rule.move(peer, view, offers, serving, member.computer.on_seconds)
        self.tally.decision_seconds.append(thread_time() - started)
        return choice

    # --- serving

    def _move(self, member: Member, choice: Choice) -> None:
        self.tally.moves[self._hour] += 1
        self._stop_serving(member)
        member.stage, member.choice, member.is_move = Stage.DRAINING, choice, True
        member.turn += 1
        self._tell(member, _server(member, choice), self._pace.seen)
        self._plan(member, self._pace.drain, lambda member: self._join(member, choice))

    def _join(self, member: Member, choice: Choice) -> None:
        """Fetch and load; the others know that it will serve this."""
        self.tally.joins[self._hour] += 1
        member.stage, member.choice = Stage.JOINING, choice
        member.turn += 1
        self._tell(member, _server(member, choice), self._pace.seen)
        member.fetching_since = self.timeline.now
        missing = sum(self._missing(member, choice).values())
        member.fetch_seconds = missing / member.computer.download_bytes_per_s
        self._plan(member, member.fetch_seconds + self._load_seconds(member, choice), self._serve)

    def _serve(self, member: Member) -> None:
        assert member.choice is not None
        self._note_fetched(member)
        model, server = member.choice.offer.model, _server(member, member.choice)
        member.stage, member.online_since, member.is_move = Stage.ONLINE, self.timeline.now, False
        self._online[model][server.peer] = server
        if model not in self.covered_at and _covers(
            self._online[model].values(), self.models[model].n_layers
        ):
            self.covered_at[model] = self.timeline.now

    def _stop_serving(self, member: Member) -> None:
        if member.stage is Stage.ONLINE and member.choice is not None:
            del self._online[member.choice.offer.model][member.computer.peer]

    def _note_fetched(self, member: Member) -> None:
        """What has come over the line since it began to fetch, layer by layer, is kept."""
        if member.stage is not Stage.JOINING or member.choice is None:
            return
        seconds = min(self.timeline.now - member.fetching_since, member.fetch_seconds)
        nbytes = seconds * member.computer.download_bytes_per_s
        self.tally.bytes_fetched[self._hour] += round(nbytes)
        if member.is_move:
            self.tally.bytes_of_moves[self._hour] += round(nbytes)
        model, missing = member.choice.offer.model, self._missing(member, member.choice)
        there = takewhile(
            lambda layer: layer[1] <= nbytes + 1, zip(missing, accumulate(missing.values()), strict=True)
        )
        member.held[model] |= frozenset(at for at, _ in there)

    def _load_seconds(self, member: Member, choice: Choice) -> float:
        return sum(self._sizes(choice).values()) / member.computer.disk_bytes_per_s

    def _missing(self, member: Member, choice: Choice) -> dict[int, int]:
        """Bytes of the chosen layers that are not in its store."""
        held, sizes = member.held[choice.offer.model], self._sizes(choice)
        return {at: size for at, size in sizes.items() if at not in held}

    def _sizes(self, choice: Choice) -> dict[int, int]:
        layers = self.models[choice.offer.model].layers
        return {at: layers[at].stored_bytes for at in range(choice.start, choice.end)}

    def _offers(self, member: Member) -> tuple[Offer, ...]:
        """Of models that are in use."""
        offers = self.offering.of(member.computer, member.held)
        return tuple(offer for offer in offers if self.wanted.get(offer.model))

    def _tell(self, member: Member, server: Server | None, seconds: float) -> None:
        """What others know of it after so many seconds, unless it says something newer in the meantime."""
        member.told += 1
        told, peer, choice = member.told, member.computer.peer, member.choice

        def arrive() -> None:
            if member.told != told:
                return
            if server is None or choice is None:
                self._seen.remove(peer)
            else:
                self._seen.put(choice.offer.model, server)

        self.timeline.after(seconds, arrive)

    @property
    def _hour(self) -> int:
        return int(self.timeline.now // 3600)


def _server(member: Member, choice: Choice, is_firm: bool = True) -> Server:
    rate = choice.offer.layer_tokens_per_s
    return Server(member.computer.peer, choice.start, choice.end, rate, is_firm=is_firm)


def _covers(servers: Iterable[Server], n_layers: int) -> bool:
    reached = 0
    for start, end in sorted((server.start, server.end) for server in servers):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= n_layers
