"""What this computer was measured to do, kept over restarts; estimates stand in for what was not measured."""

import math
import time
from collections.abc import Callable, Collection, Mapping
from importlib import metadata
from pathlib import Path

from engine.machine.estimates import estimated
from engine.machine.facts import Machine
from engine.machine.measurement import Measurement, Rates, ThreadRates
from engine.machine.speed_file import MAX_DEVICES, Aged, Device, Disk, Threads, load, save
from engine.machine.speeds import CPU, Speed, Speeds
from engine.machine.threads import best_threads, threads_for, threads_to_try
from engine.precision import Precision

DAY = 24 * 3600.0  # seconds
CORRECTION_HALF_LIFE = 30 * DAY  # work of long ago says less of a computer
LINE_HALF_LIFE = 7 * DAY  # the best rate that a line ever had counts for less with time
MOST_CORRECTION = 4.0  # real work differs from measured products by less, or something else is amiss
WORTH_SAVING = 1.05  # smaller changes are not written
LIBRARIES = ("torch", "bitsandbytes")


class SpeedBook:
    """In a file that is written whole or not at all; a broken one counts as none.

    `libraries`: names and versions of what computes. For one event loop.
    """

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.time, libraries: str | None = None
    ) -> None:
        self._path = path
        self._clock = clock
        self._libraries = installed() if libraries is None else libraries
        self._saved = load(path)

    # --- what is known

    def speeds(self, machine: Machine) -> Speeds:
        """Measured over estimated, corrected by what work has shown."""
        devices = estimated(machine).of
        of = {key: self._speeds_of(key, devices[key], self._setting(machine, key)) for key in devices}
        disk, upload, download = self._saved.disk, self._saved.upload, self._saved.download
        return Speeds(
            of,
            disk_bytes_per_s=disk.bytes_per_s if disk else None,
            upload_bytes_per_s=upload.value if upload else None,
            download_bytes_per_s=download.value if download else None,
            threads=self._known_threads(machine),
        )

    def _speeds_of(
        self, key: str, estimates: Mapping[Precision, Speed], setting: str
    ) -> Mapping[Precision, Speed]:
        device, now = self._device(key, setting), self._clock()
        found: dict[Precision, Speed] = {}
        for precision, estimate in estimates.items():
            rates = device.measured.get(precision, estimate)
            if rates is not None:
                factor = _faded(device.corrections.get(precision), now)
                measured = precision in device.measured
                found[precision] = _times(factor, rates, measured)
        return found

    def unmeasured(self, machine: Machine, key: str) -> tuple[Precision, ...]:
        """What the device should be able to do, and was not yet tried at."""
        tried = self._device(key, self._setting(machine, key)).measured
        return tuple(precision for precision in estimated(machine).of[key] if precision not in tried)

    def threads(self, machine: Machine) -> int:
        """With which its own processor computes, and is measured."""
        return self._known_threads(machine) or threads_for(machine.cpu)

    def untried_threads(self, machine: Machine) -> tuple[int, ...]:
        """Numbers of threads to choose from; none where it is known which, or where there is no choice."""
        counts = threads_to_try(machine.cpu)
        return () if len(counts) < 2 or self._known_threads(machine) else counts

    def _known_threads(self, machine: Machine) -> int | None:
        saved = self._saved.threads
        return saved.count if saved is not None and saved.setting == self._processor(machine) else None

    def knows_disk(self, folder: Path) -> bool:
        return self._saved.disk is not None and self._saved.disk.folder == str(folder)

    # --- what was seen

    def note_measured(self, machine: Machine, key: str, found: Measurement) -> None:
        device = self._device(key, self._setting(machine, key))
        measured = device.measured | {found.precision: found.rates}
        # What work had shown was said of other rates.
        kept = {p: correction for p, correction in device.corrections.items() if p != found.precision}
        self._put(key, device.model_copy(update={"measured": measured, "corrections": kept}))

    def note_threads(self, machine: Machine, found: Collection[ThreadRates]) -> None:
        """Of all that `untried_threads` named."""
        self._keep(threads=Threads(setting=self._processor(machine), count=best_threads(found)))

    def note_disk(self, folder: Path, bytes_per_s: float) -> None:
        self._keep(disk=Disk(folder=str(folder), bytes_per_s=bytes_per_s))

    def note_upload(self, bytes_per_s: float) -> None:
        """As peers received it (`Report.upload_bytes_per_s`); 0: not measured."""
        self._keep(upload=self._best(self._saved.upload, bytes_per_s))

    def note_download(self, bytes_per_s: float) -> None:
        """As a fetch says (`FetchProgress.bytes_per_s`), from all peers together; 0: nothing came."""
        self._keep(download=self._best(self._saved.download, bytes_per_s))

    def server(
        self, machine: Machine, key: str, precisions: Collection[Precision], planned_tokens_per_s: float
    ) -> "ServerWork":
        """To be told how a server does, whose plan was made with the speeds of this moment."""
        device, now = self._device(key, self._setting(machine, key)), self._clock()
        factors = {precision: _faded(device.corrections.get(precision), now) for precision in precisions}
        return ServerWork(self, key, device.setting, factors, planned_tokens_per_s)

    def correct(self, key: str, setting: str, factors: Mapping[Precision, float]) -> None:
        """From now on, this device's rates count so many times."""
        device, now = self._device(key, setting), self._clock()
        changed = {
            precision: Aged(value=factor, at=now)
            for precision, factor in factors.items()
            if _differ(factor, _faded(device.corrections.get(precision), now))
        }
        if changed:
            self._put(key, device.model_copy(update={"corrections": device.corrections | changed}))

    # --- the file

    def _setting(self, machine: Machine, key: str) -> str:
        if key == CPU:
            return f"{machine.cpu.name}, {self.threads(machine)} threads, {self._libraries}"
        gpu = next(gpu for gpu in machine.gpus if gpu.key == key)
        return f"{gpu.name}, driver {gpu.driver}, {self._libraries}"

    def _processor(self, machine: Machine) -> str:
        cpu = machine.cpu
        return f"{cpu.name}, {cpu.physical_cores} cores, {cpu.logical_cores} at once, {self._libraries}"

    def _device(self, key: str, setting: str) -> Device:
        device = self._saved.devices.get(key)
        return device if device is not None and device.setting == setting else Device(setting=setting)

    def _put(self, key: str, device: Device) -> None:
        """The devices that were noted last are kept."""
        others = {other: kept for other, kept in self._saved.devices.items() if other != key}
        self._keep(devices=dict([*others.items(), (key, device)][-MAX_DEVICES:]))

    def _best(self, known: Aged | None, bytes_per_s: float) -> Aged | None:
        now = self._clock()
        aged = known.value * _share_left(known, now, LINE_HALF_LIFE) if known else 0.0
        return Aged(value=bytes_per_s, at=now) if bytes_per_s > aged * WORTH_SAVING else known

    def _keep(self, **changes: object) -> None:
        saved = self._saved.model_copy(update=changes)
        if saved != self._saved:
            self._saved = saved
            save(self._path, saved)


class ServerWork:
    """What one server's work says of the plan that it was started by."""

    def __init__(
        self,
        book: SpeedBook,
        key: str,
        setting: str,
        factors: Mapping[Precision, float],
        planned_tokens_per_s: float,
    ) -> None:
        self._book = book
        self._key = key
        self._setting = setting
        self._factors = factors  # that the plan was made with
        self._planned = planned_tokens_per_s

    def note(self, tokens_per_s: float) -> None:
        """What work has shown that many sessions together get; 0: too little work yet."""
        if tokens_per_s > 0 and self._planned > 0:
            off = tokens_per_s / self._planned
            corrected = {precision: _bounded(factor * off) for precision, factor in self._factors.items()}
            self._book.correct(self._key, self._setting, corrected)


def _times(factor: float, rates: Rates | Speed, measured: bool) -> Speed:
    """So many times as fast."""
    return Speed(
        rates.flops_per_s * factor, rates.bytes_per_s * factor, measured, rates.layer_seconds / factor
    )


def installed() -> str:
    """The libraries that compute, in words."""
    return ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _faded(correction: Aged | None, now: float) -> float:
    """Towards 1, which is none."""
    if correction is None:
        return 1.0
    return _bounded(math.pow(correction.value, _share_left(correction, now, CORRECTION_HALF_LIFE)))


def _share_left(aged: Aged, now: float, half_life: float) -> float:
    return math.pow(0.5, max(now - aged.at, 0.0) / half_life)


def _bounded(factor: float) -> float:
    return min(max(factor, 1 / MOST_CORRECTION), MOST_CORRECTION)


def _differ(one: float, other: float) -> bool:
    return max(one, other) > min(one, other) * WORTH_SAVING
