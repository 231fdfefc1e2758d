"""One device that gives: its block server, the layers for it, and the way from one span to another."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.api.schema import ServerPhase, ServerStatus
from engine.condition import PostFacts
from engine.giving.aim import Aim
from engine.giving.host_config import PostFiles, host_config
from engine.giving.layers import Layers
from engine.giving.status import status_of
from engine.host.orders import Intent, Report
from engine.machine.known_speeds import SpeedBook
from engine.network.identity import load_or_create
from engine.planning.plans import HostPlan
from engine.settings import Settings
from engine.supervisor.decide import Stage
from engine.supervisor.supervisor import Supervisor, View
from engine.supply.ahead import Serving
from engine.swarm_client import SwarmClient
from engine.weights.store.layer_store import LayerStore

MAX_REPAIRS = 3  # in a row: a disk that damages what it is given has to be told of
MOST_DRAIN_SECONDS = 600.0  # of a move: its clients have long been told to go elsewhere
_LEAVING = (Stage.DRAINING, Stage.ENDING)

log = logging.getLogger("potluck.giving")


@dataclass(frozen=True)
class Supervision:
    """How a post's process is started, and who hears of what becomes of it."""

    command: Sequence[str]
    on_change: Callable[[], None]  # after whatever is shown
    on_arrival: Callable[[], None]  # when all that a move needs is in the store


class Post:
    """Does what `follow` says, one thing after the other."""

    def __init__(
        self,
        files: PostFiles,
        settings: Settings,
        store: LayerStore,
        book: SpeedBook,
        supervision: Supervision,
    ) -> None:
        """Raises EngineError where the identity cannot be read or written."""
        self.peer = load_or_create(files.identity).peer  # as which it is known in the swarm
        self.announced = asyncio.Event()  # what it may serve, while that settles
        self._files = files
        self._settings = settings
        self._book = book
        self._on_change = supervision.on_change
        self._supervisor = Supervisor(files.log, self._on_server, supervision.command)
        self._swarm: SwarmClient | None = None
        self._aim: Aim | None = None  # served, or about to be
        self._left: Aim | None = None  # still served, until a move's drain has ended
        self._intended: Aim | None = None  # where a move will go, if others leave it to this one
        self._intent: Intent = "serving"
        self._layers = Layers(
            store, self._on_change, self._on_fetch, supervision.on_arrival, book.note_download
        )
        self._repairs = 0  # in a row

    # --- what it does now

    @property
    def view(self) -> View:
        return self._supervisor.view

    @property
    def aim(self) -> Aim | None:
        return self._aim

    @property
    def plan(self) -> HostPlan | None:
        """What is served, or about to be; as fast as work shows, where there was some."""
        if self._aim is None:
            return None
        report, plan = self.view.report, self._aim.plan
        if report is None or self._left is not None or not report.capacity_tokens_per_s:
            return plan
        return replace(plan, tokens_per_s=report.capacity_tokens_per_s)

    @property
    def is_online(self) -> bool:
        report = self.view.report
        return report is not None and report.phase is ServerPhase.ONLINE

    @property
    def is_choosing(self) -> bool:
        """May still be sent elsewhere."""
        return self._intent == "choosing" and not self._is_free

    @property
    def is_settling(self) -> bool:
        """What is decided next depends on what others choose at this moment."""
        return self.is_choosing or self._intended is not None

    @property
    def is_firm(self) -> bool:
        """Serves, or will."""
        runs = not self._is_free and self.view.state.stage is not Stage.FAILED
        return runs and not self._layers.are_waited_for and not self.is_choosing

    @property
    def failed_model(self) -> str | None:
        """Digest of a model that could not be fetched or served, now or at all."""
        if self._aim is not None and (self._has_given_up or self._layers.are_waited_for):
            return self._aim.plan.model
        return self._layers.next.missed

    @property
    def has_begun_to_move(self) -> bool:
        """The layers of where it will go are on their way, or here."""
        return self._layers.next.are_kept or self._intended is not None

    @property
    def serving(self) -> Serving | None:
        """What the block server serves, while it is online."""
        if not self.is_online or self._shown is None:
            return None
        return Serving(self._shown.manifest, (self._shown.plan.start, self._shown.plan.end))

    @property
    def served_seconds(self) -> float:
        since = self.view.state.online_since
        return 0.0 if since is None or not self.is_online else time.monotonic() - since

    @property
    def _is_free(self) -> bool:
        """Nothing runs or is about to."""
        state = self.view.state
        ended = state.stage is Stage.STOPPED or (state.stage in _LEAVING and not state.start_again)
        return ended and not self._layers.are_coming

    @property
    def _shown(self) -> Aim | None:
        return self._left or self._aim

    # --- what it is told

    def use(self, settings: Settings) -> None:
        """From the next process on."""
        self._settings = settings

    def follow(self, aim: Aim, swarm: SwarmClient, settles: bool) -> None:
        """Serve this. `settles`: only after others have been told, and `settle` has come.

        A server that is not online yet comes online first; one that is has the new layers fetched before it
        leaves the old ones, if the disk has room for both. Once they are there, this has to be said again.
        """
        if self._intended is not None:
            return  # it is about to be settled
        self._swarm = swarm
        if self._has_given_up:
            if aim.plan.model == self.failed_model:
                return
            self.forgive()  # it was another model's fault, or shows that it was not
        self._layers.next.missed = None  # whoever decided this knew it
        if self._aim is None or self._is_free or self._layers.are_waited_for:
            self._begin(aim, settles)
        elif self._aim.serves_as(aim):
            self._layers.next.drop()  # whatever was under way to elsewhere is not any more
        elif self.is_online and not self._layers.next.bring(aim, swarm.supply):
            (self._intend if settles else self._leave_for)(aim)

    def settle(self, aim: Aim | None) -> None:
        """What others choose is known now: serve this, or else what was chosen at first; who serves stays."""
        if self._intended is not None:
            self._settle_move(aim)
            return
        if aim is not None and self._layers.hold(aim):
            self._aim = aim
        self._join()

    def forgive(self) -> None:
        """Whatever has failed is tried again when it is next told to serve."""
        if self.view.state.stage in (Stage.FAILED, Stage.BACKING_OFF):
            self._supervisor.pause()
        self._layers.forgive()

    def stop(self) -> None:
        self._give_up_aims()
        self._supervisor.pause()
        self._layers.let_go()

    def finish(self) -> None:
        """Serve the sessions in use to their end, then end."""
        self._give_up_aims()
        self._supervisor.finish()

    def retire(self) -> None:
        """Serve the sessions in use to their end, unless nothing is served."""
        if not self._is_free:
            self.finish()

    async def close(self) -> None:
        self._give_up_aims()
        await self._supervisor.close()
        self._layers.let_go()

    # --- serving

    @property
    def _has_given_up(self) -> bool:
        """Until the owner says start, or another model is to be served."""
        return self._layers.will_not_come or self.view.state.stage is Stage.FAILED

    def _begin(self, aim: Aim, settles: bool) -> None:
        self._give_up_aims()
        if not self._layers.hold(aim):
            return
        self._aim = aim
        if settles:
            self._choose()
        else:
            self._join()

    def _choose(self) -> None:
        self._intent = "choosing"
        self.announced.clear()
        self._launch()

    def _join(self) -> None:
        assert self._aim is not None
        assert self._swarm is not None
        self._intent = "joining"
        if self._layers.bring(self._aim, self._swarm.supply, self._serve):
            self._launch()
        else:
            self._serve()

    def _serve(self) -> None:
        self._layers.arrived()
        self._intent = "serving"
        self._launch()

    def _launch(self) -> None:
        """A process with the aim, or have the one that runs take it."""
        assert self._aim is not None
        assert self._swarm is not None
        daemon = self._swarm.node.addresses
        self._supervisor.start(host_config(self._aim, self._intent, self._settings, self._files, daemon))

    def _on_fetch(self) -> None:
        """Who gets no layers keeps no place for them in the swarm."""
        if self._layers.fetch_failure is not None:
            self._supervisor.pause()
        elif self.view.state.stage in (Stage.STOPPED, *_LEAVING):
            self._launch()
        self._on_change()

    def _give_up_aims(self) -> None:
        self._forget_intended()
        self._layers.stop()

    # --- moving

    def _intend(self, aim: Aim) -> None:
        """Tell others: of several that would go to the same place, only one leaves where it is."""
        self._intended = aim
        self.announced.clear()
        self._supervisor.intend(aim.as_announced)

    def _settle_move(self, aim: Aim | None) -> None:
        """Others have been told of one place: a move to a different one is decided anew, by chance again."""
        assert self._aim is not None
        assert self._intended is not None
        assert self._swarm is not None
        goes = aim is not None and aim.overlaps(self._intended) and not self._aim.serves_as(aim)
        self._forget_intended()
        if aim is None or not goes:
            self._layers.next.drop()
        elif not self._layers.next.bring(aim, self._swarm.supply) and self.is_online:
            self._leave_for(aim)
            return
        self._supervisor.intend(None)

    def _forget_intended(self) -> None:
        self._intended = None
        self.announced.set()  # there is nothing more to wait for

    def _leave_for(self, aim: Aim) -> None:
        if not self._layers.hold(aim):
            return
        self._supervisor.finish(aim.as_announced)
        self._left, self._aim = self._aim, aim
        asyncio.get_running_loop().call_later(MOST_DRAIN_SECONDS, self._leave_now, aim)
        self._join()

    def _leave_now(self, aim: Aim) -> None:
        """Nobody keeps a server from moving by sessions without end."""
        if self._left is not None and self._aim is aim and self.view.state.stage is Stage.DRAINING:
            self._supervisor.pause()
            self._launch()

    # --- the process

    def _on_server(self, view: View) -> None:
        report = view.report
        if report is not None and report.phase is ServerPhase.CHOOSING:
            self.announced.set()
        if self._intended is not None:
            self._watch_intended(view)
        if report is not None and self.is_online:
            self._repairs = 0
            self._note_speeds(report)
        if self._left is not None and not view.state.start_again:
            self._left = None  # the process that served it has gone
        if view.state.stage is Stage.STOPPED and not self._layers.are_coming:
            self._layers.let_go()
        if view.state.misses_parts and self._repairs < MAX_REPAIRS:
            self._repairs += 1
            asyncio.get_running_loop().call_soon(self._replace_lost_parts)
        self._on_change()

    def _watch_intended(self, view: View) -> None:
        """Until it has been announced; a process that has ended announces nothing more."""
        if view.state.stage is not Stage.RUNNING:
            self._forget_intended()
        elif view.report is not None and view.report.moves_to is not None:
            self.announced.set()

    def _note_speeds(self, report: Report) -> None:
        self._book.note_upload(report.upload_bytes_per_s)
        if self._shown is not None:
            self._shown.work.note(report.capacity_tokens_per_s)

    def _replace_lost_parts(self) -> None:
        """The block server found damaged layers, which are gone from the store now: get them again."""
        if self._aim is None or self._swarm is None or not self.view.state.misses_parts:
            return
        if self._swarm.supply.lacks(self._aim.parts) and self._layers.hold(self._aim):
            self._join()

    # --- what is shown

    @property
    def facts(self) -> PostFacts:
        moves_to = self._aim if self._left is not None else self._intended or self._layers.next.aim
        return PostFacts(
            view=self.view,
            span=self._shown.span if self._shown else None,
            fetching=self._layers.progress,
            fetch_failure=self._layers.failure,
            moves_to=moves_to.span if moves_to else None,
            why_move=moves_to.plan.why if moves_to else "",
            device=self._shown.plan.device_name if self._shown else "",
        )

    @property
    def status(self) -> ServerStatus | None:
        """None: no process runs."""
        if self.view.pid is None or self._shown is None:
            return None
        return status_of(self.view.pid, self._shown, self.view.report)
