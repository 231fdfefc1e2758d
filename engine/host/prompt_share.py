"""How much of a prompt runs behind a tick while others decode: pure decisions. All times are seconds.

Prompts are run in pieces, each behind a tick of the others' steps, so that nobody waits for more than a
piece, and all pieces together take a share of the time (stall-free batching: Agrawal et al. 2024,
"Sarathi-Serve", section 4). How long a piece may be follows from what pieces and ticks have taken here.
"""

from collections.abc import Iterable
from math import ceil, inf

SHARE = 0.3  # of the time, for one prompt while others decode: their rate falls by no more
AWAITED = 2.0  # times what usually passes between two ticks: who decodes is expected back for so long
LONGEST_SECONDS = 1.0  # between two ticks; prompts have the device meanwhile if it takes longer
LAYERS_SHARE = 0.5  # at least, of the computing for a token; the rest is its client's
HELD_TIMES, HELD_SECONDS = 16.0, 4.0  # as long as it takes at once, a prompt may take in pieces; at least
SHORT_HELD_TIMES, SHORT_HELD_SECONDS = 5.0, 1.0  # the same of few tokens: `engine.route.pace` waits longer
SHORT_TOKENS = 32  # at most, of a step that counts as no prompt: drafts, the end of a prompt
TOGETHER = 8.0  # tokens of a prompt take as long as so many times fewer one by one, until it is measured
NEWEST = 0.2  # of what was measured last, in what counts
FORGOTTEN = 0.001  # of how cheap tokens once were, with each piece whose tokens are dearer
LEAST_TOKEN = 1 / 256  # of a step's time: no token of a prompt counts for less
ROUNDING = 1e-6  # tokens


class PromptShare:
    """Learns from every forward what the next piece may be."""

    def __init__(self, step_seconds: float, spans: float = 1.0) -> None:
        """`step_seconds`: of one row through the whole span. `spans`: of this size that make up the model."""
        self._step = max(step_seconds, 1e-6)
        self._token = self._step / TOGETHER  # of a prompt, beyond what a step takes; more far into a text
        self._cheapest = self._token  # at the beginning of a text
        self._has_read = False  # a prompt: before that, what it takes is a guess
        self._spans = spans
        self._decoded: dict[int, float] = {}  # when each session had its latest short step
        self._tick = self._step  # of short steps: how long
        self._ticked = -inf  # when it ended
        self._interval = self._step * spans  # between the ends of two
        self._saved = 0.0  # time of which prompts have not yet had their share

    # --- what has happened

    def note_short(self, sessions: Iterable[int], seconds: float, now: float, part: float = 1.0) -> None:
        """A forward of other steps than prompts' pieces, through such a part of the span, ended."""
        keys = list(sessions)
        self._decoded.update(dict.fromkeys(keys, now))
        if len(keys) == 1:
            self._step += NEWEST * (seconds / part - self._step)
        self._tick += NEWEST * (seconds - self._tick)
        passed = now - self._ticked
        if passed < LONGEST_SECONDS:
            self._interval += NEWEST * (passed - self._interval)
        self._saved += min(passed, LONGEST_SECONDS)
        self._ticked = now

    def note_piece(self, tokens: int, seconds: float, part: float = 1.0) -> None:
        """A forward of some of a prompt ended."""
        token = max((seconds / part - self._step) / tokens, LEAST_TOKEN * self._step)
        if not self._has_read:
            self._token = self._cheapest = token
            self._has_read = True
        self._token += NEWEST * (token - self._token)
        cheaper = self._cheapest + NEWEST * (token - self._cheapest)
        self._cheapest = min(cheaper, (1 + FORGOTTEN) * self._cheapest)

    def spend(self, tokens: int, seconds: float, prompts: int = 1, part: float = 1.0) -> None:
        """It was a piece beside others. So many prompts waited, this one among them."""
        left = self._usable(tokens, prompts, part) - seconds / self._share(prompts)
        self._saved = max(left, -LONGEST_SECONDS)

    def forget(self, session: int) -> None:
        self._decoded.pop(session, None)

    # --- what follows from it

    def seconds_beside(self, session: int, now: float) -> float:
        """How much longer sessions other than this one are expected to decode; 0: none is."""
        latest = max((at for key, at in self._decoded.items() if key != session), default=-inf)
        return max(0.0, latest + min(AWAITED * self._interval, LONGEST_SECONDS) - now)

    def piece_tokens(self, tokens: int, prompts: int = 1, part: float = 1.0) -> int:
        """Of a prompt's step of so many tokens, to be run now; 0: none before others have had a tick.

        A piece whose tokens would take less time at the beginning of a text than the step that each piece
        costs is not worth it: its time is saved up.
        """
        step, token = part * self._step, part * self._token
        seconds = self._share(prompts) * self._usable(tokens, prompts, part)
        fitting = int((seconds - step) / token + ROUNDING)
        return min(tokens, fitting) if fitting >= self._least_tokens(tokens) else 0

    def _usable(self, tokens: int, prompts: int, part: float) -> float:
        """Of the time that is saved: no more than the ticks take in which a piece becomes worthwhile."""
        least = part * (self._step + self._least_tokens(tokens) * self._token)
        ticks = ceil(least / self._share(prompts) / self._interval)
        return min(self._saved, ticks * self._interval)

    def longest_seconds(self, tokens: int, part: float = 1.0) -> float:
        """That a prompt's step may be held up; then it runs at once, whoever decodes."""
        times, least = (
            (HELD_TIMES, HELD_SECONDS) if tokens > SHORT_TOKENS else (SHORT_HELD_TIMES, SHORT_HELD_SECONDS)
        )
        return max(least, times * part * (self._step + tokens * self._cheapest))

    @property
    def short_tokens(self) -> int:
        """A step of more is a prompt."""
        return self._least_tokens(SHORT_TOKENS)

    def _least_tokens(self, tokens: int) -> int:
        """Of a piece of so many that is worthwhile. Far into a text shorter pieces would not be cheaper: most
        of what they take is for the keys before them.
        """
        return min(tokens, ceil(self._step / self._cheapest))

    def _share(self, prompts: int) -> float:
        """Of the time, for so many prompts together; each weighs the same beside all that decode.

        Where chats wait for links most of the time, computing beside them holds them up less.
        """
        of_one = SHARE / (1 - SHARE) / self._computing
        return prompts * of_one / (1 + prompts * of_one)

    @property
    def _computing(self) -> float:
        """Of the time between two ticks, what may be computing for them anywhere; at most 1."""
        return min(1.0, self._tick * self._spans / LAYERS_SHARE / max(self._interval, self._tick))
