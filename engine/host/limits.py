"""How much of a server one stranger may have: pure, with the time given from outside.

Nobody is limited in what nobody else needs: a lone peer may fill the whole cache.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.exchange.rate import Bucket


@dataclass(frozen=True)
class HostLimits:
    """Rates are per second, once a burst is used up."""

    sessions: int = 512
    sessions_of_a_peer: int = 64
    unopened: int = 256  # streams whose open message has not come
    unopened_of_a_peer: int = 64
    openings: int = 300  # streams of a peer at once
    openings_per_s: float = 10.0
    bad_messages: int = 20  # of a peer, before it is left alone for a while
    bad_messages_per_s: float = 1 / 3
    redirections: int = 32  # of a session's outputs: each may have a connection made
    redirections_per_s: float = 1.0
    known_peers: int = 1024  # whose conduct is remembered


class Allowance:
    """What may be done at once, and how fast it comes back."""

    def __init__(self, burst: float, per_s: float, now: float) -> None:
        self._bucket = Bucket(per_s, now, most=burst)

    def take(self, now: float) -> bool:
        """Whether there was something left."""
        if not self.is_left(now):
            return False
        self._bucket.take(1, now)
        return True

    def is_left(self, now: float) -> bool:
        return self._bucket.seconds_to_wait(now, queued=1) == 0


@dataclass
class _Record:
    openings: Allowance
    bad_messages: Allowance


class Conduct:
    """What peers did lately. Of those that were not heard of for longest, nothing is remembered."""

    def __init__(self, limits: HostLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def may_open(self, peer: str) -> bool:
        """Whether another stream of this peer is listened to. Counts it."""
        record, now = self._record(peer), self._clock()
        return record.bad_messages.is_left(now) and record.openings.take(now)

    def note_bad_message(self, peer: str) -> None:
        self._record(peer).bad_messages.take(self._clock())

    @property
    def known_peers(self) -> int:
        return len(self._records)

    def _record(self, peer: str) -> _Record:
        record = self._records.pop(peer, None) or self._new_record()
        self._records[peer] = record
        if len(self._records) > self._limits.known_peers:
            self._records.popitem(last=False)
        return record

    def _new_record(self) -> _Record:
        limits, now = self._limits, self._clock()
        return _Record(
            Allowance(limits.openings, limits.openings_per_s, now),
            Allowance(limits.bad_messages, limits.bad_messages_per_s, now),
        )


# --- the cache


@dataclass(frozen=True)
class Holding:
    """A session's share of the cache. Blocks that several sessions hold count in full for each of them: to
    share them gives a peer no more than to fill them anew.
    """

    key: int
    peer: str
    blocks: int
    last_used: float
    is_idle: bool  # its next step may never come
    is_busy: bool = False  # a step of it waits or runs, or its cache is moving
    shared: Mapping[int, int] = field(default_factory=dict)  # its blocks that others hold too: by how many
    size: int = 0  # bytes, in main memory


def whom_to_evict(
    holdings: Sequence[Holding], peer: str, lacking: int, wanted: int, total: int
) -> tuple[int, ...]:
    """Keys of the sessions that make room of `lacking` blocks; none, if that cannot be.

    A session of `peer` wants so many blocks of a cache of `total`. Sessions that have long been idle go
    first. Those in use go only where their peers hold more than an equal share, and this one would not.
    """
    idle = [holding for holding in holdings if holding.blocks and holding.is_idle and not holding.is_busy]
    freed = Freed()
    chosen = _until(lacking, sorted(idle, key=_by_age), freed)
    if freed.blocks < lacking:
        chosen = [*idle, *_surplus(holdings, idle, peer, lacking, wanted, total)]
    return _keys(chosen) if Freed(chosen).blocks >= lacking else ()


def _surplus(
    holdings: Sequence[Holding], gone: Sequence[Holding], peer: str, lacking: int, wanted: int, total: int
) -> list[Holding]:
    """Sessions in use of peers that hold more than their share."""
    held = {peer: 0}
    for holding in holdings:
        held[holding.peer] = held.get(holding.peer, 0) + (0 if holding in gone else holding.blocks)
    share = total // sum(who == peer or blocks > 0 for who, blocks in held.items())
    if held[peer] + wanted > share:
        return []
    found: list[Holding] = []
    freed = Freed(gone)
    for holding in sorted(holdings, key=_by_age):
        is_over = holding.peer != peer and held[holding.peer] > share
        if is_over and not holding.is_busy and holding not in gone and freed.blocks < lacking:
            held[holding.peer] -= holding.blocks
            found.append(holding)
            freed.add(holding)
    return found


def _until(blocks: int, holdings: Iterable[Holding], freed: "Freed") -> list[Holding]:
    """The first of `holdings` that make room of so many."""
    found: list[Holding] = []
    for holding in holdings:
        if freed.blocks >= blocks:
            break
        if holding.blocks:
            found.append(holding)
            freed.add(holding)
    return found


class Freed:
    """Blocks that nobody holds any more when some sessions go."""

    def __init__(self, holdings: Iterable[Holding] = ()) -> None:
        self.blocks = 0
        self._holders: dict[int, int] = {}  # that stay, of each block that several held
        for holding in holdings:
            self.add(holding)

    def add(self, holding: Holding) -> None:
        self.blocks += holding.blocks - len(holding.shared)
        for block, holders in holding.shared.items():
            self._holders[block] = self._holders.get(block, holders) - 1
            self.blocks += not self._holders[block]


def _by_age(holding: Holding) -> float:
    return holding.last_used


# --- main memory


@dataclass(frozen=True)
class Moves:
    """Keys of sessions: those that go out to main memory, and those that lose what they have there."""

    out: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()


def whom_to_move_out(resting: Sequence[Holding], lacking: int, out: Sequence[Holding], room: int) -> Moves:
    """Of the sessions that rest, those used longest ago, until `lacking` blocks are free, as far as there is
    room for them.

    `out` are in main memory, of which `room` bytes are free; those that have long been idle give way there.
    """
    going: list[Holding] = []
    dropped: list[Holding] = []
    freed = Freed()
    oldest = deque(sorted((holding for holding in out if holding.is_idle), key=_by_age))
    for holding in sorted(resting, key=_by_age):
        if freed.blocks >= lacking:
            break
        if not holding.blocks or holding.size > room + sum(other.size for other in oldest):
            continue
        while holding.size > room:
            dropped.append(oldest.popleft())
            room += dropped[-1].size
        room -= holding.size
        going.append(holding)
        freed.add(holding)
    return Moves(_keys(going), _keys(dropped))


def _keys(holdings: Iterable[Holding]) -> tuple[int, ...]:
    return tuple(holding.key for holding in holdings)
