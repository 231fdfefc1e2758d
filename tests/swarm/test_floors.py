"""Real block servers of two precisions, and a client that demands one of them."""

from dataclasses import replace

import pytest

from engine.api.demands import Demands
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import TooCoarse
from engine.generate.events import Finished
from engine.generate.replies import Replies
from engine.private_swarm import PrivateSwarm
from tests.swarm.conftest import PATIENT

pytestmark = pytest.mark.starter

QUESTION = "Why is the sky blue?"
TOKENS = 8


async def answer(replies: Replies, model: str, demands: Demands | None) -> tuple[str, Finished]:
    request = ChatRequest(
        model=model,
        messages=(ChatMessage(role="user", content=QUESTION),),
        max_tokens=TOKENS,
        temperature=0,
        potluck=demands,
    )
    *pieces, end = [event async for event in replies.reply(request)]
    assert isinstance(end, Finished)
    return "".join(piece.text for piece in pieces), end


async def test_only_the_server_that_is_fine_enough_serves(starter_store, ask, shell, local_answer) -> None:
    store, manifest = starter_store
    exact = Demands(min_precision="float32")
    async with PrivateSwarm.open(store, manifest) as swarm:
        coarse = await swarm.add(0, manifest.n_layers, threads=1, precision="bfloat16")
        fine = await swarm.add(0, manifest.n_layers, threads=1, precision="float32")
        impatient = replace(PATIENT, opening_wait_seconds=0.5, repair_wait_seconds=0.5)
        replies = Replies(swarm.node, swarm.directory, store, impatient)
        try:
            await coarse.online()
            await fine.online()
            text, end = await answer(replies, manifest.name, exact)
            [hop] = end.report.hops
            assert (hop.peer, hop.precisions) == (fine.report.peer_id, (("float32", manifest.n_layers),))
            expected = local_answer(ask(QUESTION), TOKENS)
            assert text == shell.tokenizer.decode(expected, skip_special_tokens=True)
            await fine.stop()
            with pytest.raises(TooCoarse, match="served here only in bfloat16, and you asked for float32"):
                await answer(replies, manifest.name, exact)
            _, end = await answer(replies, manifest.name, None)
            [hop] = end.report.hops
            assert (hop.peer, hop.precision_words) == (coarse.report.peer_id, "bfloat16")
        finally:
            replies.close()
