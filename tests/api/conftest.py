import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.api.client import EngineClient
from engine.api.completion_schema import ReplyRequest
from engine.api.event_stream import SnapshotFeed
from engine.api.openai_schema import ChatRequest
from engine.api.plan_schema import CpuFacts, DevicePlan, MachineReport, PlanReport
from engine.api.schema import AnswerReport, Condition, DonationOrder, ModelInfo, Reason, Snapshot
from engine.api.server import ApiServer, bind, build_app
from engine.errors import PotluckError, UnknownModel
from engine.generate.events import Embeddings, Finished, ReplyEvent, TextPiece
from engine.precision import Precision
from engine.settings import ApiSettings
from engine.transfers.board import TransferBoard
from engine.transfers.desk import Bring, OnFetched, StoreDesk
from engine.transfers.relocation import Relocation
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

KEY = "a-key-for-tests-only"
STAND_IN_WORKER = (sys.executable, str(Path(__file__).parents[1] / "transfers" / "stand_in_worker.py"))
MODEL = ModelInfo(name="tiny", digest="0" * 64, n_layers=4, context=128, local=True, covered=((0, 4),))
PLANNED = PlanReport(
    machine=MachineReport(cpu=CpuFacts(physical_cores=2, logical_cores=4, memory_bytes=8, available_bytes=4)),
    devices=(DevicePlan(device="cpu", device_name="CPU, 1 thread", regret="It is too small."),),
    swarm_asked=True,
)


@dataclass
class FakeReplies:
    """Says each word of the last message again. `fail_at` raises before the piece of that number."""

    failure: Exception | None = None
    fail_at: int = 0
    hang_at: int | None = None
    seen: list[ReplyRequest] = field(default_factory=list)
    floors: list[Precision | None] = field(default_factory=list)  # of embeddings
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def models(self) -> tuple[ModelInfo, ...]:
        return (MODEL,)

    async def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyEvent]:
        self.seen.append(request)
        try:
            if request.model != MODEL.name:
                raise UnknownModel(request.model, [MODEL.name])
            text = request.messages[-1].content if isinstance(request, ChatRequest) else request.prompt[0]
            words = text.split()
            for at, word in enumerate(words):
                await self._misbehave(at)
                yield TextPiece(word + " ", at + 1)
            await self._misbehave(len(words))
            yield Finished("stop", 7, len(words), AnswerReport(trips=len(words)))
        finally:
            self.stopped.set()

    async def embed(self, model: str, texts: Sequence[str], floor: Precision | None = None) -> Embeddings:
        self.floors.append(floor)
        if self.failure is not None:
            raise self.failure
        if model != MODEL.name:
            raise UnknownModel(model, [MODEL.name])
        return Embeddings([[float(len(text)), 0.25, -1.5] for text in texts], sum(map(len, texts)))

    async def _misbehave(self, at: int) -> None:
        if self.failure is not None and at == self.fail_at:
            raise self.failure
        if self.hang_at == at:
            await asyncio.sleep(3600)


@dataclass
class FakeControl:
    feed: SnapshotFeed
    orders: list[DonationOrder] = field(default_factory=list)
    quits: int = 0
    failure: PotluckError | None = None

    async def donate(self, order: DonationOrder) -> Snapshot:
        if self.failure is not None:
            raise self.failure
        self.orders.append(order)
        self.feed.publish(snapshot(Reason.STARTING))
        return self.feed.current

    async def plan(self) -> PlanReport:
        if self.failure is not None:
            raise self.failure
        return PLANNED

    def request_quit(self) -> None:
        self.quits += 1


@dataclass
class Door:
    """A served application, and what stands behind it."""

    port: int
    replies: FakeReplies
    control: FakeControl
    feed: SnapshotFeed
    store: LayerStore

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEY}"}


def snapshot(reason: Reason = Reason.NEVER_STARTED, **fields: object) -> Snapshot:
    return Snapshot(version="0", condition=Condition(reason=reason), **fields)  # type: ignore[arg-type]


def bring_from(store: LayerStore) -> Bring:
    async def bring(digest: str, on_progress: OnFetched) -> Manifest:
        return store.manifest(digest)

    return bring


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    feed = SnapshotFeed(snapshot(), min_interval=0.05, keep_alive=0.3)
    replies, control = FakeReplies(), FakeControl(feed)
    socket = bind(ApiSettings())
    port = socket.getsockname()[1]
    store = LayerStore(tmp_path / "layers")
    board = TransferBoard(lambda: feed.publish(snapshot(transfers=board.transfers)))
    relocation = Relocation(tmp_path / "place.json", store.root)
    desk = StoreDesk(store, board, relocation, bring_from(store), STAND_IN_WORKER)
    server = ApiServer(build_app(replies, control, desk, feed, KEY, port), socket)
    server.start()
    yield Door(port, replies, control, feed, store)
    await desk.close()
    feed.close()
    await server.close()


@pytest.fixture
async def client(door: Door) -> AsyncIterator[EngineClient]:
    async with EngineClient(door.address, KEY) as client:
        yield client
