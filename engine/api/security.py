"""Who may use the local door: holders of the key, asking for this very address, from no foreign web page."""

import contextlib
import hmac
import ipaddress
import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.answers import error_answer
from engine.errors import DoorClosed, ForeignCaller, WrongKey

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def new_key() -> str:
    return secrets.token_urlsafe(32)


class DoorGuard:
    """Refuses a request before any route sees it.

    A Host other than loopback with our port is a web page whose name was rebound to this computer; a foreign
    Origin is a web page that asks on somebody's behalf.
    """

    def __init__(self, app: ASGIApp, key: str, port: int, others: bool = False) -> None:
        """`others`: programs on other computers may ask, too, by this computer's IP address."""
        self._app = app
        self._port = port
        self._others = others
        self._authorization = f"Bearer {key}".encode()
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        handler = self._app if refusal is None else error_answer(refusal)
        await handler(scope, receive, send)

    def _refusal(self, headers: Headers) -> DoorClosed | None:
        host = headers.get("host", "").lower()
        if host not in self._hosts and not (self._others and self._is_address(host)):
            return ForeignCaller("This door opens only to its own address: ask for 127.0.0.1 and its port.")
        if headers.get("origin", f"http://{host}") not in {f"http://{host}", *self._origins}:
            return ForeignCaller("Web pages of other origins may not use Potluck's local API.")
        if not hmac.compare_digest(headers.get("authorization", "").encode(), self._authorization):
            return WrongKey("The key is missing or wrong: send the engine's key as a bearer token.")
        return None

    def _is_address(self, host: str) -> bool:
        """An IP address with our port: no name, which a web page could have pointed here."""
        address, _, port = host.rpartition(":")
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
            return port == str(self._port)
        return False
