"""What a step costs on each server and on the links between them: from records and measurements to numbers.

What servers say of themselves is believed as far as nothing worse was measured. Who does not say where it is
counts as close to this computer, behind a slow line of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import dist, sqrt
from statistics import median
from typing import NamedTuple

from engine.peers.book import ROUND_TRIP_SECONDS, PeerBook
from engine.peers.coordinates import if_known
from engine.wire.records import Coordinates, SpanRecord

LAYER_SECONDS = 0.005  # a layer, on a server that has not said how fast it is
MIN_LAYER_SECONDS = 1e-5  # less is not believed
BYTES_PER_S = 2.5e6  # a line that nothing is known of: 20 Mbit/s
MIN_BYTES_PER_S = 1e3
# What each waiting step adds to a step: they share forwards. 8 sessions had 2.8 times the tokens of one.
WAITING_SHARE = (8 / 2.8 - 1) / 7
SHARED_GAIN = 8.0  # tokens/s of many sessions together, of what one was measured to have: at most
MIN_TOKENS_PER_S = 0.01
UNPROVEN_GAIN = 4.0  # a claim that was never measured counts for at most so many times the middle one

Place = tuple[float, float, float]


class ServerCosts(NamedTuple):
    """Seconds of one step. The link from one server to another takes what the first has for sending, the
    distance of their places, and what the second has for receiving.
    """

    layer: float  # to run one layer
    from_client: float  # doubt included, as in `receiving`
    to_client: float
    sending: float
    receiving: float
    x: float  # one way, as seen from the client
    y: float
    z: float

    @property
    def radius(self) -> float:
        return sqrt(self.x**2 + self.y**2 + self.z**2)


@dataclass(frozen=True)
class Costs:
    """By peer; who is not in it is not to be used."""

    of: Mapping[str, ServerCosts]
    carried: frozenset[tuple[str, str]] = field(default=frozenset())  # sender, receiver: by way of the client
    tokens_per_s: Mapping[str, float] = field(default_factory=dict)  # that a server has left for batch work


def costs_of(
    servers: Iterable[SpanRecord],
    book: PeerBook,
    step_bytes: int,
    tokens: int = 0,
    last_resort: bool = False,
) -> Costs:
    """Costs for a session that needs `tokens` positions and moves `step_bytes` over each link.

    Servers that are avoided (`last_resort`: for a failure of this moment) or have no room are left out.
    """
    roomy = (server for server in servers if server.free_cache_tokens >= tokens)
    welcome = [server for server in roomy if not book.is_avoided(server.peer, last_resort)]
    here = _Here(book, welcome)
    return Costs(
        {s.peer: _server_costs(s, book, here, step_bytes) for s in welcome},
        book.carried_links(),
        _throughputs(welcome, book),
    )


def unmeasured(servers: Iterable[SpanRecord]) -> Costs:
    """Costs where nothing is known but what servers say; room is not looked at."""
    return costs_of(servers, PeerBook(), step_bytes=0)


def layer_seconds(server: SpanRecord, measured: float | None) -> float:
    """Of one decode step through one layer, other sessions' steps included; never less than `measured`."""
    claim = server.step_seconds / (server.end - server.start) if server.step_seconds else LAYER_SECONDS
    alone = max(claim, MIN_LAYER_SECONDS)
    return max(alone * (1 + WAITING_SHARE * server.queue_depth), measured or 0.0)


def prompt_seconds(server: SpanRecord, layers: int, book: PeerBook, tokens: int) -> float:
    """Of a prompt's piece through some of a server's layers: as measured, else as if many tokens shared a
    decode step's time.
    """
    measured = book.layer_tokens_per_s(server.peer)
    return tokens * layers / (measured or SHARED_GAIN / layer_seconds(server, None))


class _Here:
    """This computer's place, and other computers' as seen from it."""

    def __init__(self, book: PeerBook, servers: Iterable[SpanRecord]) -> None:
        self._known = if_known(book.coordinates)
        self._at = self._known.at if self._known else _middle(servers)

    def place(self, coordinates: Coordinates) -> Place:
        x, y, z = ((there - here) / 2 for there, here in zip(coordinates.at, self._at, strict=True))
        return x, y, z

    @property
    def line(self) -> float:
        """Seconds of every round trip that this computer's own line takes."""
        return self._known.height if self._known else 0.0

    def round_trip(self, coordinates: Coordinates | None) -> float | None:
        """To another computer, if both know where they are."""
        if self._known is None or coordinates is None:
            return None
        return dist(self._known.at, coordinates.at) + self._known.height + coordinates.height


def _server_costs(server: SpanRecord, book: PeerBook, here: _Here, nbytes: int) -> ServerCosts:
    coordinates = if_known(server.coordinates)
    measured = book.round_trip(server.peer)
    expected = here.round_trip(coordinates)
    to_server = _first_known(measured, expected, ROUND_TRIP_SECONDS) / 2
    if coordinates is None:
        line, place = max(2 * to_server - here.line, 0.0), (0.0, 0.0, 0.0)
    else:  # nearer to everybody than it was measured to be: the claim is mended by a slower line
        flattery = max((measured or 0.0) - expected, 0.0) if expected is not None else 0.0
        line, place = coordinates.height + flattery, here.place(coordinates)
    upload = max(server.upload_bytes_per_s or BYTES_PER_S, MIN_BYTES_PER_S)
    rate = max(book.bytes_per_s(server.peer) or BYTES_PER_S, MIN_BYTES_PER_S)
    doubt = book.doubt(server.peer)
    return ServerCosts(
        layer_seconds(server, book.layer_seconds(server.peer)),
        to_server + nbytes / rate + doubt,
        to_server + nbytes / min(upload, rate),
        line / 2 + nbytes / upload,
        line / 2 + doubt,
        *place,
    )


def _middle(servers: Iterable[SpanRecord]) -> Place:
    """Of the servers that say where they are; the origin if none does."""
    known = [known.at for s in servers if (known := if_known(s.coordinates))]
    x, y, z = (median(axis) for axis in zip(*known, strict=True)) if known else (0.0, 0.0, 0.0)
    return x, y, z


def _first_known(*seconds: float | None) -> float:
    return next(value for value in seconds if value is not None)


# --- batch work


def _throughputs(servers: Sequence[SpanRecord], book: PeerBook) -> dict[str, float]:
    """By peer: tokens/s through a whole span, less what waits there already."""
    if not servers:
        return {}
    measured = {s.peer: book.layer_tokens_per_s(s.peer) for s in servers}
    claimed = {s.peer: _claimed_tokens_per_s(s) for s in servers}
    usual = median(claimed.values())
    believed = {s.peer: min(claimed[s.peer], _most_tokens_per_s(s, measured[s.peer], usual)) for s in servers}
    return {s.peer: max(believed[s.peer] / (1 + s.queue_depth), MIN_TOKENS_PER_S) for s in servers}


def _claimed_tokens_per_s(server: SpanRecord) -> float:
    one_session = 1 / (layer_seconds(server, None) * (server.end - server.start))
    return server.tokens_per_s or one_session


def _most_tokens_per_s(server: SpanRecord, measured: float | None, usual: float) -> float:
    """What can be believed: a server takes several steps at once, so it may do more than one step showed."""
    return UNPROVEN_GAIN * usual if measured is None else SHARED_GAIN * measured / (server.end - server.start)
