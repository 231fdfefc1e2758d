"""What is measured. Each figure beside the one that it is compared with, in turn: machines drift."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

from engine.bench.beside_llama import beside_llama
from engine.bench.compare import FIRST, Beside, decoding, reading, through_servers
from engine.bench.far import far_links
from engine.bench.figures import Figure, figure
from engine.bench.limits import PRODUCTS
from engine.bench.memory import memory
from engine.bench.prompts import of_length, story
from engine.bench.settings import Bench
from engine.bench.swarms import THREADS, near
from engine.bench.timing import locally, through_swarm, together
from engine.private_swarm import PrivateSwarm

OF_LOCAL = "of local generate()"


async def one_stream(bench: Bench) -> AsyncIterator[Figure]:
    """Decoding through a chain, of the local model's `generate()`."""
    beside = Beside("One stream", OF_LOCAL, partial(locally, bench.local), is_same_model=True)
    for servers in bench.settings.servers:
        async with near(bench.store, bench.shell.manifest, servers) as swarm:
            ours = partial(through_swarm, swarm, bench.shell)
            await ours(story(bench.shell, 0), 8)
            yield await decoding(bench, beside, ours, through_servers(servers))


async def many_streams(bench: Bench) -> AsyncIterator[Figure]:
    """Many streams at once through one server, of one stream through it."""
    settings, shell = bench.settings, bench.shell
    async with near(bench.store, shell.manifest, 1) as swarm:
        await through_swarm(swarm, shell, story(shell, 0), 8)
        for streams in settings.streams:
            gains, limits = [], []
            for _ in range(settings.rounds):
                one = await through_swarm(swarm, shell, story(shell, 0), settings.tokens)
                prompts = [story(shell, number) for number in range(streams)]
                gains.append(await together(swarm, shell, prompts, settings.tokens) / one.rate)
                least = bench.products.layers_seconds(streams, 3)
                limits.append(streams / max(least, bench.products.head_seconds(3, streams)) / one.rate)
            yield figure(
                "Many streams", f"{streams} at once, tokens/s", gains, "of one stream", limits, PRODUCTS
            )


async def long_prompts(bench: Bench) -> AsyncIterator[Figure]:
    """Time to the first token of a prompt through all servers, of the local model's."""
    beside = Beside("Long prompts", OF_LOCAL, partial(locally, bench.local))
    servers = bench.most_servers
    async with near(bench.store, bench.shell.manifest, servers) as swarm:
        ours = partial(through_swarm, swarm, bench.shell)
        await ours(story(bench.shell, 0), 8)
        for tokens in bench.prompts:
            name = f"{tokens:,} tokens, {servers} servers"
            yield await reading(bench, beside, ours, name, tokens, servers)


async def beside_a_long_prompt(bench: Bench) -> AsyncIterator[Figure]:
    """What eight chats keep of their rate beside a long prompt, and how much later that is read."""
    settings, shell = bench.settings, bench.shell
    longest = max(bench.prompts)
    kept, later = [], []
    async with near(bench.store, shell.manifest, bench.most_servers) as swarm:
        prompts = [story(shell, number) for number in range(8)]
        for number in range(settings.rounds):
            alone = await together(swarm, shell, prompts, settings.tokens)
            read_alone = await through_swarm(swarm, shell, of_length(shell, longest, 80 + number), FIRST)
            reading = asyncio.create_task(
                through_swarm(swarm, shell, of_length(shell, longest, 40 + number), FIRST)
            )
            beside = await together(swarm, shell, prompts, settings.tokens)
            kept.append(beside / alone)
            later.append((await reading).first_token_seconds / read_alone.first_token_seconds)
    chats = f"8 chats of {settings.tokens} tokens"
    name = f"{chats} beside a prompt of {longest:,} tokens, tokens/s"
    yield figure("Long prompts", name, kept, "of the 8 alone", [1.0] * len(kept), "nothing lost")
    name = f"{longest:,} tokens beside {chats}, seconds to the first token"
    yield figure("Long prompts", name, later, "of the prompt alone", [1.0] * len(later), "nothing lost")


async def starting(bench: Bench) -> AsyncIterator[Figure]:
    """A block server with all layers, from a warm store."""
    ready, gone = [], []
    span = (0, bench.shell.manifest.n_layers)
    async with PrivateSwarm.open(bench.store, bench.shell.manifest) as swarm:
        for _ in range(bench.settings.rounds):
            began = time.monotonic()
            await swarm.add_all([span], threads=THREADS)
            ready.append(time.monotonic() - began)
            told = time.monotonic()
            await swarm.servers[-1].stop()
            gone.append(time.monotonic() - told)
    yield figure("Start and end", "a block server, from its start until it serves", ready, "s")
    yield figure("Start and end", "told to stop, until its process is gone", gone, "s")


SCENARIOS: Mapping[str, Callable[[Bench], AsyncIterator[Figure]]] = {
    "one": one_stream,
    "many": many_streams,
    "prompts": long_prompts,
    "beside": beside_a_long_prompt,
    "far": far_links,
    "memory": memory,
    "start": starting,
    "llama": beside_llama,
}
