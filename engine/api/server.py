"""The local door: a Starlette application, and uvicorn inside the engine's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from engine.api.answers import error_answer, unexpected
from engine.api.completion_routes import CompletionRoutes
from engine.api.control_routes import Control, ControlRoutes
from engine.api.event_stream import SnapshotFeed
from engine.api.openai_routes import OpenAIRoutes, Replies
from engine.api.security import DoorGuard
from engine.api.sentences import said
from engine.api.store_routes import StoreDesk, StoreRoutes
from engine.errors import BadRequest, NoSuchRoute, PortInUse, PotluckError, reason_of
from engine.settings import ApiSettings

GRACE = 1  # seconds that answers in flight get when the server ends


class Routes(Protocol):
    """One part of the door."""

    def routes(self) -> list[Route]: ...


def build_app(
    replies: Replies,
    control: Control,
    store: StoreDesk,
    feed: SnapshotFeed,
    key: str,
    port: int,
    more: Sequence[Routes] = (),
    others: bool = False,
    steered: bool = False,
) -> ASGIApp:
    """`others`: programs on other computers may ask, too; `steered`: also for what a window does."""
    routes: tuple[Routes, ...] = (
        OpenAIRoutes(replies),
        CompletionRoutes(replies),
        ControlRoutes(control, feed),
        StoreRoutes(store),
        *more,
    )
    return Starlette(
        routes=[route for part in routes for route in part.routes()],
        middleware=[Middleware(DoorGuard, key=key, port=port, others=others, steered=steered)],
        exception_handlers={
            PotluckError: _named_error,
            HTTPException: _http_error,
            Exception: _unexpected_error,
        },
    )


async def _named_error(_: Request, error: Exception) -> Response:
    return error_answer(error) if isinstance(error, PotluckError) else error_answer(unexpected(error))


async def _http_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code not in (404, 405):
        return error_answer(BadRequest(said("{detail}.", detail=error.detail)))
    return error_answer(
        NoSuchRoute(
            said(
                "Potluck's local API has no {method} {request}.",
                method=request.method,
                request=request.url.path,
            )
        )
    )


async def _unexpected_error(_: Request, error: Exception) -> Response:
    return error_answer(unexpected(error))


def bind(settings: ApiSettings) -> socket.socket:
    """A listening socket. Raises PortInUse."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
        door.listen()  # callers wait in line from now on, and nobody else gets the port
    except OSError as error:
        door.close()
        raise PortInUse(
            said(
                "Port {port} of {host} cannot be used ({reason}): choose another port.",
                port=settings.port,
                host=settings.host,
                reason=reason_of(error),
            )
        ) from None
    return door


class ApiServer:
    """Serves an application on a socket until it is closed."""

    def __init__(self, app: ASGIApp, door: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _LoopServer(config)
        self._door = door
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._door]))

    async def close(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


class _LoopServer(uvicorn.Server):
    """Leaves the process's signals to the engine."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
