"""The daemon: builds every service by constructor; they live and end together."""

import asyncio
import contextlib
import dataclasses
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import __version__
from engine.api.doctor_schema import Diagnosis
from engine.api.event_stream import SnapshotFeed
from engine.api.history_routes import HistoryRoutes
from engine.api.manners_routes import MannersRoutes
from engine.api.manners_schema import HowMuchRules, MannersStatus, Preview, WhenRules
from engine.api.map_routes import MapRoutes
from engine.api.membership_routes import MembershipRoutes
from engine.api.plan_schema import PlanReport
from engine.api.preferences_routes import SettingsRoutes
from engine.api.run_file import RunFile, keep_run_file, write_run_file
from engine.api.schema import DonationOrder, ServerPhase, Snapshot
from engine.api.security import load_or_create_key
from engine.api.sentences import said
from engine.api.server import ApiServer, bind, build_app
from engine.doctor.collect import collect
from engine.doctor.diagnose import diagnose
from engine.duties import until_first_ends
from engine.errors import PotluckError, SwarmUnreachable
from engine.exchange.progress import FetchProgress
from engine.giving.decisions import Decisions, Planner
from engine.giving.giving import Giving
from engine.giving.quiet import is_quiet, measure_when_quiet
from engine.giving.survey import Survey
from engine.ledger.energy_watch import EnergyWatch
from engine.ledger.given import GivenLedger
from engine.machine.facts import Machine
from engine.machine.known_speeds import SpeedBook
from engine.machine.measuring import measure_unmeasured
from engine.machine.read import read_machine
from engine.machine.speeds import CPU
from engine.manners.awake import hold_of_this_computer, keep_awake
from engine.manners.day import RecordedDay
from engine.manners.judge import Verdict
from engine.manners.manners import Manners
from engine.manners.observer import Observer, Own, Probes, probes_of_this_computer
from engine.manners.traffic import MonthlyTraffic
from engine.membership.belonging import Belonging
from engine.membership.desk import MembershipDesk
from engine.membership.swarm_file import load_membership
from engine.membership.taking_effect import as_member
from engine.planning.planner import plan
from engine.planning.report import report_of
from engine.preferences.desk import SettingsDesk
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import SettingsFile
from engine.preferences.values import settings_with
from engine.preparation import prepare_starter
from engine.preparing import Prepare, Preparing
from engine.presence import Presence
from engine.settings import LOOPBACK_HOST, Settings
from engine.shown import Shown
from engine.supervisor.supervisor import HOST_COMMAND
from engine.swarm_client import LateReplies, SwarmClient, join_swarm
from engine.swarm_map import SwarmMapper
from engine.transfers.board import TransferBoard
from engine.transfers.desk import StoreDesk
from engine.transfers.relocation import Relocation
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import Coordinates

TICK = 1.0  # seconds

log = logging.getLogger("potluck.engine")


@dataclass(frozen=True)
class Parts:
    """The heavy parts, which tests replace."""

    prepare: Prepare = prepare_starter
    join: Callable[[Settings, LayerStore, TransferBoard], Awaitable[SwarmClient]] = join_swarm
    read_machine: Callable[[], Machine] = read_machine
    host_command: Sequence[str] = HOST_COMMAND
    planner: Planner = plan
    measure: Callable[[SpeedBook, Machine, Path], Awaitable[None]] = measure_unmeasured
    probes: Callable[[Own], Probes] = probes_of_this_computer


def _asked_of_devices(settings: Settings) -> tuple[object, ...]:
    """What is decided anew when it changes."""
    return settings.host, settings.how_much.duty, settings.how_much.duty_by_device


class Engine:
    """All services of one daemon. `run` is its life; the control routes call `donate` and `request_quit`."""

    def __init__(
        self, settings: Settings, parts: Parts, tell: Callable[[Snapshot], object] = lambda _: None
    ) -> None:
        """Raises MembershipUnreadable."""
        paths = settings.paths
        self._tell = tell
        self._told = settings
        self._preferences = Preferences(SettingsFile(paths.settings_file), settings.told)
        self._asked = settings = settings_with(settings, self._preferences.in_force)
        self._settings = settings = as_member(settings, load_membership(paths.swarm_file))
        self._parts = parts
        self._store = LayerStore(paths.layer_store)
        self._transfers = TransferBoard(self._publish)
        self._relocation = Relocation(paths.store_place, paths.layer_store)
        self._desk = StoreDesk(self._store, self._transfers, self._relocation, self._bring)
        self._ledger = GivenLedger(paths.given)
        self._speeds = SpeedBook(paths.speeds)
        self._survey = Survey(
            self._store,
            settings.host,
            parts.read_machine,
            self._speeds,
            drafts_bytes=self._drafts_bytes,
            here=self._here,
        )
        self._giving = Giving(
            settings,
            self._store,
            Decisions(self._survey, parts.planner, self._speeds),
            parts.host_command,
            self._on_servers,
        )
        self._traffic = MonthlyTraffic(paths.traffic)
        self._own_processes: frozenset[int] = frozenset()
        self._how_much = settings.how_much
        self._manners = self._watched_by(settings)
        self._giving.permit(False)  # until somebody has looked
        self._replies = LateReplies(lambda: self._feed.current.condition.sentence)
        self._presence = Presence(settings, self._join, self._giving, self._replies, self._publish)
        self._preparing = Preparing(
            lambda: self._settings,
            self._store,
            self._presence.supply,
            parts.prepare,
            self._use,
            self._publish,
        )
        self._energy = EnergyWatch(
            parts.read_machine, lambda: self._giving.servers, self._ledger.add, see=self._see_machine
        )
        self._mapper = SwarmMapper(lambda: self._presence.client, self._own_peers)
        self._quit = asyncio.Event()
        self._door: RunFile | None = None  # once it is open
        self._shown = Shown(
            self._giving, self._manners, self._preparing, self._presence, self._ledger, self._transfers
        )
        self._feed = SnapshotFeed(self._shown.snapshot())
        belonging = Belonging(paths)
        self._membership = MembershipDesk(belonging, lambda: self._feed.current, self.take_up_membership)

    # --- life

    async def run(self) -> None:
        """Until asked to quit. Raises PortInUse."""
        door = bind(self._settings.api)
        port = door.getsockname()[1]
        key = load_or_create_key(self._settings.paths.api_key)
        more = (
            HistoryRoutes(self._ledger),
            MapRoutes(self._mapper),
            SettingsRoutes(SettingsDesk(self._preferences, self._desk, self._take_up_settings)),
            MembershipRoutes(self._membership),
            MannersRoutes(self),
        )
        others = self._settings.api.host != LOOPBACK_HOST
        steered = self._settings.api.steered_from_elsewhere
        app = build_app(self._replies, self, self._desk, self._feed, key, port, more, others, steered)
        server = ApiServer(app, door)
        server.start()
        run_file = self._settings.paths.run_file
        self._door = RunFile(port=port, key=key, pid=os.getpid(), version=__version__)
        write_run_file(run_file, self._door)
        log.info("Potluck's engine %s listens on port %d", __version__, port)
        try:
            await until_first_ends(
                self._quit.wait(),
                self._bring_up(),
                self._tick_forever(),
                self._presence.watch(),
                self._energy.run(),
                self._giving.watch(),
                self._manners.run(),
                keep_awake(self._stays_awake, hold_of_this_computer()),
                measure_when_quiet(self._is_quiet, self._measure),
            )
        finally:
            run_file.unlink(missing_ok=True)
            await self._end(server)

    async def _end(self, server: ApiServer) -> None:
        self._feed.close()
        endings = (server.close(), self._giving.close(), self._desk.close(), self._presence.stop())
        for failure in await asyncio.gather(*endings, return_exceptions=True):
            if failure is not None:
                log.error("A part of the engine did not end well.", exc_info=failure)
        self._ledger.save()
        self._traffic.save()
        log.info("Potluck's engine has ended")

    async def _bring_up(self) -> None:
        """Model and network at the same time; each serves, if that is wanted, once the other is there."""
        await asyncio.to_thread(self._sweep)
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self._preparing.run())
            duties.create_task(self._presence.run())

    def _sweep(self) -> None:
        """What a killed engine left half-written goes."""
        try:
            self._store.sweep()
            self._relocation.tidy_up()
        except (OSError, PotluckError) as error:
            log.warning("The layer store cannot be tidied up: %s", error)

    async def _join(self, settings: Settings) -> SwarmClient:
        return await self._parts.join(settings, self._store, self._transfers)

    async def _use(self, manifest: Manifest) -> None:
        await self._giving.use(manifest)
        self._presence.look_soon()

    async def _bring(self, digest: str, on_progress: Callable[[FetchProgress], None]) -> Manifest:
        """All of a model into the layer store."""
        swarm = self._presence.client
        if swarm is None:
            raise SwarmUnreachable(said("Potluck is not connected to the swarm yet: try again in a moment."))
        return await swarm.supply.whole(digest, on_progress)

    async def take_up_membership(self) -> Snapshot:
        """Move into the swarm that this computer belongs to by now. Raises MembershipUnreadable."""
        membership = load_membership(self._asked.paths.swarm_file)
        return self._move_to(as_member(self._asked if membership is None else self._unguided, membership))

    async def _take_up_settings(self) -> None:
        """Run by what the owner has set by now. Raises MembershipUnreadable."""
        before, asked = self._asked, settings_with(self._told, self._preferences.in_force)
        self._asked = asked
        self._survey.follow(asked.host)
        self.use_rules(asked.when, asked.how_much)
        if asked.host.model != before.host.model:
            self._preparing.begin_anew(asked.host.model)
        if asked.swarm != before.swarm:
            self._move_to(as_member(asked, load_membership(asked.paths.swarm_file)))
        elif _asked_of_devices(asked) != _asked_of_devices(before):
            self._settings = as_member(asked, load_membership(asked.paths.swarm_file))
            self._giving.begin_anew(self._settings)
        self._publish()

    def _move_to(self, settings: Settings) -> Snapshot:
        """Into the swarm of these settings."""
        self._settings = settings
        self._presence.move(settings)
        return self._publish()

    @property
    def _unguided(self) -> Settings:
        """As asked for at the start, without peers that were named then: they are of the swarm of then."""
        swarm = dataclasses.replace(self._asked.swarm, initial_peers=())
        return dataclasses.replace(self._asked, swarm=swarm)

    # --- giving

    async def donate(self, order: DonationOrder) -> Snapshot:
        """What the owner wants from now on; kept for the next start."""
        if order.action == "start":
            self._preparing.try_again()
        await self._giving.order(order)
        return self._publish()

    # --- manners

    def _watched_by(self, settings: Settings) -> Manners:
        own = Own(
            self._store.root,
            self._parts.read_machine,
            lambda gpu: self._survey.wishes.may_use(gpu.key),
            lambda: self._own_processes,
            lambda: self._traffic.bytes,
        )
        observer = Observer(self._parts.probes(own))
        day = RecordedDay(settings.paths.recorded_day)
        return Manners(observer, day, settings.when, self._on_verdict)

    def use_rules(self, when: WhenRules, how_much: HowMuchRules) -> None:
        """From now on."""
        self._how_much = how_much
        self._manners.use(when)

    def _on_verdict(self, verdict: Verdict) -> None:
        self._giving.permit(verdict.allowed, verdict.soft)
        self._publish()

    def _stays_awake(self) -> bool:
        return self._how_much.keep_awake and bool(self._giving.servers)

    async def manners(self) -> MannersStatus:
        return await self._manners.status(self._how_much)

    async def preview(self, rules: WhenRules) -> Preview:
        return await self._manners.preview(rules)

    def _is_quiet(self) -> bool:
        allowed = self._manners.verdict is not None and self._manners.verdict.allowed
        phases = [server.phase for server in self._giving.servers]
        return is_quiet(allowed, self._giving.donation.wanted, phases)

    async def _measure(self) -> None:
        try:
            machine = await asyncio.to_thread(self._parts.read_machine)
            await self._parts.measure(self._speeds, machine, self._store.root)
        except Exception as error:  # estimates do
            log.warning("The speed of this computer cannot be measured: %r", error)

    def _on_servers(self) -> None:
        for post in self._giving.posts:
            if post.view.pid is not None and post.view.report is not None:
                self._ledger.hear(post.view.pid, post.view.report)
                count = post.view.report.sent_bytes + post.view.report.received_bytes
                self._traffic.hear(f"process {post.view.pid}", count)
        running = (post.view.pid for post in self._giving.posts)
        self._own_processes = frozenset(pid for pid in running if pid is not None)
        if (swarm := self._presence.client) is not None:
            swarm.permit_drafts(all(server.place != CPU for server in self._giving.servers))
        before = self._online
        self._publish()
        if self._online - before:
            self._presence.look_soon()

    def _drafts_bytes(self) -> int:
        return 0 if self._presence.client is None else self._presence.client.drafts_bytes

    def _here(self) -> Coordinates | None:
        return None if self._presence.client is None else self._presence.client.book.coordinates

    def _own_peers(self) -> set[str]:
        """As which this computer's block servers are known in the swarm."""
        return {server.peer_id for server in self._giving.servers}

    @property
    def _online(self) -> set[int]:
        """The processes that serve, as was last told."""
        servers = self._feed.current.servers
        return {server.pid for server in servers if server.phase is ServerPhase.ONLINE}

    # --- watching

    async def _tick_forever(self) -> None:
        """What time alone changes: a pause that is over, seconds to a restart, the day."""
        while True:
            await asyncio.sleep(TICK)
            await self._giving.pass_time()
            if (swarm := self._presence.client) is not None:
                node = swarm.node
                self._traffic.hear(f"node {id(node)}", node.traffic.sent + node.traffic.received)
            self._ledger.keep()
            self._keep_run_file()
            self._publish()

    def _keep_run_file(self) -> None:
        """Clients find their way in, whatever becomes of the file."""
        if self._door is not None:
            with contextlib.suppress(OSError):
                keep_run_file(self._settings.paths.run_file, self._door)

    async def examine(self) -> Diagnosis:
        """How this computer is connected."""
        node = self._presence.client.node if self._presence.client else None
        store = self._settings.paths.layer_store
        giving = tuple(address for server in self._giving.servers for address in server.addresses)
        return diagnose(await collect(node, self._presence.failure, self._settings.swarm, store, giving))

    async def plan(self) -> PlanReport:
        """What this computer would serve, decided anew. Nothing follows from it."""
        decided = await self._giving.consider()
        return report_of(decided.situation, decided.plans, swarm_asked=self._presence.client is not None)

    def request_quit(self) -> None:
        self._quit.set()

    # --- what is shown

    def _see_machine(self, machine: Machine | None) -> None:
        self._shown.machine = machine
        self._publish()

    def _publish(self) -> Snapshot:
        self._feed.publish(self._shown.snapshot())
        self._tell(self._feed.current)
        return self._feed.current
