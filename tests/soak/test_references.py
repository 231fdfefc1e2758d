"""What the local model answers, and that a swarm which answers something else is found out."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
import torch
from torch import Tensor
from transformers import LogitsProcessorList

from engine.api.openai_schema import ChatRequest
from engine.generate.events import ReplyEvent
from engine.generate.replies import Replies
from engine.generate.sampling import SeededChoice
from engine.generate.shell_models import ShellModel, load_shell
from engine.host.forward import Forward
from engine.soak.chatting import Chat
from engine.soak.coverage import Coverage
from engine.soak.references import ClearChoices, Expected, Turn, expected_answers
from engine.soak.report import Recovery, SoakReport
from engine.soak.tally import Tally
from engine.weights.imports.importing import import_model
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.in_memory_swarm import IMPATIENT, MemoryServer, MemorySwarm
from tests.tiny_models import CHAT_CONTEXT, N_LAYERS, byte_tokenizer, chat_model

TURNS = (Turn("Hello?", 12), Turn("And?", 12, temperature=0.7, seed=4))
Stored = tuple[LayerStore, Manifest]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    tokenizer = byte_tokenizer()
    store = LayerStore(tmp_path_factory.mktemp("layers"))
    return store, import_model(chat_model(tokenizer), tokenizer, "tiny", store)


@pytest.fixture(scope="module")
def shell(stored: Stored) -> ShellModel:
    store, manifest = stored
    return load_shell(manifest, store)


@pytest.fixture(scope="module")
def expected(stored: Stored, shell: ShellModel) -> tuple[Expected, ...]:
    store, manifest = stored
    return expected_answers(shell, load_whole(manifest, store), TURNS)


@pytest.fixture
async def server(stored: Stored) -> AsyncIterator[tuple[MemorySwarm, MemoryServer]]:
    store, manifest = stored
    async with MemorySwarm() as swarm:
        model = load_whole(manifest, store)
        yield swarm, swarm.add(model, 0, N_LAYERS, digest=manifest.digest, context=CHAT_CONTEXT)


class FewReplies:
    """Ends the client's talking after some answers."""

    def __init__(self, replies: Replies, chat_of: Callable[["FewReplies"], Chat]) -> None:
        self._replies = replies
        self._left = 4
        self.chat = chat_of(self)

    def reply(self, request: ChatRequest) -> AsyncIterator[ReplyEvent]:
        self._left -= 1
        self.chat.is_going_on = self._left > 0
        return self._replies.reply(request)


async def soaked(swarm: MemorySwarm, store: LayerStore, expected: tuple[Expected, ...]) -> SoakReport:
    coverage, tally = Coverage([(0, N_LAYERS)], N_LAYERS), Tally()
    coverage.note(-1000.0, 0, True)
    replies = Replies(swarm, swarm, store, IMPATIENT)
    few = FewReplies(replies, lambda few: Chat(0, 0, few, [expected], coverage, tally, IMPATIENT))
    await few.chat.run()
    replies.close()
    await swarm.settled()
    return SoakReport("tiny", 0, 1.0, 1, 1, tally, [], Recovery.of([]), left=[])


def test_each_turn_holds_the_answers_before_it(shell, expected):
    first, second = expected
    said = "".join(piece.text for piece in first.pieces)
    assert [message.content for message in second.request.messages] == ["Hello?", said, "And?"]
    assert said == shell.tokenizer.decode(first.tokens, skip_special_tokens=True)
    assert first.request.max_tokens == len(first.tokens) > 0


async def test_a_swarm_that_answers_as_the_local_model_is_clean(server, stored, expected):
    swarm, _ = server
    assert (await soaked(swarm, stored[0], expected)).is_clean


async def test_a_server_that_gives_stale_outputs_makes_a_soak_fail(server, stored, expected, monkeypatch):
    swarm, lying = server
    honest = lying.runner.run
    last: list[list[Tensor]] = []

    def stale(forwards: Sequence[Forward], layers: object) -> list[Tensor]:
        last.append(honest(forwards, layers))
        before = last[max(0, len(last) - 2)]
        alike = [len(out) for out in before] == [len(out) for out in last[-1]]
        return before if alike else last[-1]

    monkeypatch.setattr(lying.runner, "run", stale)
    assert not (await soaked(swarm, stored[0], expected)).is_clean


def test_choices_are_clear_until_a_nudge_would_change_one():
    choices = ClearChoices(LogitsProcessorList)
    ids = torch.zeros(1, 1, dtype=torch.long)
    for scores in ([0.0, 9.0, 1.0], [5.0, 0.0, 1.0], [3.0, 3.0 + 1e-6, 0.0], [0.0, 9.0, 1.0]):
        assert torch.equal(choices(ids, torch.tensor([scores])), torch.tensor([scores]))
    assert choices.clear == 2


def test_a_nudge_draws_the_same_numbers_as_the_choice_itself():
    choices = ClearChoices(lambda: LogitsProcessorList([SeededChoice(3)]))
    plain = LogitsProcessorList([SeededChoice(3)])
    ids, scores = torch.zeros(1, 1, dtype=torch.long), torch.linspace(0, 1, 50)[None]
    for _ in range(20):
        assert torch.equal(choices(ids, scores.clone()), plain(ids, scores.clone()))
    assert choices.clear >= 15
