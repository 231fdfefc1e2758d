"""`/potluck/v1/store`: what the layer store holds, and what its owner wants done with it."""

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.answers import json_answer, read_body
from engine.api.catalogue_schema import CatalogueList
from engine.api.security import check_here
from engine.api.store_schema import (
    ExportOrder,
    FetchOrder,
    Freed,
    ImportOrder,
    KeptOrder,
    LimitOrder,
    MoveOrder,
    StoreStatus,
    Transfer,
    VerifyOrder,
)

STORE = "/potluck/v1/store"
HUB = "hub:"  # where a source is that is no file of this computer


class StoreDesk(Protocol):
    """The layer store as its owner's programs steer it. Raises PotluckError."""

    async def status(self) -> StoreStatus: ...

    async def set_limit(self, order: LimitOrder) -> StoreStatus: ...

    async def keep(self, digest: str, order: KeptOrder) -> StoreStatus: ...

    async def remove(self, digest: str) -> Freed: ...

    async def clear(self) -> Freed: ...

    async def start_import(self, order: ImportOrder) -> Transfer: ...

    async def start_verify(self, order: VerifyOrder) -> Transfer: ...

    async def start_fetch(self, order: FetchOrder) -> Transfer: ...

    async def start_export(self, order: ExportOrder) -> Transfer: ...

    async def start_move(self, order: MoveOrder) -> Transfer: ...

    async def stay(self) -> StoreStatus: ...

    def cancel(self, transfer_id: str) -> Transfer: ...

    def catalogue(self) -> CatalogueList: ...


class StoreRoutes:
    def __init__(self, desk: StoreDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route(STORE, self.status, methods=["GET"]),
            Route(f"{STORE}/limit", self.limit, methods=["PUT"]),
            Route(f"{STORE}/import", self.start_import, methods=["POST"]),
            Route(f"{STORE}/verify", self.start_verify, methods=["POST"]),
            Route(f"{STORE}/fetch", self.start_fetch, methods=["POST"]),
            Route(f"{STORE}/export", self.start_export, methods=["POST"]),
            Route(f"{STORE}/move", self.start_move, methods=["POST"]),
            Route(f"{STORE}/move", self.stay, methods=["DELETE"]),
            Route("/potluck/v1/catalogue", self.catalogue, methods=["GET"]),
            Route(f"{STORE}/clear", self.clear, methods=["POST"]),
            Route(f"{STORE}/models/{{digest}}", self.remove, methods=["DELETE"]),
            Route(f"{STORE}/models/{{digest}}/kept", self.kept, methods=["PUT"]),
            Route(f"{STORE}/transfers/{{id}}/cancel", self.cancel, methods=["POST"]),
        ]

    async def status(self, _: Request) -> Response:
        return json_answer(await self._desk.status())

    async def limit(self, request: Request) -> Response:
        return json_answer(await self._desk.set_limit(await read_body(request, LimitOrder)))

    async def start_import(self, request: Request) -> Response:
        order = await read_body(request, ImportOrder)
        if not order.source.startswith(HUB):
            check_here(request)
        return json_answer(await self._desk.start_import(order), 202)

    async def start_verify(self, request: Request) -> Response:
        return json_answer(await self._desk.start_verify(await read_body(request, VerifyOrder)), 202)

    async def start_fetch(self, request: Request) -> Response:
        return json_answer(await self._desk.start_fetch(await read_body(request, FetchOrder)), 202)

    async def start_export(self, request: Request) -> Response:
        return json_answer(await self._desk.start_export(await read_body(request, ExportOrder)), 202)

    async def start_move(self, request: Request) -> Response:
        return json_answer(await self._desk.start_move(await read_body(request, MoveOrder)), 202)

    async def stay(self, _: Request) -> Response:
        return json_answer(await self._desk.stay())

    async def catalogue(self, _: Request) -> Response:
        return json_answer(self._desk.catalogue())

    async def clear(self, _: Request) -> Response:
        return json_answer(await self._desk.clear())

    async def remove(self, request: Request) -> Response:
        return json_answer(await self._desk.remove(request.path_params["digest"]))

    async def kept(self, request: Request) -> Response:
        order = await read_body(request, KeptOrder)
        return json_answer(await self._desk.keep(request.path_params["digest"], order))

    async def cancel(self, request: Request) -> Response:
        return json_answer(self._desk.cancel(request.path_params["id"]))
