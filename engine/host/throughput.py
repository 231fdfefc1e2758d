"""What a block server could do for many at once, as it is announced: tokens per second through its span."""

from engine.peers.peak import Peak

WINDOW_SECONDS = 2.0  # at least: one large step counts all at once, when it is done
HALF_LIFE_SECONDS = 3600.0  # of the best rate seen: the computer may have less to spare by now


class Throughput:
    """The best rate that was seen lately. A server with little to do is not a slow one."""

    def __init__(self, n_layers: int) -> None:
        self._n_layers = n_layers
        self._best = Peak(HALF_LIFE_SECONDS)
        self._since: tuple[int, float] | None = None  # what this window began with

    def note(self, layer_tokens: int, now: float) -> None:
        """Tokens times layers computed so far in all, at a time in seconds; every few seconds."""
        before, then = self._since = self._since or (layer_tokens, now)
        if now - then >= WINDOW_SECONDS:
            self._best.note((layer_tokens - before) / self._n_layers / (now - then), now)
            self._since = layer_tokens, now

    def tokens_per_s(self, step_seconds: float) -> float:
        """At least that of one session, whose decode steps take `step_seconds`; 0 if nothing is known."""
        return max(self._best.value, 1 / step_seconds if step_seconds > 0 else 0.0)
