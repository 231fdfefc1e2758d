"""A sentence that is too long to be read at a glance: its point, and what is to be known besides. Pure."""

import re
from dataclasses import dataclass

LONGEST = 80  # characters that are read at a glance
_ENDS = ":\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} "  # of a point that would hang without what follows
_BREAKS = (r"(?<=[.!?]) +", r"\s?;\s+", r"(?<=:)\s+")  # the best place to part a sentence comes first


@dataclass(frozen=True)
class Headline:
    point: str
    rest: str = ""

    @property
    def is_short(self) -> bool:
        return len(self.point) <= LONGEST


def headline_of(sentence: str) -> Headline:
    """All of it where it is short; else as much of it as can stand alone and still is."""
    if len(sentence) <= LONGEST:
        return Headline(sentence)
    parted = (_parted(sentence, each) for each in _BREAKS)
    return next((each for each in parted if each), Headline(sentence))


def _parted(sentence: str, pattern: str) -> Headline | None:
    early = [found for found in re.finditer(pattern, sentence) if found.start() <= LONGEST]
    if not early:
        return None
    return Headline(sentence[: early[-1].start()].rstrip(_ENDS), _begun(sentence[early[-1].end() :]))


def _begun(rest: str) -> str:
    """With a capital, as a sentence has it; the name of a model or a file keeps its own letters."""
    is_word = rest.partition(" ")[0].strip(",.").isalpha()
    return rest[:1].upper() + rest[1:] if is_word else rest
