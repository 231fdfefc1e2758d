"""A server of one small model, and everything that strangers can talk to on it, without a network."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel

from engine.errors import PeerUnreachable
from engine.exchange.serving import PartServer, ServingLimits
from engine.network.probe_server import ProbeLimits, ProbeServer
from engine.network.reach import ReachServer, dialled_back_by
from engine.weights.store.layer_store import LayerStore
from engine.wire import frames
from engine.wire.messages import (
    Carry,
    ExtrasMeta,
    ForkOf,
    HandedOver,
    HandOver,
    Leaving,
    OpenSession,
    PushFailed,
    PushTo,
    Refusal,
    RefusalCode,
    SessionOpened,
    Step,
    StepOutput,
    TensorMeta,
)
from engine.wire.parts import AskChunk, AskHashes, AskManifest, AskOffer, Found
from engine.wire.probes import Bulk, Ping, Pong, ProbeRefusal, ProbeRefusalCode
from engine.wire.pushes import BringCache, CachePiece, CacheTaken, OpenPush, PushOpened
from engine.wire.reach import AskReach, DialBack, Seen
from engine.wire.records import Coordinates
from engine.wire.tensors import pack
from tests.host.malformed import SPOILERS, Fields, frame
from tests.in_memory_swarm import MODEL, MemoryServer, MemoryStream
from tests.stored_models import stored_model
from tests.tiny_models import HIDDEN, N_LAYERS

TICKET, PEER, NONCE = "0f" * 16, "Qm" + "z" * 30, "0f" * 8
ORIGIN = Coordinates(at=(0.0, 0.0, 0.0), height=0.0, error=1.0)
MANY = 1 << 20
UNLIMITED_PROBES = ProbeLimits(MANY, MANY, pings_per_s=1e9, bulk_bytes_per_s=1e12)


@dataclass(frozen=True)
class Aim:
    """The model that a server serves."""

    model: str
    n_layers: int
    hidden: int


TINY = Aim(MODEL, N_LAYERS, HIDDEN)
Handle = Callable[[Any], Awaitable[None]]
Message = tuple[Fields, bytes]


def said(message: BaseModel, payload: bytes = b"") -> Message:
    return message.model_dump(mode="json", exclude_none=True), payload


def opening(aim: Aim) -> Message:
    return said(OpenSession(model=aim.model, start=0, end=aim.n_layers))


def fork_of(ticket: str, aim: Aim, position: int = 3) -> Message:
    fork = ForkOf(ticket=ticket, position=position)
    return said(OpenSession(model=aim.model, start=0, end=aim.n_layers, fork=fork))


def coarse_opening(aim: Aim) -> Message:
    return said(OpenSession(model=aim.model, start=0, end=aim.n_layers, outputs="int8"))


def numbers(meta: TensorMeta) -> bytes:
    if meta.dtype == "int8":
        return bytes(pack(torch.ones(meta.tokens, meta.hidden), "int8")[1])
    return b"\x00\x3c" * (meta.nbytes // 2)


def steps(aim: Aim) -> list[Message]:
    plain = TensorMeta(dtype="float32", tokens=3, hidden=aim.hidden)
    half = TensorMeta(dtype="float16", tokens=2, hidden=aim.hidden)
    eighth = TensorMeta(dtype="int8", tokens=3, hidden=aim.hidden)
    masked = ExtrasMeta(axes=1, masks=("",))
    return [
        said(Step(number=1, position=0, tensor=plain), numbers(plain)),
        said(Step(number=2, position=0, tensor=half), numbers(half)),
        said(Step(number=3, position=3, tensor=half), numbers(half)),
        said(Step(number=3, position=0, tensor=eighth), numbers(eighth)),
        said(
            Step(number=4, position=0, tensor=plain, extras=masked), numbers(plain) + bytes(12) + b"\xff\x01"
        ),
    ]


def session_words(aim: Aim) -> list[Message]:
    """All that a session's stream knows, also what only servers say."""
    to = {"peer": PEER, "addresses": ("/ip4/192.0.2.1/tcp/1",), "ticket": TICKET}
    out = TensorMeta(dtype="float32", tokens=1, hidden=aim.hidden)
    return [
        *steps(aim) * 3,
        opening(aim),
        fork_of(TICKET, aim),
        coarse_opening(aim),
        said(PushTo(**to)),
        said(Carry()),
        said(HandOver(**to)),
        said(SessionOpened(max_tokens=9, ticket=TICKET)),
        said(SessionOpened(max_tokens=9, ticket=TICKET, forked_after=4)),
        said(StepOutput(number=1, position=0, tensor=out, compute_seconds=0.1, saw=NONCE), numbers(out)),
        said(PushFailed(number=1)),
        said(Leaving()),
        said(HandedOver(length=3)),
        said(Refusal(code=RefusalCode.FAILED, text="no")),
    ]


def push_words(aim: Aim) -> list[Message]:
    piece = CachePiece(layer=0, part="keys", position=0, dtype="float32", tokens=2, heads=2, width=8)
    return [
        *steps(aim),
        said(OpenPush(ticket=TICKET)),
        said(PushOpened()),
        said(BringCache(start=0, end=aim.n_layers, length=2)),
        said(piece, bytes(piece.nbytes)),
        said(CacheTaken(length=2)),
    ]


def part_words(model: str, part: str) -> list[Message]:
    return [
        said(AskManifest(model=model)),
        said(AskOffer(model=model), bytes.fromhex(part) + bytes(32)),
        said(AskHashes(model=model, part=part)),
        said(AskChunk(model="0f" * 32, part=part, index=0)),
        said(Found(), b"abcd"),
    ]


def probe_words() -> list[Message]:
    return [
        said(Ping(nonce=NONCE)),
        said(Bulk(nonce=NONCE, size=16), bytes(16)),
        said(Pong(nonce=NONCE, coordinates=ORIGIN)),
        said(ProbeRefusal(code=ProbeRefusalCode.BUSY)),
    ]


def reach_words() -> list[Message]:
    return [
        said(AskReach(port=4001)),
        said(AskReach()),
        said(Seen(address="", dial_back=DialBack.REACHED, clock=1.0)),
    ]


@dataclass(frozen=True)
class Door:
    """A protocol that strangers may speak, and what is said there."""

    name: str
    handle: Handle
    words: Sequence[Message]
    openings: Sequence[Message] = ()  # one of them comes first, half of the time


class Nowhere:
    """What a server dials with: it reaches nobody."""

    def __init__(self) -> None:
        self.dialled = 0

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ()) -> MemoryStream:
        self.dialled += 1
        raise PeerUnreachable("Nobody is there.")


async def _refuse(host: str, port: int) -> None:
    raise ConnectionRefusedError


def doors(server: MemoryServer, folder: Path, ticket: str) -> list[Door]:
    """`ticket` is that of a session that pushes may come into, and that strangers try to begin with."""
    store = LayerStore(folder)
    manifest = stored_model(store)
    parts = PartServer(store, ServingLimits(streams=MANY, streams_of_a_peer=MANY))
    reach = ReachServer(dialled_back_by(("/ip4/0.0.0.0/tcp/0",)), _refuse)
    span = server.spans
    openings = [opening(TINY), coarse_opening(TINY), fork_of(ticket, TINY)]
    return [
        Door("session", span.handle, session_words(TINY), openings),
        Door("push", span.handle_push, push_words(TINY), [said(OpenPush(ticket=ticket))]),
        Door("parts", parts.handle, part_words(manifest.digest, manifest.layers[0].digest)),
        Door("probe", ProbeServer(lambda: ORIGIN, UNLIMITED_PROBES).handle, probe_words()),
        Door("reach", reach.handle, reach_words()),
    ]


class Told:
    """The server's end of a stream on which everything is said already: at once, and some time later."""

    def __init__(self, peer: str, first: bytes, later: bytes = b"", linger: float = 0.0) -> None:
        self.peer = peer
        self.address = "/ip4/192.0.2.7/tcp/999"
        self.answers = bytearray()
        self._rest = first
        self._later = later
        self._linger = linger  # seconds before what is said later, and before the end of the stream

    @property
    def is_over(self) -> bool:
        return not self._rest and not self._later

    async def receive(self, n: int) -> bytes:
        if n > len(self._rest):
            await asyncio.sleep(self._linger)
            self._rest, self._later = self._rest + self._later, b""
        if n > len(self._rest):
            raise PeerUnreachable("The stranger has left.")
        taken, self._rest = self._rest[:n], self._rest[n:]
        return taken

    async def send(self, *buffers: frames.Payload) -> None:
        for buffer in buffers:
            self.answers += buffer

    def send_now(self, *buffers: frames.Payload) -> bool:
        self.answers += b"".join(buffers)
        return True

    def close(self) -> None:
        """Nobody listens to that."""


def conversation(rng: random.Random, door: Door) -> tuple[bytes, bytes]:
    """All that a stranger says on one stream: perhaps honest messages, in any order, then a malformed one."""
    sound = [rng.choice(door.openings)] if door.openings and rng.random() < 0.5 else []
    sound += rng.choices(door.words, k=rng.choice((0, 0, 0, 1, 2)))
    spoiled = rng.choice(SPOILERS)(rng, *rng.choice((*door.words, *door.openings)))
    return b"".join(frame(*message) for message in sound), spoiled


async def told(rng: random.Random, door: Door) -> Told:
    """A stranger's whole conversation; returns when the server has ended it."""
    peer, linger = f"Qm{rng.getrandbits(100):030x}", rng.choice((0.0, 0.0, 0.0, 0.01))
    stream = Told(peer, *conversation(rng, door), linger)
    async with asyncio.timeout(30):
        await door.handle(stream)
    return stream
