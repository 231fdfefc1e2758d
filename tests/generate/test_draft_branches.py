"""Drafts in branches: the same tokens as without, though the likeliest guess is often wrong."""

import asyncio
import copy
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from transformers import LogitsProcessorList, PreTrainedModel

from engine.generate.generation import Generation
from engine.generate.replies import Replies
from engine.generate.sampling import SeededChoice, contest
from engine.generate.speculation.confidence import BEST, Confidence
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.guesses import Guess, likeliest, main_line, worth_looking
from engine.generate.speculation.look_ahead import MOST_BESIDE
from engine.generate.speculation.sent import Sent
from engine.host.runner import SpanRunner
from engine.model.branching import Reader, masks_for_branches
from engine.model.extras import StepExtras
from engine.route.session import SwarmSession
from engine.weights.imports.importing import import_model
from engine.weights.store.layer_store import LayerStore
from tests.generate.at_once import AT_ONCE
from tests.generate.test_replies import HELLO, Chat, answer, said, serve
from tests.generate.test_speculation import (
    NEW,
    PROMPT,
    SETTINGS,
    LongTrips,
    Scripted,
    shell_of,
    tokens_of,
    two_servers,
)
from tests.in_memory_swarm import QUICK_TO_GIVE_UP, Fault, MemorySwarm
from tests.route.test_session import dies, hangs
from tests.tiny_models import byte_tokenizer, chat_model, greedy, tiny_model
from tests.waiting import until

FAMILIES = ["llama", "mistral", "qwen3_moe", "gemma2", "gemma3_text", "gpt2", "opt", "deepseek_v3"]


class Eager(LongTrips):
    """Of servers that are far away, and may have steps as often as there is something to send."""

    pause = 0.0
    branches = 0  # that came true

    def note_branch(self) -> None:
        super().note_branch()
        self.branches += 1


def nearly(model: PreTrainedModel, off: float = 0.03) -> PreTrainedModel:
    """A model that often says the same, and often nearly does."""
    twin = copy.deepcopy(model)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter += off * parameter.std() * torch.randn_like(parameter) if parameter.dim() > 1 else 0
    return twin


def reader_of(model: PreTrainedModel) -> Reader:
    masks = masks_for_branches(model)
    assert masks is not None
    return Reader(model, masks)


def drafted_by(
    reader: Reader, session: SwarmSession, model: PreTrainedModel, seed: int | None = None
) -> Generation:
    choice = None if seed is None else LogitsProcessorList([SeededChoice(seed)])
    return Generation(
        shell_of(model),
        session,
        PROMPT,
        max_new_tokens=NEW,
        choice=choice,
        experience=Eager(),
        drafter=Scripted([]),
        draft_model=DraftModel(lambda: reader, PROMPT, AT_ONCE, choice),
    )


async def all_of(generation: Generation) -> list[int]:
    async with aclosing(generation.tokens()) as tokens:
        return [token async for token in tokens]


def steps_with_masks(session: SwarmSession) -> list[StepExtras]:
    """To be filled while the session is used."""
    seen: list[StepExtras] = []
    step = session.step

    async def noted(hidden: Tensor, position: int, extras: StepExtras | None = None) -> Tensor:
        seen.extend([extras] if extras is not None and extras.masks else [])
        return await step(hidden, position, extras)

    session.step = noted
    return seen


@pytest.fixture
def experiences(monkeypatch: pytest.MonkeyPatch) -> list[Eager]:
    """Of all answers of a test."""
    made: list[Eager] = []
    init = Eager.__init__

    def noted(self: Eager) -> None:
        init(self)
        made.append(self)

    monkeypatch.setattr(Eager, "__init__", noted)
    return made


# --- the same tokens


@pytest.mark.parametrize(
    ("family", "seed"), [*((family, None) for family in FAMILIES), ("llama", 1), ("gemma2", 2)]
)
async def test_branches_change_no_token(family: str, seed: int | None, swarm: MemorySwarm) -> None:
    model = tiny_model(family)
    servers = two_servers(swarm, model)
    plain, drafting = swarm.session(SETTINGS), swarm.session(SETTINGS)
    expected = await tokens_of(plain, model, drafts=False, seed=seed)
    masked = steps_with_masks(drafting)
    generation = drafted_by(reader_of(nearly(model)), drafting, model, seed)
    assert await all_of(generation) == expected
    assert masked
    assert 0 < generation.accepted < generation.drafted
    assert drafting.replayed_spans == 0
    assert servers[0].batcher.steps[-1][0] <= len(PROMPT) + NEW + MOST_BESIDE
    plain.close()
    drafting.close()


async def test_what_was_not_the_likeliest_comes_true_without_a_trip(
    swarm: MemorySwarm, experiences: list[Eager]
) -> None:
    model = tiny_model("llama")
    two_servers(swarm, model)
    session = swarm.session(SETTINGS)
    for off in (0.1, 0.2, 0.3):
        generation = drafted_by(reader_of(nearly(model, off)), session, model)
        assert await all_of(generation) == greedy(model, PROMPT, NEW)
        session.close()
        session = swarm.session(SETTINGS)
    assert sum(each.branches for each in experiences) > 3
    session.close()


async def test_servers_that_take_no_branches_get_one_line(
    swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SpanRunner, "takes_branches", False)
    model = tiny_model("llama")
    two_servers(swarm, model)
    session = swarm.session(SETTINGS)
    masked = steps_with_masks(session)
    generation = drafted_by(reader_of(nearly(model)), session, model)
    assert await all_of(generation) == greedy(model, PROMPT, NEW)
    assert generation.accepted > 0
    assert not masked
    session.close()


# --- what goes wrong on the way


@pytest.mark.parametrize("at", [2, 4, 7])
async def test_a_server_that_dies_while_branches_are_under_way(at: int, swarm: MemorySwarm) -> None:
    model = tiny_model("llama")
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(at, dies)))
    swarm.add(model, 1, 5, step_seconds=0.5)
    session = swarm.session(SETTINGS)
    assert await all_of(drafted_by(reader_of(nearly(model, 0.2)), session, model)) == greedy(
        model, PROMPT, NEW
    )
    assert fault.struck.is_set()
    session.close()


async def test_a_server_that_hangs_while_branches_are_under_way(swarm: MemorySwarm) -> None:
    model = tiny_model("llama")
    swarm.add(model, 0, 2, fault=Fault(5, hangs))
    swarm.add(model, 2, 5)
    swarm.add(model, 0, 3, step_seconds=0.5)
    session = swarm.session(replace(QUICK_TO_GIVE_UP, chunk_tokens=64))
    assert await all_of(drafted_by(reader_of(nearly(model, 0.2)), session, model)) == greedy(
        model, PROMPT, NEW
    )
    session.close()


async def test_a_server_that_leaves_while_branches_are_under_way(swarm: MemorySwarm) -> None:
    model = tiny_model("llama")
    leaving, _ = two_servers(swarm, model)
    swarm.add(model, 0, 2, step_seconds=0.5)
    session = swarm.session(SETTINGS)
    answering = asyncio.create_task(all_of(drafted_by(reader_of(nearly(model, 0.2)), session, model)))
    await until(lambda: len(leaving.batcher.steps) > 3)
    leaving.spans.drain()
    assert await answering == greedy(model, PROMPT, NEW)
    session.close()


# --- turns of a chat


async def test_a_following_turn_goes_on_from_what_stands_as_in_the_text(
    swarm: MemorySwarm, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = byte_tokenizer()
    model = chat_model(tokenizer)
    store = LayerStore(tmp_path_factory.mktemp("layers"))
    chat = Chat(model, tokenizer, store, import_model(model, tokenizer, "tiny", store))
    monkeypatch.setattr("engine.generate.held_sessions.Experience", Eager)
    for span in ((0, 2), (2, 5)):
        serve(swarm, chat, *span)
    replies = Replies(swarm, swarm, store, SETTINGS, draft_models=Readers(reader_of(nearly(model, 0.2))))
    first = await answer(replies, HELLO, max_tokens=NEW)
    assert first.text == chat.local(HELLO, NEW)
    assert first.end.report.accepted < first.end.report.drafted
    turns = (*HELLO, *said("", first.text)[1:], *said("And what do you like?"))
    second = await answer(replies, turns, max_tokens=NEW)
    assert second.text == chat.local(turns, NEW)
    assert len(chat.prompt(HELLO)) <= second.end.report.reused_prompt_tokens
    assert second.end.report.replayed_spans == 0
    replies.close()
    await swarm.settled()


class Readers:
    """Draft models of which there is one, for whoever asks."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def drafter(
        self, shell: object, prompt: Sequence[int], choice: LogitsProcessorList, _: object
    ) -> DraftModel:
        return DraftModel(lambda: self._reader, prompt, AT_ONCE, choice)

    def put(self, drafter: DraftModel) -> None:
        drafter.end()

    def close(self) -> None:
        """It keeps nothing."""


# --- what is sent


def test_rows_of_branches_see_what_stands_before_them_alone() -> None:
    sent = Sent()
    sent.begin(3)
    [first] = sent.add_line([50], None)
    sent.at, sent.trunk = first, 4
    left, right = sent.add(60, first), sent.add(61, first)
    behind = sent.add(62, right)
    assert [(row.position, row.place) for row in (left, right, behind)] == [(4, 4), (4, 5), (5, 6)]
    extras = sent.extras([left, right, behind], Full())
    assert extras is not None
    assert extras.positions.tolist() == [[4, 4, 5]]
    assert extras.masks[""].int().tolist() == [
        [1, 1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 1, 0],
        [1, 1, 1, 1, 0, 1, 1],
    ]
    assert sent.extras([left], Full()) is None
    assert (sent.follow(61), sent.trunk, sent.tail) == (right, 4, [61])
    assert (sent.follow(62), sent.tail, sent.follow(9)) == (behind, [61, 62], None)


def test_a_window_moves_with_the_text_and_not_with_places() -> None:
    sent = Sent()
    sent.begin(5)
    [first] = sent.add_line([50], None)
    sent.at, sent.trunk = first, 6
    _, right = sent.add(60, first), sent.add(61, first)
    extras = sent.extras([right], Sliding())
    assert extras is not None
    assert extras.masks["sliding_attention"].int().tolist() == [[0, 0, 0, 0, 1, 1, 0, 1]]
    assert extras.masks["full_attention"].int().tolist() == [[1, 1, 1, 1, 1, 1, 0, 1]]


class Full:
    """A config of layers that see everything."""


class Sliding:
    layer_types = ("full_attention", "sliding_attention")
    sliding_window = 3


# --- guesses


def tree() -> Guess:
    """Two guesses, behind the second of which there are two again."""
    return Guess(1, 1.0, [Guess(2, 0.6), Guess(3, 0.3, [Guess(4, 0.9), Guess(5, 0.05)])])


def test_the_likeliest_guesses_come_first() -> None:
    assert [place.path for place in likeliest(tree())] == [(), (2,), (3,), (3, 4)]
    assert main_line(tree()) == [2]


def test_a_model_looks_at_places_together_where_that_brings_more() -> None:
    def paths(cost_of_more: float, most: int = 4, longest: int = 9) -> list[tuple[int, ...]]:
        places = worth_looking(tree(), most, longest, lambda count: 1 + cost_of_more * (count - 1))
        return [place.path for place in places]

    assert paths(0.1) == [(2,), (3, 4)]
    assert paths(1.0) == paths(0.1, most=1) == [(2,)]
    assert paths(0.1, longest=2) == [(2,)]
    assert [p.path for p in worth_looking(Guess(1), 4, 1, lambda count: 1)] == [()]


def test_confidence_follows_what_comes_true() -> None:
    confidence, close, far = Confidence(), (1.0, 0.9), (9.0, 2.0)
    assert confidence.chances(close)[0] == BEST[0]
    for _ in range(100):
        confidence.note(close, 1)
        confidence.note(far, 0)
    best, next_one = confidence.chances(close)
    assert best < 0.05 < 0.9 < next_one
    assert confidence.chances(far)[0] > 0.99


def test_the_next_best_of_a_contest_is_what_other_dice_would_give() -> None:
    scores, ids = torch.randn(1, 50), torch.zeros(1, 4, dtype=torch.long)
    choice = LogitsProcessorList([SeededChoice(5)])
    numbers: Tensor = contest(choice, ids, scores)
    assert numbers.argmax() == choice(ids, scores).argmax()
    first, second = numbers[0].topk(2).indices.tolist()
    scores[0, first] = float("-inf")
    assert choice(ids, scores).argmax() == second
