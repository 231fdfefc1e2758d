"""A block server's life: serve a loaded span on the swarm, announce it, report on it, and leave as told."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from engine.api.schema import ServerPhase
from engine.api.sentences import said
from engine.duties import set_or_due, until_first_ends
from engine.errors import SwarmUnreachable
from engine.exchange.serving import PartServer, ServingLimits
from engine.host.announcing import ANNOUNCE_SECONDS, record_of, say_quickly, withdraw
from engine.host.batcher import Batcher, throughput_of
from engine.host.dialling import CautiousDialler
from engine.host.duty import taken
from engine.host.main_memory import main_memory_of
from engine.host.orders import HostConfig, Order, Report
from engine.host.runner import SpanRunner
from engine.host.server import SpanServer
from engine.host.throughput import BusyShare
from engine.network.directory import Directory
from engine.network.node import Node
from engine.network.surroundings import Surroundings
from engine.peers.book import PeerBook
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.messages import SESSION_PROTOCOL
from engine.wire.parts import PARTS_PROTOCOL
from engine.wire.pushes import PUSH_PROTOCOL
from engine.wire.records import ModelSpan, ServerState, SpanRecord

log = logging.getLogger("potluck.host")

REPORT_SECONDS = 1.0


@dataclass(frozen=True)
class LoadedSpan:
    """A span that is ready to run, and the model that it belongs to."""

    manifest: Manifest
    runner: SpanRunner


class BlockServer:
    """One loaded span on the swarm."""

    def __init__(
        self,
        config: HostConfig,
        loaded: LoadedSpan,
        node: Node,
        directory: Directory,
        report: Callable[[Report], None],
    ) -> None:
        self._config = config
        self._manifest = loaded.manifest
        self._runner = loaded.runner
        self._node = node
        self._report = report
        self._directory = directory
        throughput = throughput_of(loaded.runner, loaded.manifest.context, config.tokens_per_s * config.duty)
        self._batcher = Batcher(loaded.runner, throughput, config.duty, main_memory_of(config))
        layers = (config.start, config.end)
        self._server = SpanServer(
            self._batcher,
            loaded.manifest.digest,
            layers,
            hidden_size=loaded.runner.hidden_size,
            context=loaded.manifest.context,
            dialler=CautiousDialler(node),
        )
        self._parts = PartServer(LayerStore(config.store), ServingLimits(config.upload_bytes_per_s))
        self._around = Surroundings(node, self._directory, PeerBook(), lambda: (loaded.manifest.digest,))
        self._busy = BusyShare()
        self._state_changed = asyncio.Event()
        self._moves_to: ModelSpan | None = None
        self._told: ModelSpan | None = None  # others, of where it goes
        self._rate = 0.0  # tokens/s over the last seconds

    async def serve(self, orders: AsyncIterator[Order]) -> None:
        """Until a `stop`, the end of the orders, or a `drain` that has run dry."""
        await self._node.serve(SESSION_PROTOCOL, self._server.handle)
        await self._node.serve(PUSH_PROTOCOL, self._server.handle_push)
        await self._node.serve(PARTS_PROTOCOL, self._parts.handle)
        await self._directory.announce(self._record())
        try:
            await until_first_ends(
                self._obey(orders),
                self._batcher.run(),
                self._announce_forever(),
                self._report_forever(),
                self._around.run(),
                self._notice_lost_network(),
            )
        finally:
            self._rate = 0.0
            self._report(self._current_report())  # what was given since the last one counts, too
            await self._take_leave()

    async def _take_leave(self) -> None:
        """Who starts anew elsewhere is expected there until it says so itself, or its last word expires."""
        if self._server.draining and self._moves_to is not None:
            await say_quickly(self._directory.announce(self._record()))
        else:
            await withdraw(self._directory, self._manifest.digest)

    async def _notice_lost_network(self) -> None:
        await self._node.wait_ended()
        raise SwarmUnreachable(said("The network process ended, so nobody can reach this server."))

    async def _obey(self, orders: AsyncIterator[Order]) -> None:
        async for order in orders:
            self._moves_to = order.moves_to
            if order.order == "stop":
                return
            if order.order == "drain":
                await until_first_ends(self._drain(), self._until_stopped(orders))
                return
            self._state_changed.set()

    async def _until_stopped(self, orders: AsyncIterator[Order]) -> None:
        """By an order, or the end of the orders; further drains change nothing."""
        async for order in orders:
            if order.order == "stop":
                break
        self._moves_to = None

    async def _drain(self) -> None:
        self._server.drain()
        self._state_changed.set()
        await self._server.unused()

    async def _announce_forever(self) -> None:
        while True:
            await set_or_due(self._state_changed, ANNOUNCE_SECONDS)
            self._state_changed.clear()
            record = self._record()
            await self._directory.announce(record)
            if record.moves_to != self._told:
                self._told = record.moves_to
                self._report(self._current_report())

    def _record(self) -> SpanRecord:
        return record_of(
            self._config,
            self._manifest,
            self._node,
            ServerState.DRAINING if self._server.draining else ServerState.ONLINE,
            queue_depth=self._batcher.queue_depth,
            free_cache_tokens=self._runner.free_tokens,
            forks=self._runner.can_fork,
            branches=self._runner.takes_branches,
            step_seconds=self._batcher.step_seconds,
            tokens_per_s=self._batcher.throughput.tokens_per_s,
            busy=taken(self._busy.value, self._config.duty),
            upload_bytes_per_s=self._around.upload_bytes_per_s,
            coordinates=self._around.coordinates,
            moves_to=self._moves_to,
        )

    async def _report_forever(self) -> None:
        tokens, at = self._batcher.work.tokens, time.monotonic()
        while True:
            self._report(self._current_report())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPORT_SECONDS):
                    await self._server.sessions_changed()
            now = time.monotonic()
            if now - at >= REPORT_SECONDS:
                self._rate = (self._batcher.work.tokens - tokens) / (now - at)
                tokens, at = self._batcher.work.tokens, now
                self._busy.note(self._batcher.busy_seconds, now)

    @property
    def _shown_capacity(self) -> float:
        """To be compared with the plan, which counts sessions: an encoder has texts instead."""
        return self._batcher.throughput.shown_tokens_per_s if self._runner.causal else 0.0

    def _current_report(self) -> Report:
        return Report(
            phase=ServerPhase.DRAINING if self._server.draining else ServerPhase.ONLINE,
            peer_id=self._node.peer_id,
            addresses=self._node.addresses,
            sessions=self._batcher.active_sessions,
            tokens=self._batcher.work.tokens,
            layer_tokens=self._batcher.work.layer_tokens,
            tokens_per_s=self._rate,
            busy=self._busy.value,
            capacity_tokens_per_s=self._shown_capacity,
            upload_bytes_per_s=self._around.upload_bytes_per_s,
            weights_bytes=self._runner.span.weights_bytes,
            cache_used_bytes=self._runner.cache_used_bytes,
            cache_budget_bytes=self._runner.cache_budget_bytes,
            shared_bytes=self._parts.sent_bytes,
            sent_bytes=self._node.traffic.sent,
            received_bytes=self._node.traffic.received,
            moves_to=self._told,
            silent=self._around.silent,
        )
