"""The best that was measured lately, of a speed that only shows when somebody asks for all of it. Pure."""

HALF_LIFE_SECONDS = 600.0


class Peak:
    """Each new measurement counts in full, the best before it the less the older it is."""

    def __init__(self, half_life: float = HALF_LIFE_SECONDS) -> None:
        self._half_life = half_life
        self._at = 0.0
        self.value = 0.0  # 0: nothing was measured

    def note(self, value: float, now: float) -> None:
        """`now`: seconds, of a clock that never goes back."""
        aged = self.value * 0.5 ** ((now - self._at) / self._half_life)
        self.value, self._at = max(value, aged), now
