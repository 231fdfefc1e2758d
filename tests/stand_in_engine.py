"""The real daemon around a model of no weights: what imports, joins and computes is replaced.

`python -m tests.stand_in_engine [PORT] [MANNER]`
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from engine import cli
from engine.api.openai_schema import ChatRequest
from engine.api.schema import AnswerReport, ModelInfo
from engine.daemon import Parts
from engine.errors import BadModelFile, SwarmUnreachable, UnknownModel
from engine.generate.events import Finished, ReplyEvent, TextPiece
from engine.machine.facts import Cpu, Machine
from engine.machine.known_speeds import SpeedBook
from engine.manners.observer import Own, Probes
from engine.network.traffic import Traffic
from engine.settings import Settings
from engine.swarm_client import SwarmClient
from engine.transfers.board import TransferBoard
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import SpanRecord

MANIFEST = Manifest(
    name="tiny",
    config={},
    stack_path="model.layers",
    context=64,
    files={},
    cache_values=(0,) * 4,
    matrix_values=(0,) * 4,
    matrix_rows=(0,) * 4,
    shell=Part("0" * 64, 4),
    layers=(Part("1" * 64, 4000),) * 4,
    dtype="float32",
)


class StandInNode:
    peer_id = "stand-in"
    addresses = ("/ip4/127.0.0.1/tcp/1/p2p/stand-in",)
    traffic = Traffic()

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def peers(self) -> int:
        return 0

    async def connected(self) -> tuple[str, ...]:
        return ()

    async def wait_ended(self) -> None:
        await self.ended.wait()

    async def stop(self) -> None:
        self.ended.set()


class StandInSupply:
    """All layers are here already."""

    def lacks(self, parts: Iterable[Part]) -> bool:
        return False

    async def records(self) -> tuple[SpanRecord, ...]:
        return ()

    async def find(self, name_or_digest: str) -> Manifest:
        raise UnknownModel(name_or_digest, [MANIFEST.name])


class EchoReplies:
    """Says the last message again, word by word; a message of “forever” has no end."""

    covered: tuple[tuple[int, int], ...] = ((0, 4),)

    def __init__(self) -> None:
        self.closed = 0

    async def models(self) -> tuple[ModelInfo, ...]:
        return (
            ModelInfo(
                name=MANIFEST.name,
                digest=MANIFEST.digest,
                n_layers=4,
                context=64,
                local=True,
                covered=self.covered,
                servers=len(self.covered),
            ),
        )

    async def reply(self, request: ChatRequest) -> AsyncIterator[ReplyEvent]:
        if request.model != MANIFEST.name:
            raise UnknownModel(request.model, [MANIFEST.name])
        words = request.messages[-1].content.split()
        for at, word in enumerate(words):
            yield TextPiece(("" if at == 0 else " ") + word, at + 1)
            while word == "forever":
                await asyncio.sleep(0.05)
                yield TextPiece(" and ever", at + 1)
        yield Finished("stop", 3, len(words), AnswerReport())

    def close(self) -> None:
        self.closed += 1


async def prepare(store: LayerStore, on_percent: Callable[[int], None]) -> Manifest:
    on_percent(50)
    return MANIFEST


async def prepare_for_ever(store: LayerStore, on_percent: Callable[[int], None]) -> Manifest:
    on_percent(42)
    await asyncio.sleep(3600)
    return MANIFEST


async def prepare_in_vain(store: LayerStore, on_percent: Callable[[int], None]) -> Manifest:
    raise BadModelFile("The starter model is broken: install Potluck anew.")


async def join(settings: Settings, store: LayerStore, board: TransferBoard) -> SwarmClient:
    return SwarmClient(StandInNode(), StandInSupply(), EchoReplies())


async def join_in_vain(settings: Settings, store: LayerStore, board: TransferBoard) -> SwarmClient:
    raise SwarmUnreachable("No bootstrap peer answers: check the network.")


def read_machine() -> Machine:
    return Machine(Cpu(physical_cores=2), memory_bytes=4 << 30, available_bytes=2 << 30)


async def measure_nothing(book: SpeedBook, machine: Machine, store: Path) -> None:
    pass


def quiet_probes(own: Own) -> Probes:
    """Of a computer that nobody uses."""
    return Probes(
        system=QuietSystem(),
        programs=lambda: frozenset({"bash"}),
        cards=lambda: (),
        on_battery=lambda: False,
        free_disk_bytes=lambda: 1 << 40,
        traffic_bytes=own.traffic_bytes,
    )


class QuietSystem:
    def idle_seconds(self) -> float:
        return 3600.0

    def metered(self) -> bool:
        return False

    def full_screen(self) -> bool:
        return False

    def close(self) -> None:
        pass


def host_command(manner: str) -> tuple[str, ...]:
    return (sys.executable, str(Path(__file__).with_name("stand_in_host.py")), manner)


def stand_in_parts(manner: str = "good") -> Parts:
    prepares = {"prepares_for_ever": prepare_for_ever, "prepares_in_vain": prepare_in_vain}
    return Parts(
        prepares.get(manner, prepare),
        join_in_vain if manner == "alone" else join,
        read_machine,
        host_command(manner),
        measure=measure_nothing,
        probes=quiet_probes,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--manner", default="good")
    known, rest = parser.parse_known_args()
    cli.run_engine(cli.parse([*rest]), stand_in_parts(known.manner))
