"""Which turns of a long chat the model reads. Pure.

The rule: the system messages always go along, and so do the newest turns. A chat that leaves less than an
eighth of the model's context for the answer loses its oldest turns until it fills at most three quarters:
then the next turns fit as well, and follow what servers hold already. What is kept begins with a turn of
the user's.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from engine.api.openai_schema import ChatMessage

LONGEST = 7 / 8  # of the context, before anything is left out
KEPT = 3 / 4  # of the context, after that

Length = Callable[[Sequence[ChatMessage]], int]  # tokens of a chat


def count_left_out(messages: Sequence[ChatMessage], context: int, length: Length) -> int:
    """How many of the oldest messages after the system's are to be left out.

    Where not even the last turn alone is short enough, all before it.
    """
    if length(messages) <= LONGEST * context:
        return 0
    turns = _after_system(messages)
    starts = [at for at, message in enumerate(turns) if at and message.role == "user"]
    if not starts:
        return 0
    fits = bisect_left(starts, True, key=lambda at: length(without(messages, at)) <= KEPT * context)
    return starts[min(fits, len(starts) - 1)]


def without(messages: Sequence[ChatMessage], left_out: int) -> tuple[ChatMessage, ...]:
    turns = _after_system(messages)
    return (*messages[: len(messages) - len(turns)], *turns[left_out:])


def _after_system(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    first = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    return messages[first:]
