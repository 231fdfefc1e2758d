"""When a server should take other layers than those it serves: when that pays, and not everybody at once.

What a place is worth is asked for both, from a view without this server. So the way back is never worth it as
long as nothing else changes, and of two equal servers that could swap, neither gains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.placement.choice import Prospect, candidates, prospects, worth_of
from engine.placement.holes import can_mend, makes_whole
from engine.placement.need import prices, room
from engine.placement.spans import Ints
from engine.placement.view import Candidate, Offer, SwarmView

MARGIN = 0.5  # by which the new place must be worth more, after all costs ...
MARGIN_IN_STORE = 0.2  # ... and if there is nothing to fetch
MARGIN_TO_MEND = -0.5  # ... and if it makes the model whole, without which the old place is of no use
CHANCE_BEFORE_OTHERS = 0.05  # of closing some holes where others may close them better
SETTLED_SECONDS = 600.0  # before that, a server moves to close a hole only
ALIKE = 1.25  # servers that are needed at most so many times as much as this one may go as well
SLOW = 1.0  # layer-tokens/s
SAME_MOMENT = 0.05  # share of all servers that decide before they see what others have decided


@dataclass(frozen=True)
class Circumstances:
    """Of one server that thinks about moving."""

    served_seconds: float  # here
    stay_seconds: float  # that the computer will probably go on serving, here or there
    away_seconds: float  # of draining and loading, beside what there is to fetch
    draw: float  # at random from [0, 1), anew for each decision


def move(
    view: SwarmView, offers: Sequence[Offer], current: Candidate, circumstances: Circumstances
) -> Candidate | None:
    """Where to go, or None to stay. `view` is without this server."""
    current = replace(current, offer=_at_least_slow(current.offer))
    offers = (*offers, current.offer)
    seen = prospects(view, offers)
    for ask in (_elsewhere, _here):
        best = ask(seen, offers, current, circumstances)
        if best is not None and _pays(seen, best, current, circumstances):
            return best
    return None


def _at_least_slow(offer: Offer) -> Offer:
    """A server of which no speed is known serves all the same."""
    return replace(offer, layer_tokens_per_s=max(offer.layer_tokens_per_s, SLOW))


def _elsewhere(
    seen: Mapping[str, Prospect], offers: Sequence[Offer], current: Candidate, circumstances: Circumstances
) -> Candidate | None:
    """The best place, if chance lets this server go there."""
    chances = _chances(seen, current)
    if circumstances.draw >= max(chances.values()):
        return None
    best = next(candidates(seen, offers, circumstances.stay_seconds))
    return best if circumstances.draw < chances[best.offer.model] else None


def _here(
    seen: Mapping[str, Prospect], offers: Sequence[Offer], current: Candidate, circumstances: Circumstances
) -> Candidate | None:
    """The best way to serve the same layers: however many change theirs at once, nothing is left alone."""
    ways = {_only(offer, current): offer for offer in offers if _can(offer, current)}
    best = next(candidates(seen, tuple(ways), circumstances.stay_seconds), None)
    return best and replace(best, offer=ways[best.offer])


def _can(offer: Offer, current: Candidate) -> bool:
    layers = current.end - current.start
    return offer.model == current.offer.model and offer.longest[current.start] >= layers


def _only(offer: Offer, current: Candidate) -> Offer:
    """The same offer for the current layers alone, which are in the store."""
    longest = [0] * offer.n_layers
    longest[current.start] = current.end - current.start
    return replace(offer, longest=tuple(longest), missing_bytes=(0,) * offer.n_layers)


def _pays(
    seen: Mapping[str, Prospect], best: Candidate, current: Candidate, circumstances: Circumstances
) -> bool:
    closes = (seen[best.offer.model].need.holders[best.start : best.end] == 0).any()
    if circumstances.served_seconds < SETTLED_SECONDS and not closes:
        return False
    if circumstances.draw >= _chance_before_others(seen, best, current):
        return False
    kept = circumstances.stay_seconds / (circumstances.stay_seconds + circumstances.away_seconds)
    now = worth_of(seen[current.offer.model].need, current.offer, current.start, current.end)
    return best.worth * kept > (1 + _margin(seen, best, current)) * now


def _margin(seen: Mapping[str, Prospect], best: Candidate, current: Candidate) -> float:
    holders = seen[best.offer.model].need.holders
    is_same = best.offer.model == current.offer.model
    mends = makes_whole(holders, best.start, best.end)
    if is_same and mends and not makes_whole(holders, current.start, current.end):
        return MARGIN_TO_MEND
    return MARGIN if best.missing_bytes else MARGIN_IN_STORE


def _chance_before_others(seen: Mapping[str, Prospect], best: Candidate, current: Candidate) -> float:
    """Of going where the model stays incomplete by this move: others have the first go if it opens another
    hole, or if one of them could make the model whole. What they have room for now, only they know, so
    sometimes it is done all the same; never where nobody could make it whole any more after that.
    """
    prospect = seen[current.offer.model]
    holders = prospect.need.holders
    if best.offer.model != current.offer.model or makes_whole(holders, best.start, best.end):
        return 1.0
    before, after = (_with(holders, place) for place in (current, best))
    if not (before == 0).any():
        return 1.0
    others_can = can_mend(prospect.spans, before).any()
    if others_can and not can_mend(prospect.spans, after).any():
        return 0.0
    opens = ((before > 0) & (after == 0)).any()
    return CHANCE_BEFORE_OTHERS if opens or others_can else 1.0


def _with(holders: Ints, place: Candidate) -> Ints:
    one_more = holders.copy()
    one_more[place.start : place.end] += 1
    return one_more


def _chances(seen: Mapping[str, Prospect], current: Candidate) -> dict[str, float]:
    """By model to go to: so that about as many go as there is room for, of all that could as well
    and decide at the same moment."""
    own = float(prices(seen[current.offer.model].need)[current.start : current.end].mean())
    alike = sum(_dispensable(of, ALIKE * own) for of in seen.values())
    return {
        digest: max(room(of.need, (1 + MARGIN) * own), 1.0) / (1 + SAME_MOMENT * alike)
        for digest, of in seen.items()
    }


def _dispensable(prospect: Prospect, price: float) -> int:
    """How many servers could go from here: they cost no more than this, and are alone with no layer."""
    spans, need = prospect.spans, prospect.need
    before = np.concatenate([[0.0], np.cumsum(prices(need))])
    alone = np.concatenate([[0], np.cumsum(need.holders <= 1)])
    cheap = (before[spans.end] - before[spans.start]) / (spans.end - spans.start) <= price
    return int(spans.count[cheap & (alone[spans.end] == alone[spans.start])].sum())
