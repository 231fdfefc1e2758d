"""Graphics cards as Linux shows them to everybody, whatever their driver: /sys/class/drm."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.machine.facts import GpuProcess
from engine.machine.files import listing, number, pairs, text, to_number

_CARD = re.compile(r"card\d+")
_PCI_IDS = ("usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids")
_UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_HELD = re.compile(r"drm-(total|memory)-(vram|local)\d*")  # the card's own memory; names differ by driver


@dataclass(frozen=True)
class DrmCard:
    path: Path  # …/sys/class/drm/card0
    slot: str  # on the PCI bus: “0000:03:00.0”
    driver: str | None

    @property
    def device(self) -> Path:
        return self.path / "device"

    @property
    def uid(self) -> str:
        """The same over restarts, for as long as nobody puts the card elsewhere."""
        return f"pci-{self.slot}"


def cards_of(root: Path, vendor: int) -> tuple[DrmCard, ...]:
    """Of this PCI vendor, in PCI bus order."""
    paths = (path for path in listing(root / "sys/class/drm") if _CARD.fullmatch(path.name))
    found = [_card(path) for path in paths if number(path / "device/vendor") == vendor]
    return tuple(sorted(found, key=lambda card: card.slot))


def _card(path: Path) -> DrmCard:
    event = pairs(path / "device/uevent", "=")
    return DrmCard(path, event.get("PCI_SLOT_NAME", path.name), event.get("DRIVER"))


def pci_name(root: Path, card: DrmCard) -> str | None:
    """As the list of PCI devices calls it: “Arc A770” of “DG2 [Arc A770]”."""
    vendor, device = (number(card.device / name) for name in ("vendor", "device"))
    if vendor is None or device is None:
        return None
    within = False
    for line in next(filter(None, (text(root / name) for name in _PCI_IDS)), "").splitlines():
        if not line.startswith("\t"):
            within = line.startswith(f"{vendor:04x} ")
        elif within and line.startswith(f"\t{device:04x} "):
            name = line.split(maxsplit=1)[-1]
            bracket = re.search(r"\[(.+)\]", name)
            return bracket[1] if bracket else name
    return None


def temperature(card: DrmCard) -> int | None:
    """In °C."""
    found = _sensor(card, "temp1_input")
    return None if found is None else found // 1000


def power(card: DrmCard) -> float | None:
    """In W."""
    found = _sensor(card, "power1_average", "power1_input")
    return None if found is None else found / 1e6


def _sensor(card: DrmCard, *names: str) -> int | None:
    places = listing(card.device / "hwmon")
    return _first(number(place / name) for place in places for name in names)


def _first(values: Iterable[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def drives_display(card: DrmCard) -> bool | None:
    """By its connectors, else by whether the computer started on it."""
    connectors = (path for path in listing(card.path) if path.name.startswith(f"{card.path.name}-"))
    plugs = [text(path / "status") for path in connectors]
    if any(plugs):
        return "connected" in plugs
    boot = number(card.device / "boot_vga")
    return None if boot is None else boot == 1


def driver_version(root: Path, card: DrmCard) -> str | None:
    """Of a module with a version of its own, else of the kernel that it came with."""
    own = text(root / "sys/module" / card.driver / "version") if card.driver else None
    return own or text(root / "proc/sys/kernel/osrelease")


def processes(root: Path, card: DrmCard) -> tuple[GpuProcess, ...]:
    """That hold memory of the card, as far as this user may see."""
    folders = (path for path in listing(root / "proc") if path.name.isdecimal())
    held = ((folder, _held(folder, card.slot)) for folder in folders)
    return tuple(GpuProcess(int(folder.name), text(folder / "comm"), size) for folder, size in held if size)


def _held(process: Path, slot: str) -> int:
    """Bytes; several descriptors may belong to one client, which counts once."""
    clients = dict(_clients(process, slot))
    return sum(clients.values())


def _clients(process: Path, slot: str) -> Iterator[tuple[str, int]]:
    for path in listing(process / "fdinfo"):
        told = pairs(path, ":")
        if told.get("drm-pdev") == slot:
            yield told.get("drm-client-id", path.name), _own_memory(told)


def _own_memory(told: Mapping[str, str]) -> int:
    return max((_size(value) for key, value in told.items() if _HELD.fullmatch(key)), default=0)


def _size(value: str) -> int:
    """Of “5546064 KiB”."""
    count, _, unit = value.partition(" ")
    return (to_number(count) or 0) * _UNITS.get(unit.strip(), 0)
