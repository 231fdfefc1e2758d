"""The same questions to a swarm and to llama.cpp's server, in turn, on the same threads."""

import asyncio
from collections.abc import AsyncIterator

from engine.bench.figures import Figure, figure
from engine.bench.limits import PRODUCTS
from engine.bench.llama_server import LlamaServer, running
from engine.bench.prompts import of_length, story
from engine.bench.settings import Bench
from engine.bench.swarms import THREADS, near
from engine.bench.timing import locally, rate_of_all, through_swarm, together
from engine.private_swarm import PrivateSwarm

OF = "of llama.cpp's server"
PROMPT_ROOM = 256  # tokens of a question


async def beside_llama(bench: Bench) -> AsyncIterator[Figure]:
    """Nothing where there is none."""
    settings, llama = bench.settings, bench.llama
    if llama is None:
        return
    scenario = f"Beside llama.cpp's server with weights in {llama.weights}"
    longest = max(bench.prompts, default=0) + settings.tokens + PROMPT_ROOM
    async with running(llama, THREADS, 1, longest) as server:
        for servers in sorted({1, bench.most_servers}):
            async with near(bench.store, bench.shell.manifest, servers) as swarm:
                yield await _one(bench, swarm, server, scenario, servers)
                if servers == 1:
                    yield await _local(bench, server, scenario)
                    for tokens in bench.prompts:
                        yield await _prompt(bench, swarm, server, scenario, tokens)
    most = max(settings.streams)
    async with (
        running(llama, THREADS, most, settings.tokens + PROMPT_ROOM) as server,
        near(bench.store, bench.shell.manifest, 1) as swarm,
    ):
        for streams in settings.streams:
            yield await _many(bench, swarm, server, scenario, streams)


async def _one(bench: Bench, swarm: PrivateSwarm, server: LlamaServer, scenario: str, servers: int) -> Figure:
    prompt, tokens = story(bench.shell, 0), bench.settings.tokens
    ratios, limits = [], []
    await through_swarm(swarm, bench.shell, prompt, 8)
    for _ in range(bench.settings.rounds):
        theirs = await server.answer(prompt, tokens)
        ours = await through_swarm(swarm, bench.shell, prompt, tokens)
        ratios.append(ours.rate / theirs.rate)
        limits.append(1 / bench.products.token_seconds() / theirs.rate)
    name = f"one stream through {servers} {'server' if servers == 1 else 'servers'}, tokens/s"
    return figure(scenario, name, ratios, OF, limits, PRODUCTS)


async def _local(bench: Bench, server: LlamaServer, scenario: str) -> Figure:
    prompt, tokens, ratios = story(bench.shell, 0), bench.settings.tokens, []
    for _ in range(bench.settings.rounds):
        theirs = await server.answer(prompt, tokens)
        ratios.append((await locally(bench.local, prompt, tokens)).rate / theirs.rate)
    return figure(scenario, "transformers' generate(), tokens/s", ratios, OF)


async def _prompt(
    bench: Bench, swarm: PrivateSwarm, server: LlamaServer, scenario: str, tokens: int
) -> Figure:
    ratios, limits = [], []
    for number in range(bench.settings.rounds):
        prompt = of_length(bench.shell, tokens, number)
        theirs = (await server.answer(prompt, 2)).first_token_seconds
        ours = (await through_swarm(swarm, bench.shell, prompt, 2)).first_token_seconds
        ratios.append(ours / theirs)
        limits.append(bench.products.layers_seconds(tokens, 1) / theirs)
    name = f"a prompt of {tokens:,} tokens, seconds to the first token"
    return figure(scenario, name, ratios, OF, limits, PRODUCTS)


async def _many(
    bench: Bench, swarm: PrivateSwarm, server: LlamaServer, scenario: str, streams: int
) -> Figure:
    prompts, tokens = [story(bench.shell, number) for number in range(streams)], bench.settings.tokens
    ratios = []
    for _ in range(bench.settings.rounds):
        theirs = rate_of_all(await asyncio.gather(*(server.answer(prompt, tokens) for prompt in prompts)))
        ratios.append(await together(swarm, bench.shell, prompts, tokens) / theirs)
    return figure(scenario, f"{streams} at once through 1 server, tokens/s", ratios, OF)
