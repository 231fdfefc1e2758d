"""What a block server could do for many at once, as it is announced: tokens per second through its span."""

HALF_LIFE_SECONDS = 3600.0  # of the best rate seen: the computer may have less to spare by now


class Throughput:
    """The best rate that was seen lately. A server with little to do is not a slow one."""

    def __init__(self, n_layers: int) -> None:
        self._n_layers = n_layers
        self._best = 0.0
        self._last: tuple[int, float] | None = None

    def note(self, layer_tokens: int, now: float) -> None:
        """Tokens times layers computed so far in all, at a time in seconds; every few seconds."""
        if self._last is not None and now > self._last[1]:
            before, then = self._last
            faded = self._best * 0.5 ** ((now - then) / HALF_LIFE_SECONDS)
            self._best = max(faded, (layer_tokens - before) / self._n_layers / (now - then))
        self._last = layer_tokens, now

    def tokens_per_s(self, step_seconds: float) -> float:
        """At least that of one session, whose decode steps take `step_seconds`; 0 if nothing is known."""
        return max(self._best, 1 / step_seconds if step_seconds > 0 else 0.0)
