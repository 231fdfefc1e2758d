import asyncio
import threading

import pytest

from engine.api.schema import ChatMessage, ChatRequest
from engine.errors import NotReady
from engine.swarm_client import LateReplies, in_daemon_thread

from .stand_in_engine import EchoReplies

ASK = ChatRequest(model="tiny", messages=(ChatMessage(role="user", content="one two"),))


async def test_late_replies():
    replies = LateReplies(lambda: "Preparing tiny: 3 %")
    assert await replies.models() == ()
    with pytest.raises(NotReady, match="Preparing tiny: 3 %"):
        await anext(replies.reply(ASK))
    replies.maker = EchoReplies()
    assert [info.name for info in await replies.models()] == ["tiny"]
    assert len([event async for event in replies.reply(ASK)]) == 3


async def test_the_thread_gives_its_result_or_its_failure():
    def fail() -> None:
        raise ValueError("no")

    assert await in_daemon_thread(lambda: threading.current_thread().daemon) is True
    with pytest.raises(ValueError, match="no"):
        await in_daemon_thread(fail)


async def test_a_result_that_nobody_waits_for_is_dropped():
    go_on = threading.Event()
    waiting = asyncio.create_task(in_daemon_thread(go_on.wait))
    await asyncio.sleep(0)
    waiting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0.05)
