"""Engines on computers that are called by a name, which is looked up where a connection is made.

An engine lets itself be asked by numbers alone, because a web page can make a name point to it: each request
therefore goes to one of the name's addresses, and names that.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from engine.api.sentences import said
from engine.errors import NoSuchComputer

LOOK_UP_SECONDS = 10.0

LookUp = Callable[[str], Awaitable[Sequence[str]]]


class ByName(httpx.AsyncBaseTransport):
    """Brings requests to the name's addresses, in turn until one takes it. `look_up`: from name to addresses.

    Raises NoSuchComputer for a name that nobody knows, and what `carrier` raises.
    """

    def __init__(self, carrier: httpx.AsyncBaseTransport, look_up: LookUp | None = None) -> None:
        self._carrier, self._look_up = carrier, look_up or addresses_of
        self._addresses: Sequence[str] = ()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.raw_host.decode()
        failure: httpx.TransportError = httpx.ConnectError("no address")
        for address in self._addresses or await self._look_up(name):
            request.url = request.url.copy_with(host=address)
            request.headers["Host"] = request.url.netloc.decode()
            try:
                answer = await self._carrier.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
            else:
                self._addresses = (address,)
                return answer
        self._addresses = ()
        raise failure

    async def aclose(self) -> None:
        await self._carrier.aclose()


async def addresses_of(name: str) -> Sequence[str]:
    """Numbers, those of IPv4 first, where engines listen. Raises NoSuchComputer and ConnectTimeout."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise httpx.ConnectTimeout("the name is not looked up in time") from None
    except (socket.gaierror, UnicodeError):
        found = []
    numbers = {str(place[0]): family for family, _, _, _, place in found if "%" not in str(place[0])}
    if not numbers:
        raise NoSuchComputer(
            said(
                "No computer called {name} is found from here: check the name and this computer's "
                "connection, or write the address in numbers.",
                name=name,
            )
        )
    return sorted(numbers, key=lambda number: numbers[number] is not socket.AF_INET)
