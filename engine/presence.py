"""This computer in a swarm: joined, joined anew when the network ends, moved when its owner says so."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from engine.api.schema import ModelInfo, SwarmStatus
from engine.api.sentences import said
from engine.duties import set_or_due, until_first_ends
from engine.errors import PotluckError
from engine.giving.giving import Giving
from engine.settings import Settings, SwarmSettings
from engine.supply.supply import Supply
from engine.swarm_client import LateReplies, SwarmClient

LOOK_INTERVAL = 3.0  # seconds between two looks at what the swarm serves
REJOIN_DELAY = 5.0  # seconds

log = logging.getLogger("potluck.engine")


class Presence:
    """`client` is there while the swarm is joined, `failure` says why it cannot be."""

    def __init__(
        self,
        settings: Settings,
        join: Callable[[Settings], Awaitable[SwarmClient]],
        giving: Giving,
        replies: LateReplies,
        on_change: Callable[[], object],
    ) -> None:
        self._settings = settings
        self._join = join
        self._giving = giving
        self._replies = replies
        self._on_change = on_change
        self._joined = asyncio.Event()
        self._look = asyncio.Event()
        self._move = asyncio.Event()  # into another swarm
        self.client: SwarmClient | None = None
        self.failure: str | None = None
        self.status = _status(settings.swarm)
        self.models: tuple[ModelInfo, ...] = ()

    async def run(self) -> None:
        while True:
            self._move.clear()
            try:
                await self._take_part()
                continue
            except PotluckError as error:
                log.warning("The swarm cannot be joined: %s", error)
                self.failure = str(error)
            except Exception as error:  # whatever it is, it is told, and the swarm joined anew
                log.exception("The swarm was left, or cannot be joined.")
                self.failure = said("it failed unexpectedly ({error}) and is joined anew", error=repr(error))
            self._on_change()
            await set_or_due(self._move, REJOIN_DELAY)

    async def _take_part(self) -> None:
        swarm = self.client = await self._join(self._settings)
        try:
            await self._until_it_ends(swarm)
        except Exception:
            await self._leave(swarm)
            raise
        await self._leave(swarm)

    async def _until_it_ends(self, swarm: SwarmClient) -> None:
        """Serve and chat while the node works. Its end takes the block server's bootstrap address with it."""
        self.failure = None
        self._replies.maker = swarm.replies
        self._joined.set()
        self.look_soon()
        await self._giving.join(swarm)
        await until_first_ends(
            swarm.node.wait_ended(),
            _again_and_again(lambda: swarm.fetch_ahead(lambda: self._giving.serving)),
            _again_and_again(swarm.look_around),
            self._move.wait(),
        )
        if not self._move.is_set():
            log.error("The network process ended: joining the swarm anew")

    async def _leave(self, swarm: SwarmClient) -> None:
        self._joined.clear()
        self.client = self._replies.maker = None
        self._giving.leave()
        await swarm.stop()

    def move(self, settings: Settings) -> None:
        """Into the swarm of these settings."""
        self._settings = settings
        self._giving.move(settings)
        self.models = ()
        self.status = _status(settings.swarm)
        self._joined.clear()
        self._move.set()

    async def supply(self) -> Supply:
        """Of the swarm, once it is joined; not of one that is being left."""
        while self.client is None or not self._joined.is_set():
            await self._joined.wait()
        return self.client.supply

    async def stop(self) -> None:
        if self.client is not None:
            await self.client.stop()

    # --- what is there

    def look_soon(self) -> None:
        self._look.set()

    async def watch(self) -> None:
        while True:
            await set_or_due(self._look, LOOK_INTERVAL)
            self._look.clear()
            if self.client is not None:
                await self._look_at(self.client)

    async def _look_at(self, swarm: SwarmClient) -> None:
        try:
            models, peers = await swarm.replies.models(), await swarm.node.peers()
            if swarm is self.client and not self._move.is_set():  # still
                self.models = models
                self.status = _status(self._settings.swarm, swarm, peers)
        except Exception as error:  # whatever a look meets, the engine goes on
            log.warning("The swarm's state cannot be read: %r", error)
        self._on_change()


async def _again_and_again(duty: Callable[[], Awaitable[None]]) -> None:
    """What fails beside the serving ends neither the serving nor the engine."""
    while True:
        try:
            await duty()
            return
        except Exception:
            log.exception("What goes on beside the chats has failed: it begins anew.")
            await asyncio.sleep(REJOIN_DELAY)


def _status(settings: SwarmSettings, swarm: SwarmClient | None = None, peers: int = 0) -> SwarmStatus:
    return SwarmStatus(
        peer_id=swarm.node.peer_id if swarm else "",
        addresses=swarm.node.addresses if swarm else (),
        peers=peers,
        private=settings.private,
        name=settings.member.name if settings.member else "",
    )
