"""What a swarm of real processes answers equals what the plain local model answers."""

import asyncio

import pytest

from engine.errors import MissingLayers
from engine.private_swarm import PrivateSwarm, even_spans

pytestmark = pytest.mark.starter

QUESTIONS = (
    "Why is the sky blue?",
    "Write a short poem about soup.",
    "List five animals that live in the sea, and say one thing about each.",
    "Explain to a child how a bicycle stays upright.",
    "What should one know before planting tomatoes? Answer at length.",
)
TOKENS = 128


@pytest.mark.parametrize("servers", [1, 2, 3])
async def test_greedy_tokens_equal_the_local_models(servers, starter_store, ask, stream, local_answer):
    store, manifest = starter_store
    prompts = [ask(question) for question in QUESTIONS]
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all(even_spans(manifest.n_layers, servers), threads=1)
        streams = [stream(swarm, prompt, TOKENS) for prompt in prompts]
        answers = await asyncio.gather(*(s.done for s in streams))
    for prompt, answer in zip(prompts, answers, strict=True):
        assert answer == local_answer(prompt, TOKENS)


async def test_servers_may_overlap_and_a_chain_takes_parts_of_their_spans(
    starter_store, ask, stream, local_answer
):
    store, manifest = starter_store
    prompt = ask(QUESTIONS[0])
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 20), (10, 30)], threads=1)
        answer = await stream(swarm, prompt, 24).done
    assert answer == local_answer(prompt, 24)


async def test_missing_layers_are_named(starter_store, ask, stream):
    store, manifest = starter_store
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 10), (20, 30)], threads=1)
        with pytest.raises(MissingLayers) as caught:
            await stream(swarm, ask(QUESTIONS[0]), 8).done
    assert caught.value.gaps == ((10, 20),)
    assert "layers 11–20 of 30" in str(caught.value)
