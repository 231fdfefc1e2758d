"""What this computer gives: the owner's wish, the plan, the layers for it, and the block server."""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from engine.api.schema import DonationOrder, ServerPhase, ServerStatus
from engine.condition import Fetching, Span
from engine.donation import Donation, Wish, after_order, at_time, load_donation, save_donation
from engine.errors import EngineError, HubError, PotluckError, SwarmError
from engine.exchange.progress import FetchProgress
from engine.host.orders import HostConfig
from engine.machine.facts import Machine
from engine.machine.plan import BYTES_OF, HostPlan, ModelSize, plan
from engine.membership.taking_effect import key_of
from engine.settings import Settings
from engine.supervisor.supervisor import Supervisor, View
from engine.supply.ahead import Serving
from engine.swarm_client import SwarmClient
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

MAX_REPAIRS = 3  # in a row: a disk that damages what it is given has to be told of
FETCH_AGAIN_SECONDS = 15.0  # after nobody had the layers: the swarm may change

log = logging.getLogger("potluck.engine")


@dataclass(frozen=True)
class Circumstances:
    """What the giving depends on and does not decide itself."""

    manifest: Manifest | None = None  # the model to serve, once it is known
    swarm: SwarmClient | None = None  # while this computer is in it


class Giving:
    """Starts and ends the block server as the owner wishes, once model, network and layers are there."""

    def __init__(
        self,
        settings: Settings,
        store: LayerStore,
        read_machine: Callable[[], Machine],
        host_command: Sequence[str],
        on_change: Callable[[View], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._read_machine = read_machine
        self._on_change = on_change
        self._supervisor = Supervisor(settings.paths.block_server_log, self._on_server, host_command)
        self._now = Circumstances()
        self._fetch: asyncio.Task[None] | None = None
        self._repair: asyncio.Task[None] | None = None
        self._repairs = 0  # in a row
        self._pins = ExitStack()
        self._deciding = asyncio.Lock()
        self.donation = _first_donation(settings)
        self.plan: HostPlan | None = None
        self.plan_failure: PotluckError | None = None
        self.fetching: Fetching | None = None
        self.fetch_failure: PotluckError | None = None

    @property
    def view(self) -> View:
        return self._supervisor.view

    @property
    def span(self) -> Span | None:
        manifest = self._now.manifest
        if self.plan is None or manifest is None:
            return None
        return Span(manifest.name, self.plan.start, self.plan.end, manifest.n_layers)

    @property
    def serving(self) -> Serving | None:
        """What the block server serves, while it is online."""
        manifest, chosen = self._now.manifest, self.plan
        if not self.online or manifest is None or chosen is None:
            return None
        return Serving(manifest, (chosen.start, chosen.end))

    @property
    def online(self) -> bool:
        report = self.view.report
        return report is not None and report.phase is ServerPhase.ONLINE

    # --- what changes

    async def order(self, order: DonationOrder) -> None:
        """What the owner wants from now on; kept for the next start."""
        self._keep(after_order(order, time.time()))
        if order.action == "finish":
            self._finish()
        else:
            await self.apply()

    async def pass_time(self) -> None:
        """A pause may be over."""
        resumed = at_time(self.donation, time.time())
        if resumed != self.donation:
            self._keep(resumed)
            await self.apply()

    async def use(self, manifest: Manifest) -> None:
        self._now = dataclasses.replace(self._now, manifest=manifest)
        await self.apply()

    async def join(self, swarm: SwarmClient) -> None:
        self._now = dataclasses.replace(self._now, swarm=swarm)
        await self.apply()

    def move(self, settings: Settings) -> None:
        """Into another swarm, once it is joined: until then what is served here is not served."""
        self._settings = settings
        self.leave()

    def leave(self) -> None:
        """The network has ended, and with it the address through which the block server joined."""
        self._now = dataclasses.replace(self._now, swarm=None)
        self._stop()

    async def apply(self) -> None:
        """Start or end the block server as the wish says."""
        async with self._deciding:
            if not self.donation.wanted:
                self._stop()
            elif self._now.manifest is not None and self._now.swarm is not None:
                await self._serve(self._now.manifest, self._now.swarm)
        self._on_change(self.view)

    async def close(self) -> None:
        self._stop_fetching()
        await self._supervisor.close()
        self._pins.close()

    def _keep(self, donation: Donation) -> None:
        self.donation = donation
        save_donation(self._settings.paths.donation, donation)

    def _stop(self) -> None:
        self._stop_fetching()
        self._supervisor.pause()
        self._pins.close()

    def _finish(self) -> None:
        self._stop_fetching()
        if self._now.swarm is not None:
            self._now.swarm.replies.close()  # our own idle sessions are nobody to wait for
        self._supervisor.finish()

    # --- serving

    async def _serve(self, manifest: Manifest, swarm: SwarmClient) -> None:
        if self.plan is None or self.view.pid is None:  # else its memory is not free
            await self._make_plan(manifest)
        chosen = self.plan
        if chosen is None or not self.donation.wanted or swarm is not self._now.swarm:  # by now
            return
        if not self._pin(manifest, chosen):
            return
        if swarm.supply.lacks(manifest.layers[chosen.start : chosen.end]):
            self._start_fetching(manifest, chosen, swarm)
        else:
            self._supervisor.start(self._host_config(manifest, chosen, swarm))

    async def _make_plan(self, manifest: Manifest) -> None:
        machine = await asyncio.to_thread(self._read_machine)
        self.plan = self.plan_failure = None
        try:
            self.plan = plan(machine, model_size(manifest), self._settings.host)
        except PotluckError as error:
            log.error("Nothing can be served: %s", error)
            self.plan_failure = error

    def _pin(self, manifest: Manifest, chosen: HostPlan) -> bool:
        """Keep the planned layers in the store for as long as they are served. Whether that is possible."""
        with ExitStack() as new:
            try:
                new.enter_context(self._store.in_use(manifest.layers[chosen.start : chosen.end]))
            except PotluckError as error:
                log.error("The layers cannot be kept: %s", error)
                self.fetch_failure = error
                return False
            self._pins.close()  # not before the new ones hold
            self._pins = new.pop_all()
        return True

    def _host_config(self, manifest: Manifest, chosen: HostPlan, swarm: SwarmClient) -> HostConfig:
        asked, paths = self._settings.swarm, self._settings.paths
        return HostConfig.model_validate(
            {
                "store": self._store.root,
                "manifest": manifest.digest,
                "start": chosen.start,
                "end": chosen.end,
                "precision": chosen.precision,
                "device": chosen.device,
                "threads": chosen.threads,
                "cache_bytes": chosen.cache_bytes,
                "initial_peers": (*swarm.node.addresses, *asked.initial_peers),
                "listen": asked.block_server_listen,
                "identity": paths.donor_identity(asked.tag),
                "port_file": None if asked.private else paths.port("donor", asked.tag),
                "swarm_key": key_of(asked),
                "upload_bytes_per_s": self._settings.exchange.upload_bytes_per_s,
            }
        )

    def _on_server(self, view: View) -> None:
        if self.online:
            self._repairs = 0
        if view.state.misses_parts and self._repairs < MAX_REPAIRS:
            self._repairs += 1
            self._repair = asyncio.get_running_loop().create_task(self._replace_lost_parts())
        self._on_change(view)

    async def _replace_lost_parts(self) -> None:
        """The block server found damaged layers, which are gone from the store now: get them again."""
        manifest, swarm, chosen = self._now.manifest, self._now.swarm, self.plan
        if manifest is None or swarm is None or chosen is None:
            return
        if swarm.supply.lacks(manifest.layers[chosen.start : chosen.end]):
            await self.apply()

    # --- fetching

    def _start_fetching(self, manifest: Manifest, chosen: HostPlan, swarm: SwarmClient) -> None:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._fetch_then_serve(manifest, chosen, swarm))

    def _stop_fetching(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
        self._fetch = self.fetching = self.fetch_failure = None

    async def _fetch_then_serve(self, manifest: Manifest, chosen: HostPlan, swarm: SwarmClient) -> None:
        parts = manifest.layers[chosen.start : chosen.end]
        try:
            while swarm.supply.lacks(parts):
                await self._fetch_or_wait(manifest, parts, swarm)
        except Exception as error:  # whatever it is, it is told, and Start tries again
            self._give_up_fetching(error)
        else:
            if self._fetch is asyncio.current_task():  # nobody has stopped it meanwhile
                self._fetch = self.fetching = self.fetch_failure = None
                await self.apply()

    async def _fetch_or_wait(self, manifest: Manifest, parts: Sequence[Part], swarm: SwarmClient) -> None:
        try:
            await swarm.supply.get(manifest, parts, self._on_fetched)
        except (SwarmError, HubError) as error:  # waiting may mend it
            log.warning("The layers cannot be fetched: %s", error)
            self.fetch_failure = error
            self._on_change(self.view)
            await asyncio.sleep(FETCH_AGAIN_SECONDS)

    def _give_up_fetching(self, error: Exception) -> None:
        known = isinstance(error, PotluckError)
        log.error("The layers cannot be fetched: %s", error, exc_info=None if known else error)
        if self._fetch is asyncio.current_task():
            self._fetch = self.fetching = None
            self.fetch_failure = error if isinstance(error, PotluckError) else _unexpected(error)
            self._on_change(self.view)

    def _on_fetched(self, progress: FetchProgress) -> None:
        if self._fetch is None:  # the last word of a fetch that was stopped
            return
        self.fetch_failure = None
        self.fetching = Fetching(progress.done_bytes, progress.total_bytes, len(progress.peers))
        self._on_change(self.view)

    # --- what is shown

    def status(self) -> ServerStatus | None:
        view, chosen, manifest = self.view, self.plan, self._now.manifest
        if view.pid is None or chosen is None or manifest is None:
            return None
        report = view.report
        told = report.model_dump(include=_TOLD) if report else {"phase": ServerPhase.STARTING}
        return ServerStatus(
            pid=view.pid,
            model=manifest.name,
            start=chosen.start,
            end=chosen.end,
            n_layers=manifest.n_layers,
            precision=chosen.precision,
            device=chosen.device_name,
            why=chosen.why,
            **told,
        )


_TOLD = {
    "peer_id",
    "addresses",
    "phase",
    "sessions",
    "tokens_per_s",
    "weights_bytes",
    "cache_used_bytes",
    "cache_budget_bytes",
    "shared_bytes",
}


def model_size(manifest: Manifest) -> ModelSize:
    """Layer sizes in parameters, as the stored parts tell them."""
    stored = BYTES_OF.get(manifest.dtype, 8)
    return ModelSize(manifest.name, tuple(part.size // stored for part in manifest.layers))


def _unexpected(error: Exception) -> EngineError:
    return EngineError(f"The layers cannot be fetched ({error!r}): press Start to try again.")


def _first_donation(settings: Settings) -> Donation:
    """As it was when the engine last ended; giving for this run if the settings say so."""
    if settings.start_donating:
        return Donation(wish=Wish.GIVE)
    return load_donation(settings.paths.donation)
