"""What this computer would serve: from a plan to the API's words, and from these to lines for people."""

from pathlib import Path

import pytest

from engine import cli
from engine.api.plan_schema import PlanReport
from engine.byte_sizes import GB, MB
from engine.cli.plan_wording import MOST_ALTERNATIVES, NO_EFFECT, UNASKED, plan_text
from engine.machine.facts import Cpu, Gpu, Machine, Vendor
from engine.machine.speeds import CPU, Speed, Speeds
from engine.planning.plans import Alternative, HostPlan, MemoryPlan, PlacePlan
from engine.planning.report import report_of
from engine.planning.situation import Situation
from engine.settings import Paths
from engine.weights.store.layer_store import LayerStore
from tests.stored_models import stored_model

CARD = Gpu(0, "RTX 4090", 24 * GB, 22 * GB, uid="GPU-ab", driver="550.54")
MACHINE = Machine(
    Cpu("Xeon", 2, 4, frozenset({"avx2", "avx512f", "sse"})),
    8 * GB,
    5 * GB,
    gpus=(CARD,),
    beyond_torch=(Gpu(0, vendor=Vendor.AMD, shares_memory=True),),
)
SPEEDS = Speeds(
    {
        CPU: {"float32": Speed(45e9, 9e9)},
        CARD.key: {"bfloat16": Speed(1.6e14, 1e12, measured=True), "nf4": Speed(8e13, 4e11)},
    },
    disk_bytes_per_s=500 * MB,
)
MEMORY = MemoryPlan(
    budget=21 * GB,
    reserve=GB,
    weights=12 * GB,
    cache=2 * GB,
    activations=300 * MB,
    loading=100 * MB,
    runtime=700 * MB,
)
PLAN = HostPlan(
    place=CARD.key,
    device=CARD.device,
    device_name="RTX 4090",
    model="0f" * 32,
    model_name="Llama-3.1-70B",
    n_layers=80,
    start=0,
    end=24,
    precision="bfloat16",
    layer_precisions=("nf4",) * 20 + ("bfloat16",) * 4,
    threads=None,
    memory=MEMORY,
    cache_tokens=32_768,
    tokens_per_s=45.2,
    why="Layers 1–24 of 80: nobody serves them yet.",
)
OTHER = Alternative("SmolLM2", 0, 30, "bfloat16", 0.5, "Others serve all of it.")


def report(*plans: PlacePlan, swarm_asked: bool = True) -> PlanReport:
    return report_of(Situation(MACHINE, SPEEDS, models=(), serving={CARD.key: PLAN}), plans, swarm_asked)


ONE = report(
    PlacePlan(CARD.key, "RTX 4090", PLAN, (OTHER,) * 6),
    PlacePlan(CPU, "CPU, 1 thread", None, regret="The cards serve already."),
)


def test_nothing_is_lost_on_the_way_through_the_api() -> None:
    assert PlanReport.model_validate_json(ONE.model_dump_json(exclude_none=True)) == ONE
    server = ONE.devices[0].server
    assert server is not None
    assert server.layer_precisions == (("nf4", 20), ("bfloat16", 4))
    assert (server.memory.total, server.memory.budget) == (MEMORY.total, 21 * GB)
    assert [device.serves_it for device in ONE.devices] == [True, False]
    assert [card.usable for card in ONE.machine.cards] == [True, False]
    assert [speed.precision for speed in ONE.machine.cards[0].speeds] == ["nf4", "bfloat16"]


def test_what_people_read() -> None:
    assert plan_text(ONE).splitlines() == [
        "This computer",
        "  cpu: Xeon, 2 cores, avx2, avx512f; 8.0 GB of memory, 5.0 GB free",
        "  GPU-ab: RTX 4090, 24 GB, 22 GB free, driver 550.54",
        "  amd-0: a card of amd, memory shared with the CPU, the installed torch cannot use it",
        "  DEVICE  WEIGHTS IN  COMPUTES         READS",
        "  cpu     float32     45 GFLOP/s       9.0 GB/s  estimated",
        "  GPU-ab  nf4         80,000 GFLOP/s   400 GB/s  estimated",
        "  GPU-ab  bfloat16    160,000 GFLOP/s  1.0 TB/s  measured",
        "  disk 500 MB/s",
        "",
        "RTX 4090, as it does now",
        "  Layers 1–24 of 80: nobody serves them yet.",
        "  Computes in bfloat16; cache for 32,768 tokens, 2.0 GB; "
        "about 45.2 tokens/s of many sessions together",
        "  Memory: weights 12 GB, cache 2.0 GB, computing 300 MB, loading 100 MB, libraries 700 MB; "
        "15 GB at most of 21 GB that may be used, 1.0 GB are left to other programs",
        *["  Instead layers 1–30 of SmolLM2 in bfloat16? Others serve all of it."] * MOST_ALTERNATIVES,
        "  2 more are in --json",
        "",
        "CPU, 1 thread",
        "  Serves nothing. The cards serve already.",
        "",
        NO_EFFECT,
    ]


@pytest.mark.parametrize("asked", [True, False])
def test_it_says_whether_the_swarm_was_asked(asked: bool) -> None:
    assert (UNASKED in plan_text(report(swarm_asked=asked))) is not asked


# --- without an engine


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path))
    return tmp_path


def files(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in home.rglob("*")}


def planned(capsys: pytest.CaptureFixture[str], *options: str) -> PlanReport:
    assert cli.main(["plan", "--json", *options]) == 0
    return PlanReport.model_validate_json(capsys.readouterr().out)


def test_it_plans_from_what_is_here_alone_and_changes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored_model(LayerStore(Paths.from_environment().layer_store), "soup")
    before = files(home)
    found = planned(capsys, "--device", "cpu")
    assert files(home) == before
    [cpu] = found.devices
    assert not found.swarm_asked
    assert cpu.server is not None
    assert (cpu.device, cpu.server.model_name, cpu.server.start, cpu.server.end) == (CPU, "soup", 0, 3)
    assert cpu.server.memory.total <= cpu.server.memory.budget
    assert cpu.server.why
    assert found.machine.cpu.speeds


def test_the_owners_choices_are_planned_with(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored_model(LayerStore(Paths.from_environment().layer_store), "soup")
    options = ("--device=cpu", "--model=soup", "--layers=2-3", "--cache=4MB", "--memory=1GB", "--threads=1")
    [cpu] = planned(capsys, *options).devices
    assert cpu.server is not None
    assert (cpu.server.start, cpu.server.end, cpu.server.threads) == (1, 3, 1)
    assert (cpu.server.memory.cache, cpu.server.memory.budget) == (4 * MB, GB)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--model", "stew"), "There is no model called “stew” here."),
        (("--device", "toaster"), "This computer has no device “toaster”: choose from "),
    ],
)
def test_what_cannot_be_is_one_sentence(
    options: tuple[str, ...], sentence: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["plan", *options]) == 1
    assert sentence in capsys.readouterr().err


def test_without_a_model_it_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "--device", "cpu"]) == 0
    shown = capsys.readouterr().out
    assert "Serves nothing. No model is known yet" in shown
    assert shown.endswith(f"{UNASKED} {NO_EFFECT}\n")
    assert not list(home.iterdir())


def test_one_more_alternative_is_said_in_the_singular() -> None:
    found = report(PlacePlan(CARD.key, "RTX 4090", PLAN, (OTHER,) * (MOST_ALTERNATIVES + 1)))
    assert "  1 more is in --json" in plan_text(found).splitlines()
