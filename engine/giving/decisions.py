"""What each device should serve, decided from all that is known."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.giving.aim import Aim
from engine.giving.candidates import Swarm
from engine.giving.survey import Standing, Survey, Surveyed
from engine.machine.known_speeds import SpeedBook
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from engine.weights.manifest import Manifest

Planner = Callable[[Situation], tuple[PlacePlan, ...]]


@dataclass(frozen=True)
class Decided:
    situation: Situation
    plans: tuple[PlacePlan, ...]  # one for each device that the owner allows
    aims: Mapping[str, Aim]  # by device key; without devices that should serve nothing

    @property
    def places(self) -> frozenset[str]:
        return frozenset(plan.place for plan in self.plans)

    @property
    def regret(self) -> str | None:
        """Why nothing at all should be served."""
        return None if self.aims else next((plan.regret for plan in self.plans if plan.regret), None)


class Decisions:
    """Looks, plans, and changes nothing."""

    def __init__(self, survey: Survey, planner: Planner, book: SpeedBook) -> None:
        self.book = book
        self._survey = survey
        self._planner = planner

    async def decide(
        self,
        swarm: Swarm,
        standing: Standing,
        otherwise: Manifest | None = None,
        rank_below: str | None = None,
    ) -> Decided:
        """See `Survey.situation`, which says what it raises; also BadRequest for wishes that cannot be."""
        surveyed = await self._survey.situation(swarm, standing, otherwise, rank_below)
        plans = await asyncio.to_thread(self._planner, surveyed.situation)
        aims = {one.place: self._aim(one.plan, surveyed) for one in plans if one.plan is not None}
        return Decided(surveyed.situation, plans, aims)

    def _aim(self, plan: HostPlan, surveyed: Surveyed) -> Aim:
        machine = surveyed.situation.machine
        work = self.book.server(machine, plan.place, set(plan.layer_precisions), plan.tokens_per_s)
        return Aim(plan, surveyed.manifests[plan.model], work)
