"""Answers with drafts: the same tokens as without, in fewer trips."""

import asyncio
import copy
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LogitsProcessorList, PreTrainedModel, TemperatureLogitsWarper, TopKLogitsWarper

from engine.generate.generation import Generation
from engine.generate.replies import Replies
from engine.generate.sampling import SeededChoice
from engine.generate.shell_models import ShellModel
from engine.generate.speculation.draft_model import PIECE, DraftModel
from engine.generate.speculation.drafts import Draft
from engine.generate.speculation.experience import LEAST_ROW_COST, Experience
from engine.generate.speculation.look_ahead import Coming, LookAhead
from engine.model.branching import Reader
from engine.model.shell import cut_shell
from engine.route.session import SwarmSession
from engine.weights.imports.importing import import_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.generate.at_once import AT_ONCE
from tests.generate.seeing_chats import seeing_chat, shown
from tests.generate.test_replies import HELLO, Chat, answer, said, serve
from tests.host.test_own_caches import CONFIGS as WITH_STATES
from tests.host.test_own_caches import model_of
from tests.in_memory_swarm import IMPATIENT, QUICK_TO_GIVE_UP, Fault, MemoryServer, MemorySwarm
from tests.model.picture_models import FAMILIES as FAMILIES_THAT_SEE
from tests.model.picture_models import drawing
from tests.route.test_session import dies, hangs
from tests.tiny_models import (
    CHAT_CONTEXT,
    HIDDEN,
    VOCABULARY,
    LocalChain,
    byte_tokenizer,
    chat_model,
    greedy,
    some_prompt,
    span_of,
    tiny_model,
)
from tests.waiting import until

NEW = 30  # tokens
SETTINGS = replace(IMPATIENT, chunk_tokens=64)
PROMPT = some_prompt()[0].tolist()
FAMILIES = ["llama", "mistral", "qwen3_moe", "gemma2", "gemma3_text", "gpt2", "opt", "bloom", "deepseek_v3"]


class CheapRows(Experience):
    """Of servers to which one more row is next to nothing, however busy this computer is."""

    row_cost = LEAST_ROW_COST


class LongTrips(CheapRows):
    """Of servers that are so far away that a draft model always pays."""

    trip_seconds = 10.0


class Scripted:
    """Drafts what somebody has written down, wherever the answer is."""

    def __init__(self, script: Sequence[int]) -> None:
        self._script = script
        self._known = 0

    def push(self, token: int) -> None:
        self._known += 1

    def draft(self, longest: int) -> Draft | None:
        tokens = self._script[self._known : self._known + longest]
        return Draft(tokens, kind=1) if tokens else None


def with_mistakes(answer: Sequence[int]) -> list[int]:
    return [(token + 1) % VOCABULARY if at % 5 == 3 else token for at, token in enumerate(answer)]


Script = Callable[[Sequence[int]], None]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """`script(tokens)`: these are drafted instead of what the prompt suggests."""

    def write(tokens: Sequence[int]) -> None:
        monkeypatch.setattr("engine.generate.generation.PromptLookup", lambda prompt: Scripted(tokens))

    return write


def shell_of(model: PreTrainedModel) -> ShellModel:
    """Of a model that is in no store, and never stops by itself."""
    shell = cut_shell(copy.deepcopy(model))
    shell.generation_config.eos_token_id = None
    return ShellModel(Manifest.model_construct(kind="causal"), shell, SimpleNamespace(eos_token_id=None))


async def tokens_of(
    session: SwarmSession,
    model: PreTrainedModel,
    drafts: bool = True,
    prompt: Sequence[int] = PROMPT,
    seed: int | None = None,
) -> list[int]:
    choice = None if seed is None else LogitsProcessorList([SeededChoice(seed)])
    experience = CheapRows() if drafts else None
    generation = Generation(
        shell_of(model), session, prompt, max_new_tokens=NEW, choice=choice, experience=experience
    )
    async with aclosing(generation.tokens()) as tokens:
        return [token async for token in tokens]


def two_servers(swarm: MemorySwarm, model: PreTrainedModel) -> tuple[MemoryServer, MemoryServer]:
    return swarm.add(model, 0, 2), swarm.add(model, 2, 5)


# --- the same tokens


@pytest.mark.parametrize("family", FAMILIES)
async def test_drafts_do_not_change_a_greedy_answer(family: str, swarm: MemorySwarm, script: Script) -> None:
    model = tiny_model(family)
    expected = greedy(model, PROMPT, NEW)
    script(with_mistakes(expected))
    two_servers(swarm, model)
    session = swarm.session(SETTINGS)
    assert await tokens_of(session, model) == expected
    assert session.replayed_spans == 0
    assert session.trips < NEW / 2
    session.close()


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_a_seed_means_the_same_tokens_with_drafts(
    seed: int, swarm: MemorySwarm, script: Script
) -> None:
    model = tiny_model("llama")
    two_servers(swarm, model)
    plain, drafting = swarm.session(SETTINGS), swarm.session(SETTINGS)
    expected = await tokens_of(plain, model, drafts=False, seed=seed)
    assert expected != greedy(model, PROMPT, NEW)
    script(with_mistakes(expected))
    assert await tokens_of(drafting, model, seed=seed) == expected
    assert (plain.trips, drafting.trips < NEW / 2) == (NEW, True)
    plain.close()
    drafting.close()


def counting_model() -> PreTrainedModel:
    """Says the number that comes next."""
    model = tiny_model("llama")
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        words = torch.nn.functional.normalize(torch.randn(VOCABULARY, HIDDEN), dim=1)
        model.model.embed_tokens.weight.copy_(words)
        model.lm_head.weight.copy_(words.roll(1, dims=0))
    return model


async def test_a_text_that_is_written_again_takes_few_trips(swarm: MemorySwarm) -> None:
    model = counting_model()
    text = list(range(10, 10 + NEW + 4))
    prompt = [*text, 90, *text[:2]]
    assert greedy(model, prompt, NEW) == text[2 : 2 + NEW]
    servers = two_servers(swarm, model)
    session = swarm.session(SETTINGS)
    assert await tokens_of(session, model, prompt=prompt) == text[2 : 2 + NEW]
    assert session.trips < NEW / 3
    for server in servers:
        assert len(server.batcher.steps) == session.trips
        positions = {at for position, rows in server.batcher.steps for at in range(position, position + rows)}
        assert positions == set(range(len(prompt) + NEW - 1))  # nothing behind the last token
    session.close()


# --- what goes wrong on the way


@pytest.mark.parametrize("at", range(1, 9))
async def test_a_server_that_dies_while_drafts_are_under_way(
    at: int, swarm: MemorySwarm, script: Script
) -> None:
    model = tiny_model("llama")
    expected = greedy(model, PROMPT, NEW)
    script(with_mistakes(expected))
    swarm.add(model, 0, 2)
    swarm.add(model, 2, 5, fault=(fault := Fault(at, dies)))
    swarm.add(model, 1, 5, step_seconds=0.5)
    session = swarm.session(SETTINGS)
    assert await tokens_of(session, model) == expected
    assert fault.struck.is_set()
    assert session.replayed_spans == 1
    session.close()


async def test_a_server_that_hangs_while_drafts_are_under_way(swarm: MemorySwarm, script: Script) -> None:
    model = tiny_model("llama")
    expected = greedy(model, PROMPT, NEW)
    script(with_mistakes(expected))
    swarm.add(model, 0, 2, fault=Fault(5, hangs))
    swarm.add(model, 2, 5)
    swarm.add(model, 0, 3, step_seconds=0.5)
    session = swarm.session(replace(QUICK_TO_GIVE_UP, chunk_tokens=64))
    assert await tokens_of(session, model) == expected
    assert session.replayed_spans >= 1
    session.close()


async def test_a_server_that_leaves_while_drafts_are_under_way(swarm: MemorySwarm, script: Script) -> None:
    model = tiny_model("llama")
    expected = greedy(model, PROMPT, NEW)
    script(with_mistakes(expected))
    leaving, _ = two_servers(swarm, model)
    swarm.add(model, 0, 2, step_seconds=0.5)
    session = swarm.session(SETTINGS)
    answering = asyncio.create_task(tokens_of(session, model))
    await until(lambda: len(leaving.batcher.steps) > 3)
    leaving.spans.drain()
    assert await answering == expected
    assert session.replayed_spans + session.handed_over_spans <= 1
    session.close()


@pytest.mark.parametrize("family", WITH_STATES)
async def test_for_layers_that_cannot_forget_nothing_is_drafted(
    family: str, swarm: MemorySwarm, script: Script
) -> None:
    model = model_of(family)
    script([5] * NEW)
    servers = two_servers(swarm, model)
    session = swarm.session(SETTINGS)
    assert shell_of(model).token_states is None
    assert len(await tokens_of(session, model)) == NEW
    assert session.replayed_spans == 0
    assert [rows for _, rows in servers[0].batcher.steps] == [len(PROMPT), *[1] * (NEW - 1)]
    session.close()


async def test_servers_that_cannot_go_back_are_found_out(swarm: MemorySwarm, script: Script) -> None:
    """Though the model's layers can: what a server keeps is its own affair."""
    model = tiny_model("llama")
    expected = greedy(model, PROMPT, NEW)
    script([(token + 1) % VOCABULARY for token in expected])
    server = swarm.add(model)
    server.runner._memory.goes_back = False
    session = swarm.session(SETTINGS)
    assert await tokens_of(session, model) == expected
    assert session.replayed_spans == 3  # the third trip takes back what came with the second
    session.close()


def test_what_is_not_what_the_model_makes_of_tokens_is_not_sent() -> None:
    rows: list[int] = []

    def walk(hidden: Tensor, position: int, extras: object) -> Tensor:
        rows.append(hidden.shape[1])
        return hidden

    def wrong(tokens: list[int], position: int) -> Tensor:
        return torch.zeros(1, len(tokens), HIDDEN)

    def send(hidden: Tensor, position: int, extras: object) -> Coming:
        return Later(lambda: walk(hidden, position, None))

    ahead = LookAhead(walk, send, wrong, Scripted([7] * NEW), CheapRows(), NEW)
    for position in range(5, 10):
        ahead.saw(7)
        ahead(torch.ones(1, 1, HIDDEN), position, None)
    assert rows == [1] * 5


class Later:
    """What comes back when somebody waits for it."""

    is_here = False

    def __init__(self, wait: Callable[[], Tensor]) -> None:
        self._wait = wait
        self.came_at = 0.0

    def wait(self, other: "Future[Any]") -> None:
        other.result()

    def __call__(self) -> Tensor:
        self.came_at = time.monotonic()
        return self._wait()


class Servers:
    """Gives back what it gets, later; knows how many steps were under way at once."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []
        self.most_at_once = 0
        self._came_back: set[int] = set()

    def send(self, hidden: Tensor, position: int, extras: object) -> Coming:
        number = len(self.steps)
        self.steps.append((position, hidden.shape[1]))
        self.most_at_once = max(self.most_at_once, len(self.steps) - len(self._came_back))

        def wait() -> Tensor:
            self._came_back.add(number)
            return hidden

        return Later(wait)


def states_of(tokens: Sequence[int], position: int) -> Tensor:
    """Each token's number, and where it stands."""
    return torch.tensor([[[token, position + at] for at, token in enumerate(tokens)]], dtype=torch.float)


@pytest.mark.parametrize("mistake", [None, 40])
def test_further_drafts_follow_before_the_first_ones_have_come_back(mistake: int | None) -> None:
    answer = list(range(100, 300))
    script = [token + (at == mistake) for at, token in enumerate(answer)]
    servers = Servers()
    ahead = LookAhead(
        lambda hidden, position, extras: hidden,
        servers.send,
        states_of,
        Scripted(script),
        CheapRows(),
        len(answer),
    )
    for position, token in enumerate(answer[:-1], start=7):
        ahead.saw(token)
        hidden = states_of([token], position)
        assert torch.equal(ahead(hidden, position, None), hidden)
    assert servers.most_at_once > 2
    assert len(servers.steps) < len(answer) / 4
    positions = [position for position, _ in servers.steps]
    goes_back = [b for a, b in pairwise(positions) if b < a]
    assert goes_back == ([] if mistake is None else [7 + mistake])
    assert max(position + rows for position, rows in servers.steps) == 7 + len(answer) - 1


# --- the distribution

CHOICE = [TemperatureLogitsWarper(1.5), TopKLogitsWarper(2)]


class ChainSession:
    """A session without servers."""

    replayed_spans = 0

    def __init__(self, model: PreTrainedModel) -> None:
        self._chain = LocalChain([span_of(model)])
        self.rows = Counter[int]()

    async def step(self, hidden: Tensor, position: int, extras: object = None) -> Tensor:
        self.rows[len(hidden)] += 1
        return self._chain(hidden[None], position)[0]


@torch.inference_mode()
def exact_distribution(model: PreTrainedModel, tokens: int) -> dict[tuple[int, ...], float]:
    """Of all answers of so many tokens."""
    answers = {(): 1.0}
    for _ in range(tokens):
        longer: dict[tuple[int, ...], float] = {}
        for known, probability in answers.items():
            scores = model(torch.tensor([[*PROMPT, *known]])).logits[:, -1]
            chances = LogitsProcessorList(CHOICE)(None, scores).softmax(dim=-1)[0]
            for token in chances.nonzero()[:, 0].tolist():
                longer[*known, token] = probability * chances[token].item()
        answers = longer
    return answers


async def test_drafts_leave_the_distribution_as_it_is(script: Script) -> None:
    """Three tokens of two choices each, many times: how often each answer comes, by chi-square."""
    samples, model = 150, tiny_model("llama")
    exact = exact_distribution(model, tokens=3)
    script(max(exact, key=lambda answer: exact[answer]))
    shell, session, experience = shell_of(model), ChainSession(model), CheapRows()
    seen = Counter[tuple[int, ...]]()
    for seed in range(samples):
        choice = LogitsProcessorList([*CHOICE, SeededChoice(seed)])
        answering = Generation(shell, session, PROMPT, max_new_tokens=3, choice=choice, experience=experience)
        seen[tuple([token async for token in answering.tokens()])] += 1
    assert session.rows[2] > samples / 4  # the first token, and a draft of the second
    assert set(seen) <= set(exact)
    surprise = sum((seen[a] - samples * p) ** 2 / (samples * p) for a, p in exact.items())
    assert surprise < 24.3  # with seven degrees of freedom, more comes once in a thousand times


# --- turns of a chat


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Chat:
    tokenizer = byte_tokenizer()
    model = chat_model(tokenizer)
    store = LayerStore(tmp_path_factory.mktemp("layers"))
    return Chat(model, tokenizer, store, import_model(model, tokenizer, "tiny", store))


@pytest.fixture
async def replies(swarm: MemorySwarm, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Replies]:
    monkeypatch.setattr("engine.generate.held_sessions.Experience", CheapRows)
    for span in ((0, 2), (2, 5)):
        serve(swarm, chat, *span)
    replies = Replies(swarm, swarm, chat.store, SETTINGS)
    yield replies
    replies.close()
    await swarm.settled()


@pytest.mark.parametrize("drafted", ["nothing right", "all right"])
async def test_a_following_turn_is_right_whatever_was_drafted(
    drafted: str, chat: Chat, swarm: MemorySwarm, replies: Replies, script: Script
) -> None:
    right = greedy(chat.model, chat.prompt(HELLO), CHAT_CONTEXT // 2)
    script([7] * NEW if drafted == "nothing right" else right)
    first = await answer(replies, HELLO, max_tokens=NEW)
    assert first.text == chat.local(HELLO, NEW)
    server = swarm.servers[next(iter(swarm.servers))]
    assert max(rows for _, rows in server.batcher.steps[1:]) > 1
    server.batcher.steps.clear()
    script([7] * NEW)
    turns = (*HELLO, *said("", first.text)[1:], *said("And what do you like?"))
    second = await answer(replies, turns, max_tokens=NEW)
    assert second.text == chat.local(turns, NEW)
    assert second.end.report.reused_prompt_tokens == len(chat.prompt(HELLO)) + NEW - 1
    assert server.batcher.steps[0][0] == second.end.report.reused_prompt_tokens


async def test_an_answer_that_ends_among_drafted_tokens(chat: Chat, replies: Replies, script: Script) -> None:
    whole = chat.local(HELLO, NEW)
    stop = whole[16:19]
    script(greedy(chat.model, chat.prompt(HELLO), 2 * NEW))
    first = await answer(replies, HELLO, max_tokens=NEW, stop=[stop])
    assert first.text == whole[: whole.index(stop)]
    turns = (*HELLO, *said("", first.text)[1:], *said("Go on"))
    second = await answer(replies, turns)
    assert second.text == chat.local(turns, 12)
    assert second.end.report.replayed_spans == 0


async def test_drafts_end_where_the_model_s_context_ends(
    chat: Chat, swarm: MemorySwarm, replies: Replies, script: Script
) -> None:
    turns = said("x" * (CHAT_CONTEXT - 40))
    room = CHAT_CONTEXT - len(chat.prompt(turns))
    expected = greedy(chat.model, chat.prompt(turns), room)
    script([*expected, *[7] * NEW])
    result = await answer(replies, turns, max_tokens=None)
    assert result.text == chat.tokenizer.decode(expected)
    assert (result.end.reason, result.end.report.replayed_spans) == ("length", 0)
    server = swarm.servers[next(iter(swarm.servers))]
    assert max(position + rows for position, rows in server.batcher.steps) == CHAT_CONTEXT - 1


# --- models that see


@pytest.mark.parametrize(
    ("family", "processor", "drafts_behind_pictures"),
    [("gemma3", "Gemma3Processor", True), ("qwen2_vl", "Qwen2VLProcessor", False)],
)
async def test_drafts_behind_a_picture(
    family: str,
    processor: str,
    drafts_behind_pictures: bool,
    swarm: MemorySwarm,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Where positions do not just count on, as behind this model's pictures, nothing is drafted."""
    monkeypatch.setattr("engine.generate.held_sessions.Experience", CheapRows)
    more = {"image_seq_length": 4} if family == "gemma3" else {}
    seer = seeing_chat(FAMILIES_THAT_SEE[family], processor, tmp_path, **more)
    server = swarm.add(seer.model, digest=seer.manifest.digest, context=1024)
    replies = Replies(swarm, swarm, seer.store, SETTINGS)
    script([70] * NEW)
    for turn, drafts in ((shown(drawing(), "What is it?"), drafts_behind_pictures), (*said("Hello"), True)):
        server.batcher.steps.clear()
        result = await answer(replies, [turn], model="seer", max_tokens=10)
        assert result.text == seer.local([turn], 10)
        behind = [rows for position, rows in server.batcher.steps if position > 0]
        assert (max(behind) > 1) == drafts
    replies.close()


# --- a draft model


class Counting:
    """A draft model's reader that knows what comes next: the number after the last one."""

    branches = False

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.pieces: list[int] = []

    def keep(self, length: int) -> None:
        del self.tokens[length:]

    def read(self, tokens: Sequence[int]) -> Tensor:
        self.tokens += tokens
        self.pieces.append(len(tokens))
        return torch.nn.functional.one_hot(torch.tensor([(tokens[-1] + 1) % VOCABULARY]), VOCABULARY).float()


def test_a_draft_model_reads_each_token_once() -> None:
    reader = Counting()
    model = DraftModel(lambda: reader, list(range(20)), AT_ONCE)
    assert model.draft(9) is None
    while model.work(5):
        pass
    assert list(model.draft(9).tokens) == [20, 21, 22, 23, 24]
    assert reader.tokens == list(range(24))  # nobody has asked for what follows the last one
    assert sum(reader.pieces) == 24
    for token in (20, 21):
        model.push(token)
    assert list(model.draft(2).tokens) == [22, 23]
    model.push(50)
    assert model.draft(9) is None
    assert model.work(1)
    assert list(model.draft(9).tokens) == [51]
    assert reader.tokens == [*range(22), 50]


def test_a_draft_model_goes_on_from_what_it_has_read_in_another_turn() -> None:
    reader = Counting()
    DraftModel(lambda: reader, list(range(20)), AT_ONCE).work(1)
    held = len(reader.tokens)
    model = DraftModel(lambda: reader, [*range(held), 60, 61], AT_ONCE)
    while model.work(1):
        pass
    assert (reader.tokens, list(model.draft(1).tokens)) == ([*range(held), 60, 61], [62])


class Slow(Executor):
    """Work that is done when the test says so."""

    def __init__(self) -> None:
        self.finish: Callable[[], None] = lambda: None

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        self.finish = lambda: done.set_result(work(*args, **kwargs))
        return done


def test_what_is_under_way_counts_only_where_the_answer_still_goes() -> None:
    slow, reader = Slow(), Counting()
    model = DraftModel(lambda: reader, [1, 2, 3], slow)
    under_way = model.work(4)
    assert under_way is model.work(4)  # one at a time
    assert model.draft(4) is None
    slow.finish()
    assert list(model.draft(4).tokens) == [4]
    model.work(4)
    model.push(4)  # as was drafted: what is under way follows it
    slow.finish()
    assert list(model.draft(4).tokens) == [5]
    model.work(4)
    model.push(50)
    slow.finish()
    assert model.draft(4) is None
    model.work(4)
    slow.finish()
    assert list(model.draft(4).tokens) == [51]
    assert reader.tokens == [1, 2, 3, 4, 50]


def test_a_long_text_is_read_in_pieces_and_no_longer_than_anybody_wants_it() -> None:
    reader, slow = Counting(), Slow()
    model = DraftModel(lambda: reader, [7] * (3 * PIECE), slow)
    model.work(1)
    slow.finish()
    assert reader.pieces == [PIECE] * 3
    unwanted = DraftModel(lambda: reader, [8] * (3 * PIECE), slow)
    unwanted.work(1)
    unwanted.end()
    slow.finish()
    assert reader.pieces == [PIECE] * 3
    assert unwanted.work(1) is None


def test_a_draft_model_that_fails_is_never_missed(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Counting):
        def read(self, tokens: Sequence[int]) -> Tensor:
            raise RuntimeError("not enough memory")

    model = DraftModel(Broken, [1, 2, 3], AT_ONCE)
    assert model.work(1) is not None
    assert model.work(1) is None
    assert (model.draft(1), model.has_failed) == (None, True)
    assert "not enough memory" in caplog.text


def test_a_draft_model_that_gives_no_numbers_is_never_missed() -> None:
    class Broken(Counting):
        def read(self, tokens: Sequence[int]) -> Tensor:
            return super().read(tokens) * torch.nan

    model = DraftModel(Broken, [1, 2, 3], AT_ONCE)
    assert model.work(1) is not None
    assert (model.draft(1), model.work(1), model.has_failed) == (None, None, True)
    model.push(4)


@pytest.mark.parametrize("beside", ["at once", "in a thread"])
@pytest.mark.parametrize("drafter", [0, 1])
@pytest.mark.parametrize("seed", [None, 4])
async def test_a_draft_model_throws_the_same_dice(
    seed: int | None, drafter: int, beside: str, swarm: MemorySwarm
) -> None:
    """The model itself as its draft model is never wrong, greedy or sampled; another one changes no token."""
    executor = AT_ONCE if beside == "at once" else ThreadPoolExecutor(1)
    model = tiny_model("llama")
    two_servers(swarm, model)
    plain, drafting = swarm.session(SETTINGS), swarm.session(SETTINGS)
    expected = await tokens_of(plain, model, drafts=False, seed=seed)
    choice = None if seed is None else LogitsProcessorList([SeededChoice(seed)])
    reader = Reader(tiny_model("llama", seed=drafter))
    generation = Generation(
        shell_of(model),
        drafting,
        PROMPT,
        max_new_tokens=NEW,
        choice=choice,
        experience=LongTrips(),
        drafter=Scripted([]),
        draft_model=DraftModel(lambda: reader, PROMPT, executor, choice),
    )
    async with aclosing(generation.tokens()) as tokens:
        assert [token async for token in tokens] == expected
    assert generation.drafted > 0 or beside == "in a thread"  # which may come too late each time
    assert generation.accepted == generation.drafted or drafter == 1
    executor.shutdown()
    plain.close()
    drafting.close()


class SecondsApart(Experience):
    """Of servers to which a trip takes a second, and a tenth more for each further row."""

    trip_seconds = 1.0
    row_cost = 0.1


class SlowScript(Scripted):
    """A draft model that has a token ready each time when it is let work."""

    kind = 0
    seconds = 0.1
    guesses = None

    def __init__(self, script: Sequence[int]) -> None:
        super().__init__(script)
        self.worked = 0
        self._ready = 0
        self._done: Future[None] = Future()
        self._done.set_result(None)

    def push(self, token: int) -> None:
        was_right = list(super().draft(1).tokens) == [token]
        super().push(token)
        self._ready = max(0, self._ready - 1) if was_right else 0

    def work(self, longest: int) -> "Future[None] | None":
        if self._ready >= longest:
            return None
        self.worked += 1
        self._ready += 1
        return self._done

    def draft(self, longest: int) -> Draft | None:
        draft = super().draft(min(longest, self._ready))
        return draft and Draft(draft.tokens, self.kind)


@pytest.mark.parametrize("is_right", [True, False])
def test_a_draft_model_is_used_where_it_is_right_and_left_alone_where_it_is_not(is_right: bool) -> None:
    answer = list(range(100, 300))
    slow = SlowScript(answer if is_right else [0] * len(answer))
    servers = Servers()
    ahead = LookAhead(
        lambda hidden, position, extras: hidden,
        servers.send,
        states_of,
        Scripted([]),
        SecondsApart(),
        len(answer),
        slow=slow,
    )
    for position, token in enumerate(answer[:-1], start=7):
        ahead.saw(token)
        hidden = states_of([token], position)
        assert torch.equal(ahead(hidden, position, None), hidden)
    asked_for = len(answer) - 1
    if is_right:
        assert ahead.accepted == ahead.drafted > 0.9 * asked_for
        assert max(position + rows for position, rows in servers.steps) == 7 + asked_for
    else:
        assert slow.worked < asked_for / 5
        assert ahead.drafted < asked_for / 5
