"""How hot a computer's graphics cards are, and how busy programs other than our own keep them.

NVIDIA's are asked through NVML, which stays open; AMD's and Intel's through /sys and /proc.
"""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import psutil
import pynvml  # type: ignore[import-untyped]

from engine.machine import amd, drm, intel
from engine.machine.drm import DrmCard
from engine.machine.facts import Gpu, Vendor
from engine.machine.files import text
from engine.manners.conditions import Card
from engine.manners.probes.drm_load import Counts, DrmClients, load

LATELY_SECONDS = 2.5  # that NVML's samples are taken from


class Cards:
    """`own`: ids of the processes by which Potluck computes now. `root`: with /sys and /proc."""

    def __init__(
        self,
        own: Callable[[], Collection[int]],
        nvml: Any = pynvml,
        root: Path = Path("/"),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = own
        self._nvidia = Nvidia(nvml, clock)
        self._open = OpenDriverCards(root)

    def read(self, gpus: Sequence[Gpu]) -> tuple[Card, ...]:
        own = self._own()
        if any(gpu.vendor in (Vendor.AMD, Vendor.INTEL) for gpu in gpus):
            self._open.look(own)
        return tuple(self._card(gpu, own) for gpu in gpus)

    def _card(self, gpu: Gpu, own: Collection[int]) -> Card:
        asked = {Vendor.NVIDIA: self._nvidia.ask, Vendor.AMD: self._open.ask, Vendor.INTEL: self._open.ask}
        other_load, celsius = asked[gpu.vendor](gpu, own) if gpu.vendor in asked else (None, None)
        return Card(gpu.key, gpu.name or "the graphics card", other_load, celsius)


Told = tuple[float | None, float | None]  # load by others, °C


class Nvidia:
    """`nvml`: pynvml, or what has its functions and its errors."""

    def __init__(self, nvml: Any, clock: Callable[[], float]) -> None:
        self._nvml = nvml
        self._clock = clock
        self._is_open = False

    def ask(self, gpu: Gpu, own: Collection[int]) -> Told:
        try:
            handle = self._handle(gpu)
        except pynvml.NVMLError:
            self._is_open = False  # a driver that was exchanged is opened anew
            return None, None
        return self._load(handle, own), self._celsius(handle)

    def _handle(self, gpu: Gpu) -> Any:
        if not self._is_open:
            self._nvml.nvmlInit()
            self._is_open = True
        if gpu.uid is not None:
            return self._nvml.nvmlDeviceGetHandleByUUID(gpu.uid)
        return self._nvml.nvmlDeviceGetHandleByIndex(gpu.index)

    def _celsius(self, handle: Any) -> float | None:
        try:
            return float(self._nvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU))
        except pynvml.NVMLError:
            return None

    def _load(self, handle: Any, own: Collection[int]) -> float | None:
        since = round((self._clock() - LATELY_SECONDS) * 1e6)
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(handle, since)
        except pynvml.NVMLError as error:
            nobody = error.value == pynvml.NVML_ERROR_NOT_FOUND
            return 0.0 if nobody else self._whole_load(handle, own)
        return min(1.0, sum(_latest(samples, own).values()) / 100)

    def _whole_load(self, handle: Any, own: Collection[int]) -> float | None:
        """It is the others' only while we do nothing."""
        try:
            return None if own else int(self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100
        except pynvml.NVMLError:
            return None


def _latest(samples: Sequence[Any], own: Collection[int]) -> dict[int, int]:
    """Percent by process. One that this system does not list has ended, or is one of ours seen from outside
    of a container."""
    ordered = sorted(samples, key=lambda sample: sample.timeStamp)
    return {one.pid: one.smUtil for one in ordered if one.pid not in own and psutil.pid_exists(one.pid)}


class OpenDriverCards:
    """Cards of drivers that tell by files what each program uses. `look` comes before `ask`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._clients = DrmClients(root)
        self._before = self._now = Counts(0.0)

    def look(self, own: Collection[int]) -> None:
        self._before, self._now = self._now, self._clients.counts(own)

    def ask(self, gpu: Gpu, own: Collection[int]) -> Told:
        pci = amd.PCI_VENDOR if gpu.vendor is Vendor.AMD else intel.PCI_VENDOR
        cards = drm.cards_of(self._root, pci)
        card = next((card for card in cards if _key(card) == gpu.key or card.uid == gpu.key), None)
        if card is None:
            return None, None
        known = self._before.at > 0
        return load(self._before, self._now, card.slot) if known else None, drm.temperature(card)


def _key(card: DrmCard) -> str | None:
    return text(card.device / "unique_id")
