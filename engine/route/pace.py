"""How long a server may take for a step: several times what it has taken so far, as a pure rule."""

from collections import deque
from collections.abc import Callable
from statistics import fmean

from engine.route.settings import HopSettings

REMEMBERED = 16  # steps of each kind
TIMES_AS_LONG = 8.0  # other sessions' steps, a longer context, a busy link
PROMPT_TOKENS = 32  # more are a part of a prompt, which servers run in pieces behind others' steps ...
PROMPT_TIMES_AS_LONG = 24.0  # ... but for no longer than `engine.host.prompt_share` says
OTHERS_TOKENS = 256  # a piece of another session's prompt, for which a step may have to wait
TOGETHER = 8.0  # tokens of a prompt take as long as so many times fewer one by one, where that is not known
CARRY_SHARE = 0.25  # of its time: then the client brings a step along itself


class Pace:
    """Of one server in one session."""

    def __init__(
        self,
        settings: HopSettings,
        decode_seconds: float | None = None,
        queue: Callable[[], int] = lambda: 0,
        heard_at: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`decode_seconds` of one token through its layers, if they were measured before. `queue`: steps that
        wait there, as the server said lately. `heard_at`: when it last answered any session of this computer.
        """
        self._queue = queue
        self._heard_at = heard_at
        self._settings = settings
        self._decode = deque([] if decode_seconds is None else [decode_seconds], REMEMBERED)
        self._per_token: deque[float] = deque(maxlen=REMEMBERED)  # of steps of several tokens

    def note(self, tokens: int, seconds: float) -> None:
        """A step of so many tokens came back after that long, link included."""
        if tokens == 1:
            self._decode.append(seconds)
        else:
            self._per_token.append(seconds / tokens)

    def late_at(self, since: float, tokens: int) -> float:
        """When it counts as hung with a step that it has had since then.

        While it answers other sessions it is not: it takes one prompt after the other. But nobody waits for
        ever, whatever it does for others, or says of them.
        """
        patience = self.seconds_for(tokens)
        longest = max(patience, self._settings.busy_seconds)
        return min(max(since, self._heard_at()) + patience, since + longest)

    def seconds_for(self, tokens: int) -> float:
        """After which it counts as hung, if nothing is heard of it meanwhile."""
        alone = self._seconds_alone(tokens)
        in_line = alone * (1 + self._queue() / TIMES_AS_LONG)
        return min(in_line, max(alone, self._settings.busy_seconds))

    def _seconds_alone(self, tokens: int) -> float:
        """Where no more waits than what a few sessions bring."""
        most = self._settings.step_seconds + self._settings.token_seconds * tokens
        expected = self._expected(tokens)
        if expected is None:
            return most
        if tokens > PROMPT_TOKENS:
            times, least = PROMPT_TIMES_AS_LONG, self._settings.least_prompt_seconds
        else:
            times, least = TIMES_AS_LONG, self._settings.least_step_seconds
        return min(max(times * expected + self._others_piece(), least), most)

    def _others_piece(self) -> float:
        one = fmean(self._per_token) if self._per_token else fmean(self._decode) / TOGETHER
        return OTHERS_TOKENS * one

    def carry_seconds(self, tokens: int) -> float:
        """After which a step that should have been pushed is carried."""
        return CARRY_SHARE * self.seconds_for(tokens)

    def _expected(self, tokens: int) -> float | None:
        """One by one is the slowest way to run tokens, so it bounds what is not known better."""
        if tokens > 1 and self._per_token:
            return tokens * fmean(self._per_token)
        return tokens * fmean(self._decode) if self._decode else None
