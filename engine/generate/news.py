"""Items as they come, and news that cannot wait for the next one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")
News = TypeVar("News")


async def with_news(
    items: AsyncIterator[Item], news: "asyncio.Queue[News]"
) -> AsyncGenerator[Item | News, None]:
    """Until the items end, whose failure is raised. Closing it cancels what waits for the next item."""
    coming = asyncio.ensure_future(_next(items))
    telling = asyncio.ensure_future(news.get())
    try:
        while True:
            await asyncio.wait({coming, telling}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                yield telling.result()
                telling = asyncio.ensure_future(news.get())
            elif found := coming.result():
                yield found[0]
                coming = asyncio.ensure_future(_next(items))
            else:
                return
    finally:
        coming.cancel()
        telling.cancel()
        await asyncio.gather(coming, telling, return_exceptions=True)


async def _next(items: AsyncIterator[Item]) -> tuple[Item, ...]:
    """Empty at the end: a task cannot raise StopAsyncIteration to who awaits it."""
    async for item in items:
        return (item,)
    return ()
