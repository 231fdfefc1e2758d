"""An engine at the seam of the typed client: it says what a test tells it to say."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from engine.api.openai_schema import ChatChunk, ChatRequest, ChunkChoice, Delta, Usage
from engine.api.schema import (
    AnswerReport,
    Condition,
    DonationOrder,
    Given,
    HopReport,
    ModelInfo,
    Reason,
    ServerPhase,
    ServerStatus,
    Snapshot,
    SwarmStatus,
)
from engine.api.store_schema import Transfer, TransferKind
from engine.errors import NotRunning, PotluckError
from tests.desktop.fakes_settings import FakeSettings
from tests.desktop.fakes_store import StorePagesFake
from tests.desktop.fakes_swarm import SwarmPagesFake
from tests.desktop.told import WHY

OWN_PEER = "12D3KooWOwnPeerOfThisComputer00001111"
TINY = ModelInfo(
    name="tiny-chat", digest="d1", n_layers=30, context=8192, local=True, covered=((0, 30),), servers=1
)
WIDE = ModelInfo(
    name="wide-chat",
    digest="d2",
    n_layers=32,
    context=8192,
    local=False,
    covered=((0, 8), (16, 32)),
    servers=4,
)
SERVER = ServerStatus(
    pid=1,
    place="cpu",
    phase=ServerPhase.ONLINE,
    model="tiny-chat",
    start=8,
    end=16,
    n_layers=30,
    precision="bfloat16",
    device="NVIDIA RTX 4070",
    peer_id=OWN_PEER,
    why=WHY,
    sessions=2,
    tokens_per_s=41.7,
    weights_bytes=3_400_000_000,
    cache_used_bytes=610_000_000,
    cache_budget_bytes=2_000_000_000,
)
SPAN = {"first": 9, "last": 16, "n_layers": 30, "model": "tiny-chat"}


def make_snapshot(
    reason: Reason = Reason.SERVING, server: ServerStatus | None = SERVER, **values: object
) -> Snapshot:
    return Snapshot(
        version="0.1.0",
        condition=Condition(reason=reason, values={**SPAN, "sessions": 2, **values}),
        servers=(server,) if server else (),
        swarm=SwarmStatus(peer_id="12D3KooWClientOfThisLaunch", peers=4, private=False),
        models=(TINY, WIDE),
        given_today=Given(layer_tokens=184_320, tokens=23_040, seconds_online=3 * 3600 + 720),
        given_total=Given(layer_tokens=48_211_968, tokens=6_026_496, seconds_online=412 * 3600 + 1500),
    )


ARRIVING = (
    Transfer(
        id="1",
        kind=TransferKind.FETCH,
        model="tiny-chat",
        layers=(8, 16),
        done_bytes=452_000_000,
        total_bytes=1_220_000_000,
        bytes_per_s=11_400_000,
        peers=3,
    ),
    Transfer(id="2", kind=TransferKind.IMPORT, model="a-large-model-from-a-hub-70B"),
)

REPORT = AnswerReport(
    tokens_per_s=18.4,
    seconds_to_first_token=0.7,
    trips=212,
    hops=(
        HopReport(peer=OWN_PEER, start=0, end=8, steps=212, seconds=2.1, compute_seconds=2.0),
        HopReport(
            peer="12D3KooWPeerInLeipzig7fQx2kVd", start=8, end=30, steps=212, seconds=8.3, compute_seconds=6.9
        ),
    ),
)


class FakeEngine(FakeSettings, SwarmPagesFake, StorePagesFake):
    """`pieces` is the answer, `pause` the seconds before each; `failure` breaks the answer off after them."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        FakeSettings.__init__(self)
        SwarmPagesFake.__init__(self)
        StorePagesFake.__init__(self)
        self.snapshot = snapshot or make_snapshot()
        self.pieces: Iterable[str] = ("Hello ", "there.")
        self.pause = 0.0
        self.failure: PotluckError | None = None
        self.hold = False  # never end the answer
        self.so_far: AnswerReport | None = None  # told with each piece
        self.orders: list[DonationOrder] = []
        self.requests: list[ChatRequest] = []
        self.quits = 0
        self.gone = False
        self._changed = asyncio.Event()

    async def status(self) -> Snapshot:
        self._check()
        return self.snapshot

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        while True:
            self._check()
            yield self.snapshot
            await self._changed.wait()
            self._changed.clear()

    async def donate(self, order: DonationOrder) -> Snapshot:
        self._check()
        self.orders.append(order)
        return self.snapshot

    async def quit(self) -> None:
        self.quits += 1
        self.die()

    async def close(self) -> None:
        pass

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        self.requests.append(request)
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            self._check()
            yield make_chunk(piece, report=self.so_far)
        if self.hold:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        yield make_chunk("", finish="stop", report=REPORT)
        yield make_chunk("", usage=Usage(prompt_tokens=12, completion_tokens=212, total_tokens=224))

    def become(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._changed.set()

    def die(self) -> None:
        self.gone = True
        self._changed.set()

    def _check(self) -> None:
        if self.gone:
            raise NotRunning("Potluck's engine cannot be reached.")


def make_chunk(
    text: str, finish: str | None = None, report: AnswerReport | None = None, usage: Usage | None = None
) -> ChatChunk:
    choices = () if usage else (ChunkChoice(delta=Delta(content=text), finish_reason=finish),)
    return ChatChunk(id="c", created=0, model="tiny-chat", choices=choices, usage=usage, potluck=report)
