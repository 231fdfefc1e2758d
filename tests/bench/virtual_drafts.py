"""`python -m tests.bench.virtual_drafts [--tokens N]`: what draft models gain on idle computers.

The draft models and what they guess are real, the time is not: three servers, a client and, beside it, a
draft model each take the stated seconds for their work, and what they wait for comes when it would. So the
figures are the same on any computer, however busy; what they leave out is what programs on one core take from
each other. Each is of a first answer: the draft model has read nothing yet.
"""

import argparse
import itertools
import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.api.openai_schema import ChatMessage
from engine.bench.prompts import STORY, TEXT
from engine.generate.prompt import prompt_ids
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.draft_models import load_draft_model
from engine.generate.speculation.experience import Experience
from engine.generate.speculation.look_ahead import Branching, LookAhead
from engine.generate.speculation.prompt_lookup import PromptLookup
from engine.model.branching import Reader, masks_for_branches
from engine.settings import Paths
from engine.weights.loading import load_tokenizer, load_whole
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore
from tests.bench.speculation import without_layers

SERVERS = 3
LINK = 0.05  # seconds, one way
FORWARD, ROW = 0.015, 0.0007  # seconds of one row at a server, and of each further one
HEAD = 0.006  # seconds of the client for each token
READ = 0.3  # of the time of a drafted token, for each token that is only read
BESIDE = 0.15  # of it, for each further token that is looked at in the same go
PLAIN = SimpleNamespace()  # a model whose layers see all that stands before
LONG = "\n\n".join([*[f"{number}. {TEXT}" for number in range(1, 13)], STORY])


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Later:
    def __init__(self, clock: Clock, at: float, answer: Tensor) -> None:
        self._clock = clock
        self.came_at = at
        self._answer = answer

    @property
    def is_here(self) -> bool:
        return self._clock.now >= self.came_at

    def wait(self, other: "Future[Any]") -> None:
        assert isinstance(other, Done)
        self._clock.now = max(self._clock.now, min(self.came_at, other.at))

    def __call__(self) -> Tensor:
        self._clock.now = max(self._clock.now, self.came_at)
        return self._answer


class Chain:
    """Servers that take one step after the other, in the order in which they come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at = [0.0] * SERVERS
        self.steps = 0

    def send(self, hidden: Tensor, position: int, extras: object) -> Later:
        at = self._clock.now + LINK
        for server in range(SERVERS):
            at = max(at, self._free_at[server]) + FORWARD + ROW * (hidden.shape[1] - 1)
            self._free_at[server] = at
            at += LINK
        self.steps += 1
        return Later(self._clock, at, hidden)


class Done(Future[Any]):
    """Work that was done beside, at a stated time."""

    def __init__(self, clock: Clock, at: float, result: object) -> None:
        super().__init__()
        self._clock = clock
        self.at = at
        self.set_result(result)

    def done(self) -> bool:
        return self._clock.now >= self.at


class Beside(Executor):
    """A thread of its own, whose clock is ahead of the chat's while it works."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.own = Clock()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Done:
        self.own.now = max(self.own.now, self._clock.now)
        result = work(*args, **kwargs)
        return Done(self._clock, self.own.now, result)


class Timed:
    """A reader that takes `seconds` for one token, and less for each of several."""

    def __init__(self, reader: "Reader | Guess", clock: Clock, seconds: float) -> None:
        self._reader = reader
        self._clock = clock
        self._seconds = seconds

    @property
    def tokens(self) -> list[int]:
        return self._reader.tokens

    def keep(self, length: int) -> None:
        self._reader.keep(length)

    @property
    def branches(self) -> bool:
        return self._reader.branches

    def go_on(self, text: Sequence[int]) -> None:
        self._reader.go_on(text)

    def read(self, tokens: Sequence[int]) -> Tensor:
        self._clock.now += self._seconds * max(1.0, READ * len(tokens))
        return self._reader.read(tokens)

    def look(self, paths: Sequence[tuple[int, ...]]) -> Tensor:
        self._clock.now += self._seconds * (1 + BESIDE * (len(paths) - 1))
        return self._reader.look(paths)


@dataclass(frozen=True)
class Sureness:
    """How often a model is as sure as that, and then right with its best and with its next guess."""

    share: int
    apart: float  # nats, between the two
    best: float
    next: float


# The starter model's own layers in nf4, in 377 tokens of three greedy answers: right in 0.80, of the others
# the next guess in 0.65.
LIKE_NF4 = (
    Sureness(30, 0.1, 0.37, 0.37),
    Sureness(37, 0.4, 0.57, 0.19),
    Sureness(40, 0.8, 0.60, 0.35),
    Sureness(75, 1.5, 0.76, 0.19),
    Sureness(95, 3.0, 0.95, 0.02),
    Sureness(100, 6.0, 1.0, 0.0),
)


class Guess:
    """A reader that knows the answer, and errs as stated. It may know when it is unsure."""

    def __init__(self, text: Sequence[int], errs: Sequence[Sureness], branches: bool = True) -> None:
        self._text = text
        self._errs = errs
        self.branches = branches
        self.tokens: list[int] = []

    def keep(self, length: int) -> None:
        del self.tokens[length:]

    def go_on(self, text: Sequence[int]) -> None:
        if list(text[: len(self.tokens)]) == self.tokens:
            self.tokens = list(text)

    def read(self, tokens: Sequence[int]) -> Tensor:
        self.tokens += tokens
        return self._after(len(self.tokens))[None]

    def look(self, paths: Sequence[tuple[int, ...]]) -> Tensor:
        return torch.stack([self._after(len(self.tokens) + len(path)) for path in paths])

    def _after(self, length: int) -> Tensor:
        at = min(length, len(self._text) - 1)
        dice = random.Random(at)
        [sure] = dice.choices(self._errs, [each.share for each in self._errs])
        place = 1.0 + dice.random()
        right, wrong = self._text[at], self._text[at] + 1
        scores = torch.zeros(1 << 16)
        thrown = dice.random()
        order = [right, wrong] if thrown < sure.best else [wrong, right]
        if thrown >= sure.best + sure.next:
            order = [wrong, wrong + 1]
        scores[order[0]], scores[order[1]] = 10 + place + sure.apart, 10 + place
        return scores


def right_in(share: float) -> tuple[Sureness, ...]:
    """As unsure everywhere."""
    return (Sureness(1, 3.0, share, 0.0),)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.virtual_drafts", description=__doc__)
    parser.add_argument("--tokens", type=int, default=128, help="new tokens of the answer")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    manifest = import_starter(store)
    for question, seconds in ((STORY, (0.005, 0.015, 0.03, 0.045)), (LONG, (0.015, 0.03))):
        prompt, text = _answered(manifest, store, question, args.tokens)
        readers: dict[str, Reader | Guess] = {
            "right in 0.8 of all cases, as nf4": Guess(text, LIKE_NF4),
            "the same without branches": Guess(text, LIKE_NF4, branches=False),
            "right in 0.8 of all cases, never knows": Guess(text, right_in(0.8)),
            "right in 0.9 of all cases, never knows": Guess(text, right_in(0.9)),
            "never right": Guess(text, right_in(0.0)),
        }
        if question == STORY:
            readers |= {
                "itself in int8": _reader(load_draft_model(manifest, store, "int8")),
                "itself in nf4": _reader(load_draft_model(manifest, store, "nf4")),
                "itself without 4 of its 30 layers": _reader(without_layers(manifest, store, 4)),
            }
        _tell(prompt, text, readers, seconds)


def _reader(model: PreTrainedModel) -> Reader:
    return Reader(model, masks_for_branches(model))


def _answered(
    manifest: Manifest, store: LayerStore, question: str, tokens: int
) -> tuple[Sequence[int], list[int]]:
    """The prompt, and the prompt with the model's own answer behind it."""
    tokenizer = load_tokenizer(manifest, store)
    prompt = prompt_ids(tokenizer, [ChatMessage(role="user", content=question)], manifest.context)
    with torch.inference_mode():
        made = load_whole(manifest, store).generate(
            torch.tensor([list(prompt)]), max_new_tokens=tokens, do_sample=False
        )
    return prompt, made[0].tolist()


def _tell(
    prompt: Sequence[int], text: list[int], readers: dict[str, Reader | Guess], seconds: Sequence[float]
) -> None:
    plain = answer_seconds(prompt, text, None, 0.0)["seconds"]
    for (name, reader), each in itertools.product(readers.items(), seconds):
        got = answer_seconds(prompt, text, reader, each)
        got["tokens/s, of those without drafts"] = plain / got.pop("seconds")
        figures = {key: float(f"{value:.3g}") for key, value in got.items()}
        case = {"prompt tokens": len(prompt), "draft model": name, "seconds of a drafted token": each}
        print(json.dumps({**case, **figures}), flush=True)


def answer_seconds(
    prompt: Sequence[int], text: Sequence[int], reader: Reader | Guess | None, seconds: float
) -> dict[str, float]:
    """Of the answer in `text`, behind its first token."""
    clock = Clock()
    chain = Chain(clock)
    new = text[len(prompt) :]
    beside = Beside(clock)
    slow: DraftModel | None = None
    if reader is not None:
        reader.keep(0)
        timed = Timed(reader, beside.own, seconds)
        slow = DraftModel(lambda: timed, prompt, beside)
    with (
        mock.patch("engine.generate.speculation.look_ahead.time", clock),
        mock.patch("engine.generate.speculation.draft_model.time", beside.own),
    ):
        ahead = LookAhead(
            lambda hidden, position, extras: hidden,
            chain.send,
            lambda tokens, position: torch.zeros(1, len(tokens), 1),
            PromptLookup(prompt),
            Experience(),
            len(new),
            slow=slow,
            branching=Branching(
                lambda tokens, places: torch.zeros(1, len(tokens), 1), PLAIN, lambda: True, lambda: 1 << 20
            ),
        )
        if reader is None:
            ahead._experience.give_up()
        for position, token in enumerate(new[:-1], start=len(prompt)):
            ahead.saw(token)
            ahead(torch.zeros(1, 1, 1), position, None)
            clock.now += HEAD
    tried = max(1, ahead.drafted)
    return {
        "seconds": clock.now,
        "steps per token": chain.steps / (len(new) - 1),
        "accepted": ahead.accepted / tried,
    }


if __name__ == "__main__":
    main()
