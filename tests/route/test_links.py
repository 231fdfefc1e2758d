"""When what is pushed over a link counts as lost."""

import pytest
import torch

from engine.route.history import Chunk
from engine.route.hop import Answer
from engine.route.links import LATE_PUSHES, Link
from engine.route.states import States


class Server:
    """One that takes what it is given."""

    pushes_fail_from: int | None = None
    is_doubtful = False

    def give(self, number: int, chunk: Chunk[States]) -> None:
        pass


def answered(link: Link, number: int, seconds: float, compute_seconds: float) -> None:
    """A step that the client carried, so many seconds later."""
    chunk = Chunk(number, States.of(torch.full((1, 4), float(number)), "float32"))
    link.start_step()
    link.give(number, chunk)
    at = link.given_at[chunk.position] + seconds
    link.on_taken(Answer(number, chunk, chunk.hidden.digest, at, compute_seconds))


@pytest.mark.parametrize(
    ("seconds", "compute_seconds", "lost"),
    [
        (0.3, 0.1, True),  # time enough for what was carried to come and be computed
        (0.1, 0.3, False),  # it was being computed when the client carried it
    ],
)
def test_what_was_computed_before_it_was_carried_was_pushed(
    seconds: float, compute_seconds: float, lost: bool
) -> None:
    link = Link(Server(), Server())  # type: ignore[arg-type]
    link.pushes = True
    for number in range(1, LATE_PUSHES + 1):
        answered(link, number, seconds, compute_seconds)
    assert link.has_failed is lost
    assert link.spoiled_at is None


def test_one_push_that_came_in_between_makes_the_count_begin_anew() -> None:
    link = Link(Server(), Server())  # type: ignore[arg-type]
    link.pushes = True
    for number, compute_seconds in enumerate([0.1] * (LATE_PUSHES - 1) + [0.5] + [0.1] * (LATE_PUSHES - 1)):
        answered(link, number, 0.3, compute_seconds)
    assert not link.has_failed
