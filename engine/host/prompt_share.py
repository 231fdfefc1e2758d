"""How much of a prompt runs behind a tick while others decode: pure decisions. All times are seconds.

Prompts are run in pieces behind the others' steps, so that nobody waits for more than a piece, and all pieces
together take a share of the time (stall-free batching: Agrawal et al. 2024, "Sarathi-Serve", section 4). How
long a piece may be follows from what pieces and ticks have taken here.

Who decodes may be held up at another server of its chain. It is expected back for some of its own rounds: a
server that forgets it sooner runs a prompt's steps whole, holds it up in turn, and so do the others.
"""

from collections.abc import Iterable
from math import ceil, inf

SHARE = 0.3  # of the time, for one prompt while others decode: their rate falls by no more
AWAITED = 2.0  # times what usually passes between two ticks: a piece waits for the next one for so long
RETURNS = 4.0  # times what a session usually takes from one step to its next: it is expected for so long ...
PAUSE_SECONDS = 3.0  # ... but no longer than this: then its answer has ended, or it takes a break
LONGEST_SECONDS = 1.0  # between two ticks, in what is usual
GIVING_WAY = 2.0  # times a piece's share is saved until it goes before steps that wait
LAYERS_SHARE = 0.5  # at least, of the computing for a token; the rest is its client's
HELD_TIMES, HELD_SECONDS = 16.0, 4.0  # as long as it takes at once, a prompt may take in pieces; at least
SHORT_HELD_TIMES, SHORT_HELD_SECONDS = 5.0, 1.0  # the same of few tokens: `engine.route.pace` waits longer
SHORT_TOKENS = 32  # at most, of a step that counts as no prompt: drafts, the end of a prompt
TOGETHER = 8.0  # tokens of a prompt take as long as so many times fewer one by one, until it is measured
NEWEST = 0.2  # of what was measured last, in what counts
FORGOTTEN = 0.001  # of how cheap tokens or steps once were, with each that is dearer
LEAST_TOKEN = 1 / 256  # of a step's time: no token of a prompt counts for less
ROUNDING = 1e-6  # tokens


class PromptShare:
    """Learns from every forward what the next piece may be."""

    def __init__(self, step_seconds: float, spans: float = 1.0) -> None:
        """`step_seconds`: of one row through the whole span. `spans`: of this size that make up the model."""
        self._step = max(step_seconds, 1e-6)
        self._token = self._step / TOGETHER  # of a prompt, beyond what a step takes; more far into a text
        self._lightest = self._step  # while nothing else kept this computer busy
        self._cheapest = self._token  # the same, at the beginning of a text
        self._has_read = False  # a prompt: before that, what it takes is a guess
        self._spans = spans
        self._decoded: dict[int, float] = {}  # when each session had its latest short step
        self._undisturbed: dict[
            int, float
        ] = {}  # the same, by a clock that stands still while they wait for a piece
        self._held_up = 0.0  # for how long it stood still
        self._tick = self._step  # of short steps: how long
        self._ticked = -inf  # when it ended
        self._counted = -inf  # until when prompts have been given their share
        self._interval = self._step * spans  # between the ends of two
        self._return = (
            self._interval
        )  # of one session, from one step to its next, by the clock that stood still
        self._saved = 0.0  # time of which prompts have not yet had their share

    # --- what has happened

    def note_short(self, sessions: Iterable[int], seconds: float, now: float, part: float = 1.0) -> None:
        """A forward of other steps than prompts' pieces, through such a part of the span, ended."""
        keys = list(sessions)
        for key in keys:
            self._note_return(key, now)
        if len(keys) == 1:
            self._step += NEWEST * (seconds / part - self._step)
            self._lightest = _least(self._lightest, seconds / part)
        self._tick += NEWEST * (seconds - self._tick)
        passed = now - self._ticked
        if passed < LONGEST_SECONDS:
            self._interval += NEWEST * (passed - self._interval)
        self._save_until(now)
        self._ticked = now

    def note_piece(self, tokens: int, seconds: float, part: float = 1.0) -> None:
        """A forward of some of a prompt ended."""
        token = max((seconds / part - self._step) / tokens, LEAST_TOKEN * self._step)
        if not self._has_read:
            self._token = self._cheapest = token
            self._has_read = True
        self._token += NEWEST * (token - self._token)
        self._cheapest = _least(self._cheapest, token)

    def spend(
        self,
        tokens: int,
        seconds: float,
        began: float,
        waited: float = 0.0,
        prompts: int = 1,
        part: float = 1.0,
    ) -> None:
        """It was a piece beside others, whose steps `waited` for it so long. So many prompts waited, this one
        among them.
        """
        if self._is_off_tick(began):
            self._save_until(began)
        self._held_up += waited
        saved = min(self._saved, GIVING_WAY * self._time_for_a_piece(tokens, prompts, part))
        self._saved = max(saved - seconds / self._share(prompts), -LONGEST_SECONDS)

    def forget(self, session: int) -> None:
        self._decoded.pop(session, None)
        self._undisturbed.pop(session, None)

    def _note_return(self, session: int, now: float) -> None:
        undisturbed = now - self._held_up
        seconds = undisturbed - self._undisturbed.get(session, -inf)
        if seconds < PAUSE_SECONDS:
            self._return += NEWEST * (seconds - self._return)
        self._decoded[session] = now
        self._undisturbed[session] = undisturbed

    def _save_until(self, now: float) -> None:
        self._saved += now - self._counted
        self._counted = now

    # --- what follows from it

    def seconds_beside(self, session: int, now: float) -> float:
        """How much longer sessions other than this one are expected to decode; 0: none is."""
        latest = max((at for key, at in self._decoded.items() if key != session), default=-inf)
        return max(0.0, latest + min(RETURNS * self._return, PAUSE_SECONDS) - now)

    def piece_tokens(self, tokens: int, now: float, prompts: int = 1, part: float = 1.0) -> int:
        """Of a prompt's step of so many tokens, to be run now; 0: none before others have had a tick, or
        `seconds_to_piece` have passed.

        A piece whose tokens would take less time at the beginning of a text than the step that each piece
        costs is not worth it: its time is saved up.
        """
        step, token = part * self._step, part * self._token
        saved = self._saved + (now - self._counted if self._is_off_tick(now) else 0.0)
        usable = min(saved, self._time_for_a_piece(tokens, prompts, part))
        seconds = self._share(prompts) * usable
        fitting = int((seconds - step) / token + ROUNDING)
        return min(tokens, fitting) if fitting >= self._least_tokens(tokens) else 0

    def seconds_to_piece(self, tokens: int, now: float, prompts: int = 1, part: float = 1.0) -> float:
        """Until a piece may be run though no tick has come: those who decode are held up elsewhere."""
        saved_at = self._counted + self._least_seconds(tokens, part) / self._share(prompts) - self._saved
        return max(saved_at, self._ticked + AWAITED * self._interval) - now

    def _is_off_tick(self, now: float) -> bool:
        return now >= self._ticked + AWAITED * self._interval

    def gives_way(self, tokens: int, prompts: int = 1, part: float = 1.0) -> bool:
        """Whether others' steps that wait go before a piece: where no time is free of them, not for long."""
        return self._saved < GIVING_WAY * self._time_for_a_piece(tokens, prompts, part)

    def _time_for_a_piece(self, tokens: int, prompts: int, part: float) -> float:
        """Of whose share a piece is made: as many ticks as it takes to become worthwhile."""
        ticks = ceil(self._least_seconds(tokens, part) / self._share(prompts) / self._interval)
        return ticks * self._interval

    def _least_seconds(self, tokens: int, part: float) -> float:
        """Of a piece that is worthwhile."""
        return part * (self._step + self._least_tokens(tokens) * self._token)

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
        return min(tokens, ceil(self._lightest / self._cheapest))

    def _share(self, prompts: int) -> float:
        """Of the time, for so many prompts together; each weighs the same beside all that decode.

        Where chats wait for links most of the time, computing beside them holds them up less.
        """
        of_one = SHARE / (1 - SHARE) / self._computing
        return prompts * of_one / (1 + prompts * of_one)

    @property
    def _computing(self) -> float:
        """Of the time between two steps of a session, what may be computing for it anywhere; at most 1."""
        return min(1.0, self._tick * self._spans / LAYERS_SHARE / max(self._return, self._tick))


def _least(known: float, seen: float) -> float:
    """The least of what was seen, which is forgotten slowly."""
    return min(known + NEWEST * (seen - known), (1 + FORGOTTEN) * known)
