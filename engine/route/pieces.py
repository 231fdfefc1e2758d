"""How long a prompt's pieces are, so that the last one is through a chain soonest. Pure.

Long pieces keep the servers behind waiting; of short ones each costs what a piece takes however short it is,
about a decode step, in which it reads all its weights.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from engine.peers.book import PeerBook
from engine.route.plan import PlannedHop

LEAST_TOKENS = 32


@dataclass(frozen=True)
class Stage:
    """What a server takes for a piece: seconds for having one, and for each of its tokens."""

    piece: float
    token: float

    def seconds(self, tokens: float) -> float:
        return self.piece + tokens * self.token


def piece_tokens(tokens: int, stages: Sequence[Stage | None], most: int) -> int:
    """Of a prompt of so many tokens; `most` where a server's seconds are not known, or nobody waits.

    With pieces of `m` tokens the last one is through after `tokens / m + stages - 1` times what the slowest
    server takes for a piece; this is least where its derivative is zero.
    """
    known = [stage for stage in stages if stage is not None]
    if tokens <= LEAST_TOKENS or len(known) < max(2, len(stages)):
        return most
    slowest = max(known, key=lambda stage: stage.seconds(tokens))
    best = sqrt(tokens * slowest.piece / ((len(stages) - 1) * slowest.token))
    pieces = ceil(tokens / min(max(best, LEAST_TOKENS), most))
    return ceil(tokens / pieces)


def stages_of(hops: Iterable[PlannedHop], book: PeerBook) -> list[Stage | None]:
    """As measured lately; None for a server that was not."""
    return [_stage(hop.server.peer, hop.end - hop.start, book) for hop in hops]


def _stage(peer: str, layers: int, book: PeerBook) -> Stage | None:
    seconds, rate = book.layer_seconds(peer), book.layer_tokens_per_s(peer)
    return Stage(layers * seconds, layers / rate) if seconds and rate else None
