"""Whether a device that serves goes on with what it serves: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.placement.moves import Circumstances, move
from engine.placement.view import Candidate, Offer, SwarmView
from engine.planning.models import ModelShape
from engine.planning.offers import DOWNLOAD_BYTES_PER_S
from engine.planning.places import Place
from engine.planning.plans import HostPlan
from engine.planning.quality import quality, sensitivity
from engine.planning.situation import Situation
from engine.settings import HostSettings

RESTART_SECONDS = 40.0  # to drain what runs, and to start a process
DISK_BYTES_PER_S = 2e8  # where nothing was measured


def still_wanted(
    serving: HostPlan | None, wishes: HostSettings, models: Iterable[ModelShape]
) -> HostPlan | None:
    """What a device serves, if the owner wants nothing else by now."""
    if serving is None or all(shape.digest != serving.model for shape in models):
        return None
    if wishes.layers not in (None, (serving.start, serving.end)):
        return None
    return serving if wishes.precision in (None, *serving.layer_precisions) else None


def with_own_memory(place: Place, situation: Situation) -> Place:
    """A device that serves has less free memory by what that takes: it may go on to use as much as then."""
    serving = situation.serving.get(place.key)
    if serving is None:
        return place
    limit = situation.wishes.memory_of(place.key) or serving.memory.budget
    return replace(place, budget=max(place.budget, min(serving.memory.budget, limit)), refusal=None)


def moved(
    place: Place, current: HostPlan, view: SwarmView, offers: Sequence[Offer], situation: Situation
) -> Candidate | None:
    """What to serve instead; None: to stay."""
    disk = situation.speeds.disk_bytes_per_s or DISK_BYTES_PER_S
    circumstances = Circumstances(
        served_seconds=situation.served_seconds.get(place.key, 0.0),
        stay_seconds=situation.stay_seconds,
        away_seconds=RESTART_SECONDS + place.budget / disk,
        draw=0.0 if place.key in situation.moving else situation.draw,  # chance has spoken already
    )
    return move(view, offers, _going_on(current), circumstances)


def _going_on(current: HostPlan) -> Candidate:
    layers = current.end - current.start
    kept = quality(current.layer_precisions, current.n_layers, current.start)
    share = sum(sensitivity(layer, current.n_layers) for layer in range(current.start, current.end))
    offer = Offer(
        model=current.model,
        n_layers=current.n_layers,
        longest=tuple(layers if at == current.start else 0 for at in range(current.n_layers)),
        layer_tokens_per_s=current.tokens_per_s * layers,
        missing_bytes=(0,) * current.n_layers,
        bytes_per_s=DOWNLOAD_BYTES_PER_S,
        quality=kept ** (1 / share),  # as if all layers were kept like these
        label="as now",
    )
    return Candidate(offer, current.start, current.end, 0.0, 0, current.why)
