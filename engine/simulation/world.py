"""The made-up swarm: computers come, choose, fetch, serve, move and go, in virtual time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random

from engine.placement.reading import MOST_WAITING
from engine.placement.view import ModelView, Offer, Server
from engine.planning.models import ModelShape
from engine.simulation.cards import Card
from engine.simulation.events import Timeline
from engine.simulation.holes import Gap, Holes
from engine.simulation.member import Fetch, Member, Stage
from engine.simulation.offering import Offering
from engine.simulation.population import HOUR, Computer, seconds_off, seconds_on
from engine.simulation.rules import Choice, Rule, Serving
from engine.simulation.seen import SeenDirectory
from engine.simulation.settings import SimulationSettings
from engine.simulation.timing import timed


@dataclass
class Tally:
    """What happened, by the whole hour."""

    joins: Counter[int] = field(default_factory=Counter)
    moves: Counter[int] = field(default_factory=Counter)
    bytes_fetched: Counter[int] = field(default_factory=Counter)
    bytes_of_moves: Counter[int] = field(default_factory=Counter)
    decision_seconds: list[float] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)  # in models that were whole before


class World:
    def __init__(
        self,
        computers: Iterable[Computer],
        models: Mapping[str, ModelShape],
        rule: Callable[[Timeline], Rule],
        settings: SimulationSettings,
        seed: int,
    ) -> None:
        """`models` by digest. Computers come and go alike under all rules, by the seed alone."""
        self.timeline = Timeline()
        self.tally = Tally()
        self.models = models
        self.offering = Offering(tuple(models.values()))
        self.wanted: Mapping[str, float] = {}  # tokens/s, by model that is in use
        self._rule = rule(self.timeline)
        self._pace, self._settings = settings.pace, settings
        self._thinking = Random(f"{seed} thinking")
        self._members = {
            computer.peer: Member(computer, Random(f"{seed} {computer.peer}")) for computer in computers
        }
        self._online: dict[str, dict[str, Server]] = {model: {} for model in models}
        self._holes = {model: Holes(shape.n_layers) for model, shape in models.items()}
        self._seen = SeenDirectory(
            {model: shape.n_layers for model, shape in models.items()},
            {model: shape.name for model, shape in models.items()},
        )
        for member in self._members.values():
            self._begin(member)
            self._plan_thinking(member)

    # --- what there is

    @property
    def covered_at(self) -> dict[str, float]:
        """When all of a model's layers were online first."""
        found = {model: holes.whole_first for model, holes in self._holes.items()}
        return {model: at for model, at in found.items() if at is not None}

    def online(self, model: str) -> ModelView:
        """All that serve a model at this moment, whoever knows of it."""
        shape = self.models[model]
        servers = tuple(self._online[model].values())
        return ModelView(model, shape.name, shape.n_layers, servers, self.wanted.get(model, 0.0))

    def computer(self, peer: str) -> Computer:
        return self._members[peer].computer

    def cards(self, *, online: bool) -> Counter[Card]:
        """Of computers that serve, or of all that are on."""
        stages = (Stage.ONLINE,) if online else tuple(stage for stage in Stage if stage is not Stage.OFF)
        return Counter(m.computer.card for m in self._members.values() if m.stage in stages)

    def want(self, wanted: Mapping[str, float], throughput: Mapping[str, float]) -> None:
        """From now on. Nobody waits for what is not complete."""
        self.wanted = wanted
        most = 1 + MOST_WAITING
        self._seen.load(
            {m: min(wanted.get(m, 0.0), most * rate) for m, rate in throughput.items() if rate > 0}
        )

    # --- coming and going

    def _begin(self, member: Member) -> None:
        if member.random.random() < member.computer.availability:
            seconds = member.random.uniform(0, self._settings.arrival)
            self.timeline.after(seconds, partial(self._come, member))
        else:
            self._come_later(member)

    def _come_later(self, member: Member) -> None:
        seconds = seconds_off(member.computer, self.timeline.now, member.random)
        self.timeline.after(seconds, partial(self._come, member))

    def _come(self, member: Member) -> None:
        member.stage = Stage.IDLE
        self.timeline.after(seconds_on(member.computer, member.random), partial(self._go, member))
        self._plan(member, self._pace.survey, self._choose)

    def _go(self, member: Member) -> None:
        self._stop_serving(member)
        self._stop_fetching(member)
        is_drained = member.random.random() < self._settings.drained
        self._tell(member, None, self._pace.seen if is_drained else self._pace.loss)
        member.stage, member.choice = Stage.OFF, None
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
        elif not self._rule.manners.announces_intent:
            self._join(member, choice, is_move=False)
        else:
            member.stage, member.choice = Stage.CHOOSING, choice
            self._tell(member, member.server(choice), self._pace.seen / 3)
            self._plan(member, self._pace.settle, self._settle)

    def _settle(self, member: Member) -> None:
        choice = self._chosen(member)
        if choice is None:
            member.stage, member.choice = Stage.IDLE, None
            self._tell(member, None, self._pace.seen)
        else:
            self._join(member, choice, is_move=False)

    def _plan_thinking(self, member: Member) -> None:
        def act() -> None:
            self._plan_thinking(member)
            self._think(member)

        self.timeline.after(self._thinking.expovariate(1 / self._pace.think), act)

    def _think(self, member: Member) -> None:
        if member.stage is Stage.IDLE:
            self._choose(member)
        elif member.stage is Stage.ONLINE and member.fetch is None:
            choice = self._better(member, is_ready=False)
            if choice is not None:
                self._move(member, choice)

    def _chosen(self, member: Member) -> Choice | None:
        peer = member.computer.peer
        view, offers = self._seen.view(peer, member.spot), self._offers(member)
        with timed(self.tally.decision_seconds):
            return self._rule.choose(peer, view, offers)

    def _better(self, member: Member, is_ready: bool) -> Choice | None:
        assert member.choice is not None
        peer, shape = member.computer.peer, self.models[member.choice.offer.model]
        away = self._pace.drain + member.load_seconds(member.choice, shape)
        serving = Serving(member.choice, self.timeline.now - member.online_since, away, is_ready)
        view, offers = self._seen.view(peer, member.spot), self._offers(member)
        with timed(self.tally.decision_seconds):
            return self._rule.move(peer, view, offers, serving)

    def _offers(self, member: Member) -> tuple[Offer, ...]:
        """Of models that are in use."""
        offers = self.offering.of(member.computer, member.held)
        return tuple(offer for offer in offers if self.wanted.get(offer.model))

    # --- serving

    def _move(self, member: Member, choice: Choice) -> None:
        """At once, or when what it lacks there has been fetched beside the serving."""
        fetch = self._fetch_of(member, choice)
        if fetch.missing and self._rule.manners.fetches_ahead:
            member.fetch = fetch
            self._plan(member, fetch.seconds, self._arrived)
        elif self._rule.manners.announces_moves:
            self._intend(member, choice)
        else:
            self._leave_for(member, choice)

    def _fetch_of(self, member: Member, choice: Choice) -> Fetch:
        return member.fetch_of(choice, self.models[choice.offer.model], self.timeline.now, is_move=True)

    def _arrived(self, member: Member) -> None:
        """What the move needs: it is decided anew whether it pays."""
        self._stop_fetching(member)
        choice = self._better(member, is_ready=True)
        if choice is not None:
            self._move(member, choice)

    def _intend(self, member: Member, choice: Choice) -> None:
        """Tell the others, and look again."""
        self._tell_intent(member, choice)
        self._plan(member, self._pace.settle, lambda member: self._settle_move(member, choice))

    def _settle_move(self, member: Member, intended: Choice) -> None:
        choice = self._better(member, is_ready=True)
        if choice is None or not choice.overlaps(intended) or self._fetch_of(member, choice).missing:
            self._tell_intent(member, None)
        else:
            self._leave_for(member, choice)

    def _leave_for(self, member: Member, choice: Choice) -> None:
        self.tally.moves[self._hour] += 1
        self._stop_serving(member)
        member.stage, member.choice = Stage.DRAINING, choice
        member.turn += 1
        server = member.server(choice) if self._rule.manners.announces_moves else None
        self._tell(member, server, self._pace.seen)
        self._plan(member, self._pace.drain, lambda member: self._join(member, choice, is_move=True))

    def _join(self, member: Member, choice: Choice, is_move: bool) -> None:
        """Fetch and load; the others know that it will serve this."""
        self.tally.joins[self._hour] += not is_move
        shape = self.models[choice.offer.model]
        member.stage, member.choice = Stage.JOINING, choice
        member.turn += 1
        self._tell(member, member.server(choice), self._pace.seen)
        member.fetch = member.fetch_of(choice, shape, self.timeline.now, is_move)
        self._plan(member, member.fetch.seconds + member.load_seconds(choice, shape), self._serve)

    def _serve(self, member: Member) -> None:
        assert member.choice is not None
        self._stop_fetching(member)
        model, server = member.choice.offer.model, member.server(member.choice)
        member.stage, member.online_since = Stage.ONLINE, self.timeline.now
        self._online[model][server.peer] = server
        gap = self._holes[model].come(server.start, server.end, self.timeline.now)
        if gap is not None:
            self.tally.gaps.append(gap)

    def _stop_serving(self, member: Member) -> None:
        if member.stage is Stage.ONLINE and member.choice is not None:
            model = member.choice.offer.model
            server = self._online[model].pop(member.computer.peer)
            self._holes[model].go(server.start, server.end, self.timeline.now)

    def _stop_fetching(self, member: Member) -> None:
        """Whole layers that have come are kept."""
        fetch, now = member.fetch, self.timeline.now
        if fetch is None:
            return
        member.fetch = None
        member.held[fetch.model] |= fetch.layers_until(now)
        self.tally.bytes_fetched[self._hour] += round(fetch.bytes_until(now))
        if fetch.is_move:
            self.tally.bytes_of_moves[self._hour] += round(fetch.bytes_until(now))

    # --- what others know

    def _tell(self, member: Member, server: Server | None, seconds: float) -> None:
        """Of a computer after so many seconds, unless it says something newer in the meantime."""
        member.told += 1
        told, peer, choice = member.told, member.computer.peer, member.choice
        is_firm = member.stage is not Stage.CHOOSING

        def arrive() -> None:
            if member.told != told:
                return
            if server is None or choice is None:
                self._think_soon(self._seen.remove(peer))
            else:
                self._think_soon(self._seen.put(choice.offer.model, server, is_firm))

        self.timeline.after(seconds, arrive)

    def _tell_intent(self, member: Member, choice: Choice | None) -> None:
        """Of a server that goes on: where it means to go, or that it stays after all."""
        told = member.told
        place = None if choice is None else (choice.offer.model, member.server(choice))

        def arrive() -> None:
            if member.told == told:
                self._seen.intend(member.computer.peer, place)

        self.timeline.after(self._pace.seen / 3, arrive)

    def _think_soon(self, torn: str | None) -> None:
        """A hole in a model has those think again who serve it."""
        if torn is None or not self._rule.manners.mends:
            return
        for other in self._online[torn]:
            seconds = self._thinking.uniform(0, self._pace.after_loss)
            self._plan(self._members[other], seconds, self._think)

    @property
    def _hour(self) -> int:
        return int(self.timeline.now // HOUR)
