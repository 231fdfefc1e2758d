"""Chats that begin alike, and answers made again: each goes on from what the other one's servers hold."""

import asyncio
from contextlib import aclosing

import pytest

from engine.api.openai_schema import ChatMessage
from engine.generate.replies import Replies
from tests.generate.test_replies import (
    Chat,
    Servers,
    answer,
    asked,
    chat,
    replies,
    said,
    serve,
    servers,
)
from tests.in_memory_swarm import MemorySwarm

__all__ = ["chat", "replies", "servers"]

SYSTEM = ChatMessage(role="system", content="You answer in one word. " * 6)
FIRST = (SYSTEM, *said("Which is the largest of the planets, and which one has the most moons around it?"))
SECOND = (SYSTEM, *said("What is water made of?"))
ANSWER = 70  # tokens: more than is given up for a session that one already has


def common(chat: Chat, *chats: tuple[ChatMessage, ...]) -> int:
    """Leading prompt tokens that two chats share."""
    one, other = (chat.prompt(turns) for turns in chats)
    return next(n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)


async def test_a_chat_with_the_same_system_prompt_shares_it_and_leaves_the_other_alone(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    first = await answer(replies, FIRST)
    for server in servers:
        server.batcher.steps.clear()
    second = await answer(replies, SECOND)
    shared = common(chat, FIRST, SECOND)
    assert second.text == chat.local(SECOND, 12)
    assert second.end.report.reused_prompt_tokens == shared > 128
    for server in servers:
        assert server.batcher.steps[0][0] == shared
    turns = (*FIRST, *said("", first.text)[1:], *said("Why?"))
    third = await answer(replies, turns)
    assert third.text == chat.local(turns, 12)
    assert third.end.report.reused_prompt_tokens == len(chat.prompt(FIRST)) + 11
    assert [server.opened for server in servers] == [2, 2]


async def test_an_answer_made_again_leaves_the_first_one_usable(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    first = await answer(replies, SECOND, max_tokens=ANSWER)
    again = await answer(replies, SECOND, max_tokens=ANSWER)
    assert first.text == again.text == chat.local(SECOND, ANSWER)
    assert again.end.report.reused_prompt_tokens == len(chat.prompt(SECOND)) - 1
    turns = (*SECOND, *said("", first.text)[1:], *said("Sure?"))
    assert (await answer(replies, turns)).text == chat.local(turns, 12)
    edited = (*SECOND[:-1], *said("What is water good for?"))
    result = await answer(replies, edited)
    assert result.text == chat.local(edited, 12)
    assert result.end.report.reused_prompt_tokens == common(chat, SECOND, edited)


async def test_chats_that_begin_while_another_one_is_answered_share_with_it(
    chat: Chat, servers: Servers, replies: Replies
) -> None:
    chats = [(SYSTEM, *said(f"Question {number}?")) for number in range(4)]
    async with aclosing(replies.reply(asked(FIRST))) as events:
        await anext(events)
        others = await asyncio.gather(*(answer(replies, turns) for turns in chats))
        text = "".join([event.text async for event in events if hasattr(event, "text")])
    assert chat.local(FIRST, 12).endswith(text)
    for turns, other in zip(chats, others, strict=True):
        assert other.text == chat.local(turns, 12)
        assert other.end.report.reused_prompt_tokens >= common(chat, FIRST, turns)


@pytest.mark.parametrize("at", [0, 1])
async def test_a_chat_that_shares_survives_a_server(
    at: int, chat: Chat, servers: Servers, replies: Replies, swarm: MemorySwarm
) -> None:
    await answer(replies, FIRST)
    result = None
    async with aclosing(replies.reply(asked(SECOND))) as events:
        pieces = [(await anext(events)).text]
        serve(swarm, chat, *((0, 2), (2, 5))[at], step_seconds=0.5)
        servers[at].die()
        async for event in events:
            pieces.append(getattr(event, "text", ""))
            result = event
    assert "".join(pieces) == chat.local(SECOND, 12)
    assert result.report.replayed_spans == 1
    assert result.report.reused_prompt_tokens == common(chat, FIRST, SECOND)


async def test_where_it_cannot_be_shared_the_prompt_is_sent(
    chat: Chat, servers: Servers, replies: Replies, swarm: MemorySwarm
) -> None:
    await answer(replies, FIRST)
    servers[1].die()
    serve(swarm, chat, 2, 5, step_seconds=0.5)
    second = await answer(replies, SECOND)
    assert second.text == chat.local(SECOND, 12)
