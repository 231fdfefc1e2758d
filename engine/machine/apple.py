"""Apple Silicon: one chip with processor, graphics and memory, asked through macOS' sysctl."""

from collections.abc import Callable

from engine.machine.facts import Gpu, Vendor
from engine.machine.files import to_number

Sysctl = Callable[[str], str | None]  # None: macOS does not know the name

MIB, GIB = 1 << 20, 1 << 30

# Of data sheets, cores of the graphics and bytes/s of the memory; of several variants, the smallest.
CHIPS = {
    "Apple M1": (7, 68e9),
    "Apple M1 Pro": (14, 200e9),
    "Apple M1 Max": (24, 400e9),
    "Apple M1 Ultra": (48, 800e9),
    "Apple M2": (8, 100e9),
    "Apple M2 Pro": (16, 200e9),
    "Apple M2 Max": (30, 400e9),
    "Apple M2 Ultra": (60, 800e9),
    "Apple M3": (8, 100e9),
    "Apple M3 Pro": (14, 150e9),
    "Apple M3 Max": (30, 300e9),
    "Apple M3 Ultra": (60, 819e9),
    "Apple M4": (8, 120e9),
    "Apple M4 Pro": (16, 273e9),
    "Apple M4 Max": (32, 410e9),
}


def read_apple(sysctl: Sysctl, available_bytes: int) -> tuple[Gpu, ...]:
    """Of a computer with so much main memory available, which is the card's, too."""
    if sysctl("hw.optional.arm64") != "1":
        return ()
    chip = sysctl("machdep.cpu.brand_string")
    cores, rate = CHIPS.get(chip or "", (None, None))
    most = _working_set(sysctl)
    return (
        Gpu(
            index=0,
            name=chip,
            total_bytes=most,
            free_bytes=None if most is None else min(most, available_bytes),
            vendor=Vendor.APPLE,
            driver=sysctl("kern.osproductversion"),
            multiprocessors=cores,
            memory_bytes_per_s=rate,
            shares_memory=True,
        ),
    )


def _working_set(sysctl: Sysctl) -> int | None:
    """What Metal lets programs hold: the owner's limit; else two thirds, of more than 36 GiB three quarters.

    Source: what is reported of MTLDevice.recommendedMaxWorkingSetSize; newer macOS allows a little more.
    """
    memory = to_number(sysctl("hw.memsize"))
    if memory is None:
        return None
    limit = to_number(sysctl("iogpu.wired_limit_mb"))
    return min(memory, limit * MIB) if limit else memory * 3 // 4 if memory > 36 * GIB else memory * 2 // 3
