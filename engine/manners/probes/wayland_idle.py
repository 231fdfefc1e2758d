"""What is said with a Wayland compositor to know since when nobody touched keyboard, mouse or screen. Pure.

A notification tells that nobody has for a while (idled), and that somebody does again (resumed). Of its two
kinds the one that heeds touches alone is taken where it is offered: for the other one a film is a touch.
Sources: Wayland's core protocol and ext-idle-notify-v1.
"""

from dataclasses import dataclass
from itertools import count

from engine.manners.probes.wayland_wire import Message, NotWayland, message, taken_from

UNTOUCHED_SECONDS = 5.0  # after which a compositor tells
MAX_SEATS = 32

_SEAT, _NOTIFIER = "wl_seat", "ext_idle_notifier_v1"
_SEAT_VERSION, _NOTIFIER_VERSION = 1, 2  # at most; 2 heeds touches alone
_DISPLAY, _REGISTRY = 1, 2  # numbers of objects
_SYNC, _GET_REGISTRY, _BIND, _DESTROY = 0, 1, 0, 0  # what is asked for
_ERROR, _GLOBAL, _GLOBAL_REMOVED, _IDLED, _RESUMED = 0, 0, 1, 0, 1  # what is told


@dataclass
class Seat:
    """A keyboard, mouse and screen that belong together, by the number of its object."""

    number: int
    notification: int | None = None
    idled_at: float | None = None  # None: somebody is there

    def idle_seconds(self, now: float) -> float:
        """At least."""
        return 0.0 if self.idled_at is None else now - self.idled_at + UNTOUCHED_SECONDS


@dataclass(frozen=True)
class Notifier:
    name: int  # in the registry
    number: int
    version: int


class IdleTalk:
    """Of one connection. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._to_say = message(_DISPLAY, _GET_REGISTRY, _REGISTRY)
        self._numbers = count(_REGISTRY + 1)
        self._notifier: Notifier | None = None
        self._seats: dict[int, Seat] = {}  # by name in the registry
        self._asked: int | None = None

    @property
    def is_answered(self) -> bool:
        """Whether all is heard that the compositor knew when it was asked last."""
        return self._asked is None

    def ask(self) -> bytes:
        """What to say so that it answers when it has told all that it knows."""
        self._asked = next(self._numbers)
        self._say(_DISPLAY, _SYNC, self._asked)
        return self._said()

    def hear(self, data: bytes, now: float) -> bytes:
        """Gives what to say to it. Raises NotWayland."""
        self._heard += data
        for told in taken_from(self._heard):
            self._on(told, now)
        return self._said()

    def idle_seconds(self, now: float) -> float | None:
        """Of the seat that was touched last, at least. None: the compositor does not tell."""
        told = [seat.idle_seconds(now) for seat in self._seats.values() if seat.notification is not None]
        return min(told, default=None)

    def _say(self, number: int, kind: int, *arguments: int | str) -> None:
        self._to_say += message(number, kind, *arguments)

    def _said(self) -> bytes:
        said, self._to_say = self._to_say, b""
        return said

    def _on(self, told: Message, now: float) -> None:
        """What else there is, seats tell of themselves."""
        if told.about == self._asked:
            self._asked = None
        elif told.about == _DISPLAY and told.kind == _ERROR:
            raise NotWayland(told.text(2)[0])
        elif told.about == _REGISTRY and told.kind == _GLOBAL:
            interface, at = told.text(1)
            self._on_global(told.words(1)[0], interface, told.words(at + 1)[at])
        elif told.about == _REGISTRY and told.kind == _GLOBAL_REMOVED:
            self._on_removed(told.words(1)[0])
        else:
            self._on_notification(told, now)

    def _on_global(self, name: int, interface: str, version: int) -> None:
        if interface == _SEAT:
            self._seats[name] = Seat(self._bound(name, _SEAT, _SEAT_VERSION))
        elif interface == _NOTIFIER and self._notifier is None:
            version = min(version, _NOTIFIER_VERSION)
            self._notifier = Notifier(name, self._bound(name, _NOTIFIER, version), version)
        if len(self._seats) > MAX_SEATS:
            raise NotWayland("it has too many seats")
        self._watch()

    def _bound(self, name: int, interface: str, version: int) -> int:
        number = next(self._numbers)
        self._say(_REGISTRY, _BIND, name, interface, version, number)
        return number

    def _watch(self) -> None:
        """From then on each seat counts as touched until its notification says otherwise."""
        notifier = self._notifier
        for seat in self._seats.values() if notifier is not None else ():
            if notifier is not None and seat.notification is None:
                seat.notification = next(self._numbers)
                after = round(UNTOUCHED_SECONDS * 1000)
                self._say(notifier.number, notifier.version, seat.notification, after, seat.number)

    def _on_removed(self, name: int) -> None:
        if self._notifier is not None and name == self._notifier.name:
            raise NotWayland("it tells no more who is there")
        if (seat := self._seats.pop(name, None)) is not None and seat.notification is not None:
            self._say(seat.notification, _DESTROY)

    def _on_notification(self, told: Message, now: float) -> None:
        """Told twice that nobody is there, it may have been touched in between."""
        for seat in self._seats.values():
            if seat.notification == told.about and told.kind in (_IDLED, _RESUMED):
                seat.idled_at = now if told.kind == _IDLED else None
