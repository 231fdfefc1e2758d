import pytest

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import NotReady
from engine.swarm_client import LateReplies

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
