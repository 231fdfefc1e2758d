"""A real block server computes wrongly: audits find it, and answers go round it."""

import asyncio
import sys
from contextlib import aclosing

import pytest

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.audit.service import auditor_of
from engine.generate.events import Finished
from engine.generate.replies import Replies
from engine.peers.book import PeerBook
from engine.private_swarm import PrivateSwarm
from engine.settings import AuditSettings

pytestmark = pytest.mark.starter

LYING = (sys.executable, "-m", "tests.swarm.lying_server")
TOKENS = 24
ANSWERS = 12  # in which the liar has to be found


async def finished(replies: Replies, model: str, question: str) -> tuple[str, Finished]:
    """An answer's text, and how it came about."""
    request = ChatRequest(
        model=model,
        messages=[ChatMessage(role="user", content=question)],
        max_tokens=TOKENS,
        temperature=0,
    )
    text = ""
    async with aclosing(replies.reply(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return text, event
            text += event.text
    raise AssertionError("the answer did not end")


async def test_a_server_that_computes_wrongly_is_found_and_left_out(
    starter_store, ask, shell, local_answer
) -> None:
    store, manifest = starter_store
    async with PrivateSwarm.open(store, manifest) as swarm:
        liar = await swarm.add(15, 30, threads=1, command=LYING)
        await asyncio.gather(liar.online(), swarm.add_all([(0, 15)], threads=1))
        book = PeerBook()
        often = AuditSettings(share=1.0)
        auditor = auditor_of(swarm.node, swarm.directory, book, often, own_servers=())
        replies = Replies(swarm.node, swarm.directory, store, book=book, audit=auditor.watch)
        try:
            _, alone = await finished(replies, manifest.name, "What is bread?")
            assert liar.report.peer_id in {hop.peer for hop in alone.report.hops}
            assert not book.is_avoided(liar.report.peer_id)  # there is nobody to compare it with

            await swarm.add_all([(15, 30), (15, 30)], threads=1)
            for number in range(ANSWERS):
                await finished(replies, manifest.name, f"What is {number} plus {number}?")
                if book.is_avoided(liar.report.peer_id):
                    break
            assert book.is_avoided(liar.report.peer_id)
            assert not any(
                book.is_avoided(server.report.peer_id) for server in swarm.servers if server is not liar
            )

            question = "Why is the sky blue?"
            text, honest = await finished(replies, manifest.name, question)
            assert liar.report.peer_id not in {hop.peer for hop in honest.report.hops}
            assert text == shell.tokenizer.decode(
                local_answer(ask(question), TOKENS), skip_special_tokens=True
            )
        finally:
            replies.close()
