"""In which encoding hidden states cross each link of a chain. Pure.

An encoding loses nothing where the giver computes in it, or where the taker rounds to it anyway. One that
loses something is for links that hold a prompt up, in chains that lose far more by their layers' precisions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from engine.peers.book import ROUND_TRIP_SECONDS, PeerBook
from engine.planning.quality import quality
from engine.precision import Native
from engine.route.costs import prompt_seconds
from engine.route.floors import effective
from engine.route.plan import PlannedHop
from engine.wire.messages import WireEncoding, row_bytes
from engine.wire.records import SpanRecord

WORTH = 0.25  # of a trip, that links have to take before anything is lost for them
SHARE_OF_LOSS = 0.1  # of what the layers' precisions lose, that all links together lose at most
COPIES = 2  # of an output, that go over a server's line: to the next server, and to the client

# What one link to a server, and that to the client, loses where all layers are in float32: Kullback-Leibler
# divergence, nats for each token; the largest of several borders (`python -m tests.bench.crossings`), rounded
# up. float16 is not among them: what is too large for it would stop the answer.
LINK_LOSS: Mapping[WireEncoding, tuple[float, float]] = {"bfloat16": (6e-6, 3e-5), "int8": (2.5e-5, 8e-5)}


_OLDER: tuple[WireEncoding, ...] = ("float32", "bfloat16")  # that every server takes


@dataclass(frozen=True)
class Line:
    """A link that hidden states cross."""

    lossless: WireEncoding
    bytes_per_s: float | None  # None: not known; then nothing is lost for it
    takes_all: bool = True  # both ends know every encoding


@dataclass(frozen=True)
class Ends:
    """How hidden states come into a chain, and how they leave it."""

    takes: WireEncoding
    gives: WireEncoding


def encodings_of(
    chain: Sequence[PlannedHop], n_layers: int, book: PeerBook, tokens: int, hidden: int
) -> tuple[WireEncoding, ...]:
    """Of each link, from this computer's to the first hop to that from the last one, for prompts whose
    pieces have so many tokens.
    """
    elsewhere = sum(_hop_seconds(hop, book, tokens) for hop in chain)
    precisions = [p for hop in chain for p in effective(hop.server, hop.start, hop.end)]
    own_loss = -log(quality(precisions, n_layers, chain[0].start))
    return chosen(lines_of(chain, book), elsewhere, SHARE_OF_LOSS * own_loss, tokens, hidden)


def between(chain: Sequence[PlannedHop], ends: Ends) -> tuple[WireEncoding, ...]:
    """As `encodings_of`, for a part of a chain that stands already: nothing is lost within it, but for those
    who give as they take.
    """
    inner = (
        lossless(a.server, b.server) if a.server.encodings and b.server.encodings else ends.takes
        for a, b in pairwise(chain)
    )
    return ends.takes, *inner, ends.gives


def knows(server: SpanRecord, ends: Ends | None) -> bool:
    """Whether a server can stand at these ends. One that names no encoding gives as it takes."""
    if ends is None:
        return True
    if not server.encodings:
        return ends.takes == ends.gives and ends.takes in _OLDER
    return {ends.takes, ends.gives} <= {"float32", *server.encodings}


def lossless(giver: SpanRecord | None, taker: SpanRecord | None) -> WireEncoding:
    """The shortest encoding that changes no result; None is this computer, which computes in float32.

    What float16 cannot hold only the taker may say, so that the right one is blamed.
    """
    if not all(end is None or end.encodings for end in (giver, taker)):
        return "float32"
    gives: Native = "float32" if giver is None else giver.precision
    if gives == "float32" and taker is not None and taker.precision == "bfloat16":
        return "bfloat16"
    return gives


def lines_of(chain: Sequence[PlannedHop], book: PeerBook) -> tuple[Line, ...]:
    servers: list[SpanRecord | None] = [None, *(hop.server for hop in chain), None]
    return tuple(
        Line(lossless(a, b), _bytes_per_s(a, b, book), all(end is None or _takes_all(end) for end in (a, b)))
        for a, b in pairwise(servers)
    )


def chosen(
    lines: Sequence[Line], elsewhere: float, allowance: float, tokens: int, hidden: int
) -> tuple[WireEncoding, ...]:
    """What is lost stays within `allowance`; the slowest links come first, until links count for little.
    `elsewhere`: seconds of a prompt's piece that their bytes do not take.
    """
    encodings = [line.lossless for line in lines]
    seconds = [
        _seconds(line, encoding, tokens, hidden) for line, encoding in zip(lines, encodings, strict=True)
    ]
    for at in sorted(range(len(lines)), key=seconds.__getitem__, reverse=True):
        if sum(seconds) <= WORTH * (elsewhere + sum(seconds)):
            break
        for encoding in _shorter(lines[at], hidden):
            loss = LINK_LOSS[encoding][at == len(lines) - 1]
            if loss <= allowance:
                allowance -= loss
                encodings[at], seconds[at] = encoding, _seconds(lines[at], encoding, tokens, hidden)
                break
    return tuple(encodings)


def _shorter(line: Line, hidden: int) -> list[WireEncoding]:
    """Encodings that lose something, the shortest first."""
    plain = row_bytes(line.lossless, hidden)
    useful = line.takes_all and line.bytes_per_s
    return [e for e in ("int8", "bfloat16") if useful and row_bytes(e, hidden) < plain]


def _seconds(line: Line, encoding: WireEncoding, tokens: int, hidden: int) -> float:
    return tokens * row_bytes(encoding, hidden) / line.bytes_per_s if line.bytes_per_s else 0.0


def _hop_seconds(hop: PlannedHop, book: PeerBook, tokens: int) -> float:
    """Of computing, and half of a round trip."""
    round_trip = book.round_trip(hop.server.peer)
    link = (ROUND_TRIP_SECONDS if round_trip is None else round_trip) / 2
    return link + prompt_seconds(hop.server, hop.end - hop.start, book, tokens)


def _takes_all(server: SpanRecord) -> bool:
    return LINK_LOSS.keys() <= set(server.encodings)


def _bytes_per_s(giver: SpanRecord | None, taker: SpanRecord | None, book: PeerBook) -> float | None:
    """Measured alone, the slower one of what is known."""
    rates = []
    if giver is not None:
        rates.append(giver.upload_bytes_per_s / (COPIES if taker else 1))
    if giver is None or taker is None:  # one end is here
        rates += [book.bytes_per_s(end.peer) or 0.0 for end in (giver, taker) if end is not None]
    return min((rate for rate in rates if rate), default=None)
