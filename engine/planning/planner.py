"""What each device of this computer should serve: pure, from plain data to plain data.

Cards come first, those with most room before the others; each next device sees what the ones before it will
serve. The CPU serves where no card does, or where the owner says so.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.api.sentences import said
from engine.errors import BadRequest, UnknownModel
from engine.machine.speeds import CPU
from engine.placement.choice import ranked
from engine.placement.view import Candidate, ModelView, Offer, Server, SwarmView
from engine.planning.alternatives import alternatives_of
from engine.planning.filling import Filler
from engine.planning.memory import rows_of
from engine.planning.models import ModelShape
from engine.planning.offers import Way, all_ways, offer_of, tokens_per_s, ways_of
from engine.planning.places import Place, places_of
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from engine.planning.staying import moved, still_wanted, with_own_memory
from engine.planning.wording import left_alone, no_room, regret, served_elsewhere, why
from engine.precision import PRECISIONS
from engine.settings import HostSettings


def plan(situation: Situation) -> tuple[PlacePlan, ...]:
    """One for each device that the owner allows.

    Raises BadRequest for wishes that cannot be: unknown devices, precisions, models or layers.
    """
    models = models_for(situation)
    places = places_of(situation.machine, situation.speeds, situation.wishes)
    done: list[PlacePlan] = []
    for place in places:
        others = [*(p.plan for p in done), *_still_served(situation, places[len(done) + 1 :])]
        task = _Task(situation, models, _seen_with(situation, models, others), others)
        sharing = {other.key for other in places if other.is_main_memory and other is not place}
        left = _left(place, situation, [of for of in others if of is not None and of.place in sharing])
        done.append(task.decide(with_own_memory(left, situation)))
    return tuple(done)


def _left(place: Place, situation: Situation, sharing: Iterable[HostPlan]) -> Place:
    """Some cards share the main memory with the CPU, and with each other: all of them may take half of it.

    What serves already is missing in what is available, which the half is of.
    """
    if not place.is_main_memory:
        return place
    now = {key: plan.memory.total for key, plan in situation.serving.items()}
    taken = sum(max(of.memory.total, now.get(of.place, 0)) - now.get(of.place, 0) // 2 for of in sharing)
    budget = max(0, min(place.budget, (place.budget + place.reserve) // 2 - taken))
    return replace(place, budget=budget, reserve=place.reserve + place.budget - budget)


def models_for(situation: Situation) -> tuple[ModelShape, ...]:
    """Those that the owner allows. Raises BadRequest."""
    wishes, known = situation.wishes, situation.models
    models = tuple(shape for shape in known if wishes.model in (None, shape.name, shape.digest))
    if not models and wishes.model is not None:
        raise UnknownModel(wishes.model, [shape.name for shape in known])
    if wishes.layers is None or not models:
        return models
    fitting = tuple(shape for shape in models if _has(shape, wishes.layers))
    if not fitting:
        raise BadRequest(
            said(
                "{model} has layers 1 to {n_layers}: choose a range of these.",
                model=models[0].name,
                n_layers=models[0].n_layers,
            )
        )
    return fitting[:1]


def _has(shape: ModelShape, layers: tuple[int, int]) -> bool:
    start, end = layers
    return 0 <= start < end <= shape.n_layers


def _still_served(situation: Situation, places: Iterable[Place]) -> list[HostPlan]:
    return [situation.serving[place.key] for place in places if place.key in situation.serving]


def _seen_with(
    situation: Situation, models: Sequence[ModelShape], others: Iterable[HostPlan | None]
) -> SwarmView:
    """The swarm, with what this computer's other devices serve or will serve."""
    views = {shape.digest: ModelView(shape.digest, shape.name, shape.n_layers) for shape in models}
    views |= dict(situation.swarm.models)
    for other in others:
        if other is not None and other.model in views:
            view = views[other.model]
            own = server_of(other)._replace(spot=situation.swarm.here)
            views[other.model] = replace(view, servers=(*view.servers, own))
    return replace(situation.swarm, models=views)


def server_of(plan: HostPlan) -> Server:
    """As others will see it."""
    rate = plan.tokens_per_s * (plan.end - plan.start)
    return Server(plan.place, plan.start, plan.end, rate)


@dataclass(frozen=True)
class _Task:
    """To decide for one device."""

    situation: Situation
    models: tuple[ModelShape, ...]
    view: SwarmView
    others: Sequence[HostPlan | None]  # of the other devices

    @property
    def wishes(self) -> HostSettings:
        return self.situation.wishes

    def decide(self, place: Place) -> PlacePlan:
        reason = self._reason_against(place)
        if reason is not None:
            return PlacePlan(place.key, place.name, None, regret=reason)
        ways = {shape.digest: ways_of(place, shape, self.wishes) for shape in self.models}
        if self.wishes.layers is not None:
            return self._as_wished(place, self.models[0], self.wishes.layers)
        return self._as_needed(place, ways)

    def _reason_against(self, place: Place) -> str | None:
        if place.refusal is not None:
            return place.refusal
        if not self.models:
            return said(
                "No model is known yet: start the engine, which prepares a small one, or join a swarm."
            )
        in_use = [other.device_name for other in self.others if other is not None]
        if self.wishes.layers is not None and in_use:
            return served_elsewhere(in_use[0])
        if place.key == CPU and in_use and CPU not in (self.wishes.devices or ()):
            return left_alone(in_use)
        return None

    def _current(self, place: Place) -> HostPlan | None:
        return still_wanted(self.situation.serving.get(place.key), self.wishes, self.models)

    # --- what the owner wants

    def _as_wished(self, place: Place, shape: ModelShape, layers: tuple[int, int]) -> PlacePlan:
        current = self._current(place)
        if current is not None:
            return PlacePlan(place.key, place.name, current)
        start, end = layers
        ways = [way for way in all_ways(place, shape, self.wishes) if way.longest[start] >= end - start]
        if not ways:
            return self._regretted(place, (start, end))
        way = max(ways, key=lambda way: (way.cache_tokens, PRECISIONS.index(way.precision)))
        made = self._made(place, shape, start, end, way, said("you chose these layers"))
        return PlacePlan(place.key, place.name, made)

    # --- what the swarm needs

    def _as_needed(self, place: Place, ways: Mapping[str, Sequence[Way]]) -> PlacePlan:
        offers = [offer for shape in self.models for offer in self._offers(place, shape, ways[shape.digest])]
        current = self._current(place)
        found = ranked(self.view, offers, self.situation.stay_seconds)
        if current is None:
            chosen = next(iter(found), None)
        else:
            chosen = moved(place, current, self.view, offers, self.situation)
        if chosen is None and current is None:
            if any(ways.values()):
                return PlacePlan(place.key, place.name, None, regret=no_room(self.models))
            return self._regretted(place, None)
        made = current if chosen is None else self._from(place, chosen, ways)
        return PlacePlan(place.key, place.name, made, alternatives_of(found, chosen, made, self.models))

    def _offers(self, place: Place, shape: ModelShape, ways: Sequence[Way]) -> list[Offer]:
        held = self.situation.held.get(shape.digest, frozenset())
        room = self._room_of(shape)
        return [offer_of(way, place, shape, held, self.situation.speeds, room) for way in ways]

    def _room_of(self, shape: ModelShape) -> float:
        """Bytes in the store, beside the layers of the other devices."""
        layers = {model.digest: model.layers for model in self.models}
        others = [other for other in self.others if other is not None and other.model in layers]
        taken = sum(layer.stored_bytes for of in others for layer in layers[of.model][of.start : of.end])
        return self.situation.room.get(shape.digest, math.inf) - taken

    def _from(self, place: Place, chosen: Candidate, ways: Mapping[str, Sequence[Way]]) -> HostPlan:
        shape = next(shape for shape in self.models if shape.digest == chosen.offer.model)
        way = next(way for way in ways[shape.digest] if way.label == chosen.offer.label)
        return self._made(place, shape, chosen.start, chosen.end, way, chosen.why)

    # --- plans

    def _made(self, place: Place, shape: ModelShape, start: int, end: int, way: Way, reason: str) -> HostPlan:
        filler = Filler(place, shape, start, end, self.wishes.cache_bytes)
        filling = filler.fill(way.precision, way.cache_tokens, may_raise=self.wishes.precision is None)
        layers, rows = shape.layers[start:end], rows_of(shape, filling.cache_tokens)
        return HostPlan(
            place=place.key,
            device=place.device,
            device_name=place.name,
            model=shape.digest,
            model_name=shape.name,
            n_layers=shape.n_layers,
            start=start,
            end=end,
            precision=place.precision,
            layer_precisions=filling.precisions,
            threads=place.threads,
            memory=filling.memory,
            cache_tokens=filling.cache_tokens,
            tokens_per_s=tokens_per_s(place, shape, layers, filling.precisions, rows),
            why=why(place, shape, start, filling, reason, way),
        )

    def _regretted(self, place: Place, layers: tuple[int, int] | None) -> PlacePlan:
        shape = min(self.models, key=lambda shape: min(layer.values for layer in shape.layers))
        return PlacePlan(place.key, place.name, None, regret=regret(place, shape, self.wishes, layers))
