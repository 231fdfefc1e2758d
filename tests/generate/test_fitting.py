"""What a long chat leaves out, and news between items."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.openai_schema import ChatMessage
from engine.generate.fitting import KEPT, LONGEST, count_left_out, without
from engine.generate.news import with_news

CONTEXT = 80


def chat(*lengths: int, system: int = 0) -> list[ChatMessage]:
    turns = [
        ChatMessage(role="assistant" if at % 2 else "user", content="x" * length)
        for at, length in enumerate(lengths)
    ]
    return [ChatMessage(role="system", content="s" * system), *turns] if system else turns


def length(messages: Sequence[ChatMessage]) -> int:
    return sum(len(message.content) for message in messages)


@pytest.mark.parametrize(
    ("messages", "left_out"),
    [
        (chat(30, 30, 10), 0),  # seven eighths may be full
        (chat(31, 30, 10), 2),
        (chat(10, 10, 10, 10, 10, 10, 11), 2),  # 51 of at most 60
        (chat(1, 30, 1, 30, 30), 4),  # behind the first turn 61 would stay: too many
        (chat(20, 20, 20, 20, 20, system=10), 4),
        (chat(5, 100), 0),  # one question whose answer goes on: nothing can go
        (chat(30, 30, 100), 2),  # the newest alone, as long as it is
    ],
)
def test_the_oldest_turns_go_first(messages: list[ChatMessage], left_out: int) -> None:
    assert count_left_out(messages, CONTEXT, length) == left_out


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 20))
def test_what_is_kept_fits_begins_with_the_user_and_leaves_out_no_more_than_it_must(
    lengths: list[int], system: int
) -> None:
    messages = chat(*lengths, system=system)
    left_out = count_left_out(messages, CONTEXT, length)
    kept = without(messages, left_out)
    turns = [message for message in kept if message.role != "system"]
    assert turns[0].role == "user"
    assert kept[-1] is messages[-1]
    assert (kept[0].role == "system") == bool(system)
    if left_out == 0:
        assert length(messages) <= LONGEST * CONTEXT or len(lengths) <= 2
    elif len(turns) > 2:
        assert length(kept) <= KEPT * CONTEXT
    if left_out > 2:
        assert length(without(messages, left_out - 2)) > KEPT * CONTEXT


async def test_news_comes_between_items_and_failures_come_through() -> None:
    news: asyncio.Queue[str] = asyncio.Queue()
    go_on = asyncio.Event()

    async def items() -> AsyncIterator[int]:
        yield 1
        news.put_nowait("wait")
        await go_on.wait()
        yield 2
        raise ValueError("broken")

    told = with_news(items(), news)
    assert [await anext(told), await anext(told)] == [1, "wait"]
    go_on.set()
    assert await anext(told) == 2
    with pytest.raises(ValueError, match="broken"):
        await anext(told)


async def test_leaving_ends_what_waits_for_the_next_item() -> None:
    ended = asyncio.Event()

    async def items() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended.set()

    told = with_news(items(), asyncio.Queue())
    assert await anext(told) == 1
    waiting = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert ended.is_set()
