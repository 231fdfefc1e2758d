"""What this computer gives: the owner's wish, what is planned for it, and a post for each device."""

import asyncio
import dataclasses
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.api.schema import DonationOrder, ServerStatus
from engine.condition import PostFacts
from engine.donation import Donation, Wish, after_order, at_time, load_donation, save_donation
from engine.errors import NotEnoughMemory, PotluckError, SwarmError
from engine.giving.aim import Aim
from engine.giving.candidates import Alone, Swarm
from engine.giving.occasions import Occasions
from engine.giving.posts import Posts
from engine.giving.survey import Survey, Surveyed
from engine.machine.known_speeds import SpeedBook
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from engine.settings import Settings
from engine.supply.ahead import Serving
from engine.swarm_client import SwarmClient
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.giving")

TRY_AGAIN_SECONDS = 15.0  # after the swarm did not say what it needs

Planner = Callable[[Situation], tuple[PlacePlan, ...]]


@dataclass(frozen=True)
class Circumstances:
    """What the giving depends on and does not decide itself."""

    manifest: Manifest | None = None  # a model that can be served, once there is one
    swarm: SwarmClient | None = None  # while this computer is in it


class Giving:
    """Has block servers started, moved and ended as the owner wishes and the swarm needs."""

    def __init__(
        self,
        settings: Settings,
        store: LayerStore,
        survey: Survey,
        book: SpeedBook,
        planner: Planner,
        host_command: Sequence[str],
        on_change: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._survey = survey
        self._book = book
        self._planner = planner
        self._on_change = on_change
        self._posts = Posts(settings, store, book, host_command, on_change, self._hurry)
        self._now = Circumstances()
        self._occasions = Occasions(settings.replan, random.SystemRandom().uniform)
        self._deciding = asyncio.Lock()
        self._settling: dict[str, asyncio.Task[None]] = {}  # by device key
        self.donation = _first_donation(settings)
        self.plans: tuple[PlacePlan, ...] = ()
        self.plan_failure: PotluckError | None = None

    # --- what is so now

    @property
    def posts(self) -> tuple[PostFacts, ...]:
        return tuple(post.facts for post in self._posts)

    @property
    def servers(self) -> tuple[ServerStatus, ...]:
        return tuple(status for post in self._posts if (status := post.status) is not None)

    @property
    def serving(self) -> Serving | None:
        """What one of the block servers serves, while it is online."""
        return next((post.serving for post in self._posts if post.serving is not None), None)

    # --- what changes

    async def order(self, order: DonationOrder) -> None:
        """What the owner wants from now on; kept for the next start."""
        self._keep(after_order(order, time.time()))
        if order.action == "finish":
            self._finish()
        else:
            for post in self._posts:
                post.forgive()
            await self.apply()

    async def pass_time(self) -> None:
        """A pause may be over."""
        resumed = at_time(self.donation, time.time())
        if resumed != self.donation:
            self._keep(resumed)
            await self.apply()

    async def use(self, manifest: Manifest) -> None:
        """This model is served where others serve none."""
        self._now = dataclasses.replace(self._now, manifest=manifest)
        await self.apply()

    async def join(self, swarm: SwarmClient) -> None:
        self._now = dataclasses.replace(self._now, swarm=swarm)
        await self.apply()

    def move(self, settings: Settings) -> None:
        """Into another swarm, once it is joined: until then what is served here is not served."""
        self._settings = settings
        self.leave()
        self._posts.use(settings)

    def leave(self) -> None:
        """The network has ended, and with it the address through which the block servers joined."""
        self._now = dataclasses.replace(self._now, swarm=None)
        self._stop()

    async def apply(self) -> None:
        """Start, move or end block servers as the wish and the plan say."""
        async with self._deciding:
            if not self.donation.wanted:
                self._stop()
            elif self._now.manifest is not None and self._now.swarm is not None:
                await self._assign(self._now.swarm)
        self._on_change()

    async def consider(self) -> tuple[Situation, tuple[PlacePlan, ...]]:
        """What would be decided now, and from what. Nothing follows from it.

        Raises UnknownModel or SwarmError where the owner's model cannot be had, BadRequest for wishes that
        cannot be.
        """
        swarm = self._now.swarm
        surveyed, plans = await self._considered(Alone(self._store) if swarm is None else swarm.supply)
        return surveyed.situation, plans

    async def watch(self) -> None:
        """For as long as this runs, think again from time to time, and when a server has gone."""
        while True:
            await asyncio.sleep(self._settings.replan.look)
            try:
                await self._look()
            except Exception:  # whatever a look meets, what is served goes on
                log.exception("It cannot be decided anew what to serve.")

    async def close(self) -> None:
        self._stop_settling()
        await self._posts.close()

    def _keep(self, donation: Donation) -> None:
        self.donation = donation
        save_donation(self._settings.paths.donation, donation)

    def _stop(self) -> None:
        self._stop_settling()
        for post in self._posts:
            post.stop()

    def _finish(self) -> None:
        self._stop_settling()
        if self._now.swarm is not None:
            self._now.swarm.replies.close()  # our own idle sessions are nobody to wait for
        for post in self._posts:
            post.finish()

    # --- deciding

    async def _look(self) -> None:
        swarm = self._now.swarm
        if swarm is None or not self.donation.wanted:
            return
        served = {post.aim.plan.model for post in self._posts if post.aim is not None}
        records = await swarm.supply.records()
        others = {record.peer for record in records if record.usable and record.model in served}
        self._occasions.seen(others, time.monotonic())
        if self._occasions.is_due(time.monotonic()):
            await self.apply()

    def _hurry(self) -> None:
        """The layers for a move are here: at the next look it is decided whether it still pays."""
        self._occasions.hurry(time.monotonic())

    async def _assign(self, swarm: SwarmClient) -> None:
        await self._posts.closed()
        aims = await self._aims(swarm)
        if aims is None or not self.donation.wanted or swarm is not self._now.swarm:  # by now
            return
        settles = await self._is_among_others(swarm)
        self._posts.keep_only([plan.place for plan in self.plans])
        for place, aim in aims.items():
            post = self._posts.at(place)
            swarm.own_servers.add(post.peer)
            post.follow(aim, swarm, settles)
            if post.is_choosing:
                self._settle_soon(place)

    async def _aims(self, swarm: SwarmClient, rank_below: str | None = None) -> dict[str, Aim] | None:
        """What each device should serve; those that should serve nothing are left out. None: nobody knows."""
        self._occasions.planned(time.monotonic())
        try:
            surveyed, self.plans = await self._considered(swarm.supply, rank_below)
        except SwarmError as error:
            log.warning("It cannot be decided what to serve: %s", error)
            self._occasions.hurry(time.monotonic() + TRY_AGAIN_SECONDS)
            return None
        except PotluckError as error:
            self._regret(error)
            return None
        aims = self._aims_of(self.plans, surveyed)
        self.plan_failure = None
        if not aims and self.plans:
            self._regret(NotEnoughMemory(next(plan.regret for plan in self.plans if plan.regret)))
        return aims

    async def _considered(
        self, swarm: Swarm, rank_below: str | None = None
    ) -> tuple[Surveyed, tuple[PlacePlan, ...]]:
        standing = self._posts.standing
        surveyed = await self._survey.situation(swarm, standing, self._now.manifest, rank_below)
        return surveyed, await asyncio.to_thread(self._planner, surveyed.situation)

    def _aims_of(self, plans: Sequence[PlacePlan], surveyed: Surveyed) -> dict[str, Aim]:
        """By device key."""
        return {one.place: self._aim_of(one.plan, surveyed) for one in plans if one.plan is not None}

    def _aim_of(self, plan: HostPlan, surveyed: Surveyed) -> Aim:
        machine = surveyed.situation.machine
        work = self._book.server(machine, plan.place, set(plan.layer_precisions), plan.tokens_per_s)
        return Aim(plan, surveyed.manifests[plan.model], work)

    def _regret(self, error: PotluckError) -> None:
        """Whatever is served already goes on."""
        log.error("Nothing can be served: %s", error)
        self.plan_failure = None if self._posts.standing.serving else error

    async def _is_among_others(self, swarm: SwarmClient) -> bool:
        """Whether anybody else could choose at this moment. Who has been told what to serve does not mind."""
        if self._settings.host.layers is not None:
            return False
        own = sum(post.view.pid is not None for post in self._posts)
        return await swarm.node.peers() > own

    # --- settling

    def _settle_soon(self, place: str) -> None:
        """Decide anew when others have had the time to say what they choose."""
        if place not in self._settling:
            task = self._settling[place] = asyncio.create_task(self._settle(place))
            task.add_done_callback(lambda _: self._forget(place, task))

    def _forget(self, place: str, task: asyncio.Task[None]) -> None:
        if self._settling.get(place) is task:
            del self._settling[place]

    def _stop_settling(self) -> None:
        for task in tuple(self._settling.values()):
            task.cancel()
        self._settling.clear()

    async def _settle(self, place: str) -> None:
        post = self._posts.at(place)
        await post.announced.wait()
        await asyncio.sleep(self._settings.replan.settle)
        async with self._deciding:
            swarm = self._now.swarm
            aims = await self._aims(swarm, rank_below=post.peer) if swarm is not None else None
            if post.is_choosing:  # still
                post.settle((aims or {}).get(place))


def _first_donation(settings: Settings) -> Donation:
    """As it was when the engine last ended; giving for this run if the settings say so."""
    if settings.start_donating:
        return Donation(wish=Wish.GIVE)
    return load_donation(settings.paths.donation)
