"""What a draft model has guessed so far: the branches that an answer may take from here on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

Path = tuple[int, ...]  # tokens that follow what is known

LEAST_CHANCE = 0.03  # of a guess that is followed


@dataclass(eq=False)
class Guess:
    """A token that may come next, and what may come behind it."""

    token: int
    chance: float = 1.0  # that it comes true, if what stands before it has
    following: "list[Guess]" = field(default_factory=list)  # the likeliest first; empty: nobody has looked
    scores: Sequence[float] = ()  # of those that follow


def main_line(root: Guess) -> list[int]:
    """The likeliest tokens behind a guess, as far as they are known."""
    tokens = []
    while root.following:
        root = root.following[0]
        tokens.append(root.token)
    return tokens


@dataclass(frozen=True)
class Place:
    """A guess, how one comes there, and the chance that the answer does."""

    guess: Guess
    path: Path
    chance: float


def likeliest(root: Guess, least: float = LEAST_CHANCE) -> Iterator[Place]:
    """All guesses from `root` on, the likelier first."""
    order = count()
    waiting = [(-1.0, next(order), Place(root, (), 1.0))]
    while waiting:
        place = heappop(waiting)[2]
        yield place
        for guess in place.guess.following:
            if (chance := place.chance * guess.chance) >= least:
                following = Place(guess, (*place.path, guess.token), chance)
                heappush(waiting, (-chance, next(order), following))


def worth_looking(root: Guess, most: int, longest: int, cost: Callable[[int], float]) -> list[Place]:
    """Guesses whose followers to look for next, in one go: at most so many, none with more than `longest` - 1
    tokens before it.

    `cost` of looking from so many places at once. Those are taken that bring the most for it.
    """
    ends = (place for place in likeliest(root) if not place.guess.following and len(place.path) < longest)
    taken: list[Place] = []
    gained = 0.0
    for place in ends:
        now, then = cost(len(taken)), cost(len(taken) + 1)
        if len(taken) == most or (taken and place.chance * now < gained * (then - now)):
            break
        taken.append(place)
        gained += place.chance
    return taken
