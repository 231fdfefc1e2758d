"""The same questions to a swarm and to llama.cpp's server, in turn, on the same threads."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from engine.bench.compare import Answers, Beside, decoding, reading, through_servers
from engine.bench.figures import Figure, figure
from engine.bench.llama_server import LlamaServer, running
from engine.bench.prompts import story
from engine.bench.settings import Bench
from engine.bench.swarms import THREADS, near
from engine.bench.timing import locally, rate_of_all, through_swarm, together
from engine.private_swarm import PrivateSwarm

OF = "of llama.cpp's server"
PROMPT_ROOM = 256  # tokens of a question


async def beside_llama(bench: Bench) -> AsyncIterator[Figure]:
    """Nothing where there is none."""
    if bench.llama is None:
        return
    scenario = f"Beside llama.cpp's server with weights in {bench.llama.weights}"
    longest = max(bench.prompts, default=0) + bench.settings.tokens + PROMPT_ROOM
    async with running(bench.llama, THREADS, 1, longest) as server:
        beside = Beside(scenario, OF, server.answer)
        for servers in sorted({1, bench.most_servers}):
            async with near(bench.store, bench.shell.manifest, servers) as swarm:
                ours = partial(through_swarm, swarm, bench.shell)
                await ours(story(bench.shell, 0), 8)
                yield await decoding(bench, beside, ours, f"one stream {through_servers(servers)}")
                if servers == 1:
                    async for one in _local_and_prompts(bench, beside, ours):
                        yield one
    most = max(bench.settings.streams)
    async with (
        running(bench.llama, THREADS, most, bench.settings.tokens + PROMPT_ROOM) as server,
        near(bench.store, bench.shell.manifest, 1) as swarm,
    ):
        for streams in bench.settings.streams:
            yield await _many(bench, swarm, server, scenario, streams)


async def _local_and_prompts(bench: Bench, beside: Beside, ours: Answers) -> AsyncIterator[Figure]:
    local = partial(locally, bench.local)
    yield await decoding(bench, beside, local, "transformers' generate()", limited=False)
    for tokens in bench.prompts:
        yield await reading(bench, beside, ours, f"a prompt of {tokens:,} tokens", tokens)


async def _many(
    bench: Bench, swarm: PrivateSwarm, server: LlamaServer, scenario: str, streams: int
) -> Figure:
    prompts, tokens = [story(bench.shell, number) for number in range(streams)], bench.settings.tokens
    ratios = []
    for _ in range(bench.settings.rounds):
        theirs = rate_of_all(await asyncio.gather(*(server.answer(prompt, tokens) for prompt in prompts)))
        ratios.append(await together(swarm, bench.shell, prompts, tokens) / theirs)
    return figure(scenario, f"{streams} at once through 1 server, tokens/s", ratios, OF)
