"""What this computer gives: the owner's wish, what is planned for it, and a post for each device."""

import asyncio
import dataclasses
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.api.schema import DonationOrder, ServerStatus
from engine.api.sentences import said
from engine.condition import PostFacts
from engine.donation import Donation, Wish, after_order, at_time, load_donation, save_donation
from engine.errors import EngineError, NotEnoughMemory, PotluckError, SwarmError
from engine.giving.aim import Aim
from engine.giving.candidates import Alone
from engine.giving.decisions import Decided, Decisions
from engine.giving.occasions import Occasions
from engine.giving.posts import Posts
from engine.giving.settling import Settling
from engine.giving.survey import Standing
from engine.giving.taking_effect import begins_anew
from engine.giving.vigil import Vigil
from engine.planning.plans import PlacePlan
from engine.settings import Settings
from engine.supply.ahead import Serving
from engine.swarm_client import SwarmClient
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.giving")

TRY_AGAIN_SECONDS = 15.0  # after the swarm did not say what it needs


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
        decisions: Decisions,
        host_command: Sequence[str],
        on_change: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._decisions = decisions
        self._on_change = on_change
        self._posts = Posts(settings, store, decisions.book, host_command, on_change, self._hurry)
        self._now = Circumstances()
        self._occasions = Occasions(settings.replan, random.SystemRandom().uniform)
        self._deciding = asyncio.Lock()
        self._unseen: frozenset[str] = frozenset()  # devices that serve and did not show at the last look
        self._settling = Settling(self._settle)
        self.donation = _first_donation(settings)
        self.plans: tuple[PlacePlan, ...] = ()
        self.plan_failure: PotluckError | None = None
        self._permitted = True  # by the owner's rules
        self._resumes = asyncio.Event()  # what is served is to be decided anew, soon
        self._vigil = Vigil(settings.replan, self._occasions, self._resumes)

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
            if not self.donation.wanted:
                self._stop()  # now, also while it is being decided what to serve
            await self.apply()

    async def pass_time(self) -> None:
        """A pause may be over."""
        resumed = at_time(self.donation, time.time())
        if resumed != self.donation:
            self._keep(resumed)
            await self.apply()

    def permit(self, allowed: bool, soft: bool = False) -> None:
        """What the owner's rules say from now on. `soft`: who is served now is served to the end."""
        resumes = allowed and not self._permitted
        self._permitted = allowed
        if resumes:
            self._resumes.set()
        elif not allowed:
            (self._finish if soft else self._stop)()

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
            elif self._permitted and self._now.manifest is not None and self._now.swarm is not None:
                await self._assign(self._now.swarm)
        self._on_change()

    def begin_anew(self, settings: Settings) -> None:
        """It is decided soon by what the owner wants by now. Devices for which that is the same go on."""
        before, self._settings = self._settings, settings
        same = frozenset(place for place in self._posts.places if not begins_anew(before, settings, place))
        self._settling.keep_only(same)
        self._posts.use(settings, same)
        self._resumes.set()
        self._on_change()

    async def consider(self) -> Decided:
        """What would be decided now, and from what. Nothing follows from it.

        Raises UnknownModel or SwarmError where the owner's model cannot be had, BadRequest for wishes that
        cannot be.
        """
        swarm = Alone(self._store) if self._now.swarm is None else self._now.swarm.supply
        return await self._decisions.decide(swarm, self._standing, self._now.manifest)

    async def watch(self) -> None:
        """For as long as this runs, think again from time to time, and when a server has gone."""
        while True:
            await self._vigil.wait(lambda: self._now.swarm, lambda: self._posts.silent)
            try:
                await self._look()
            except Exception:  # whatever a look meets, what is served goes on
                log.exception("It cannot be decided anew what to serve.")

    async def close(self) -> None:
        """For good: nothing that is being decided begins any more."""
        self._permitted = False
        self._settling.stop()
        await self._posts.close()

    @property
    def _gives(self) -> bool:
        """The owner wants to, and so do the owner's rules."""
        return self.donation.wanted and self._permitted

    @property
    def _standing(self) -> Standing:
        return dataclasses.replace(self._posts.standing, gone=self._vigil.gone)

    def _keep(self, donation: Donation) -> None:
        self.donation = donation
        save_donation(self._settings.paths.donation, donation)

    def _stop(self) -> None:
        self._settling.stop()
        for post in self._posts:
            post.stop()

    def _finish(self) -> None:
        self._settling.stop()
        if self._now.swarm is not None:
            self._now.swarm.replies.close()  # our own idle sessions are nobody to wait for
        for post in self._posts:
            post.finish()

    # --- deciding

    async def _look(self) -> None:
        if self._resumes.is_set():
            self._resumes.clear()
            if self._gives:  # whoever is served to the end on the owner's word still is
                await self.apply()
        swarm = self._now.swarm
        if swarm is None or not self._gives:
            return
        served = {post.aim.plan.model for post in self._posts if post.aim is not None}
        own = {post.peer for post in self._posts}
        records = [record for record in await swarm.supply.records() if record.peer not in own]
        self._vigil.look(record for record in records if record.model in served)
        if self._occasions.is_due(time.monotonic()):
            await self.apply()

    def _hurry(self) -> None:
        """The layers for a move are here: at the next look it is decided whether it still pays."""
        self._occasions.hurry(time.monotonic())

    async def _assign(self, swarm: SwarmClient) -> None:
        await self._posts.closed()
        asked = self._settings
        settles = await self._is_among_others(swarm)
        decided = await self._decide(swarm)
        if decided is None or not self._gives_to(swarm, asked):
            return
        if self._may_be_there_still(self._posts.places - decided.places):
            return
        await self._keep_only(decided.places)
        if not self._gives_to(swarm, asked):
            return
        for place in decided.places - set(decided.aims):
            self._posts.retire(place)
        for place, aim in decided.aims.items():
            self._follow(place, aim, swarm, settles)

    def _gives_to(self, swarm: SwarmClient, asked: Settings) -> bool:
        """Still, and by the same settings: whoever has changed them asks again."""
        return self._gives and swarm is self._now.swarm and asked is self._settings

    async def _keep_only(self, places: frozenset[str]) -> None:
        """Until the others' processes are gone: their identity, port and memory are for the next ones."""
        self._settling.keep_only(places)
        self._posts.keep_only(places)
        await self._posts.closed()

    def _follow(self, place: str, aim: Aim, swarm: SwarmClient, settles: bool) -> None:
        try:
            post = self._posts.at(place)
        except PotluckError as error:
            self._regret(error)
            return
        swarm.own_servers.add(post.peer)
        post.follow(aim, swarm, settles)
        if post.is_settling:
            self._settling.begin(place)

    def _may_be_there_still(self, places: frozenset[str]) -> bool:
        """A driver that does not answer once has not lost its card: another look tells."""
        again = places - self._unseen
        self._unseen = places
        if again:
            self._occasions.hurry(time.monotonic() + TRY_AGAIN_SECONDS)
        return bool(again)

    async def _decide(self, swarm: SwarmClient, rank_below: str | None = None) -> Decided | None:
        """None: nobody knows what to serve."""
        self._occasions.planned(time.monotonic())
        standing, otherwise = self._standing, self._now.manifest
        try:
            decided = await self._decisions.decide(swarm.supply, standing, otherwise, rank_below)
        except SwarmError as error:
            log.warning("It cannot be decided what to serve: %s", error)
            self._occasions.hurry(time.monotonic() + TRY_AGAIN_SECONDS)
        except PotluckError as error:
            self._regret(error)
        except Exception as error:  # what is served goes on, whatever it is
            log.exception("It cannot be decided what to serve.")
            self._regret(
                EngineError(
                    said("It cannot be decided what to serve ({error}): see the log.", error=repr(error))
                )
            )
        else:
            self.plans, self.plan_failure = decided.plans, None
            if decided.regret is not None:
                self._regret(NotEnoughMemory(decided.regret))
            return decided
        return None

    def _regret(self, error: PotluckError) -> None:
        log.error("Nothing can be served: %s", error)
        self.plan_failure = error

    async def _is_among_others(self, swarm: SwarmClient) -> bool:
        """Whether anybody else could choose at this moment. Who has been told what to serve does not mind."""
        if self._settings.host.layers is not None:
            return False
        own = sum(post.view.pid is not None for post in self._posts)
        return await swarm.node.peers() > own

    # --- settling

    async def _settle(self, place: str) -> None:
        """Decide anew when others have had the time to say what they choose, or where they mean to go."""
        post = self._posts.at(place)
        try:
            async with asyncio.timeout(self._settings.replan.announce):
                await post.announced.wait()
        except TimeoutError:
            log.warning("The block server of %s does not say in the swarm what it means to serve", place)
            post.settle(None)
            return
        await asyncio.sleep(self._settings.replan.settle)
        async with self._deciding:
            swarm = self._now.swarm if post.is_settling else None
            decided = await self._decide(swarm, rank_below=post.peer) if swarm is not None else None
            if post.is_settling:  # still
                post.settle(decided.aims.get(place) if decided else None)


def _first_donation(settings: Settings) -> Donation:
    """As it was when the engine last ended; for this run otherwise if the settings say so."""
    if settings.start_donating:
        return Donation(wish=Wish.GIVE)
    if settings.start_paused:
        return Donation(wish=Wish.PAUSE)
    return load_donation(settings.paths.donation)
