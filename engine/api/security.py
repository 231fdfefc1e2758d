"""Who may use the local door: holders of the key, asking for this very address, from no foreign web page."""

import contextlib
import hmac
import ipaddress
import secrets
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.answers import error_answer
from engine.api.sentences import said
from engine.atomic_file import write_whole
from engine.errors import DoorClosed, ForeignCaller, WrongKey

CHAT = "/v1/"  # OpenAI's routes
STEERED = frozenset(
    f"/potluck/v1/{route}"
    for route in (
        "status",
        "events",
        "donation",
        "doctor",
        "plan",
        "history",
        "manners",
        "manners/preview",
        "swarm/map",
        "settings",
        "catalogue",
        "store",
        "store/limit",
        "store/import",
        "store/verify",
        "store/fetch",
        "store/clear",
    )
)  # what windows on other computers may ask, where the owner lets them
STEERED_BELOW = tuple(f"/potluck/v1/{route}/" for route in ("settings", "store/models", "store/transfers"))
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def load_or_create_key(path: Path) -> str:
    """The key that is kept there; a new one where it is none."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        key = path.read_text().strip()
        if 16 <= len(key) <= 200 and key.isascii() and key.isprintable():
            return key
    key = secrets.token_urlsafe(32)
    write_whole(path, key)
    return key


class DoorGuard:
    """Refuses a request before any route sees it.

    A Host other than loopback with our port is a web page whose name was rebound to this computer; a foreign
    Origin is a web page that asks on somebody's behalf.
    """

    def __init__(
        self, app: ASGIApp, key: str, port: int, others: bool = False, steered: bool = False
    ) -> None:
        """`others`: programs on other computers may chat, too, by this computer's IP address. `steered`: they
        may also do what a window does, but for what names files of this computer, tells invite links or ends
        the engine: the key of those who ask from elsewhere travels in the clear.
        """
        self._app = app
        self._port = port
        self._others, self._steered = others, steered
        self._authorization = f"Bearer {key}".encode()
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        handler = self._app if refusal is None else error_answer(refusal)
        await handler(scope, receive, send)

    def _refusal(self, scope: Scope) -> DoorClosed | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if host not in self._hosts and not (self._others and self._is_address(host)):
            return ForeignCaller(
                said("This door opens only to its own address: ask for 127.0.0.1 and its port.")
            )
        if headers.get("origin", f"http://{host}") not in {f"http://{host}", *self._origins}:
            return ForeignCaller(said("Web pages of other origins may not use Potluck's local API."))
        if not hmac.compare_digest(headers.get("authorization", "").encode(), self._authorization):
            return WrongKey(said("The key is missing or wrong: send the engine's key as a bearer token."))
        if self._others and not is_here(scope) and not self._is_open(scope["path"]):
            return ForeignCaller(
                said("Other computers may only use {path}: steer Potluck on its own computer.", path=CHAT)
            )
        return None

    def _is_open(self, path: str) -> bool:
        """To programs on other computers."""
        steers = self._steered and (path in STEERED or path.startswith(STEERED_BELOW))
        return path.startswith(CHAT) or steers

    def _is_address(self, host: str) -> bool:
        """An IP address with our port: no name, which a web page could have pointed here."""
        address, _, port = host.rpartition(":")
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
            return port == str(self._port)
        return False


def check_here(request: Request) -> None:
    """Raises ForeignCaller where a program on another computer asks."""
    if not is_here(request.scope):
        raise ForeignCaller(said("This is for programs on the computer itself: do it there."))


def is_here(scope: Scope) -> bool:
    """Whether the asking program runs on this computer."""
    with contextlib.suppress(TypeError, ValueError):  # nobody says where it is
        return ipaddress.ip_address(scope["client"][0]).is_loopback
    return False
