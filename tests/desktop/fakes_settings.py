"""The settings of the engine at the seam: kept in no file, and otherwise as the real engine keeps them."""

from collections.abc import Mapping
from pathlib import Path

from engine.api.manners_schema import HowMuchRules, Kept, MannersStatus, Preview, WhenRules
from engine.api.membership_schema import CreateOrder, Invitation, JoinOrder
from engine.api.plan_schema import (
    CardFacts,
    CpuFacts,
    DevicePlan,
    MachineReport,
    PlannedMemory,
    PlannedServer,
    PlanReport,
)
from engine.api.preferences_schema import SettingsReport, Value
from engine.api.schema import Condition, Reason, Snapshot
from engine.errors import PotluckError
from engine.membership.invite import parse_invite
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import Found, SettingsFile
from tests.desktop.told import CPU, LEFT_ALONE, PLANNED

GB = 10**9
PROGRAMS = ("bash", "Blender", "firefox", "steam")  # that run
KEY = "the-key-of-the-local-api"
LINK = "potluck://join/AZOlTGFrZXNpZGXEIGZvcl90ZXN0c19vbmx5"
PLANNED = PlanReport(
    machine=MachineReport(
        cpu=CpuFacts(
            name="AMD Ryzen 7 5800X",
            physical_cores=8,
            logical_cores=16,
            vector_units=("avx2",),
            memory_bytes=32 * GB,
            available_bytes=21 * GB,
        ),
        cards=(
            CardFacts(
                key="GPU-12ab",
                name="NVIDIA RTX 4070",
                vendor="nvidia",
                memory_bytes=12 * GB,
                free_bytes=9 * GB,
            ),
        ),
    ),
    devices=(
        DevicePlan(
            device="GPU-12ab",
            device_name="NVIDIA RTX 4070",
            server=PlannedServer(
                model="d2",
                model_name="wide-chat",
                n_layers=32,
                start=8,
                end=16,
                precision="bfloat16",
                layer_precisions=(("int8", 8),),
                memory=PlannedMemory(
                    budget=11 * GB,
                    reserve=GB,
                    weights=3 * GB,
                    cache=2 * GB,
                    activations=GB,
                    loading=0,
                    runtime=GB,
                    total=7 * GB,
                ),
                cache_tokens=40_000,
                tokens_per_s=41.0,
                why=PLANNED,
            ),
        ),
        DevicePlan(device="cpu", device_name=CPU, regret=LEFT_ALONE),
    ),
    swarm_asked=True,
)


class SettingsInMemory(SettingsFile):
    def __init__(self) -> None:
        super().__init__(Path("~/.local/share/potluck/settings.toml"))

    def read(self) -> Found:
        return Found()

    def change(self, values: Mapping[str, Value], forget: frozenset[str] = frozenset()) -> None:
        """Nothing is kept."""


class FakeSettings:
    """`settings_failure` is raised instead of every answer about settings."""

    snapshot: Snapshot
    address = "http://127.0.0.1:4321"
    key = KEY

    def __init__(self) -> None:
        self.preferences = Preferences(SettingsInMemory(), {"swarm.lan": True})
        self.settings_failure: PotluckError | None = None
        self.planned = PLANNED
        self.previewed = Preview(
            recorded_seconds=80_000.0,
            giving_seconds=52_000.0,
            kept=(
                Kept(condition=Condition(reason=Reason.PAUSED_IN_USE), seconds=23_000.0),
                Kept(
                    condition=Condition(reason=Reason.PAUSED_APP_RUNNING, values={"app": "blender"}),
                    seconds=5_000.0,
                ),
            ),
        )
        self.not_told: tuple[str, ...] = ()

    async def settings(self) -> SettingsReport:
        return self._report()

    async def change_settings(self, changes: Mapping[str, Value]) -> SettingsReport:
        self.preferences.change(changes)
        return self._report()

    async def forget_setting(self, key: str) -> SettingsReport:
        self.preferences.forget(key)
        return self._report()

    async def manners(self) -> MannersStatus:
        return MannersStatus(
            when=WhenRules(),
            how_much=HowMuchRules(),
            allowed=True,
            not_told=self.not_told,
            programs=PROGRAMS,
        )

    async def preview_manners(self, rules: WhenRules) -> Preview:
        return self.previewed

    async def plan(self) -> PlanReport:
        return self.planned

    async def invite(self) -> Invitation:
        return Invitation(name=self.snapshot.swarm.name, link=LINK, peers=(), only_here=True)

    async def create_swarm(self, order: CreateOrder) -> Snapshot:
        return self._belong_to(order.name)

    async def join_swarm(self, order: JoinOrder) -> Snapshot:
        return self._belong_to(parse_invite(order.link).name)

    async def leave_swarm(self) -> Snapshot:
        return self._belong_to("")

    def become(self, snapshot: Snapshot) -> None:
        raise NotImplementedError

    def _belong_to(self, name: str) -> Snapshot:
        swarm = self.snapshot.swarm.model_copy(update={"name": name})
        self.become(self.snapshot.model_copy(update={"swarm": swarm}))
        return self.snapshot

    def _report(self) -> SettingsReport:
        if self.settings_failure is not None:
            raise self.settings_failure
        return self.preferences.report()
