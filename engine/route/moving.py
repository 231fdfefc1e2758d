"""Away from a server that leaves: its session's cache goes to a successor, or is built anew elsewhere."""

import asyncio
import logging
from collections.abc import Callable

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation, SwarmError
from engine.route.hop import Hop, HopFailed
from engine.route.opening import Opener
from engine.route.repair import Route, close
from engine.wire.messages import MAX_PUSH_ADDRESSES, HandOver, RefusalCode

log = logging.getLogger("potluck.route")


class Mover:
    """Moves hops of one session between its steps. The leaving server serves until another one stands."""

    def __init__(
        self, route: Route, opener: Opener, turn: asyncio.Lock, on_rebuilt: Callable[[], None]
    ) -> None:
        """`turn` is held by whoever uses the route."""
        self._route = route
        self._opener = opener
        self._turn = turn
        self._on_rebuilt = on_rebuilt
        self._tasks: dict[Hop, asyncio.Task[None]] = {}
        self.handed_over = 0

    def move(self, hop: Hop, again_seconds: float) -> None:
        """Begin to move a hop; look again after so many seconds where there is no room for it."""
        if hop not in self._tasks:
            self._tasks[hop] = task = asyncio.create_task(self._move(hop, again_seconds))
            task.add_done_callback(lambda _: self._tasks.pop(hop, None))

    async def let_go(self) -> None:
        """A step that waits for layers which nobody serves holds up no server that leaves, perhaps to serve
        just those. Whoever can be spared may go; its span is built anew when the step goes on.
        """
        for hop in list(self._tasks):
            if not self._is_used(hop) or not await self._opener.can_spare(hop.planned):
                continue
            if hop in self._tasks:  # still
                self._tasks[hop].cancel()
                hop.fail(PeerRefused("A server has left.", RefusalCode.DRAINING))
                hop.close()

    def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _move(self, hop: Hop, again_seconds: float) -> None:
        while self._is_used(hop):
            try:
                if await self._hand_over(hop) or await self._rebuild(hop):
                    return
            except (SwarmError, HopFailed) as error:
                log.info("layers %d:%d stay for now: %s", hop.planned.start, hop.planned.end, error)
            await asyncio.sleep(again_seconds)

    def _is_used(self, hop: Hop) -> bool:
        return hop in self._route.chain.hops and hop.failure is None

    async def _hand_over(self, hop: Hop) -> bool:
        """To a server with the same layers, each in the same precision. False if that did not work."""
        opened = await self._opener.open_elsewhere(hop.planned, hop.ends, same_weights=True)
        if opened is None:
            return False
        [successor] = opened
        try:
            async with self._turn:
                if self._is_used(hop) and await self._has_handed_over(hop, successor):
                    successor.heir_of = hop.heir_of | {hop.peer}
                    self._route.swap(hop, opened)
                    self.handed_over += 1
        finally:
            if successor not in self._route.chain.hops:
                successor.close()
        return not self._is_used(hop)

    async def _has_handed_over(self, hop: Hop, successor: Hop) -> bool:
        length = self._route.inputs.length
        await self._route.chain.hear(hop, length)
        server = successor.planned.server
        order = HandOver(
            peer=server.peer, addresses=server.addresses[:MAX_PUSH_ADDRESSES], ticket=successor.ticket
        )
        try:
            taken = await hop.hand_over(order)
        except (PeerRefused, PeerUnreachable, ProtocolViolation) as error:
            log.info("peer %s did not hand over: %s", hop.peer, error)
            return False
        if taken != length:
            hop.fail(PeerRefused("A server handed over something else.", RefusalCode.EVICTED))
        return taken == length

    async def _rebuild(self, hop: Hop) -> bool:
        """On any servers, while the leaving one goes on. False if there are none."""
        fresh = await self._opener.open_elsewhere(hop.planned, hop.ends, same_weights=False)
        if fresh is None:
            return False
        try:
            if not self._is_used(hop):
                return True
            route, times_back = self._route, len(self._route.chain.gone_back)
            upto = route.known_of(hop)  # a step may be under way
            await route.replay(fresh, await route.past_of(hop, 0, upto))
            async with self._turn:
                if self._is_used(hop):
                    for position in route.chain.gone_back[times_back:]:
                        upto = min(upto, position)
                        for new in fresh:
                            new.go_back(upto)
                    await route.replay(fresh, await route.past_of(hop, upto, route.inputs.length))
                    await route.chain.hear(hop, route.inputs.length)
                    route.swap(hop, fresh)
                    self._on_rebuilt()
        except HopFailed as failure:
            if failure.hop in fresh:
                self._opener.avoid(failure.hop.peer, failure.cause)
            raise
        finally:
            close([new for new in fresh if new not in self._route.chain.hops])
        return not self._is_used(hop)
