"""What sessions get when they choose their ways by the real routing, beside what the placement could give.

A sample stands for all: its sessions ask for equal parts of what the placement can give at most. Clients at
places all over the globe choose one after the other, by records that are renewed after each round of them.
"""

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import median

import numpy as np

from engine.peers.book import PeerBook
from engine.peers.coordinates import distance
from engine.planning.memory import SESSIONS
from engine.route.costs import costs_of
from engine.route.plan import PlannedHop, plan_chain
from engine.route.throughput import choose_for_throughput
from engine.simulation.demand import drawn_chat
from engine.simulation.population import place_on_globe
from engine.simulation.sharing import Floats, Shared, shared
from engine.simulation.timing import timed
from engine.simulation.world import World
from engine.wire.records import Coordinates, ServerState, SpanRecord

PROBES = 40  # round trips by which a client finds its place
CLIENTS = 40
VALUE_BYTES = 2  # of a hidden state's numbers on the wire
CACHE_TOKENS = 16384
CLIENT_UPLOAD_BYTES_PER_S = 2.5e6


@dataclass(frozen=True)
class Routed:
    """Of one model at one moment."""

    sessions: int  # in the sample
    share: float  # of the placement's throughput, when they ask for all of it
    tokens_per_s: float  # of one session: the middle one
    link_seconds: float  # of one token, likewise
    hops: float  # likewise
    idle_tokens_per_s: float  # of one session that has the swarm for itself: the middle one
    plan_seconds: float  # of processor time, the middle one


@dataclass(frozen=True)
class _Client:
    place: Coordinates
    book: PeerBook


@dataclass(frozen=True)
class _Session:
    chain: tuple[PlannedHop, ...]
    link_seconds: float  # of one step
    seconds: float  # of one step that no other is in the way of
    weight: float  # sessions that it stands for


class Traffic:
    """Sessions of one model that ask for so many tokens/s together."""

    def __init__(self, world: World, model: str, tokens_per_s: float, rounds: int, random: Random) -> None:
        self._shape = world.models[model]
        self._tokens_per_s = tokens_per_s
        self._rounds = rounds
        self._random = random
        self._servers = world.online(model).servers
        self._computers = {server.peer: world.computer(server.peer) for server in self._servers}
        self._at = {server.peer: at for at, server in enumerate(self._servers)}
        self._capacity = np.array([server.layer_tokens_per_s for server in self._servers])
        self._records = [self._record(at) for at in range(len(self._servers))]
        self._sessions: list[_Session] = []
        self._plan_seconds: list[float] = []

    def routed(self, batch: bool) -> Routed:
        """By the ways of chats; or by those of work that nobody waits for."""
        clients = [self._client() for _ in range(CLIENTS)]
        for _ in range(self._rounds):
            self._sessions += [self._session(client, batch) for client in clients]
            balance = self._balance()
            self._renew(balance)
        weights = np.array([session.weight for session in self._sessions])
        return Routed(
            sessions=len(self._sessions),
            share=float(balance.rates @ weights) / self._tokens_per_s,
            tokens_per_s=median(balance.rates.tolist()),
            link_seconds=median(session.link_seconds for session in self._sessions),
            hops=median(len(session.chain) for session in self._sessions),
            idle_tokens_per_s=median(1 / session.seconds for session in self._sessions[:CLIENTS]),
            plan_seconds=median(self._plan_seconds),
        )

    # --- records

    def _record(self, at: int) -> SpanRecord:
        server = self._servers[at]
        computer, layers = self._computers[server.peer], server.end - server.start
        return SpanRecord(
            peer=server.peer,
            model=self._shape.digest,
            model_name=self._shape.name,
            start=server.start,
            end=server.end,
            n_layers=self._shape.n_layers,
            state=ServerState.ONLINE,
            free_cache_tokens=CACHE_TOKENS,
            step_seconds=layers * SESSIONS / server.layer_tokens_per_s,
            tokens_per_s=server.layer_tokens_per_s / layers,
            upload_bytes_per_s=computer.upload_bytes_per_s,
            coordinates=computer.announced,
            expires=0.0,
        )

    def _renew(self, balance: Shared) -> None:
        """Servers say how many steps are with them."""
        self._records = [
            record.model_copy(update={"queue_depth": round(present)})
            for record, present in zip(self._records, balance.present.tolist(), strict=True)
        ]

    # --- sessions

    def _client(self) -> _Client:
        place, _ = place_on_globe(self._random)
        book = PeerBook(clock=lambda: 0.0, random=self._random)
        for server in self._random.choices(self._servers, k=PROBES):
            there = self._computers[server.peer]
            book.note_round_trip(server.peer, distance(place, there.place), there.announced)
        return _Client(place, book)

    def _session(self, client: _Client, batch: bool) -> _Session:
        chat = drawn_chat(self._random)
        n = self._shape.n_layers
        with timed(self._plan_seconds):
            costs = costs_of(self._records, client.book, self._step_bytes, chat.question + chat.answer)
            if batch:
                chain = choose_for_throughput(self._records, 0, n, costs, self._random)
            else:
                chain = plan_chain(self._records, 0, n, costs)
        assert chain is not None, "a model with a throughput has a chain"
        link_seconds = self._link_seconds(client, chain)
        step_seconds = link_seconds + sum(
            (hop.end - hop.start) * SESSIONS / self._capacity[self._at[hop.server.peer]] for hop in chain
        )
        sessions = CLIENTS * self._rounds
        return _Session(chain, link_seconds, step_seconds, step_seconds * self._tokens_per_s / sessions)

    @property
    def _step_bytes(self) -> int:
        return self._shape.hidden_size * VALUE_BYTES

    def _link_seconds(self, client: _Client, chain: tuple[PlannedHop, ...]) -> float:
        """As the lines really are, whatever the client knows of them."""
        computers = [self._computers[hop.server.peer] for hop in chain]
        places = [client.place, *(computer.place for computer in computers), client.place]
        way = sum(distance(a, b) / 2 for a, b in pairwise(places))
        sending = sum(self._step_bytes / computer.upload_bytes_per_s for computer in computers)
        return way + sending + self._step_bytes / CLIENT_UPLOAD_BYTES_PER_S

    def _balance(self) -> Shared:
        layers = np.zeros((len(self._sessions), len(self._servers)))
        for row, session in enumerate(self._sessions):
            for hop in session.chain:
                layers[row, self._at[hop.server.peer]] += hop.end - hop.start
        links: Floats = np.array([session.link_seconds for session in self._sessions])
        weights: Floats = np.array([session.weight for session in self._sessions])
        return shared(layers, links, weights, self._capacity, SESSIONS)
