"""`/potluck/v1`: what the engine is doing, and what its owner wants it to do."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import EventStreamAnswer, json_answer, read_body
from engine.api.doctor_schema import Diagnosis
from engine.api.event_stream import SnapshotFeed
from engine.api.plan_schema import PlanReport
from engine.api.schema import DonationOrder, Snapshot


class Control(Protocol):
    """The engine as its owner's programs steer it."""

    async def donate(self, order: DonationOrder) -> Snapshot: ...

    async def take_up_membership(self) -> Snapshot: ...

    async def examine(self) -> Diagnosis: ...

    async def plan(self) -> PlanReport: ...

    def request_quit(self) -> None: ...


class ControlRoutes:
    def __init__(self, control: Control, feed: SnapshotFeed) -> None:
        self._control = control
        self._feed = feed

    def routes(self) -> list[Route]:
        return [
            Route("/potluck/v1/status", self.status, methods=["GET"]),
            Route("/potluck/v1/events", self.events, methods=["GET"]),
            Route("/potluck/v1/donation", self.donation, methods=["POST"]),
            Route("/potluck/v1/swarm/membership", self.membership, methods=["POST"]),
            Route("/potluck/v1/doctor", self.doctor, methods=["GET"]),
            Route("/potluck/v1/plan", self.plan, methods=["GET"]),
            Route("/potluck/v1/quit", self.quit, methods=["POST"]),
        ]

    async def status(self, _: Request) -> Response:
        return json_answer(self._feed.current)

    async def events(self, _: Request) -> Response:
        return EventStreamAnswer(self._feed.events())

    async def donation(self, request: Request) -> Response:
        return json_answer(await self._control.donate(await read_body(request, DonationOrder)))

    async def membership(self, _: Request) -> Response:
        return json_answer(await self._control.take_up_membership())

    async def doctor(self, _: Request) -> Response:
        return json_answer(await self._control.examine())

    async def plan(self, _: Request) -> Response:
        return json_answer(await self._control.plan())

    async def quit(self, _: Request) -> Response:
        self._control.request_quit()
        return Response(status_code=202)
