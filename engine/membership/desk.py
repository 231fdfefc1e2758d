"""The private swarm as the owner's programs change it in the running engine."""

import asyncio
from collections.abc import Awaitable, Callable

from engine.api.membership_schema import CreateOrder, Invitation, JoinOrder
from engine.api.schema import Snapshot
from engine.membership.belonging import Belonging, invitation
from engine.settings import is_loopback


class MembershipDesk:
    """`current` is what the engine does now; `take_up` has it move into the swarm it belongs to by then."""

    def __init__(
        self,
        belonging: Belonging,
        current: Callable[[], Snapshot],
        take_up: Callable[[], Awaitable[Snapshot]],
    ) -> None:
        self._belonging = belonging
        self._current = current
        self._take_up = take_up
        self._changing = asyncio.Lock()

    async def invite(self) -> Invitation:
        """Raises NotInSwarm, NotReady."""
        membership, now = self._belonging.membership, self._current()
        own = now.swarm.addresses if now.swarm.name == membership.name else ()
        servers = tuple(address for server in now.servers for address in server.addresses) if own else ()
        invite = invitation(membership, own, servers)
        only_here = all(map(is_loopback, invite.peers))
        return Invitation(name=invite.name, link=invite.to_link(), peers=invite.peers, only_here=only_here)

    async def create(self, order: CreateOrder) -> Snapshot:
        """Raises BadRequest, NotInSwarm."""
        async with self._changing:
            await asyncio.to_thread(self._belonging.create, order.name, order.forget)
            return await self._take_up()

    async def join(self, order: JoinOrder) -> Snapshot:
        """Raises BadInvite, NotInSwarm."""
        async with self._changing:
            await asyncio.to_thread(self._belonging.join, order.link, order.forget)
            return await self._take_up()

    async def leave(self) -> Snapshot:
        """Raises NotInSwarm."""
        async with self._changing:
            await asyncio.to_thread(self._belonging.leave)
            return await self._take_up()
