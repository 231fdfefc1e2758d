"""What is measured. Each figure beside the one that it is compared with, in turn: machines drift."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from engine.bench.beside_llama import beside_llama
from engine.bench.figures import Figure, figure
from engine.bench.limits import PRODUCTS
from engine.bench.memory import memory
from engine.bench.prompts import REWRITING, STORY, chat, of_length, story
from engine.bench.settings import Bench
from engine.bench.swarms import THREADS, far_apart, near
from engine.bench.timing import locally, through_swarm, together
from engine.emulation.lane import Conditions
from engine.errors import BlockServerFailed
from engine.private_swarm import PrivateSwarm


async def one_stream(bench: Bench) -> AsyncIterator[Figure]:
    """Decoding through a chain, of the local model's `generate()`."""
    settings, scenario = bench.settings, "One stream"
    prompt = story(bench.shell, 0)
    for servers in settings.servers:
        ratios, limits = [], []
        async with near(bench.store, bench.shell.manifest, servers) as swarm:
            await through_swarm(swarm, bench.shell, prompt, 8)
            for _ in range(settings.rounds):
                theirs = await locally(bench.local, prompt, settings.tokens)
                ours = await through_swarm(swarm, bench.shell, prompt, settings.tokens)
                _check_same(ours.tokens, theirs.tokens)
                ratios.append(ours.rate / theirs.rate)
                limits.append(1 / bench.products.token_seconds() / theirs.rate)
        name = f"through {servers} {'server' if servers == 1 else 'servers'}, tokens/s"
        yield figure(scenario, name, ratios, "of local generate()", limits, PRODUCTS)


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
    settings, shell = bench.settings, bench.shell
    async with near(bench.store, shell.manifest, bench.most_servers) as swarm:
        await through_swarm(swarm, shell, story(shell, 0), 8)
        for tokens in bench.prompts:
            ratios, limits = [], []
            for number in range(settings.rounds):
                prompt = of_length(shell, tokens, number)
                theirs = await locally(bench.local, prompt, 2)
                ours = await through_swarm(swarm, shell, prompt, 2)
                ratios.append(ours.first_token_seconds / theirs.first_token_seconds)
                least = bench.products.layers_seconds(tokens, 1) / bench.most_servers
                limits.append(least / theirs.first_token_seconds)
            name = f"{tokens:,} tokens, {bench.most_servers} servers, seconds to the first token"
            yield figure("Long prompts", name, ratios, "of local generate()", limits, f"{PRODUCTS}, shared")


async def beside_a_long_prompt(bench: Bench) -> AsyncIterator[Figure]:
    """What eight chats keep of their rate while a long prompt is read beside them."""
    settings, shell = bench.settings, bench.shell
    longest = max(bench.prompts)
    shares = []
    async with near(bench.store, shell.manifest, bench.most_servers) as swarm:
        prompts = [story(shell, number) for number in range(8)]
        for number in range(settings.rounds):
            alone = await together(swarm, shell, prompts, settings.tokens)
            reading = asyncio.create_task(
                through_swarm(swarm, shell, of_length(shell, longest, 40 + number), 2)
            )
            beside = await together(swarm, shell, prompts, settings.tokens)
            await reading
            shares.append(beside / alone)
    name = f"8 chats beside a prompt of {longest:,} tokens, tokens/s"
    yield figure("Long prompts", name, shares, "of the 8 alone", [1.0] * len(shares), "nothing lost")


async def far_links(bench: Bench) -> AsyncIterator[Figure]:
    """Seconds per token over lines with a delay, of the lines' own; and what drafts gain there."""
    settings = bench.settings
    for round_trip in settings.round_trips:
        for bits in settings.rates:
            line = Conditions(delay_seconds=round_trip / 2, bytes_per_s=bits / 8)
            servers = bench.most_servers
            async with far_apart(bench.store, bench.shell.manifest, servers, line) as swarm:
                await through_swarm(swarm, bench.shell, story(bench.shell, 0), 8)
                name = f"{round_trip * 1000:.0f} ms, {bits / 1e6:,.0f} Mbit/s"
                delays = (servers + 1) * round_trip / 2
                yield await _plain(bench, swarm, name, delays)
                yield await _prompt(bench, swarm, name, delays, bits / 8)
                yield await _drafted(bench, swarm, f"{name}, rewriting a text", REWRITING)
                yield await _drafted(bench, swarm, f"{name}, a story", STORY)


async def _plain(bench: Bench, swarm: PrivateSwarm, name: str, links: float) -> Figure:
    ratios, prompt = [], story(bench.shell, 0)
    for _ in range(bench.settings.rounds):
        ours = await through_swarm(swarm, bench.shell, prompt, bench.settings.tokens)
        ratios.append(1 / ours.rate / links)
    why = "the sum of the lines' delays"
    return figure("Far links", f"{name}, plain: seconds per token", ratios, "of the lines' own", [1.0], why)


async def _prompt(bench: Bench, swarm: PrivateSwarm, name: str, delays: float, bytes_per_s: float) -> Figure:
    """Its first line carries what the client sends, however that is encoded."""
    ratios, limits = [], []
    tokens = sorted(bench.prompts)[len(bench.prompts) // 2]
    for number in range(bench.settings.rounds):
        prompt = of_length(bench.shell, tokens, number)
        theirs = (await locally(bench.local, prompt, 2)).first_token_seconds
        before = swarm.node.traffic.sent
        ours = (await through_swarm(swarm, bench.shell, prompt, 2)).first_token_seconds
        sending = (swarm.node.traffic.sent - before) / bytes_per_s
        products = bench.products.layers_seconds(tokens, 1) / bench.most_servers
        ratios.append(ours / theirs)
        limits.append((delays + max(sending, products)) / theirs)
    why = "delays, and the longer of bytes over bandwidth and bare matrix products, shared"
    what = f"{name}, a prompt of {tokens:,} tokens: seconds to the first token"
    return figure("Far links", what, ratios, "of local generate()", limits, why)


async def _drafted(bench: Bench, swarm: PrivateSwarm, name: str, question: str) -> Figure:
    ratios, prompt, tokens = [], chat(bench.shell, question), bench.settings.tokens
    for number in range(bench.settings.rounds):
        rates = {}
        for drafts in (number % 2 == 0, number % 2 != 0):
            rates[drafts] = await through_swarm(swarm, bench.shell, prompt, tokens, drafts)
        _check_same(rates[True].tokens, rates[False].tokens)
        ratios.append(rates[True].rate / rates[False].rate)
    return figure("Far links", f"{name}: tokens/s with drafts", ratios, "of those without")


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


def _check_same(ours: Sequence[int], theirs: Sequence[int]) -> None:
    if tuple(ours) != tuple(theirs):
        raise BlockServerFailed("The answers differ, and no figure counts: run `potluck-engine demo`.")


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
