"""What every route answers with: JSON of a schema type, errors in one form, streams that stop when left."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from engine.api.complaints import first_complaint
from engine.api.openai_schema import ErrorBody, ErrorDetail
from engine.api.sentences import WITH_TEMPLATES, said
from engine.api.sse import json_event
from engine.byte_sizes import MB
from engine.errors import BadRequest, BodyTooLarge, PotluckError, Stopped

MAX_BODY = 8 * MB
MAX_CHAT_BODY = 64 * MB  # pictures travel inside

log = logging.getLogger(__name__)

_Body = TypeVar("_Body", bound=BaseModel)
_Result = TypeVar("_Result")


def json_answer(value: BaseModel, status: int = 200) -> Response:
    return JSONResponse(value.model_dump(mode="json", exclude_none=True, context=WITH_TEMPLATES), status)


def error_body(error: PotluckError) -> ErrorBody:
    return ErrorBody(error=ErrorDetail.of(error))


def error_event(error: PotluckError) -> bytes:
    """The same inside a stream."""
    return json_event(error_body(error).model_dump(mode="json", context=WITH_TEMPLATES))


def error_answer(error: PotluckError) -> Response:
    answer = json_answer(error_body(error), error.http_status)
    if error.http_status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def unexpected(error: Exception) -> PotluckError:
    """A fault of Potluck's own, as a caller may see it; the log has the rest."""
    log.error("A request failed unexpectedly.", exc_info=error)
    return PotluckError(
        said("Potluck failed unexpectedly ({kind}): the engine's log says more.", kind=type(error).__name__)
    )


async def read_body(request: Request, kind: type[_Body], limit: int = MAX_BODY) -> _Body:
    """The request's body of at most `limit` bytes, validated. Raises BodyTooLarge and BadRequest."""
    check_length(request.headers, limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        complaint = first_complaint(error, said("its body"))
        raise BadRequest(said("The request cannot be read: {complaint}.", complaint=complaint)) from None


def check_length(headers: Headers, limit: int) -> None:
    """Raises BodyTooLarge if the request says that its body has more than `limit` bytes."""
    text = headers.get("content-length", "0")
    if text.isdecimal() and (len(text) >= 20 or int(text) > limit):
        raise _too_large(limit)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(said("The request is larger than {limit:bytes}: send less at once.", limit=limit))


async def unless_left(receive: Receive, work: Awaitable[_Result]) -> _Result:
    """Do the work, and cancel it at once when the client hangs up. Raises Stopped then.

    The request's body must have been read.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Stopped("The client hung up.")
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStreamAnswer(Response):
    """Server-sent events from a generator, which is closed when the client hangs up.

    A PotluckError before the first event becomes an ordinary error answer.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await unless_left(receive, self._send_all(scope, receive, send))
        except Stopped:
            log.debug("A client hung up before the end of a stream.")

    async def _send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._events) as events:
            try:
                chunk = await anext(events)
            except PotluckError as error:
                await error_answer(error)(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            async for chunk in events:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
