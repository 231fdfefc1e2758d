"""What graphics cards tell of heat and of others' work: by a made-up NVML, and by files as Linux has them."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest

from engine.machine.facts import Gpu, Vendor
from engine.manners.conditions import Card
from engine.manners.probes.cards import Cards
from engine.manners.probes.drm_load import (
    AGAIN_SECONDS,
    EXAMINED_SECONDS,
    SPREAD_SECONDS,
    Counts,
    DrmClients,
    load,
)

NVIDIA = Gpu(0, name="RTX 4090", uid="GPU-1")
OURS, OTHERS = os.getpid(), os.getppid()
ENDED = 1 << 22 - 1
SLOT = "0000:03:00.0"


class Driver:
    """NVML with one card. `samples`: (pid, µs, percent); an exception instead is raised."""

    def __init__(self, samples: Sequence[tuple[int, int, int]] | Exception) -> None:
        self.samples = samples
        self.opened = 0
        self.lost = False

    def nvmlInit(self) -> None:
        self.opened += 1

    def nvmlDeviceGetHandleByUUID(self, uid: str) -> str:
        if self.lost:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
        return uid

    def nvmlDeviceGetTemperature(self, handle: str, sensor: int) -> int:
        return 71

    def nvmlDeviceGetUtilizationRates(self, handle: str) -> SimpleNamespace:
        return SimpleNamespace(gpu=64)

    def nvmlDeviceGetProcessUtilization(self, handle: str, since: int) -> list[SimpleNamespace]:
        if isinstance(self.samples, Exception):
            raise self.samples
        fields = ("pid", "timeStamp", "smUtil")
        return [SimpleNamespace(**dict(zip(fields, sample, strict=True))) for sample in self.samples]


@pytest.mark.parametrize(
    ("samples", "own", "load"),
    [
        ([], [], 0.0),
        ([(OTHERS, 1, 90), (OTHERS, 2, 40)], [], 0.4),  # its newest sample counts
        ([(OURS, 1, 95), (OTHERS, 1, 5)], [OURS], 0.05),
        ([(ENDED, 1, 80)], [OURS], 0.0),
        ([(OURS, 1, 80), (OTHERS, 1, 70)], [], 1.0),
        (pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND), [], 0.0),
        (pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED), [], 0.64),
        (pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED), [OURS], None),  # ours or theirs: nobody can tell
    ],
)
def test_nvidia_tells_what_each_program_uses(samples, own: list[int], load: float | None) -> None:
    cards = Cards(lambda: own, Driver(samples))
    assert cards.read([NVIDIA]) == (Card("GPU-1", "RTX 4090", load, 71.0),)


def test_a_lost_card_tells_nothing_and_the_driver_is_opened_anew_afterwards() -> None:
    driver = Driver([])
    cards = Cards(lambda: (), driver)
    assert cards.read([NVIDIA])[0].celsius == 71.0
    driver.lost = True
    assert cards.read([NVIDIA]) == (Card("GPU-1", "RTX 4090"),)
    driver.lost = False
    assert cards.read([NVIDIA])[0].celsius == 71.0
    assert driver.opened == 2


def test_apples_cards_tell_nothing() -> None:
    apple = Gpu(0, name="Apple M3", vendor=Vendor.APPLE)
    assert Cards(lambda: ()).read([apple]) == (Card("apple-0", "Apple M3"),)


# --- by files


def open_card(root: Path, pid: int, descriptor: int, *lines: str) -> None:
    folder = root / "proc" / str(pid) / "fdinfo"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(("pos:\t0", f"drm-pdev:\t{SLOT}", *lines))
    (folder / str(descriptor)).write_text(text)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_others_use_of_a_card_is_counted_by_its_busiest_engine(tmp_path: Path) -> None:
    clock = Clock()
    clients = DrmClients(tmp_path, clock)
    open_card(tmp_path, 7, 3, "drm-client-id:\t1", "drm-engine-gfx:\t1000 ns", "drm-engine-compute:\t0 ns")
    open_card(tmp_path, 9, 3, "drm-client-id:\t2", "drm-engine-gfx:\t0 ns")
    before = clients.counts(own={9})
    clock.now += 2
    for descriptor in (3, 4):  # one client, of which the second descriptor is a copy
        open_card(tmp_path, 7, descriptor, "drm-client-id:\t1", "drm-engine-gfx:\t800001000 ns")
    open_card(tmp_path, 9, 3, "drm-client-id:\t2", "drm-engine-gfx:\t2000000000 ns")
    after = clients.counts(own={9})
    assert load(before, after, SLOT) == pytest.approx(0.4)
    assert load(before, after, "0000:04:00.0") == 0.0


def test_cycles_count_where_a_driver_counts_these(tmp_path: Path) -> None:
    clients = DrmClients(tmp_path)
    open_card(tmp_path, 7, 3, "drm-cycles-rcs:\t100", "drm-total-cycles-rcs:\t1000")
    before = clients.counts(own=())
    open_card(tmp_path, 7, 3, "drm-cycles-rcs:\t400", "drm-total-cycles-rcs:\t2000")
    assert load(before, clients.counts(own=()), SLOT) == pytest.approx(0.3)


def test_a_program_that_runs_for_long_is_asked_now_and_then_what_it_has_open(tmp_path: Path) -> None:
    clock = Clock()
    clients = DrmClients(tmp_path, clock)
    (tmp_path / "proc/7/fdinfo").mkdir(parents=True)
    open_card(tmp_path, 8, 3, "drm-engine-gfx:\t1 ns")
    clients.counts(own=())
    clock.now += EXAMINED_SECONDS + 1
    assert set(clients.counts(own=()).used[SLOT, "gfx"]) == {"8/3"}
    for pid in (7, 8):
        open_card(tmp_path, pid, 4, "drm-engine-gfx:\t5 ns")
    open_card(tmp_path, 8, 3, "drm-engine-gfx:\t2 ns")
    assert clients.counts(own=()).used[SLOT, "gfx"] == {"8/3": 2}
    clock.now += AGAIN_SECONDS + SPREAD_SECONDS
    assert clients.counts(own=()).used[SLOT, "gfx"] == {"7/4": 5, "8/3": 2, "8/4": 5}


def test_a_program_that_began_in_between_counts_from_its_first_count() -> None:
    before = Counts(1.0, {})
    after = Counts(2.0, {(SLOT, "gfx"): {"7/1": 10**9}})
    assert load(before, after, SLOT) == 0.0


def test_an_amd_card_by_its_files(tmp_path: Path) -> None:
    device = tmp_path / "sys/class/drm/card0/device"
    (device / "hwmon/hwmon2").mkdir(parents=True)
    (device / "vendor").write_text("0x1002\n")
    (device / "uevent").write_text(f"DRIVER=amdgpu\nPCI_SLOT_NAME={SLOT}\n")
    (device / "unique_id").write_text("c0ffee\n")
    (device / "hwmon/hwmon2/temp1_input").write_text("67000\n")
    gpu = Gpu(0, name="RX 7900", vendor=Vendor.AMD, uid="c0ffee")
    cards = Cards(lambda: (), root=tmp_path)
    assert cards.read([gpu]) == (Card("c0ffee", "RX 7900", None, 67.0),)  # one look tells no load
    assert cards.read([gpu]) == (Card("c0ffee", "RX 7900", 0.0, 67.0),)
    gone = Gpu(1, name="RX 7900", vendor=Vendor.AMD, uid="other")
    assert cards.read([gone]) == (Card("other", "RX 7900"),)
