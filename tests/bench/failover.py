"""`python -m tests.bench.failover [--tokens N] [--rounds N]`: what pushes gain, and what a lost server costs.

Three servers and spares for the middle one, one thread each. Every figure stands beside the one that it is
compared with, in the same run; medians are printed.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from statistics import median

import torch

from engine.api.openai_schema import ChatMessage
from engine.generate.generation import Generation, open_session
from engine.generate.prompt import prompt_ids
from engine.generate.shell_models import ShellModel, load_shell
from engine.host.orders import Order
from engine.peers.book import PeerBook
from engine.private_swarm import PrivateSwarm, ServerProcess, even_spans
from engine.route.session import SessionSettings, SwarmModel, SwarmSession
from engine.settings import Paths
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

SPARE_TOKENS = 12  # of an answer, before and after its server is lost

Loss = Callable[[ServerProcess], Awaitable[None]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.failover", description=__doc__)
    parser.add_argument("--tokens", type=int, default=256, help="of the prompt of answers that lose a server")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    shell = load_shell(import_starter(store), store)
    print(json.dumps(asyncio.run(_measure(store, shell, args)), indent=2))


class _Carrying(PeerBook):
    """Lets no server push."""

    def may_push(self, sender: str, receiver: str) -> bool:
        return False


@dataclass
class _Answer:
    """When each token came, and what became of the session's servers."""

    times: list[float] = field(default_factory=list)
    replayed: int = 0
    handed_over: int = 0

    @property
    def gaps(self) -> list[float]:
        return [b - a for a, b in zip(self.times, self.times[1:], strict=False)]


async def _measure(store: LayerStore, shell: ShellModel, args: argparse.Namespace) -> dict[str, object]:
    async with PrivateSwarm.open(store, shell.manifest) as swarm:
        await swarm.add_all(even_spans(shell.manifest.n_layers, 3), threads=1)
        return {
            "pushed, of carried by the client (tokens/s)": await _pushes(swarm, shell, args.rounds),
            "server killed": await _losses(swarm, shell, args, _kill),
            "server leaves": await _losses(swarm, shell, args, _drain),
        }


async def _pushes(swarm: PrivateSwarm, shell: ShellModel, rounds: int) -> float:
    ratios = []
    for _ in range(rounds + 1):  # the first round warms up
        pushed = await _answer(swarm, shell, 32, 48, PeerBook())
        carried = await _answer(swarm, shell, 32, 48, _Carrying())
        ratios.append(median(carried.gaps) / median(pushed.gaps))
    return round(median(ratios[1:]), 3)


async def _kill(server: ServerProcess) -> None:
    await server.kill()


async def _drain(server: ServerProcess) -> None:
    server.order(Order(order="drain"))


async def _losses(
    swarm: PrivateSwarm, shell: ShellModel, args: argparse.Namespace, lose: Loss
) -> dict[str, object]:
    """The longest gap between two tokens, beside the usual gap and the time that replaying takes."""
    longest, usual, replays, replayed, handed_over = [], [], [], 0, 0
    for _ in range(args.rounds):
        start, end = even_spans(shell.manifest.n_layers, 3)[1]
        spare = await swarm.add(start, end, threads=1)
        await spare.online()
        answer = await _answer(
            swarm, shell, args.tokens, 2 * SPARE_TOKENS, PeerBook(), lambda peer: lose(_server(swarm, peer))
        )
        longest.append(max(answer.gaps))
        usual.append(median(answer.gaps))
        replayed, handed_over = replayed + answer.replayed, handed_over + answer.handed_over
        replays.append(await _replay_seconds(swarm, shell, (start, end), args.tokens + SPARE_TOKENS))
    return {
        "longest gap, s": round(median(longest), 2),
        "usual gap, s": round(median(usual), 2),
        "computing the span's history once, s": round(median(replays), 2),
        "longest gap beyond that, s": round(median(a - b for a, b in zip(longest, replays, strict=True)), 2),
        "spans replayed": replayed,
        "spans handed over": handed_over,
    }


def _server(swarm: PrivateSwarm, peer: str) -> ServerProcess:
    return next(server for server in swarm.servers if server.report.peer_id == peer)


async def _answer(
    swarm: PrivateSwarm,
    shell: ShellModel,
    prompt_tokens: int,
    tokens: int,
    book: PeerBook,
    lose: Callable[[str], Awaitable[None]] | None = None,
) -> _Answer:
    """One greedy answer; with `lose`, its middle server is lost after a while."""
    settings = SessionSettings()
    session = open_session(swarm.node, swarm.directory, shell.manifest, settings, book)
    generation = Generation(shell, session, _prompt(shell, prompt_tokens), max_new_tokens=tokens)
    answer = _Answer()
    try:
        async with aclosing(generation.tokens()) as stream:
            async for _ in stream:
                answer.times.append(time.monotonic())
                if lose is not None and len(answer.times) == SPARE_TOKENS:
                    await lose(session.report()[1].peer)
    finally:
        answer.replayed, answer.handed_over = session.replayed_spans, session.handed_over_spans
        session.close()
    return answer


async def _replay_seconds(
    swarm: PrivateSwarm, shell: ShellModel, layers: tuple[int, int], tokens: int
) -> float:
    """One session's whole history through some layers, connecting included."""
    start, end = layers
    manifest = shell.manifest
    model = SwarmModel(manifest.digest, manifest.name, end, first=start)
    watch = swarm.directory.watch(manifest.digest)
    session = SwarmSession(swarm.node, watch.look_up, model, SessionSettings(), PeerBook(), watch.close)
    hidden = torch.randn(tokens, shell.model.get_input_embeddings().weight.shape[1])
    await watch.look_up()
    started = time.monotonic()
    try:
        await session.step(hidden, 0)
        return time.monotonic() - started
    finally:
        session.close()


def _prompt(shell: ShellModel, tokens: int) -> list[int]:
    text = "A pot of soup set out to travel around the world, and met a baker. " * (tokens // 8 + 1)
    message = ChatMessage(role="user", content=text)
    return prompt_ids(shell.tokenizer, [message], shell.manifest.context)[-tokens:]


if __name__ == "__main__":
    main()
