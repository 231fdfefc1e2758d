"""When the tokens of an answer came: from a swarm, and from the local model."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.generation.streamers import BaseStreamer

from engine.bench.drafting import Drafting
from engine.errors import BlockServerFailed
from engine.generate.generation import Generation, open_session
from engine.generate.shell_models import ShellModel
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.experience import Experience
from engine.private_swarm import PrivateSwarm


@dataclass(frozen=True)
class Timing:
    """Of one greedy answer."""

    asked_at: float  # of the monotonic clock
    tokens: tuple[int, ...]
    times: tuple[float, ...]
    trips: int = 0  # through all servers, behind the first token

    @property
    def first_token_seconds(self) -> float:
        return self.times[0] - self.asked_at

    @property
    def rate(self) -> float:
        """Tokens a second behind the first one."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])

    @property
    def trips_per_token(self) -> float:
        return self.trips / (len(self.times) - 1)


async def through_swarm(
    swarm: PrivateSwarm,
    shell: ShellModel,
    prompt: Sequence[int],
    tokens: int,
    drafting: Drafting | None = None,
) -> Timing:
    """Raises what the swarm raises."""
    session = open_session(swarm.node, swarm.directory, shell.manifest)
    asked_at, came = time.monotonic(), []
    with _draft_model(drafting, prompt) as draft_model:
        generation = Generation(
            *(shell, session, prompt),
            max_new_tokens=tokens,
            experience=Experience() if drafting else None,
            drafter=drafting.drafter if drafting else None,
            draft_model=draft_model,
        )
        try:
            async with aclosing(generation.tokens()) as stream:
                async for token in stream:
                    came.append((token, time.monotonic(), session.trips))
        finally:
            session.close()
    ids, times, trips = zip(*came, strict=True)
    return Timing(asked_at, ids, times, trips[-1] - trips[0])


@contextmanager
def _draft_model(drafting: Drafting | None, prompt: Sequence[int]) -> Iterator[DraftModel | None]:
    """That has read nothing yet."""
    reader = drafting.reader if drafting else None
    if reader is None:
        yield None
        return
    reader.keep(0)
    with ThreadPoolExecutor(1) as beside:
        model = DraftModel(lambda: reader, prompt, beside)
        try:
            yield model
        finally:
            model.end()


async def together(
    swarm: PrivateSwarm, shell: ShellModel, prompts: Sequence[Sequence[int]], tokens: int
) -> float:
    """Tokens a second of all streams together, while all of them decode."""
    return rate_of_all(
        await asyncio.gather(*(through_swarm(swarm, shell, prompt, tokens) for prompt in prompts))
    )


def rate_of_all(answers: Sequence[Timing]) -> float:
    """Tokens a second of all together, while all of them decode.

    Raises BlockServerFailed if they never do.
    """
    begin, end = max(a.times[0] for a in answers), min(a.times[-1] for a in answers)
    if end <= begin:
        raise BlockServerFailed("The answers did not overlap: ask for more tokens.")
    return sum(sum(begin < at <= end for at in answer.times) for answer in answers) / (end - begin)


def check_same(ours: Sequence[int], theirs: Sequence[int]) -> None:
    """Raises BlockServerFailed."""
    if tuple(ours) != tuple(theirs):
        raise BlockServerFailed("The answers differ, and no figure counts: run `potluck-engine demo`.")


async def locally(model: PreTrainedModel, prompt: Sequence[int], tokens: int) -> Timing:
    """By transformers' own `generate()`, in a thread."""
    return await asyncio.to_thread(_generate, model, prompt, tokens)


@torch.inference_mode()
def _generate(model: PreTrainedModel, prompt: Sequence[int], tokens: int) -> Timing:
    clock = _Clock()
    asked_at = time.monotonic()
    ids = model.generate(torch.tensor([list(prompt)]), max_new_tokens=tokens, do_sample=False, streamer=clock)
    return Timing(asked_at, tuple(ids[0, len(prompt) :].tolist()), tuple(clock.times[1:]))


class _Clock(BaseStreamer):
    def __init__(self) -> None:
        self.times: list[float] = []  # the first is of the prompt

    def put(self, value: Tensor) -> None:
        self.times.append(time.monotonic())

    def end(self) -> None:
        """Nothing is left to say."""
