"""The computers that volunteers have: facts of real cards, in the shares of a survey.

Sources: cards with 6, 8, 12 and 16 GB have the shares (10.4, 33.7, 19.0 and 7.5 %) that Valve's Steam
Hardware Survey gave for August and September 2025; how these divide among cards, and the shares of smaller
and larger ones, are judgements. Multiprocessors, clocks and bandwidths are the makers' figures.
"""

from dataclasses import dataclass
from random import Random

from engine.byte_sizes import GB
from engine.machine.facts import Cpu, Gpu, Machine, Vendor

FREE_SHARE = 0.95  # of a card's memory: the owner's windows have the rest
GIB = 1 << 30
MAIN_MEMORY = 32 * GB
CORES = 8


@dataclass(frozen=True)
class Card:
    gpu: Gpu
    share: float  # of all computers, in percent

    @property
    def name(self) -> str:
        return self.gpu.name or self.gpu.key

    @property
    def memory_bytes(self) -> int:
        return self.gpu.total_bytes or 0


def _nvidia(
    name: str,
    gib: int,
    gb_per_s: float,
    multiprocessors: int,
    ghz: float,
    capability: tuple[int, int],
    share: float,
) -> Card:
    gpu = Gpu(
        index=0,
        name=name,
        total_bytes=gib * GIB,
        free_bytes=round(gib * GIB * FREE_SHARE),
        capability=capability,
        multiprocessors=multiprocessors,
        clock_hz=ghz * 1e9,
        memory_bytes_per_s=gb_per_s * 1e9,
    )
    return Card(gpu, share)


def _amd(
    name: str, gib: int, gb_per_s: float, multiprocessors: int, ghz: float, architecture: str, share: float
) -> Card:
    gpu = Gpu(
        index=0,
        name=name,
        total_bytes=gib * GIB,
        free_bytes=round(gib * GIB * FREE_SHARE),
        vendor=Vendor.AMD,
        architecture=architecture,
        multiprocessors=multiprocessors,
        clock_hz=ghz * 1e9,
        memory_bytes_per_s=gb_per_s * 1e9,
    )
    return Card(gpu, share)


CARDS: tuple[Card, ...] = (
    _nvidia("GeForce GTX 1650", 4, 128, 14, 1.67, (7, 5), 6.0),
    _nvidia("GeForce GTX 1660 Ti", 6, 288, 24, 1.77, (7, 5), 4.4),
    _nvidia("GeForce RTX 2060", 6, 336, 30, 1.68, (7, 5), 6.0),
    _nvidia("GeForce RTX 3050", 8, 224, 20, 1.78, (8, 6), 6.7),
    _nvidia("GeForce RTX 3070", 8, 448, 46, 1.73, (8, 6), 11.0),
    _nvidia("GeForce RTX 4060", 8, 272, 24, 2.46, (8, 9), 16.0),
    _nvidia("GeForce RTX 3060", 12, 360, 28, 1.78, (8, 6), 9.0),
    _nvidia("GeForce RTX 4070", 12, 504, 46, 2.48, (8, 9), 10.0),
    _nvidia("GeForce RTX 4060 Ti", 16, 288, 34, 2.54, (8, 9), 2.5),
    _nvidia("GeForce RTX 4080", 16, 717, 76, 2.51, (8, 9), 2.0),
    _nvidia("GeForce RTX 5070 Ti", 16, 896, 70, 2.45, (12, 0), 2.0),
    _amd("Radeon RX 7800 XT", 16, 624, 60, 2.43, "gfx1101", 1.0),
    _nvidia("GeForce RTX 3090", 24, 936, 82, 1.70, (8, 6), 1.3),
    _nvidia("GeForce RTX 4090", 24, 1008, 128, 2.52, (8, 9), 1.3),
    _amd("Radeon RX 7900 XTX", 24, 960, 96, 2.50, "gfx1100", 0.6),
    _nvidia("GeForce RTX 5090", 32, 1792, 170, 2.41, (12, 0), 0.6),
    _nvidia("RTX A6000", 48, 768, 84, 1.80, (8, 6), 0.3),
    _nvidia("A100", 80, 2039, 108, 1.41, (8, 0), 0.15),
    _nvidia("H100", 80, 3350, 132, 1.98, (9, 0), 0.05),
    _nvidia("RTX PRO 6000", 96, 1792, 188, 2.60, (12, 0), 0.1),
)


def drawn(random: Random) -> Card:
    return random.choices(CARDS, [card.share for card in CARDS])[0]


def machine_with(card: Card) -> Machine:
    return Machine(Cpu(physical_cores=CORES, logical_cores=2 * CORES), MAIN_MEMORY, MAIN_MEMORY, (card.gpu,))
