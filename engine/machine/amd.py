"""AMD's cards, as Linux' driver amdgpu shows them, and its compute driver KFD, on which ROCm stands.

Sources: the kernel's documentation "GPU Driver Developer's Guide / AMDGPU", and its kgd_pp_interface.h for
the metrics' formats, of which integrated cards have their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.machine import drm
from engine.machine.drm import DrmCard
from engine.machine.facts import Gpu, Vendor
from engine.machine.files import listing, number, pairs, text, to_number

PCI_VENDOR = 0x1002
NODES = "sys/class/kfd/kfd/topology/nodes"
NAMES = ("usr/share/libdrm/amdgpu.ids", "opt/amdgpu/share/libdrm/amdgpu.ids")
MHZ = 1e6
FORMAT_BYTE, FIRST_INTEGRATED_FORMAT = 2, 2  # of gpu_metrics
# Transfers in each of the cycles that the driver counts, by the start of the architecture's name: as many as
# give the data sheets' rates. GDDR6, GDDR5, HBM3, HBM2.
DATA_RATES = {"gfx1": 16, "gfx8": 4, "gfx94": 4, "gfx95": 4, "gfx9": 2}


@dataclass(frozen=True)
class _Node:
    """A card as the compute driver counts it, and so ROCm and torch."""

    order: int
    properties: Mapping[str, str]
    memory: Mapping[str, str]  # of its first bank

    def count(self, name: str) -> int:
        return to_number(self.properties.get(name)) or 0

    @property
    def slot(self) -> str:
        """On the PCI bus: “0000:03:00.0”."""
        domain, at = self.count("domain"), self.count("location_id")
        return f"{domain:04x}:{at >> 8 & 0xFF:02x}:{at >> 3 & 0x1F:02x}.{at & 7}"

    @property
    def architecture(self) -> str:
        """“gfx90a” of 90010: major, minor and stepping have two digits each."""
        version = self.count("gfx_target_version")
        return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"


def read_amd(root: Path) -> tuple[Gpu, ...]:
    """As ROCm counts them, and behind these what it does not know.

    `root` is of a file system with /sys and /proc.
    """
    nodes = {node.slot: node for node in _nodes(root)}
    last = len(nodes)
    order = {slot: place for place, slot in enumerate(nodes)}
    cards = sorted(drm.cards_of(root, PCI_VENDOR), key=lambda card: order.get(card.slot, last))
    return tuple(_gpu(root, index, card, nodes.get(card.slot)) for index, card in enumerate(cards))


def _nodes(root: Path) -> list[_Node]:
    numbered = (path for path in listing(root / NODES) if path.name.isdecimal())
    found = [
        _Node(int(path.name), pairs(path / "properties"), pairs(path / "mem_banks/0/properties"))
        for path in numbered
    ]
    return sorted((node for node in found if node.count("gfx_target_version")), key=lambda node: node.order)


def _gpu(root: Path, index: int, card: DrmCard, node: _Node | None) -> Gpu:
    integrated = _is_integrated(card, node)
    total, free = _memory(card, integrated)
    return Gpu(
        index=index,
        name=_name(root, card),
        total_bytes=total,
        free_bytes=free,
        temperature=drm.temperature(card),
        utilisation=number(card.device / "gpu_busy_percent"),
        power_watts=drm.power(card),
        vendor=Vendor.AMD,
        uid=text(card.device / "unique_id") or card.uid,
        architecture=node.architecture if node else None,
        driver=drm.driver_version(root, card),
        multiprocessors=_compute_units(node) if node else None,
        clock_hz=(node.count("max_engine_clk_fcompute") * MHZ or None) if node else None,
        memory_bytes_per_s=_memory_rate(node) if node and not integrated else None,
        processes=drm.processes(root, card),
        shares_memory=integrated,
        drives_display=drm.drives_display(card),
    )


def _is_integrated(card: DrmCard, node: _Node | None) -> bool:
    if node is not None and node.count("cpu_cores_count"):
        return True
    try:
        return (card.device / "gpu_metrics").read_bytes()[FORMAT_BYTE] >= FIRST_INTEGRATED_FORMAT
    except (OSError, IndexError):
        return False


def _memory(card: DrmCard, integrated: bool) -> tuple[int | None, int | None]:
    """Total and free. ROCm gives an integrated card the larger of what is its own and what it shares."""
    own = _pool(card, "vram")
    shared = _pool(card, "gtt") if integrated else (None, None)
    return max(own, shared, key=lambda pool: pool[0] or 0)


def _pool(card: DrmCard, name: str) -> tuple[int | None, int | None]:
    total = number(card.device / f"mem_info_{name}_total")
    used = number(card.device / f"mem_info_{name}_used")
    return total, None if total is None or used is None else max(0, total - used)


def _compute_units(node: _Node) -> int | None:
    in_each = node.count("simd_per_cu")
    return node.count("simd_count") // in_each or None if in_each else None


def _memory_rate(node: _Node) -> float | None:
    bits, mhz = (to_number(node.memory.get(name)) or 0 for name in ("width", "mem_clk_max"))
    starts = [start for start in DATA_RATES if node.architecture.startswith(start)]
    return bits / 8 * mhz * MHZ * DATA_RATES[max(starts, key=len)] or None if starts else None


def _name(root: Path, card: DrmCard) -> str | None:
    return text(card.device / "product_name") or _marketing_name(root, card) or drm.pci_name(root, card)


def _marketing_name(root: Path, card: DrmCard) -> str | None:
    """From libdrm's list, of lines like “744C, C8, AMD Radeon RX 7900 XTX”."""
    wanted = [number(card.device / name) for name in ("device", "revision")]
    for line in next(filter(None, (text(root / name) for name in NAMES)), "").splitlines():
        *ids, name = (part.strip() for part in line.split(",", 2))
        if len(ids) == 2 and [to_number(f"0x{one}") for one in ids] == wanted:
            return name
    return None
