"""Which layers of which model a server should take: those that most raise what the swarm can serve."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from engine.placement.aims import Served, aims
from engine.placement.levels import balanced
from engine.placement.nearness import parts
from engine.placement.need import Need, gains, need_of
from engine.placement.spans import Bools, Floats, Spans, spans_of
from engine.placement.view import Candidate, ModelView, Offer, Spot, SwarmView
from engine.placement.why import why
from engine.placement.windows import Windows, windows_of

STAY_SECONDS = 4 * 3600.0  # of a computer that nobody knows better
PRICE_OF_FETCHING = 5.0  # seconds of serving that a second of fetching must be worth
LEAST_KEPT = 1e-3  # of the worth of what cannot be fetched in time
MOST = 8  # candidates in an answer
ALIKE = 1e-6  # relative difference that is none


@dataclass(frozen=True)
class Prospect:
    """A model as those see it who may serve it."""

    view: ModelView
    spans: Spans
    need: Need


@dataclass(frozen=True)
class _Found:
    """A window, before anybody asks what it means."""

    offer: Offer
    start: int
    end: int
    worth: float
    missing_bytes: int


def ranked(
    view: SwarmView, offers: Sequence[Offer], stay_seconds: float = STAY_SECONDS
) -> tuple[Candidate, ...]:
    """Best first, at most `MOST`: of each offer the best layers, and the best of its other layers.

    `view` is without the computer itself. Of several that are as good: least to fetch, most layers, nearest
    to the model's start.
    """
    return tuple(islice(candidates(prospects(view, offers), offers, stay_seconds), MOST))


def candidates(
    seen: Mapping[str, Prospect], offers: Sequence[Offer], stay_seconds: float
) -> Iterator[Candidate]:
    """Best first."""
    found = (one for offer in _possible(offers) for one in _best(seen[offer.model].need, offer, stay_seconds))
    for one in sorted(found, key=lambda one: -one.worth):
        yield _candidate(seen[one.offer.model], one)


def _possible(offers: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in offers if offer.layer_tokens_per_s > 0 and any(offer.longest)]


def prospects(view: SwarmView, offers: Sequence[Offer]) -> dict[str, Prospect]:
    """Of the models that are offered, by digest."""
    offers = _possible(offers)
    models = {offer.model: _model(view.models, offer) for offer in offers}
    spans = {digest: _spans(model, view.here) for digest, model in models.items()}
    levels = {digest: balanced(of) for digest, of in spans.items()}
    served = {digest: _served(models[digest], spans[digest], levels[digest]) for digest in models}
    aim = aims(served, offers)
    return {
        digest: Prospect(model, spans[digest], need_of(spans[digest], aim[digest], levels[digest]))
        for digest, model in models.items()
    }


def _spans(model: ModelView, here: Spot | None) -> Spans:
    return spans_of(model.servers, model.n_layers, parts(model.servers, here))


def _served(view: ModelView, spans: Spans, levels: Floats) -> Served:
    return Served(view, float(spans.rate.sum()), float(levels.min()), int((spans.holders == 0).sum()))


def worth_of(need: Need, offer: Offer, start: int, end: int) -> float:
    """Of layers that are there already."""
    at = np.array([start]), np.array([end])
    return float(gains(need, *at, offer.layer_tokens_per_s, offer.quality)[0])


def _model(models: Mapping[str, ModelView], offer: Offer) -> ModelView:
    """The offer is from the model's manifest; what a view says of its layers, anybody may have said."""
    known = models.get(offer.model)
    if known is None:
        return ModelView(offer.model, offer.model, offer.n_layers)
    return ModelView(known.digest, known.name, offer.n_layers, known.servers, known.wanted_tokens_per_s)


def _best(need: Need, offer: Offer, stay_seconds: float) -> Iterator[_Found]:
    """The best window, and the best of those that have no layer in common with it."""
    windows = windows_of(offer)
    worth = _worth(need, offer, windows, stay_seconds)
    open_to = np.ones(len(worth), dtype=bool)
    for _ in range(2):
        if not open_to.any():
            return
        at = _first(worth, windows, open_to)
        start, end = int(windows.start[at]), int(windows.end[at])
        yield _Found(offer, start, end, float(worth[at]), int(windows.missing_bytes[at]))
        open_to &= (windows.end <= start) | (windows.start >= end)


def _worth(need: Need, offer: Offer, windows: Windows, stay_seconds: float) -> Floats:
    fetching = windows.missing_bytes / max(offer.bytes_per_s, 1.0)
    kept = (stay_seconds - fetching) / (stay_seconds + (PRICE_OF_FETCHING - 1) * fetching)
    gained = gains(need, windows.start, windows.end, offer.layer_tokens_per_s, offer.quality)
    return gained * np.maximum(kept, LEAST_KEPT)


def _first(worth: Floats, windows: Windows, open_to: Bools) -> int:
    best = worth[open_to].max()
    alike = np.flatnonzero(open_to & (worth >= best - abs(best) * ALIKE))
    keys = (windows.start[alike], windows.start[alike] - windows.end[alike], windows.missing_bytes[alike])
    return int(alike[np.lexsort(keys)[0]])


def _candidate(prospect: Prospect, found: _Found) -> Candidate:
    return Candidate(
        offer=found.offer,
        start=found.start,
        end=found.end,
        worth=found.worth,
        missing_bytes=found.missing_bytes,
        why=why(prospect.view.name, prospect.need, found.start, found.end),
    )
