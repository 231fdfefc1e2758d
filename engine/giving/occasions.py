"""When to think again about what is served: at random times, and soon after a server has gone. Pure."""

from collections.abc import Callable, Collection

from engine.settings import ReplanSettings

Uniform = Callable[[float, float], float]  # a random number between two


class Occasions:
    """Times are of one clock, in seconds. Nobody's clock is compared with anybody else's."""

    def __init__(self, settings: ReplanSettings, uniform: Uniform) -> None:
        self._settings = settings
        self._uniform = uniform
        self._due: float | None = None
        self._seen: frozenset[str] = frozenset()

    def planned(self, now: float) -> None:
        """It was just thought about."""
        self._due = now + self._uniform(*self._settings.every)

    def seen(self, servers: Collection[str], now: float) -> None:
        """Who serves our models now, as peer ids. Whoever is missing was lost: many notice that at once."""
        if not self._seen <= set(servers):
            self.hurry(now + self._uniform(0.0, self._settings.after_loss))
        self._seen = frozenset(servers)

    def hurry(self, at: float) -> None:
        self._due = at if self._due is None else min(self._due, at)

    def is_due(self, now: float) -> bool:
        return self._due is not None and self._due <= now
