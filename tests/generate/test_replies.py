"""Replies through servers in this process: the local model's text, turn by turn, and what goes wrong."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from engine.api.completion_schema import CompletionRequest
from engine.api.demands import Demands
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import BadModelFile, BadRequest, MissingLayers, PromptTooLong, TooCoarse, UnknownModel
from engine.generate.events import Finished, TextPiece
from engine.generate.prompt import Prompt, prompt_ids, read
from engine.generate.replies import Replies
from engine.host.runner import Forward
from engine.peers.book import PeerBook
from engine.weights.imports.importing import import_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.in_memory_swarm import IMPATIENT, Fault, MemoryServer, MemoryStream, MemorySwarm, MemoryWatch
from tests.tiny_models import CHAT_CONTEXT, byte_tokenizer, chat_model, greedy

SETTINGS = replace(IMPATIENT, chunk_tokens=32)


@dataclass(frozen=True)
class Chat:
    """A model that chats, in a store and as it is."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    store: LayerStore
    manifest: Manifest

    def prompt(self, turns: Sequence[ChatMessage]) -> list[int]:
        return prompt_ids(self.tokenizer, turns, CHAT_CONTEXT)

    def local(self, turns: Sequence[ChatMessage], count: int) -> str:
        """What the plain local model says."""
        return self.tokenizer.decode(greedy(self.model, self.prompt(turns), count))


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Chat:
    tokenizer = byte_tokenizer()
    model = chat_model(tokenizer)
    store = LayerStore(tmp_path_factory.mktemp("layers"))
    return Chat(model, tokenizer, store, import_model(model, tokenizer, "tiny", store))


def serve(swarm: MemorySwarm, chat: Chat, start: int, end: int, **how: Any) -> MemoryServer:
    return swarm.add(chat.model, start, end, digest=chat.manifest.digest, context=CHAT_CONTEXT, **how)


@pytest.fixture
async def servers(swarm: MemorySwarm, chat: Chat) -> tuple[MemoryServer, MemoryServer]:
    return serve(swarm, chat, 0, 2), serve(swarm, chat, 2, 5)


@pytest.fixture
async def replies(swarm: MemorySwarm, chat: Chat) -> AsyncIterator[Replies]:
    replies = Replies(swarm, swarm, chat.store, SETTINGS, drafts=False)
    yield replies
    replies.close()
    await swarm.settled()
    for server in swarm.servers.values():
        assert server.runner.cache_used_bytes == 0


@dataclass
class Answer:
    pieces: list[TextPiece] = field(default_factory=list)
    end: Finished | None = None

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def said(*contents: str) -> tuple[ChatMessage, ...]:
    """Turns of a user and the assistant."""
    return tuple(
        ChatMessage(role="assistant" if number % 2 else "user", content=content)
        for number, content in enumerate(contents)
    )


def asked(turns: Sequence[ChatMessage], **fields: Any) -> ChatRequest:
    return ChatRequest(
        **{"model": "tiny", "messages": tuple(turns), "max_tokens": 12, "temperature": 0} | fields
    )


async def answer(
    replies: Replies, turns: Sequence[ChatMessage], result: Answer | None = None, **fields: Any
) -> Answer:
    """The answer, read to its end into `result`, which keeps what came before a failure."""
    result = result or Answer()
    async with aclosing(replies.reply(asked(turns, **fields))) as events:
        async for event in events:
            if isinstance(event, Finished):
                result.end = event
            else:
                result.pieces.append(event)
    return result


HELLO = said("Hello, who are you?")

Servers = tuple[MemoryServer, MemoryServer]


async def test_a_reply_is_what_the_local_model_says(chat: Chat, servers: Servers, replies: Replies) -> None:
    result = await answer(replies, HELLO, max_tokens=20)
    assert result.text == chat.local(HELLO, 20)
    assert len(result.text) == 20
    assert [piece.tokens for piece in result.pieces] == list(range(1, 21))
    assert (result.end.reason, result.end.completion_tokens) == ("length", 20)
    assert result.end.prompt_tokens == len(chat.prompt(HELLO))
    report = result.end.report
    assert (report.reused_prompt_tokens, report.replayed_spans) == (0, 0)
    assert [(hop.start, hop.end) for hop in report.hops] == [(0, 2), (2, 5)]
    assert report.trips == report.hops[0].steps == 19 + 1  # the prompt fits into one chunk
    assert report.seconds_to_first_token > 0
    assert report.tokens_per_s > 0


async def test_a_text_goes_on_without_a_template(chat: Chat, servers: Servers, replies: Replies) -> None:
    text = "Once upon a time"
    request = CompletionRequest(model="tiny", prompt=(text,), max_tokens=12, temperature=0)
    pieces, end = [], None
    async with aclosing(replies.reply(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                end = event
            else:
                pieces.append(event.text)
    ids = chat.tokenizer(text).input_ids
    assert "".join(pieces) == chat.tokenizer.decode(greedy(chat.model, ids, 12))
    assert (end.prompt_tokens, end.completion_tokens) == (len(ids), 12)


async def test_a_demanded_floor_keeps_to_servers_that_are_fine_enough(
    chat: Chat, servers: Servers, swarm: MemorySwarm, replies: Replies
) -> None:
    """A session that is held from a turn without the demand is of no use."""
    servers[0].layer_precisions = (("nf4", 2),)
    first = await answer(replies, HELLO)
    assert [hop.precision_words for hop in first.end.report.hops] == ["nf4", "float32"]
    turns = (*HELLO, *said("", first.text)[1:], *said("And what do you like?"))
    demand = Demands(min_precision="int8")
    with pytest.raises(TooCoarse, match=r"served here only in nf4, and you asked for int8 or better"):
        await answer(replies, turns, potluck=demand)
    fine = serve(swarm, chat, 0, 2)
    second = await answer(replies, turns, potluck=demand)
    assert second.text == chat.local(turns, 12)
    assert [hop.peer for hop in second.end.report.hops] == [fine.peer, servers[1].peer]
    assert [hop.precisions for hop in second.end.report.hops] == [(("float32", 2),), (("float32", 3),)]
    assert second.end.report.reused_prompt_tokens == 0


async def test_a_following_turn_sends_only_its_new_tokens(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    first = await answer(replies, HELLO)
    for server in servers:
        server.batcher.steps.clear()
    turns = (*HELLO, *said("", first.text)[1:], *said("And what do you like?"))
    second = await answer(replies, turns)
    assert second.text == chat.local(turns, 12)
    held = len(chat.prompt(HELLO)) + 11  # the last token of an answer is never sent
    assert second.end.report.reused_prompt_tokens == held
    for server in servers:
        assert server.opened == 1
        assert server.batcher.steps[0][0] == held
        assert sum(tokens for _, tokens in server.batcher.steps) == len(chat.prompt(turns)) - held + 11


async def test_an_answer_made_again_reuses_its_prompt(chat: Chat, servers: Servers, replies: Replies) -> None:
    first, again = await answer(replies, HELLO), await answer(replies, HELLO)
    assert first.text == again.text
    assert again.end.report.reused_prompt_tokens == len(chat.prompt(HELLO)) - 1
    assert servers[0].opened == 1


async def test_another_chat_gets_a_session_of_its_own(chat: Chat, servers: Servers, replies: Replies) -> None:
    await answer(replies, HELLO)
    other = said("Something that begins otherwise and is about as long")
    result = await answer(replies, other)
    assert result.text == chat.local(other, 12)
    assert (result.end.report.reused_prompt_tokens, servers[0].opened) == (0, 2)


async def test_replies_at_once_do_not_mix(chat: Chat, servers: Servers, replies: Replies) -> None:
    chats = [said(f"{number}. question, {'long ' * number}") for number in range(6)]
    results = await asyncio.gather(*(answer(replies, turns) for turns in chats))
    assert [result.text for result in results] == [chat.local(turns, 12) for turns in chats]
    assert servers[0].opened == 6
    async with asyncio.timeout(30):
        while len(servers[0].batcher.sessions) > 4:  # as many as are held for a next turn
            await servers[0].spans.sessions_changed()
    assert len(servers[0].batcher.sessions) == 4
    assert max(servers[0].runner.rows) > 1


# --- where an answer ends


@pytest.mark.parametrize("fields", [{"max_tokens": 1}, {"max_tokens": 9, "max_completion_tokens": 5}])
async def test_an_answer_has_no_more_tokens_than_asked_for(
    fields: dict[str, int], chat: Chat, servers: Servers, replies: Replies
) -> None:
    count = min(fields.values())
    result = await answer(replies, HELLO, **fields)
    assert result.text == chat.local(HELLO, count)
    assert (result.end.reason, result.end.completion_tokens) == ("length", count)


@pytest.mark.parametrize("limit", [None, 50])
async def test_an_answer_ends_where_the_model_s_context_ends(
    limit: int | None, chat: Chat, servers: Servers, replies: Replies
) -> None:
    turns = said("x" * (CHAT_CONTEXT - 15))
    room = CHAT_CONTEXT - len(chat.prompt(turns))
    assert 5 < room < 50
    result = await answer(replies, turns, max_tokens=limit)
    assert result.text == chat.local(turns, room)
    assert (result.end.reason, result.end.completion_tokens) == ("length", room)


async def test_an_answer_ends_before_a_stop_string(chat: Chat, servers: Servers, replies: Replies) -> None:
    whole = chat.local(HELLO, 30)
    stop = whole[11:14]
    result = await answer(replies, HELLO, max_tokens=30, stop=["never said", stop])
    assert result.text == whole[: whole.index(stop)]
    assert result.end.reason == "stop"
    assert result.end.completion_tokens == whole.index(stop) + len(stop)
    turns = (*HELLO, *said("", result.text)[1:], *said("Go on"))
    following = await answer(replies, turns)
    assert following.text == chat.local(turns, 12)
    assert following.end.report.reused_prompt_tokens == len(chat.prompt(HELLO)) + len(result.text)


async def test_a_stop_string_that_never_comes_holds_nothing_back(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    whole = chat.local(HELLO, 12)
    result = await answer(replies, HELLO, stop=whole[-2:] + "never")
    assert (result.text, result.end.reason) == (whole, "length")


async def test_an_answer_ends_with_the_model_s_own_stop_token(
    chat: Chat, swarm: MemorySwarm, tmp_path: Path
) -> None:
    whole = chat.local(HELLO, 12)
    [stop] = chat.tokenizer(whole[7]).input_ids
    model = chat_model(chat.tokenizer)
    model.generation_config.eos_token_id = [chat.tokenizer.eos_token_id, stop]
    store = LayerStore(tmp_path / "layers")
    stopping = Chat(model, chat.tokenizer, store, import_model(model, chat.tokenizer, "tiny", store))
    serve(swarm, stopping, 0, 5)
    result = await answer(replies := Replies(swarm, swarm, store, SETTINGS), HELLO)
    assert result.end.reason == "stop"
    assert result.end.completion_tokens == whole.index(whole[7]) + 1
    replies.close()


async def test_a_model_whose_config_switches_the_cache_off_is_sent_each_token_once(
    chat: Chat, swarm: MemorySwarm, tmp_path: Path
) -> None:
    model = chat_model(chat.tokenizer)
    model.generation_config.use_cache = False
    store = LayerStore(tmp_path / "layers")
    uncached = Chat(model, chat.tokenizer, store, import_model(model, chat.tokenizer, "tiny", store))
    server = serve(swarm, uncached, 0, 5)
    result = await answer(replies := Replies(swarm, swarm, store, SETTINGS), HELLO)
    assert result.text == chat.local(HELLO, 12)
    assert sum(tokens for _, tokens in server.batcher.steps) == len(chat.prompt(HELLO)) + 11
    replies.close()


# --- choosing


async def test_a_seed_means_the_same_answer_whatever_else_is_asked(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    hot = {"temperature": 1.5, "max_tokens": 20}
    alone = await answer(replies, HELLO, seed=7, **hot)
    crowd = await asyncio.gather(*(answer(replies, HELLO, seed=seed, **hot) for seed in (7, 8, 7, 9)))
    texts = [result.text for result in crowd]
    assert texts[0] == texts[2] == alone.text
    assert len({*texts, chat.local(HELLO, 20)}) == 4


# --- leaving early


class Slow:
    """Makes every forward take a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self, forwards: Sequence[Forward]) -> None:
        time.sleep(self.seconds)


async def first_pieces(replies: Replies, turns: Sequence[ChatMessage], count: int, **fields: Any) -> str:
    """The text up to the `count`-th piece; the answer is stopped there."""
    text, pieces = "", 0
    async with aclosing(replies.reply(asked(turns, **fields))) as events:
        async for event in events:
            text, pieces = text + event.text, pieces + 1
            if pieces == count:
                break
    return text


async def test_an_answer_that_is_stopped_ends_at_once_and_its_session_goes_on(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    servers[0].runner.before = Slow(0.02)
    text = await first_pieces(replies, HELLO, 4, max_tokens=200)
    assert len(servers[0].batcher.steps) < 100  # the whole answer takes two hundred
    assert text == chat.local(HELLO, 4)
    turns = (*HELLO, *said("", text)[1:], *said("Go on"))
    second = await answer(replies, turns)
    assert second.text == chat.local(turns, 12)
    assert second.end.report.reused_prompt_tokens >= len(chat.prompt(HELLO)) + 3
    assert servers[0].opened == 1


async def test_stopping_does_not_wait_for_a_step_that_is_under_way(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    opened, reached = threading.Event(), threading.Event()

    def hold(forwards: Sequence[Forward]) -> None:
        if forwards[0].session.length > len(chat.prompt(HELLO)) + 3:
            reached.set()
            assert opened.wait(60)

    servers[1].runner.before = hold
    reading = asyncio.create_task(first_pieces(replies, HELLO, 100, max_tokens=100))
    await asyncio.to_thread(reached.wait, 30)
    reading.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await reading
    opened.set()
    again = await answer(replies, HELLO)
    assert again.text == chat.local(HELLO, 12)
    assert servers[0].opened == 1


async def test_a_session_that_breaks_under_a_stopped_answer_is_not_used_for_the_next(
    chat: Chat, servers: Servers, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, reached = threading.Event(), threading.Event()

    def hold(forwards: Sequence[Forward]) -> None:
        if forwards[0].session.length > len(chat.prompt(HELLO)) + 3:
            reached.set()
            assert opened.wait(60)

    servers[1].runner.before = hold
    reading = asyncio.create_task(first_pieces(replies, HELLO, 100, max_tokens=100))
    await asyncio.to_thread(reached.wait, 30)
    reading.cancel()
    await asyncio.wait({reading})
    [held] = replies._held._idle
    resting, rest = asyncio.Event(), held.session.rest

    async def noticed_rest() -> None:
        resting.set()
        await rest()

    monkeypatch.setattr(held.session, "rest", noticed_rest)
    again = asyncio.create_task(answer(replies, HELLO))
    await resting.wait()
    held.session.close()
    opened.set()
    assert (await again).text == chat.local(HELLO, 12)
    assert servers[0].opened == 2


async def test_an_answer_that_is_stopped_while_it_opens_leaves_nothing_open(
    chat: Chat, swarm: MemorySwarm, replies: Replies
) -> None:
    looking, go_on = asyncio.Event(), asyncio.Event()

    async def spans(model: str) -> Sequence[Any]:
        looking.set()
        await go_on.wait()
        return await MemorySwarm.spans(swarm, model)

    server = serve(swarm, chat, 0, 5)
    watch = partial(MemoryWatch, type("Directory", (), {"spans": staticmethod(spans)})())
    replies._directory = type("Directory", (), {"watch": staticmethod(watch)})()
    reading = asyncio.create_task(first_pieces(replies, HELLO, 100))
    await looking.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    go_on.set()
    async with asyncio.timeout(30):
        while not server.opened:  # noqa: ASYNC110 (a plain number)
            await asyncio.sleep(0.01)
    await swarm.settled()
    assert server.opened == 1
    assert not server.batcher.sessions


# --- what goes wrong


async def test_an_unknown_model_is_named(servers: Servers, replies: Replies) -> None:
    with pytest.raises(UnknownModel, match=r"“huge”.*Known models: tiny"):
        await answer(replies, HELLO, model="huge")


async def test_a_prompt_that_is_too_long_sends_nothing(
    chat: Chat, swarm: MemorySwarm, servers: Servers, replies: Replies
) -> None:
    with pytest.raises(PromptTooLong, match=f"at most {CHAT_CONTEXT}"):
        await answer(replies, said("x" * CHAT_CONTEXT))
    assert swarm.dialled == []


async def test_a_template_that_refuses_is_the_callers_to_mend(
    chat: Chat, servers: Servers, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = await replies._shells.get(chat.manifest)
    refusal = "{{ raise_exception('Roles must alternate.') }}"
    monkeypatch.setattr(shell.tokenizer, "chat_template", refusal)
    with pytest.raises(BadRequest, match=r"refuses this conversation \(Roles must alternate\.\)"):
        await answer(replies, HELLO)


async def test_a_long_prompt_is_read_beside_the_event_loop(
    servers: Servers, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[threading.Thread] = []

    def slow(*args: Any) -> Prompt:
        readers.append(threading.current_thread())
        return read(*args)

    monkeypatch.setattr("engine.generate.replies.read", slow)
    await answer(replies, HELLO)
    assert readers != []
    assert threading.main_thread() not in readers


async def test_an_answer_that_cannot_be_begun_gives_its_session_back(
    chat: Chat, servers: Servers, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await answer(replies, HELLO)

    def broken(*_: object) -> None:
        raise BadRequest("Nothing can be chosen from.")

    with monkeypatch.context() as patched:
        patched.setattr("engine.generate.replies.choice_of", broken)
        with pytest.raises(BadRequest):
            await answer(replies, HELLO)
    again = await answer(replies, HELLO)
    assert again.text == first.text
    assert again.end is not None
    assert again.end.report.reused_prompt_tokens == len(chat.prompt(HELLO)) - 1


async def test_missing_layers_are_named(chat: Chat, swarm: MemorySwarm, replies: Replies) -> None:
    serve(swarm, chat, 0, 3)
    with pytest.raises(MissingLayers, match="nobody serves layers 4–5 of 5") as caught:
        await answer(replies, HELLO)
    assert caught.value.gaps == ((3, 5),)


async def dies(stream: MemoryStream, said: bytes) -> None:
    stream.close()


async def test_what_was_said_before_the_swarm_failed_is_kept(
    chat: Chat, swarm: MemorySwarm, replies: Replies
) -> None:
    serve(swarm, chat, 0, 2)
    faulty = serve(swarm, chat, 2, 5, fault=Fault(6, dies))
    broken_off = Answer()
    with pytest.raises(MissingLayers):
        await answer(replies, HELLO, broken_off)
    assert broken_off.text == chat.local(HELLO, 5)
    faulty.fault, replies._book = None, PeerBook()  # a while later
    assert (await answer(replies, HELLO)).text == chat.local(HELLO, 12)


async def test_a_server_that_dies_in_mid_answer_is_replaced(
    chat: Chat, swarm: MemorySwarm, replies: Replies
) -> None:
    serve(swarm, chat, 0, 2)
    serve(swarm, chat, 2, 5, fault=Fault(6, dies))
    serve(swarm, chat, 2, 5, step_seconds=0.5)
    result = await answer(replies, HELLO)
    assert result.text == chat.local(HELLO, 12)
    assert result.end.report.replayed_spans == 1


async def test_a_session_whose_server_left_between_turns_is_rebuilt(
    chat: Chat, swarm: MemorySwarm, servers: Servers, replies: Replies
) -> None:
    first = await answer(replies, HELLO)
    serve(swarm, chat, 2, 5)
    servers[1].die()
    turns = (*HELLO, *said("", first.text)[1:], *said("Still there?"))
    second = await answer(replies, turns)
    assert second.text == chat.local(turns, 12)
    assert second.end.report.replayed_spans == 1
    assert second.end.report.reused_prompt_tokens > 0


async def test_a_shell_that_cannot_be_loaded_is_asked_for_again(
    chat: Chat, servers: Servers, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(manifest: Manifest, store: LayerStore) -> None:
        raise BadModelFile("The weights do not fit the model.")

    with monkeypatch.context() as patched:
        patched.setattr(replies._shells, "_load", broken)
        with pytest.raises(BadModelFile):
            await answer(replies, HELLO)
    assert (await answer(replies, HELLO)).text == chat.local(HELLO, 12)


# --- what is there


async def test_models_tell_what_of_them_is_served(chat: Chat, swarm: MemorySwarm, replies: Replies) -> None:
    [info] = await replies.models()
    assert (info.name, info.digest, info.n_layers) == ("tiny", chat.manifest.digest, 5)
    assert (info.context, info.local, info.complete, info.gaps) == (CHAT_CONTEXT, True, False, ((0, 5),))
    serve(swarm, chat, 0, 2), serve(swarm, chat, 1, 3), serve(swarm, chat, 4, 5)
    [info] = await replies.models()
    assert (info.servers, info.covered, info.gaps) == (3, ((0, 3), (4, 5)), ((3, 4),))


async def test_closing_lets_go_of_the_held_sessions(
    chat: Chat, swarm: MemorySwarm, servers: Servers, replies: Replies
) -> None:
    await answer(replies, HELLO)
    assert [len(server.batcher.sessions) for server in servers] == [1, 1]
    replies.close()
    await swarm.settled()
    assert [len(server.batcher.sessions) for server in servers] == [0, 0]


async def test_a_chat_that_is_too_long_leaves_its_oldest_turns_out_where_that_is_asked_for(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    turns = said("a" * (CHAT_CONTEXT // 2), "Yes.", "b" * (CHAT_CONTEXT // 2), "No.", "And now?")
    result = await answer(replies, turns, max_tokens=4, potluck=Demands(fit=True))
    assert result.end.report.left_out == 2
    assert result.text == chat.local(turns[2:], 4)
    assert (await answer(replies, HELLO, potluck=Demands(fit=True))).end.report.left_out == 0


async def test_an_answer_that_was_cut_is_gone_on_with(chat: Chat, servers: Servers, replies: Replies) -> None:
    whole = await answer(replies, HELLO, max_tokens=12)
    begun = chat.local(HELLO, 5)
    turns = (*HELLO, ChatMessage(role="assistant", content=begun))
    rest = await answer(replies, turns, max_tokens=7, potluck=Demands(go_on=True))
    assert begun + rest.text == whole.text


async def test_only_the_assistants_turn_is_gone_on_with(servers: Servers, replies: Replies) -> None:
    with pytest.raises(BadRequest, match="Only an assistant's message"):
        await answer(replies, HELLO, potluck=Demands(go_on=True))


@pytest.mark.parametrize("asks", [True, False])
async def test_who_asks_is_told_when_layers_are_served_by_somebody_else(
    chat: Chat, swarm: MemorySwarm, replies: Replies, asks: bool
) -> None:
    async def ends(stream: MemoryStream, _: bytes) -> None:
        stream.close()

    serve(swarm, chat, 0, 2)
    serve(swarm, chat, 2, 5, fault=Fault(4, ends))
    serve(swarm, chat, 2, 5, step_seconds=0.5)
    result = await answer(replies, HELLO, potluck=Demands(tell_repairs=asks))
    assert result.text == chat.local(HELLO, 12)
    assert result.end.report.replayed_spans == 1
    told = [piece.status.repairing for piece in result.pieces if piece.status is not None]
    assert told == ([((2, 5),), ()] if asks else [])


@pytest.mark.parametrize("asks", [True, False])
async def test_who_asks_hears_how_an_answer_came_about_before_its_end(
    servers: Servers, replies: Replies, asks: bool
) -> None:
    result = await answer(replies, HELLO, potluck=Demands(tell_repairs=asks))
    reports = [piece.report for piece in result.pieces if piece.report is not None]
    assert bool(reports) == asks
    for report in reports:
        assert 0 < report.tokens <= result.end.report.tokens == result.end.completion_tokens
        assert [(hop.start, hop.end) for hop in report.hops] == [
            (hop.start, hop.end) for hop in result.end.report.hops
        ]
