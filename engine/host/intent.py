"""What a block server says in the swarm before it serves: which layers it is about to take."""

import asyncio
from collections.abc import Callable

from engine.api.schema import ServerPhase
from engine.duties import set_or_due
from engine.host.announcing import ANNOUNCE_SECONDS, record_of, withdraw
from engine.host.orders import HostConfig, Intent, Report
from engine.network.directory import Directory
from engine.network.node import Node
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import ServerState

_PHASES: dict[Intent, ServerPhase] = {
    "choosing": ServerPhase.CHOOSING,
    "joining": ServerPhase.JOINING,
    "serving": ServerPhase.LOADING,
}
_STATES: dict[Intent, ServerState] = {
    "choosing": ServerState.CHOOSING,
    "joining": ServerState.JOINING,
    "serving": ServerState.JOINING,
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
        manifest = _manifest_of(self._config)
        while True:
            config = self._config
            if config.manifest != manifest.digest:
                await withdraw(self._directory, manifest.digest)
                manifest = _manifest_of(config)
            await self._directory.announce(record_of(config, manifest, self._node, _STATES[config.intent]))
            self._report(Report(phase=_PHASES[config.intent], peer_id=self._node.peer_id))
            await set_or_due(self._changed, ANNOUNCE_SECONDS)
            self._changed.clear()

    async def withdraw(self) -> None:
        await withdraw(self._directory, self._config.manifest)


def _manifest_of(config: HostConfig) -> Manifest:
    return LayerStore(config.store).manifest(config.manifest)
