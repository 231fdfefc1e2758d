"""Which piece of which part to ask which peer for next: pure, told the time.

Every peer takes the next piece that it has whenever it has room for one more question, so that its share
follows its speed. Parts are finished in the order asked for. When nothing is left to ask, a piece that a slow
peer owes is asked of a faster one as well: the first answer counts.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from engine.weights.content_hash import CHUNK_BYTES

HASHES = -1  # in a chunk's place: the list of the part's chunk hashes, which comes before its chunks

MIN_DEPTH, FIRST_DEPTH, MAX_DEPTH = 2, 4, 16  # questions to one peer that are on their way
DEPTH_SECONDS = 1.0  # so much of a peer's work is asked ahead: more than any way there and back takes
LOOK_AHEAD_CHUNKS = 32  # hash lists are asked for when fewer chunks than these are left before them
UNKNOWN_SECONDS = 0.5  # taken for a chunk's time as long as a peer has brought none
OVERDUE_SECONDS = 5.0  # without an answer, until what a peer owes comes before what nobody was asked for
SLOWER_BY = 2.0  # so many times longer must a piece be expected to take before another is asked as well
PACE_WEIGHT = 0.2  # of the newest measurement


@dataclass(frozen=True, order=True)
class Piece:
    part: int  # its place in the order asked for
    chunk: int  # or HASHES


@dataclass
class _Part:
    todo: list[int] = field(default_factory=lambda: [HASHES])  # heap: not asked of anybody
    left: set[int] = field(default_factory=lambda: {HASHES})  # not kept yet


@dataclass
class _Peer:
    has: frozenset[int]
    queue: list[Piece] = field(default_factory=list)  # asked and not answered, in order
    chunk_seconds: float | None = None  # moving average
    since: float = 0.0  # when the question that is answered next became the next


class FetchPlan:
    """What is left of an order of parts, and who was asked for what."""

    def __init__(self, parts: int) -> None:
        self._parts = {part: _Part() for part in range(parts)}  # unfinished ones, in order
        self._peers: dict[str, _Peer] = {}
        self._asked: dict[Piece, list[str]] = {}  # and not kept yet

    # --- what is left

    @property
    def unfinished(self) -> tuple[int, ...]:
        return tuple(self._parts)

    @property
    def done(self) -> bool:
        return not self._parts

    @property
    def waits_for_answers(self) -> bool:
        return any(peer.queue for peer in self._peers.values())

    @property
    def peers(self) -> tuple[str, ...]:
        """Those that have something of it."""
        return tuple(self._peers)

    def owes(self, peer: str) -> bool:
        """Whether an answer of this peer is on its way."""
        return bool(self._peers[peer].queue)

    def begin(self, part: int, missing: Iterable[int]) -> None:
        """The part's hash list is known, and these chunks are to be fetched."""
        self._forget_asked(Piece(part, HASHES))
        state = self._parts[part]
        state.todo = list(missing)
        heapify(state.todo)
        state.left = set(state.todo)

    def keep(self, piece: Piece) -> bool:
        """A right chunk is kept. Whether it was the part's last one."""
        self._forget_asked(piece)
        state = self._parts.get(piece.part)
        if state is None or piece.chunk not in state.left:
            return False
        state.left.discard(piece.chunk)
        return not state.left

    def wants(self, piece: Piece) -> bool:
        state = self._parts.get(piece.part)
        return state is not None and piece.chunk in state.left

    def finish(self, part: int) -> None:
        """The part is complete, by whatever way."""
        del self._parts[part]
        for piece in [piece for piece in self._asked if piece.part == part]:
            del self._asked[piece]

    def _forget_asked(self, piece: Piece) -> None:
        self._asked.pop(piece, None)

    # --- peers

    def join(self, peer: str, has: Collection[int]) -> None:
        self._peers[peer] = _Peer(frozenset(has))

    def leave(self, peer: str) -> None:
        """What this peer was asked for and nobody else was is to be asked anew."""
        self._peers.pop(peer, None)
        for piece, askers in list(self._asked.items()):
            if peer in askers:
                self._take_back(piece, peer)

    def answered(self, peer: str, now: float, nbytes: int) -> None:
        """The peer has answered its oldest question with so many bytes."""
        state = self._peers[peer]
        state.queue.pop(0)
        seconds, state.since = now - state.since, now
        if nbytes == CHUNK_BYTES:
            before = seconds if state.chunk_seconds is None else state.chunk_seconds
            state.chunk_seconds = before + PACE_WEIGHT * (seconds - before)

    def lacks(self, peer: str, piece: Piece) -> None:
        """The peer says that it does not have this part after all."""
        state = self._peers[peer]
        state.has -= {piece.part}
        self._take_back(piece, peer)

    def _take_back(self, piece: Piece, peer: str) -> None:
        askers = self._asked.get(piece, [])
        if peer in askers:
            askers.remove(peer)
        if not askers and self._asked.pop(piece, None) is not None and self.wants(piece):
            heappush(self._parts[piece.part].todo, piece.chunk)

    # --- choice

    def next(self, peer: str, now: float) -> Piece | None:
        """What to ask this peer for now, which counts as asked then; None: nothing."""
        piece = self.choice(peer, now)
        if piece is not None:
            self._note(peer, self._peers[peer], piece, now)
        return piece

    def choice(self, peer: str, now: float) -> Piece | None:
        """What `next` would give."""
        state = self._peers[peer]
        if len(state.queue) >= depth(state.chunk_seconds):
            return None
        overdue = self._owed(peer, state, now) if self._somebody_is_overdue(now) else None
        return overdue or self._fresh(state) or self._owed(peer, state, now)

    def _somebody_is_overdue(self, now: float) -> bool:
        return any(peer.queue and now - peer.since > OVERDUE_SECONDS for peer in self._peers.values())

    def _note(self, peer: str, state: _Peer, piece: Piece, now: float) -> None:
        if piece not in self._asked:
            heappop(self._parts[piece.part].todo)
        if not state.queue:
            state.since = now
        state.queue.append(piece)
        self._asked.setdefault(piece, []).append(peer)

    def _fresh(self, peer: _Peer) -> Piece | None:
        """A hash list that will be needed soon, else the first chunk that nobody was asked for."""
        first, ahead = None, 0
        for part, state in self._parts.items():
            if part not in peer.has:
                continue
            todo = self._still_wanted(state)
            if todo and todo[0] == HASHES:
                return Piece(part, HASHES)
            if todo and first is None:
                first = part
            ahead += len(todo)
            if ahead >= LOOK_AHEAD_CHUNKS:
                break
        return None if first is None else Piece(first, self._parts[first].todo[0])

    def _still_wanted(self, state: _Part) -> list[int]:
        while state.todo and state.todo[0] not in state.left:
            heappop(state.todo)
        return state.todo

    def _owed(self, peer: str, state: _Peer, now: float) -> Piece | None:
        """The piece that is expected last, where this peer would bring it much sooner."""
        mine = _seconds(state) * (len(state.queue) + 1)
        owed = [(self._expected(piece, now), piece) for piece in self._askable(peer, state)]
        longest, piece = max(owed, default=(0.0, None))
        return piece if longest > SLOWER_BY * mine else None

    def _askable(self, peer: str, state: _Peer) -> Iterator[Piece]:
        for piece, askers in self._asked.items():
            if piece.part in state.has and len(askers) == 1 and peer not in askers and self.wants(piece):
                yield piece

    def _expected(self, piece: Piece, now: float) -> float:
        """Seconds until whoever was asked brings it; who is overdue is expected to take as long again."""
        owner = self._peers[self._asked[piece][0]]
        if piece not in owner.queue:
            return 0.0  # it is here, and being checked
        waited = now - owner.since
        return max(waited, _seconds(owner) * (owner.queue.index(piece) + 1) - waited)


def depth(chunk_seconds: float | None) -> int:
    """How many questions may be on their way to a peer that takes so long for a chunk."""
    if chunk_seconds is None:
        return FIRST_DEPTH
    return int(min(MAX_DEPTH, max(MIN_DEPTH, DEPTH_SECONDS / max(chunk_seconds, 1e-6))))


def _seconds(peer: _Peer) -> float:
    return UNKNOWN_SECONDS if peer.chunk_seconds is None else peer.chunk_seconds
