"""`python -m tests.bench.branches [--servers N] [--rounds N]`: what chats gain that share a system prompt.

A chat has a system prompt of 1,024 tokens and a short question. Another one with the same system prompt is
answered twice: from what the first one's servers hold, and from nothing. Then eight such chats are kept, in
both ways. Everything on this computer, one thread for each process; medians of ratios of one run.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import torch

from engine.bench.swarms import near
from engine.generate.generation import Generation, open_session
from engine.generate.shell_models import ShellModel, load_shell
from engine.private_swarm import PrivateSwarm
from engine.route.session import SwarmSession
from engine.settings import Paths
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

COMMON = 1024  # tokens
QUESTION = 24
ANSWER = 24
CHATS = 8
REPORTED_SECONDS = 2.5  # after which every server has said what it holds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.branches", description=__doc__)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    shell = load_shell(import_starter(store), store)
    print(json.dumps(asyncio.run(_measure(store, shell, args.servers, args.rounds)), indent=2))


@dataclass
class _Answer:
    first: float  # seconds to the first token, opening included
    gap: float  # seconds between two tokens, median
    tokens: list[int]


async def _measure(store: LayerStore, shell: ShellModel, servers: int, rounds: int) -> dict[str, object]:
    async with near(store, shell.manifest, servers) as swarm:
        bench = _Bench(swarm, shell)
        async with bench.session() as parent:
            await bench.answer(parent, _chat(0))
            pairs = [await bench.pair(parent, number) for number in range(1, rounds + 2)][1:]  # one warms up
        shared, single = await bench.kept(forked=True), await bench.kept(forked=False)
    return {
        "first token of a second chat, forked, of prefilled": _ratio([(f.first, p.first) for f, p in pairs]),
        "seconds of both": [round(median(a.first for a in each), 2) for each in zip(*pairs, strict=True)],
        "same tokens": all(forked.tokens == prefilled.tokens for forked, prefilled in pairs),
        "a token of the forked one, of the prefilled one": _ratio([(f.gap, p.gap) for f, p in pairs]),
        f"cache of {CHATS} chats, forked, of prefilled": round(shared / single, 3),
        "MB of both": [round(shared / 1e6, 1), round(single / 1e6, 1)],
    }


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return round(median(a / b for a, b in pairs), 3)


class _Bench:
    def __init__(self, swarm: PrivateSwarm, shell: ShellModel) -> None:
        self._swarm = swarm
        self._shell = shell

    @asynccontextmanager
    async def session(self) -> AsyncIterator[SwarmSession]:
        session = open_session(self._swarm.node, self._swarm.directory, self._shell.manifest)
        try:
            yield session
        finally:
            session.close()

    async def pair(self, parent: SwarmSession, number: int) -> tuple[_Answer, _Answer]:
        """The same chat from what another one holds, and from nothing."""
        async with self.session() as forked, self.session() as fresh:
            return (
                await self.answer(forked, _chat(number), parent),
                await self.answer(fresh, _chat(number)),
            )

    async def answer(
        self, session: SwarmSession, prompt: list[int], parent: SwarmSession | None = None
    ) -> _Answer:
        started = time.monotonic()
        if parent is not None and not await session.go_on_from(parent, COMMON):
            raise RuntimeError("the servers did not share")
        held = COMMON if parent is not None else 0
        generation = Generation(self._shell, session, prompt, max_new_tokens=ANSWER, held=held)
        times, tokens = [], []
        async with aclosing(generation.tokens()) as stream:
            async for token in stream:
                times.append(time.monotonic())
                tokens.append(token)
        gaps = [b - a for a, b in pairwise(times)]
        return _Answer(times[0] - started, median(gaps), tokens)

    async def kept(self, forked: bool) -> int:
        """Bytes of the servers' caches while eight chats are kept."""
        sessions = [
            open_session(self._swarm.node, self._swarm.directory, self._shell.manifest) for _ in range(CHATS)
        ]
        try:
            for number, session in enumerate(sessions):
                parent = sessions[0] if forked and number else None
                await self.answer(session, _chat(number), parent)
            await asyncio.sleep(REPORTED_SECONDS)
            return sum(server.report.cache_used_bytes for server in self._swarm.servers)
        finally:
            for session in sessions:
                session.close()
            await asyncio.sleep(REPORTED_SECONDS)


def _chat(number: int) -> list[int]:
    """A system prompt, and a question of its own: token ids of no special meaning."""
    common = torch.randint(100, 4000, (COMMON,), generator=torch.Generator().manual_seed(0))
    own = torch.randint(100, 4000, (QUESTION,), generator=torch.Generator().manual_seed(number + 1))
    return torch.cat([common, own]).tolist()


if __name__ == "__main__":
    main()
