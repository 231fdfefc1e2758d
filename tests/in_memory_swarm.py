"""Servers and clients in one process: real spans, batchers and sessions on streams that are two buffers.

A fault can be put between a server and its clients: the server then does not answer as it should.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Self

import pytest
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PeerUnreachable
from engine.host.batcher import Batcher, HostedSession
from engine.host.forward import Forward
from engine.host.pending import StepResult
from engine.host.runner import SpanRunner
from engine.host.schedule import Layers
from engine.host.server import SpanServer
from engine.model.extras import StepExtras
from engine.peers.book import PeerBook
from engine.precision import Native, Runs
from engine.route.opening import SwarmModel
from engine.route.session import SwarmSession
from engine.route.settings import HopSettings, SessionSettings
from engine.wire import frames
from engine.wire.messages import ENCODINGS, Message, OpenSession, Step, TensorMeta
from engine.wire.pushes import PUSH_PROTOCOL
from engine.wire.records import ServerState, SpanRecord
from engine.wire.tensors import pack, pack_extras
from tests.tiny_models import CONTEXT, HIDDEN, N_LAYERS, span_of

MODEL = "0f" * 32
IMPATIENT = SessionSettings(
    chunk_tokens=4,
    opening_wait_seconds=0.2,
    repair_wait_seconds=0.2,
    second_chance_seconds=0.0,
    look_again_seconds=0.02,
    avoid_seconds=30.0,
    hop=HopSettings(open_seconds=60.0, step_seconds=60.0, least_step_seconds=60.0),  # well, if slow
)

QUICK_TO_GIVE_UP = replace(  # a healthy server of a loaded computer takes half a second at times
    IMPATIENT, hop=HopSettings(open_seconds=1.5, step_seconds=1.5, token_seconds=0.0)
)


class MemoryStream:
    """One end of a stream, with the manners of `engine.network.stream.PeerStream`."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.is_closed = False
        self.sent = 0  # bytes
        self._incoming = asyncio.StreamReader()
        self._other: MemoryStream = self

    @classmethod
    def pair(cls, left: str, right: str) -> "tuple[MemoryStream, MemoryStream]":
        """The end that talks to `left`, and the one that talks to `right`."""
        ends = cls(left), cls(right)
        ends[0]._other, ends[1]._other = ends[1], ends[0]
        return ends

    async def receive(self, n: int) -> bytes:
        try:
            return await self._incoming.readexactly(n)
        except EOFError as error:
            raise PeerUnreachable(f"The connection to {self.peer} broke off.") from error

    async def send(self, *buffers: frames.Payload) -> None:
        if self.is_closed or self._other.is_closed:
            raise PeerUnreachable(f"The connection to {self.peer} broke off.")
        for buffer in buffers:
            self.sent += len(buffer)
            self._other._incoming.feed_data(bytes(buffer))

    def send_now(self, *buffers: frames.Payload) -> bool:
        if self.is_closed or self._other.is_closed:
            return False
        self.sent += sum(map(len, buffers))
        self._other._incoming.feed_data(b"".join(buffers))
        return True

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._incoming.feed_eof()
            self._other._incoming.feed_eof()


Answer = Callable[[MemoryStream, bytes], Awaitable[None]]  # gets what the server meant to say


@dataclass
class Fault:
    """From its `at`-th answer on (0: the one to an open message), a server answers by `answer`."""

    at: int
    answer: Answer
    answers: int = 0  # given so far, in all sessions
    struck: asyncio.Event = field(default_factory=asyncio.Event)


class _FaultyStream:
    """A server's end whose answers a fault may replace."""

    def __init__(self, stream: MemoryStream, fault: Fault) -> None:
        self.peer = stream.peer
        self.receive = stream.receive
        self._stream = stream
        self._fault = fault

    def send_now(self, *buffers: frames.Payload) -> bool:
        return False

    async def send(self, *buffers: frames.Payload) -> None:
        self._fault.answers += 1
        if self._fault.answers <= self._fault.at:
            await self._stream.send(*buffers)
        else:
            self._fault.struck.set()
            await self._fault.answer(self._stream, b"".join(buffers))


class _PushingStream:
    """The end of a server that pushes: what it sends there behind its open message may be lost or changed."""

    def __init__(self, stream: MemoryStream, tamper: "Tamper") -> None:
        self.peer = stream.peer
        self.receive = stream.receive
        self.close = stream.close
        self._stream = stream
        self._tamper = tamper
        self._is_open = False

    def send_now(self, *buffers: frames.Payload) -> bool:
        return False

    async def send(self, *buffers: frames.Payload) -> None:
        if not self._is_open:
            self._is_open = True
            await self._stream.send(*buffers)
        else:
            await self._tamper(self._stream, b"".join(buffers))


Tamper = Callable[[MemoryStream, bytes], Awaitable[None]]  # gets what a server meant to push


class RecordingRunner(SpanRunner):
    """Remembers how many sessions shared each forward; `before` is called in the device's thread."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.rows: list[int] = []
        self.before: Callable[[Sequence[Forward]], None] = lambda forwards: None
        super().__init__(*args, **kwargs)
        self.rows.clear()

    def run(self, forwards: Sequence[Forward], layers: Layers) -> list[Tensor]:
        self.before(forwards)
        self.rows.append(len(forwards))
        return super().run(forwards, layers)


def recording_runner(
    model: PreTrainedModel, start: int, end: int, cache_tokens: int, causal: bool = True
) -> RecordingRunner:
    """One whose cache holds a session of that many positions."""
    span = span_of(model, start, end)
    size = RecordingRunner(span, HIDDEN, cache_bytes=1, causal=causal).budget.size
    return RecordingRunner(span, HIDDEN, size.bytes * size.blocks(cache_tokens), causal)


class RecordingBook(PeerBook):
    """Remembers who was blamed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.failures: list[str] = []
        self.link_failures: list[tuple[str, str]] = []

    def note_failure(self, peer: str) -> None:
        self.failures.append(peer)
        super().note_failure(peer)

    def note_link_failure(self, sender: str, receiver: str) -> None:
        self.link_failures.append((sender, receiver))
        super().note_link_failure(sender, receiver)


class RecordingBatcher(Batcher):
    """Remembers the position and length of every step."""

    def __init__(self, runner: SpanRunner) -> None:
        super().__init__(runner)
        self.steps: list[tuple[int, int]] = []

    async def step(
        self, session: HostedSession, hidden: Tensor, position: int, extras: StepExtras | None = None
    ) -> StepResult:
        self.steps.append((position, len(hidden)))
        return await super().step(session, hidden, position, extras)


@dataclass
class MemoryServer:
    """A block server without a process."""

    peer: str
    start: int
    end: int
    model: str
    runner: RecordingRunner
    batcher: RecordingBatcher
    spans: SpanServer
    fault: Fault | None = None
    step_seconds: float = 0.01  # as announced: the smaller, the more liked
    state: ServerState = ServerState.ONLINE
    is_dead: bool = False
    layer_precisions: Runs = ()  # as announced
    encodings: tuple[str, ...] = ENCODINGS
    precision: Native = "float32"
    upload_bytes_per_s: float = 0.0
    streams: list[MemoryStream] = field(default_factory=list)
    opened: int = 0

    @property
    def record(self) -> SpanRecord:
        return SpanRecord(
            peer=self.peer,
            model=self.model,
            model_name="tiny",
            start=self.start,
            end=self.end,
            n_layers=N_LAYERS,
            state=self.state,
            step_seconds=self.step_seconds,
            layer_precisions=self.layer_precisions,
            encodings=self.encodings,
            precision=self.precision,
            upload_bytes_per_s=self.upload_bytes_per_s,
            forks=self.runner.can_fork,
            branches=self.runner.takes_branches,
            expires=0,
        )

    def die(self) -> None:
        self.is_dead = True
        for stream in self.streams:
            stream.close()


class MemorySwarm:
    """Servers by peer id; also what a session dials with and looks servers up in."""

    def __init__(self) -> None:
        self.servers: dict[str, MemoryServer] = {}
        self.dialled: list[str] = []
        self.book = RecordingBook(clock=lambda: 0.0)  # nobody is forgiven
        self.tamper: Tamper | None = None  # with pushes
        self.client_streams: list[MemoryStream] = []
        self.push_streams: list[MemoryStream] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._handlers: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self.servers.values():
            for stream in server.streams:
                stream.close()
        await asyncio.gather(*self._handlers)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(
        self,
        model: PreTrainedModel,
        start: int = 0,
        end: int = N_LAYERS,
        *,
        digest: str = MODEL,
        context: int = CONTEXT,
        cache_tokens: int = 16 * 64,
        fault: Fault | None = None,
        step_seconds: float = 0.01,
        causal: bool = True,
        layer_precisions: Runs = (),
    ) -> MemoryServer:
        """A server of layers [start, end); of two that serve the same, the first is preferred."""
        runner = recording_runner(model, start, end, cache_tokens, causal)
        batcher = RecordingBatcher(runner)
        spans = SpanServer(batcher, digest, (start, end), hidden_size=HIDDEN, context=context, dialler=self)
        peer = _peer_id(len(self.servers))
        liked = step_seconds * (1 + len(self.servers))
        server = MemoryServer(peer, start, end, digest, runner, batcher, spans, fault, liked)
        server.layer_precisions = layer_precisions
        self.servers[peer] = server
        self._tasks.append(asyncio.create_task(batcher.run()))
        return server

    async def open(
        self, peer: str, protocol: str, addresses: Sequence[str] = ()
    ) -> MemoryStream | _PushingStream:
        self.dialled.append(peer)
        server = self.servers.get(peer)
        if server is None or server.is_dead:
            raise PeerUnreachable(f"{peer} cannot be reached.")
        ours, theirs = MemoryStream.pair(peer, "client")
        server.streams.append(theirs)
        server.opened += protocol != PUSH_PROTOCOL
        task = asyncio.create_task(self._handle(server, theirs, protocol))
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)
        if protocol != PUSH_PROTOCOL:
            self.client_streams.append(ours)
            return ours
        self.push_streams.append(ours)
        return ours if self.tamper is None else _PushingStream(ours, self.tamper)

    async def _handle(self, server: MemoryServer, stream: MemoryStream, protocol: str) -> None:
        """As `engine.network.node` does it."""
        try:
            if protocol == PUSH_PROTOCOL:
                await server.spans.handle_push(stream)
                return
            end = stream if server.fault is None else _FaultyStream(stream, server.fault)
            await server.spans.handle(end)
        except PeerUnreachable:
            pass
        finally:
            stream.close()

    async def spans(self, model: str = MODEL) -> Sequence[SpanRecord]:
        return [server.record for server in self.servers.values() if server.model == model]

    def watch(self, model: str) -> "MemoryWatch":
        return MemoryWatch(self, model)

    def session(self, settings: SessionSettings = IMPATIENT, causal: bool = True) -> SwarmSession:
        model = SwarmModel(MODEL, "tiny", N_LAYERS, causal)
        return SwarmSession(self, self.spans, model, settings, self.book)

    async def settled(self) -> None:
        """Returns when every server has noticed that its clients have left."""
        await asyncio.wait_for(asyncio.gather(*self._handlers), 30)


@pytest.fixture
async def swarm() -> AsyncIterator[MemorySwarm]:
    """For folders of tests that import it."""
    async with MemorySwarm() as swarm:
        yield swarm


@dataclass
class MemoryWatch:
    swarm: MemorySwarm
    model: str

    async def look_up(self) -> Sequence[SpanRecord]:
        return await self.swarm.spans(self.model)

    def close(self) -> None:
        """There is nothing to close."""


def _peer_id(number: int) -> str:
    return "Qm" + "abcdefghijkmnopqrstuvwxyz"[number] * 30


class Client:
    """A bare client of one server, for what a well-behaved session never does."""

    def __init__(self, stream: MemoryStream) -> None:
        self.stream = stream
        self.numbers = count(1)

    @classmethod
    async def dial(cls, swarm: MemorySwarm, server: MemoryServer) -> Self:
        return cls(await swarm.open(server.peer, ""))

    async def ask(self, message: Message, *payload: frames.Payload) -> tuple[Message, bytes]:
        await frames.send(self.stream, message, *payload)
        return await frames.receive(self.stream)

    async def open(self, start: int = 0, end: int = N_LAYERS, model: str = MODEL) -> Message:
        return (await self.ask(OpenSession(model=model, start=start, end=end)))[0]

    async def step(
        self, hidden: Tensor, position: int, extras: StepExtras | None = None
    ) -> tuple[Message, bytes]:
        return await self.ask(*step_with(hidden, position, extras, next(self.numbers)))


def step_with(
    hidden: Tensor, position: int, extras: StepExtras | None = None, number: int = 1
) -> tuple[Step, frames.Payload, frames.Payload]:
    """The message and its payload."""
    meta, payload = pack(hidden, "float32")
    made, more = pack_extras(extras) if extras else (None, b"")
    return Step(number=number, position=position, tensor=meta, extras=made), payload, more


async def read_back(frame: bytes) -> tuple[Message, bytes]:
    """The message in a frame."""
    sender, receiver = MemoryStream.pair("", "")
    await sender.send(frame)
    return await frames.receive(receiver)


def tensor_of(tokens: int, hidden: int = HIDDEN) -> TensorMeta:
    return TensorMeta(dtype="float32", tokens=tokens, hidden=hidden)
