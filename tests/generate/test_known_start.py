"""What a session holds of a prompt is left out of its first step, where that changes nothing."""

import pytest
import torch
from torch import Tensor

from engine.generate.known_start import KnownStart
from engine.model.extras import StepExtras

STATES = torch.arange(12.0).view(1, 6, 2)
CAUSAL = torch.ones(6, 6, dtype=torch.bool).tril()


class Recorder:
    """A walk through nothing."""

    def __init__(self) -> None:
        self.steps: list[tuple[Tensor, int, StepExtras | None]] = []

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        self.steps.append((hidden, position, extras))
        return hidden + 1


def seeing_ahead(token: int, other: int) -> Tensor:
    mask = CAUSAL.clone()
    mask[token, other] = True
    return mask


def test_only_the_rest_of_the_prompt_is_sent() -> None:
    walk = Recorder()
    start = KnownStart(walk, 4)
    out = start(STATES, 0, None)
    [(sent, position, extras)] = walk.steps
    assert (sent.tolist(), position, extras) == (STATES[:, 4:].tolist(), 4, None)
    assert out.shape == STATES.shape
    assert torch.equal(out[:, 4:], STATES[:, 4:] + 1)
    assert start.left_out == 4


def test_later_steps_go_as_they_are() -> None:
    walk = Recorder()
    KnownStart(walk, 4)(STATES[:, :1], 9, None)
    [(sent, position, _)] = walk.steps
    assert (sent.shape, position) == ((1, 1, 2), 9)


def test_extras_are_those_of_the_rest() -> None:
    walk = Recorder()
    positions, mask = torch.arange(12).view(2, 6), seeing_ahead(4, 5)
    KnownStart(walk, 4)(STATES, 0, StepExtras(positions, {"full_attention": mask}))
    extras = walk.steps[0][2]
    assert torch.equal(extras.positions, positions[:, 4:])
    assert torch.equal(extras.masks["full_attention"], mask[4:])


@pytest.mark.parametrize(("held", "left_out"), [(2, 0), (3, 0), (4, 4)])
def test_a_start_that_depends_on_the_rest_is_sent_again(held: int, left_out: int) -> None:
    """The session made it when something else followed."""
    walk = Recorder()
    start = KnownStart(walk, held)
    start(STATES, 0, StepExtras(masks={"": seeing_ahead(1, 3)}))
    assert start.left_out == walk.steps[0][1] == left_out
    assert walk.steps[0][0].shape[1] == 6 - left_out
