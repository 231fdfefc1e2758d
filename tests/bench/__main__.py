"""`python -m tests.bench [--tokens N] [--rounds N]`: what the swarm costs and gains, as ratios from one run.

Every figure is measured beside the one that it is compared with, in turn, and medians are taken: the speed of
the machine drifts, the ratio does not. All processes use one thread for their arithmetic.
"""

import argparse
import asyncio
import json
import time
from contextlib import aclosing
from statistics import median

import torch

from engine.api.openai_schema import ChatMessage
from engine.generate.generation import Generation, open_session
from engine.generate.prompt import prompt_ids
from engine.generate.shell_models import ShellModel, load_shell
from engine.private_swarm import PrivateSwarm, even_spans
from engine.settings import Paths
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

PROMPT = "Write a long story about a pot of soup that travels around the world."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tokens", type=int, default=48, help="new tokens of each answer")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions; medians are printed")
    parser.add_argument("--servers", type=int, default=3, help="servers of the chain for one stream")
    parser.add_argument("--streams", type=int, nargs="*", default=[8, 32], help="sessions at once")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    manifest = import_starter(store)
    print(json.dumps(asyncio.run(_measure(store, manifest, args)), indent=2))


async def _measure(store: LayerStore, manifest: Manifest, args: argparse.Namespace) -> dict[str, object]:
    shell = load_shell(manifest, store)
    return {
        **await _one_stream(store, shell, args),
        **await _many_streams(store, shell, args),
    }


async def _one_stream(store: LayerStore, shell: ShellModel, args: argparse.Namespace) -> dict[str, object]:
    """One stream through a chain, beside the local `generate()`."""
    local = load_whole(shell.manifest, store)
    spans = even_spans(shell.manifest.n_layers, args.servers)
    async with PrivateSwarm.open(store, shell.manifest) as swarm:
        started = time.monotonic()
        await swarm.add_all(spans, threads=1)
        ready = time.monotonic() - started
        ours, theirs = [], []
        for _ in range(args.rounds + 1):  # the first round warms up
            theirs.append(await asyncio.to_thread(_local_rate, local, shell, args.tokens))
            ours.append((await _rates(swarm, shell, 1, args.tokens))[0])
        stopping = time.monotonic()
        await swarm.servers[0].stop()
        gone = time.monotonic() - stopping
    return {
        "local generate(), tokens/s": round(median(theirs[1:]), 2),
        f"one stream, {args.servers} servers, tokens/s": round(median(ours[1:]), 2),
        f"one stream, {args.servers} servers, of local": round(
            median(a / b for a, b in zip(ours[1:], theirs[1:], strict=True)), 3
        ),
        f"{args.servers} servers ready after start at once, s": round(ready, 2),
        "told to stop until gone, s": round(gone, 2),
    }


async def _many_streams(store: LayerStore, shell: ShellModel, args: argparse.Namespace) -> dict[str, object]:
    """Many streams at once through one server, beside one stream."""
    figures: dict[str, object] = {}
    async with PrivateSwarm.open(store, shell.manifest) as swarm:
        started = time.monotonic()
        await swarm.add_all([(0, shell.manifest.n_layers)], threads=1)
        figures["one server ready after start, s"] = round(time.monotonic() - started, 2)
        await _rates(swarm, shell, 1, args.tokens)
        for streams in args.streams:
            gains = []
            for _ in range(args.rounds):
                one = sum(await _rates(swarm, shell, 1, args.tokens))
                many = await _total_rate(swarm, shell, streams, args.tokens)
                gains.append(many / one)
            figures[f"{streams} streams at once, of one"] = round(median(gains), 2)
    return figures


async def _rates(swarm: PrivateSwarm, shell: ShellModel, streams: int, tokens: int) -> list[float]:
    """Tokens/s of each stream after its first token."""
    times = await asyncio.gather(*(_stream(swarm, shell, tokens, i) for i in range(streams)))
    return [(len(t) - 1) / (t[-1] - t[0]) for t in times]


async def _total_rate(swarm: PrivateSwarm, shell: ShellModel, streams: int, tokens: int) -> float:
    """Tokens/s of all streams together while all of them decode."""
    times = await asyncio.gather(*(_stream(swarm, shell, tokens, i) for i in range(streams)))
    begin, end = max(t[0] for t in times), min(t[-1] for t in times)
    return sum(sum(begin < at <= end for at in t) for t in times) / (end - begin)


async def _stream(swarm: PrivateSwarm, shell: ShellModel, tokens: int, number: int) -> list[float]:
    """When each token of one greedy answer came."""
    prompt = _prompt(shell, number)
    session = open_session(swarm.node, swarm.directory, shell.manifest)
    generation = Generation(shell, session, prompt, max_new_tokens=tokens)
    times = []
    try:
        async with aclosing(generation.tokens()) as stream:
            async for _ in stream:
                times.append(time.monotonic())
    finally:
        session.close()
    return times


@torch.inference_mode()
def _local_rate(model: torch.nn.Module, shell: ShellModel, tokens: int) -> float:
    from transformers.generation.streamers import BaseStreamer

    class Clock(BaseStreamer):
        def __init__(self) -> None:
            self.times: list[float] = []

        def put(self, value: torch.Tensor) -> None:
            self.times.append(time.monotonic())

        def end(self) -> None:
            pass

    clock = Clock()
    ids = torch.tensor([_prompt(shell, 0)])
    model.generate(ids, max_new_tokens=tokens, do_sample=False, streamer=clock)
    times = clock.times[1:]  # the first call brings the prompt
    return (len(times) - 1) / (times[-1] - times[0])


def _prompt(shell: ShellModel, number: int) -> list[int]:
    messages = [ChatMessage(role="user", content=f"{PROMPT} It visits {number + 3} countries.")]
    return prompt_ids(shell.tokenizer, messages, shell.manifest.context)


if __name__ == "__main__":
    main()
