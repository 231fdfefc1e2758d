"""What a block server says in the swarm before it serves: which layers it is about to take."""

import asyncio
import time
from collections.abc import Callable

from engine.api.schema import ServerPhase
from engine.duties import set_or_due
from engine.host.announcing import ANNOUNCE_SECONDS, RECORD_LIFETIME_SECONDS, withdraw
from engine.host.orders import HostConfig, Intent, Report
from engine.network.directory import Directory
from engine.network.node import Node
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import ServerState, SpanRecord

_PHASES: dict[Intent, ServerPhase] = {
    "choosing": ServerPhase.CHOOSING,
    "joining": ServerPhase.JOINING,
    "serving": ServerPhase.LOADING,
}


class StatedIntent:
    """Announced anew every few seconds, and at once when it changes."""

    def __init__(
        self, config: HostConfig, node: Node, directory: Directory, report: Callable[[Report], None]
    ) -> None:
        self._config = config
        self._node = node
        self._directory = directory
        self._report = report
        self._changed = asyncio.Event()

    def change(self, config: HostConfig) -> None:
        self._config = config
        self._changed.set()

    async def announce_forever(self) -> None:
        """Raises UnknownModel or WrongHash where the store does not know the model."""
        announced = self._config.manifest
        while True:
            config = self._config
            if config.manifest != announced:
                await withdraw(self._directory, announced)
            announced = config.manifest
            await self._directory.announce(self._record(config))
            self._report(Report(phase=_PHASES[config.intent], peer_id=self._node.peer_id))
            await set_or_due(self._changed, ANNOUNCE_SECONDS)
            self._changed.clear()

    async def withdraw(self) -> None:
        await withdraw(self._directory, self._config.manifest)

    def _record(self, config: HostConfig) -> SpanRecord:
        manifest = LayerStore(config.store).manifest(config.manifest)
        return SpanRecord(
            peer=self._node.peer_id,
            addresses=self._node.addresses[:16],
            model=manifest.digest,
            model_name=manifest.name,
            start=config.start,
            end=config.end,
            n_layers=manifest.n_layers,
            state=ServerState.CHOOSING if config.intent == "choosing" else ServerState.JOINING,
            precision=config.precision,
            layer_precisions=config.layer_precisions,
            public_name=config.public_name,
            tokens_per_s=config.tokens_per_s,
            expires=time.time() + RECORD_LIFETIME_SECONDS,
        )
