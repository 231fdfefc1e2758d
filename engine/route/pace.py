"""How long a server may take for a step: several times what it has taken so far, as a pure rule."""

from collections import deque
from statistics import fmean

from engine.route.settings import HopSettings

REMEMBERED = 16  # steps of each kind
TIMES_AS_LONG = 8.0  # other sessions' prompts, a longer context, a busy link
CARRY_SHARE = 0.25  # of its time: then the client brings a step along itself


class Pace:
    """Of one server in one session."""

    def __init__(self, settings: HopSettings, decode_seconds: float | None = None) -> None:
        """`decode_seconds` of one token through its layers, if they were measured before."""
        self._settings = settings
        self._decode = deque([] if decode_seconds is None else [decode_seconds], REMEMBERED)
        self._per_token: deque[float] = deque(maxlen=REMEMBERED)  # of steps of several tokens

    def note(self, tokens: int, seconds: float) -> None:
        """A step of so many tokens came back after that long, link included."""
        if tokens == 1:
            self._decode.append(seconds)
        else:
            self._per_token.append(seconds / tokens)

    def seconds_for(self, tokens: int) -> float:
        """After which it counts as hung."""
        most = self._settings.step_seconds + self._settings.token_seconds * tokens
        expected = self._expected(tokens)
        if expected is None:
            return most
        return min(max(TIMES_AS_LONG * expected, self._settings.least_step_seconds), most)

    def carry_seconds(self, tokens: int) -> float:
        """After which a step that should have been pushed is carried."""
        return CARRY_SHARE * self.seconds_for(tokens)

    def _expected(self, tokens: int) -> float | None:
        """One by one is the slowest way to run tokens, so it bounds what is not known better."""
        if tokens > 1 and self._per_token:
            return tokens * fmean(self._per_token)
        return tokens * fmean(self._decode) if self._decode else None
