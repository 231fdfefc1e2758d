"""Real block server processes with the starter model, and answers to compare with the local model's."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing

import psutil
import pytest
import torch
from transformers import LogitsProcessorList

from engine.api.openai_schema import ChatMessage
from engine.generate.generation import Generation, open_session
from engine.generate.prompt import prompt_ids
from engine.generate.sampling import SeededChoice
from engine.generate.shell_models import ShellModel, load_shell
from engine.network.node import Node, PeerStream
from engine.private_swarm import PrivateSwarm
from engine.route.settings import HopSettings, SessionSettings
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

StarterStore = tuple[LayerStore, Manifest]
PATIENT = SessionSettings(  # whoever is well may be slow
    hop=HopSettings(open_seconds=30.0, hand_over_seconds=60.0, step_seconds=60.0, least_step_seconds=60.0)
)


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    left = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=30)
    assert not alive, alive


@pytest.fixture(scope="session")
def shell(starter_store: StarterStore) -> ShellModel:
    store, manifest = starter_store
    return load_shell(manifest, store)


@pytest.fixture(scope="session")
def local_answer(starter_store: StarterStore) -> Callable[[list[int], int], list[int]]:
    """Greedy tokens of the plain local model; every answer is computed once."""
    store, manifest = starter_store
    model = load_whole(manifest, store)
    known: dict[tuple[int, ...], list[int]] = {}

    def answer(prompt: list[int], count: int) -> list[int]:
        key = (*prompt, -count)
        if key not in known:
            with torch.inference_mode():
                ids = model.generate(torch.tensor([prompt]), max_new_tokens=count, do_sample=False)
            known[key] = ids[0, len(prompt) :].tolist()
        return known[key]

    return answer


@pytest.fixture
def ask(shell: ShellModel) -> Callable[[str], list[int]]:
    """Prompt ids of a question."""

    def ids(question: str) -> list[int]:
        messages = [ChatMessage(role="user", content=question)]
        return prompt_ids(shell.tokenizer, messages, shell.manifest.context)

    return ids


class CountingNode:
    """Dials for a session, and counts the bytes that it sends to each server."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.sent: Counter[str] = Counter()

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> PeerStream:
        stream = await self._node.open(peer, protocol, addresses)
        send = stream.send

        async def count(*buffers: bytes | memoryview) -> None:
            self.sent[peer] += sum(map(len, buffers))
            await send(*buffers)

        stream.send = count
        return stream


class Stream:
    """One answer under way, with a say after each token. Greedy, unless it has a seed."""

    def __init__(
        self,
        swarm: PrivateSwarm,
        shell: ShellModel,
        prompt: list[int],
        count: int,
        settings: SessionSettings | None = None,
        seed: int | None = None,
    ) -> None:
        self.node = CountingNode(swarm.node)
        self.session = open_session(self.node, swarm.directory, shell.manifest, settings)
        choice = None if seed is None else LogitsProcessorList([SeededChoice(seed)])
        self._generation = Generation(shell, self.session, prompt, max_new_tokens=count, choice=choice)
        self.tokens: list[int] = []
        self._arrived = asyncio.Event()
        self.done = asyncio.ensure_future(self._collect())

    async def _collect(self) -> list[int]:
        try:
            async with aclosing(self._generation.tokens()) as tokens:
                async for token in tokens:
                    self.tokens.append(token)
                    self._arrived.set()
        finally:
            self.report = self.session.report()
            self.handed_over_spans = self.session.handed_over_spans
            self.session.close()
        return self.tokens

    async def has(self, count: int) -> None:
        """Until that many tokens have come."""
        while len(self.tokens) < count and not self.done.done():
            self._arrived.clear()
            waiting = asyncio.ensure_future(self._arrived.wait())
            await asyncio.wait({waiting, self.done}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()


@pytest.fixture
def stream(shell: ShellModel) -> Callable[..., Stream]:
    """`stream(swarm, prompt, count, settings=None, seed=None)` starts an answer."""

    def start(
        swarm: PrivateSwarm,
        prompt: list[int],
        count: int,
        settings: SessionSettings | None = None,
        seed: int | None = None,
    ) -> Stream:
        return Stream(swarm, shell, prompt, count, settings, seed)

    return start
