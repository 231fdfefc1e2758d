"""The swarm as the directory's records show it to a placement.

Records are strangers' words. What a server claims to compute counts up to a multiple of what is usual for its
model, so that nobody makes layers look served by himself; a server that claims nothing counts as a slow one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from statistics import median

from engine.peers.coordinates import if_known
from engine.placement.view import ModelView, Server, Spot, SwarmView
from engine.wire.records import PROTOCOL_VERSION, Coordinates, ServerState, SpanRecord

FIRM = (ServerState.ONLINE, ServerState.JOINING)
MOST_OF_USUAL = 32.0  # a data centre's card among home computers computes about so many times as much
UNKNOWN_OF_USUAL = 0.25
USUAL = 10_000.0  # layer-tokens/s, where there is nobody to compare with
MANY_WAITING = 32  # steps in a queue: as much again as a busy server does is wanted
MOST_WAITING = 3.0  # times what a server does that its queue may count


def rank(peer: str, model: str) -> bytes:
    """Who decides first of several that choose at the same moment: the least."""
    return sha256(f"{model} {peer}".encode()).digest()


def view_of(
    records: Iterable[SpanRecord],
    without: Collection[str] = (),
    rank_below: str | None = None,
    here: Coordinates | None = None,
) -> SwarmView:
    """As seen from `here`, without the peers `without`. Of those that still choose, the ones count that come
    before the peer `rank_below`; all, if that is None. A server that goes elsewhere counts there instead."""
    models: dict[str, dict[str, SpanRecord]] = defaultdict(dict)
    for record in records:
        said = _said(record, rank_below) if record.peer not in without else None
        if said is record:
            models[said.model][said.peer] = said
        elif said is not None:
            models[said.model].setdefault(said.peer, said)  # what it says there by now counts more
    seen = {digest: _model(digest, tuple(of.values())) for digest, of in models.items()}
    return SwarmView(seen, spot_of(here))


def spot_of(coordinates: Coordinates | None) -> Spot | None:
    """None as well where coordinates say nothing yet."""
    where = if_known(coordinates)
    return None if where is None else (*where.at, where.height)


def _said(record: SpanRecord, rank_below: str | None) -> SpanRecord | None:
    """What counts of it."""
    told = (record.there, record)
    return next((said for said in told if said is not None and _counts(said, rank_below)), None)


def _counts(record: SpanRecord, rank_below: str | None) -> bool:
    if record.protocol != PROTOCOL_VERSION:
        return False
    if record.state is not ServerState.CHOOSING:
        return record.state in FIRM
    return rank_below is None or rank(record.peer, record.model) < rank(rank_below, record.model)


def _model(digest: str, records: Sequence[SpanRecord]) -> ModelView:
    """How many layers it has, and what it is called, is what most say."""
    n_layers = Counter([record.n_layers for record in records]).most_common(1)[0][0]
    agreed = [record for record in records if record.n_layers == n_layers]
    rates = believed([record.tokens_per_s * (record.end - record.start) for record in agreed])
    return ModelView(
        digest=digest,
        name=Counter([record.model_name for record in agreed]).most_common(1)[0][0],
        n_layers=n_layers,
        servers=tuple(map(_server, agreed, rates)),
        wanted_tokens_per_s=sum(map(_layer_tokens_wanted, agreed, rates)) / n_layers,
    )


def _server(record: SpanRecord, rate: float) -> Server:
    return Server(record.peer, record.start, record.end, rate, spot_of(record.coordinates))


def believed(claims: Sequence[float]) -> list[float]:
    """Of one model's servers: what each says, in layer-tokens/s (0: nothing), and what counts of it.

    Usual is the median without the highest claim, which might be a lie.
    """
    said = sorted(claim for claim in claims if claim > 0)[:-1]
    usual = median(said) if said else USUAL
    return [min(claim, MOST_OF_USUAL * usual) if claim > 0 else UNKNOWN_OF_USUAL * usual for claim in claims]


def _layer_tokens_wanted(record: SpanRecord, rate: float) -> float:
    """What is in use, and more for sessions that wait."""
    waiting = min(record.queue_depth / MANY_WAITING, MOST_WAITING)
    return rate * record.busy * (1 + waiting)
