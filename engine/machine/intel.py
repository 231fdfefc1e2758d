"""Intel's cards, as Linux' drivers i915 and xe show them.

Source: the kernel's documentation "GPU Driver Developer's Guide / drm/xe and drm/i915".
"""

from pathlib import Path

from engine.machine import drm
from engine.machine.drm import DrmCard
from engine.machine.facts import Gpu, GpuProcess, Vendor
from engine.machine.files import listing, number, text, to_number

PCI_VENDOR = 0x8086
INTEGRATED_SLOT = "0000:00:02.0"  # of every processor's own graphics
PREFETCHABLE = 0x2000  # flag of a PCI region
MHZ = 1e6


def read_intel(root: Path) -> tuple[Gpu, ...]:
    """Cards first, then the processor's own graphics, as oneAPI counts them.

    `root` is of a file system with /sys and /proc.
    """
    cards = sorted(drm.cards_of(root, PCI_VENDOR), key=_is_integrated)
    return tuple(_gpu(root, index, card) for index, card in enumerate(cards))


def _is_integrated(card: DrmCard) -> bool:
    return card.slot == INTEGRATED_SLOT


def _gpu(root: Path, index: int, card: DrmCard) -> Gpu:
    total = None if _is_integrated(card) else _total(card)
    using = drm.processes(root, card)
    return Gpu(
        index=index,
        name=_name(root, card),
        total_bytes=total,
        free_bytes=None if total is None else max(0, total - _held(using)),
        temperature=drm.temperature(card),
        power_watts=drm.power(card),
        vendor=Vendor.INTEL,
        uid=card.uid,
        driver=drm.driver_version(root, card),
        clock_hz=_max_clock(card),
        processes=using,
        shares_memory=_is_integrated(card),
        drives_display=drm.drives_display(card),
    )


def _name(root: Path, card: DrmCard) -> str | None:
    name = drm.pci_name(root, card)
    return f"Intel {name.removeprefix('Intel ')}" if name else None


def _held(using: tuple[GpuProcess, ...]) -> int:
    """Neither driver tells everybody how much is free: what other users' programs hold is missing here."""
    return sum(process.used_bytes or 0 for process in using)


def _total(card: DrmCard) -> int | None:
    """As the driver says, else the window through which the processor sees the card's memory."""
    tiles = [path for path in listing(card.device) if path.name.startswith("tile")]
    sizes = [size for tile in tiles if (size := number(tile / "physical_vram_size_bytes"))]
    return sum(sizes) or number(card.path / "lmem_total_bytes") or _window(card)


def _window(card: DrmCard) -> int | None:
    """Bytes of the largest prefetchable region; each line has first and last address, and flags."""
    lines = (line.split() for line in (text(card.device / "resource") or "").splitlines())
    regions = [[to_number(part) or 0 for part in line] for line in lines if len(line) == 3]
    sizes = [last - first + 1 for first, last, flags in regions if flags & PREFETCHABLE and last > first]
    return max(sizes, default=None)


def _max_clock(card: DrmCard) -> float | None:
    mhz = number(card.device / "tile0/gt0/freq0/rp0_freq") or number(card.path / "gt_RP0_freq_mhz")
    return mhz * MHZ if mhz else None
