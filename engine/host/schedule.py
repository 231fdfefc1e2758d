"""Which waiting steps run in the next forward: pure decisions about plain data.

One tick runs all ready decode steps of one span together, then one other step, then a piece of one prompt
(iteration-level scheduling: Yu et al. 2022, "Orca", section 3; chunked prefill: Agrawal et al. 2023,
"SARATHI"). How long that piece is: `engine.host.prompt_share`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from math import inf

Layers = tuple[int, int]

# A shared forward gathers every row's keys at the longest row's length: at most so many positions in all.
MAX_PADDED_TOKENS = 1 << 15
MAX_TEXTS_TOKENS = 1 << 11  # of whole texts that share a forward

# Where attention makes all its scores before it uses them, and copies keys once more for each head:
MAX_SCORES = 1 << 19  # of one head; a longer piece of a prompt is run in several
MAX_COPIED_KEYS = 1 << 13  # of all rows of a forward, unless there is but one row


@dataclass(frozen=True)
class Waiting:
    """A step that waits for its forward."""

    session: int
    tokens: int
    layers: Layers  # the part of the span that it runs
    arrived: float  # seconds, any clock
    length: int = 0  # positions that its session holds already
    axes: int = 0  # of the positions that it brings; 0: none
    alone: bool = False  # shares its forward with no other step
    whole: bool = False  # a text for an encoder: shares its forward with texts of the same length
    prompt: bool = False  # long: run in pieces while others decode
    due: float = inf  # from when on a prompt is not cut any more
    held: bool = False  # others decode now: a prompt that runs only behind their steps

    @property
    def is_decode(self) -> bool:
        """Whether it may share a forward with other single tokens."""
        return self.tokens == 1 and not (self.alone or self.whole or self.prompt)


@dataclass(frozen=True)
class Tick:
    """Forwards to run one after another; each holds the sessions that share it."""

    forwards: tuple[tuple[int, ...], ...]


def next_tick(waiting: Sequence[Waiting], max_rows: int) -> Tick:
    """All decode steps that can share a forward with the oldest one, then the oldest of the other steps (a
    few tokens, a step that runs alone, or whole texts of one length), then the oldest prompt. One that is
    held does not make a tick.
    """
    by_age = sorted(waiting, key=lambda step: step.arrived)
    decodes = [step for step in by_age if step.is_decode]
    others = [step for step in by_age if not (step.is_decode or step.prompt)]
    prompts = [step for step in by_age if step.prompt and (decodes or others or not step.held)]
    forwards = []
    if decodes:
        forwards.append(_that_fit(_together(decodes)[:max_rows]))
    if others:
        forwards.append(_like_the_first(others)[:max_rows])
    if prompts:
        forwards.append((prompts[0].session,))
    return Tick(tuple(forwards))


def _together(decodes: Sequence[Waiting]) -> list[Waiting]:
    """Those that run the first one's layers, and whose positions have equally many axes or but one."""
    same = [step for step in decodes if step.layers == decodes[0].layers]
    axes = next((step.axes for step in same if step.axes > 1), 1)
    return [step for step in same if step.axes in (0, 1, axes)]


def _like_the_first(steps: Sequence[Waiting]) -> tuple[int, ...]:
    """The first step's session, and those of texts that fill the same forward."""
    first = steps[0]
    if not first.whole:
        return (first.session,)
    fitting = max(1, MAX_TEXTS_TOKENS // first.tokens)
    alike = (s for s in steps if s.whole and (s.tokens, s.layers) == (first.tokens, first.layers))
    return tuple(step.session for step in islice(alike, fitting))


def _that_fit(decodes: Sequence[Waiting]) -> tuple[int, ...]:
    """The oldest step, and of the others those that keep the forward's padded keys within bounds."""
    taken: list[int] = []
    longest = 0
    for step in decodes:
        longer = max(longest, step.length + 1)
        if not taken or longer * (len(taken) + 1) <= MAX_PADDED_TOKENS:
            taken.append(step.session)
            longest = longer
    return tuple(taken)


def rows_in_bounds(keys: int) -> int:
    """Of a forward of single tokens whose longest session has so many positions."""
    return max(1, MAX_COPIED_KEYS // keys)


def tokens_in_bounds(keys: int) -> int:
    """Of a piece of a prompt that ends at so many positions."""
    return max(1, MAX_SCORES // keys)


@dataclass(frozen=True)
class Pace:
    """When a session last got a decode step's output, and how long the last tick took; seconds."""

    last_output: dict[int, float]
    tick_seconds: float


# A session is expected back for this many ticks after its last output, and a tick is held back for it at
# most this
# share of a tick. Without waiting, sessions fall apart into two groups that take turns at the device.
EXPECTED_TICKS = 1.5
PATIENCE = 0.3


def seconds_to_wait(waiting: Collection[Waiting], pace: Pace, now: float) -> float:
    """How much longer to hold a tick back for sessions whose next decode step is about to arrive; 0: run
    now.
    """
    ready = [step for step in waiting if not step.held]
    if not ready or any(not step.is_decode for step in ready):
        return 0.0
    here = {step.session for step in waiting}
    horizon = EXPECTED_TICKS * pace.tick_seconds
    expected = [s for s, at in pace.last_output.items() if s not in here and now - at < horizon]
    if not expected:
        return 0.0
    oldest = min(step.arrived for step in ready)
    return max(0.0, oldest + PATIENCE * pace.tick_seconds - now)
