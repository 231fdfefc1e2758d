"""`/potluck/v1/swarm`: into a private swarm, out of it, and the link that lets others in."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer, read_body
from engine.api.membership_schema import CreateOrder, Invitation, JoinOrder, LeaveOrder
from engine.api.schema import Snapshot

SWARM = "/potluck/v1/swarm"


class Membership(Protocol):
    """Raises PotluckError."""

    async def invite(self) -> Invitation: ...

    async def create(self, order: CreateOrder) -> Snapshot: ...

    async def join(self, order: JoinOrder) -> Snapshot: ...

    async def leave(self) -> Snapshot: ...


class MembershipRoutes:
    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def routes(self) -> list[Route]:
        return [
            Route(f"{SWARM}/invite", self.invite, methods=["GET"]),
            Route(f"{SWARM}/create", self.create, methods=["POST"]),
            Route(f"{SWARM}/join", self.join, methods=["POST"]),
            Route(f"{SWARM}/leave", self.leave, methods=["POST"]),
        ]

    async def invite(self, _: Request) -> Response:
        return json_answer(await self._membership.invite())

    async def create(self, request: Request) -> Response:
        return json_answer(await self._membership.create(await read_body(request, CreateOrder)))

    async def join(self, request: Request) -> Response:
        return json_answer(await self._membership.join(await read_body(request, JoinOrder)))

    async def leave(self, request: Request) -> Response:
        await read_body(request, LeaveOrder)
        return json_answer(await self._membership.leave())
