"""`python -m tests.bench.speculation [--tokens N] [--rounds N] [--delay SECONDS]`: what drafts gain.

Three servers, one thread each, behind lines with a delay: so long takes each way between the client and the
first server, between two servers, and from the last one back. Every answer is made with and without drafts in
turn, and must have the same tokens; medians are printed.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from statistics import median

import torch

from engine.api.openai_schema import ChatMessage
from engine.emulation.lane import Conditions
from engine.emulation.line import LOOPBACK, NOWHERE, Line, free_port
from engine.generate.generation import Generation, open_session
from engine.generate.prompt import prompt_ids
from engine.generate.shell_models import ShellModel, load_shell
from engine.generate.speculation.drafts import Draft, Drafter
from engine.generate.speculation.experience import Experience
from engine.network.node import NodeSettings
from engine.private_swarm import PrivateSwarm, even_spans
from engine.settings import Paths
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

TEXT = (
    "A pot of soup set out to travel around the world. In the first village it met a baker, who gave it "
    "bread. In the second village it met a farmer, who gave it carrots and two onions. At the sea it met a "
    "fisherman, who wanted to know what was in it, and the pot said that everybody had brought something."
)
REWRITING = f"Repeat this text word by word:\n\n{TEXT}"
STORY = "Write a long story about a pot of soup that travels around the world."


class NeverRight:
    """Drafts what is never chosen, all the time: the worst that can happen."""

    def __init__(self, token: int) -> None:
        self._token = token

    def push(self, token: int) -> None:
        """It learns nothing."""

    def draft(self, longest: int) -> Draft | None:
        return Draft([self._token] * longest, kind=1) if longest > 0 else None


@dataclass(frozen=True)
class Answer:
    tokens: Sequence[int]
    seconds: float  # after the first token
    trips: int  # after the prompt's


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speculation", description=__doc__)
    parser.add_argument("--tokens", type=int, default=96, help="new tokens of each answer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds, one way")
    parser.add_argument("--mbit", type=float, default=100.0, help="megabits per second of each line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    shell = load_shell(import_starter(store), store)
    print(json.dumps(asyncio.run(_measure(store, shell, args)), indent=2))


async def _measure(store: LayerStore, shell: ShellModel, args: argparse.Namespace) -> dict[str, object]:
    line = Conditions(delay_seconds=args.delay, bytes_per_s=args.mbit * 1e6 / 8)
    async with _far_apart(store, shell, line) as swarm:
        await _answer(swarm, shell, STORY, 8, None)  # warms up
        return {
            "text that is written again": await _compare(swarm, shell, REWRITING, args),
            "a story": await _compare(swarm, shell, STORY, args),
            "drafts that are never right": await _compare(
                swarm, shell, STORY, args, NeverRight(shell.tokenizer.vocab_size - 1)
            ),
        }


async def _compare(
    swarm: PrivateSwarm,
    shell: ShellModel,
    question: str,
    args: argparse.Namespace,
    drafter: Drafter | None = None,
) -> dict[str, object]:
    gains, trips = [], []
    for _ in range(args.rounds):
        plain = await _answer(swarm, shell, question, args.tokens, None)
        drafted = await _answer(swarm, shell, question, args.tokens, Experience(), drafter)
        if drafted.tokens != plain.tokens:
            raise SystemExit(f"drafts have changed the answer to: {question}")
        gains.append(plain.seconds / drafted.seconds)
        trips.append(drafted.trips / (len(drafted.tokens) - 1))
    return {
        "tokens/s, of those without drafts": round(median(gains), 2),
        "trips per token": round(median(trips), 3),
        "seconds per token without drafts": round(plain.seconds / (len(plain.tokens) - 1), 3),
        "tokens": len(plain.tokens),
    }


async def _answer(
    swarm: PrivateSwarm,
    shell: ShellModel,
    question: str,
    tokens: int,
    experience: Experience | None,
    drafter: Drafter | None = None,
) -> Answer:
    messages = [ChatMessage(role="user", content=question)]
    prompt = prompt_ids(shell.tokenizer, messages, shell.manifest.context)
    session = open_session(swarm.node, swarm.directory, shell.manifest)
    generation = Generation(
        shell, session, prompt, max_new_tokens=tokens, experience=experience, drafter=drafter
    )
    came: list[tuple[int, float, int]] = []
    try:
        async with aclosing(generation.tokens()) as stream:
            async for token in stream:
                came.append((token, time.monotonic(), session.trips))
    finally:
        session.close()
    ids, times, trips = zip(*came, strict=True)
    return Answer(ids, times[-1] - times[0], trips[-1] - trips[0])


@asynccontextmanager
async def _far_apart(
    store: LayerStore, shell: ShellModel, conditions: Conditions
) -> AsyncIterator[PrivateSwarm]:
    """Servers behind lines; nobody is reached but through one of them."""
    port = free_port()
    client = NodeSettings(listen=(f"/ip4/{LOOPBACK}/tcp/{port}",), announce=(NOWHERE,))
    async with AsyncExitStack() as stack:
        spans = even_spans(shell.manifest.n_layers, 3)
        lines = [await stack.enter_async_context(Line.open(seed=seed)) for seed in range(len(spans))]
        swarm = await stack.enter_async_context(PrivateSwarm.open(store, shell.manifest, client))
        for span, line in zip(spans, lines, strict=True):
            server = await swarm.add(
                *span,
                threads=1,
                initial_peers=(f"{await line.way_to(port)}/p2p/{swarm.node.peer_id}",),
                listen=(line.listen,),
                announce=(line.announce,),
            )
            await server.online()
        for line in lines:
            line.conditions = conditions
        yield swarm


if __name__ == "__main__":
    main()
