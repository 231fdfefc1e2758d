"""Where layers may live on this computer: pure.

A card's budget is the memory that is free on it, less a reserve for the desktop; on the CPU, and on cards
that share its memory, it is half of what is available, and one core is left alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.api.sentences import counted, said
from engine.byte_sizes import GB, MB
from engine.errors import BadRequest
from engine.machine.facts import Gpu, Machine, Vendor
from engine.machine.speeds import CPU, Speed, Speeds
from engine.machine.threads import threads_for
from engine.precision import NATIVES, PRECISIONS, Native, Precision
from engine.settings import HostSettings

DESKTOP_RESERVE = GB  # of a card that draws windows, which come and go
BARE_RESERVE = 256 * MB  # of one that does not
# What torch and the device's libraries take beside tensors: the context with its kernels, workspaces of
# matrix products, and what the allocator cannot use of its blocks. In main memory: the whole process.
RUNTIME: Mapping[Vendor | None, int] = {
    Vendor.NVIDIA: 700 * MB,
    Vendor.AMD: GB,
    Vendor.INTEL: 700 * MB,
    Vendor.APPLE: 900 * MB,
    None: 500 * MB,
}
RESTING_SHARE = 8  # all cards together have one of so many parts of what is available, for sessions that rest
FAST = 0.75  # of the rate in another format: what is slower is not done in the device's own arithmetic
_MODERN = (8, 0)  # from this compute capability on, bfloat16 is as fast as float16


@dataclass(frozen=True)
class Place:
    """A device that layers may live on."""

    key: str
    device: str  # of torch
    name: str  # for people
    precision: Native  # to compute in
    budget: int  # bytes that serving may take
    reserve: int  # bytes of what is free that are left to the owner's programs
    runtime: int  # bytes of the budget that the device's libraries take
    resting: int = (
        0  # bytes of main memory, beside the budget, for sessions that rest; 0: it is the same memory
    )
    speeds: Mapping[Precision, Speed] = field(default_factory=dict)
    threads: int | None = None  # None: torch decides
    is_main_memory: bool = False
    captures: bool = False  # it can run decode ticks by itself
    fuses_attention: bool = False  # torch has kernels for it that copy neither keys nor scores
    refusal: str | None = None  # why it cannot be used, one sentence
    holder: str = ""  # what else takes much of its memory: “game holds 7 GB”

    @property
    def name_and_holder(self) -> str:
        return said("{device} ({holder})", device=self.name, holder=self.holder) if self.holder else self.name

    @property
    def room(self) -> int:
        """For layers."""
        return self.budget - self.runtime

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """That weights can be kept in here, the coarsest first."""
        finest = PRECISIONS.index(self.precision)
        kept = {p for p in self.speeds if p not in NATIVES and PRECISIONS.index(p) < finest}
        return tuple(p for p in PRECISIONS if p in kept or p == self.precision)


def places_of(machine: Machine, speeds: Speeds, wishes: HostSettings) -> tuple[Place, ...]:
    """All devices that the owner allows: cards, those with most room first, then the CPU.

    Raises BadRequest for a precision that does not exist, or if none of the owner's devices is there.
    """
    _check(wishes)
    cards = [_card(gpu, machine, speeds.of.get(gpu.key, {}), wishes) for gpu in machine.gpus]
    cards.sort(key=lambda place: place.budget, reverse=True)
    beyond = [_beyond_torch(_card(gpu, machine, {}, wishes)) for gpu in machine.beyond_torch]
    found = (*cards, *beyond, _cpu(machine, speeds, wishes))
    allowed = tuple(_within_limit(place, wishes) for place in found if wishes.may_use(place.key))
    lost = tuple(_lost(found, wishes))
    if lost and not allowed:
        raise BadRequest(lost[0].refusal)
    return (*allowed, *lost)


def _check(wishes: HostSettings) -> None:
    if wishes.precision is not None and wishes.precision not in PRECISIONS:
        raise BadRequest(
            said(
                "Precision “{precision}” is unknown: choose one of {precisions}.",
                precision=wishes.precision,
                precisions=", ".join(PRECISIONS),
            )
        )


def _lost(found: Iterable[Place], wishes: HostSettings) -> Iterator[Place]:
    """Devices that the owner names, and that are not there: a card may be lost, and come back."""
    known = [place.key for place in found]
    for key in wishes.devices or ():
        if key not in known:
            reason = said(
                "This computer has no device “{key}”: choose from {known}.", key=key, known=", ".join(known)
            )
            yield Place(key, "cpu", key, "float32", budget=0, reserve=0, runtime=0, refusal=reason)


def _within_limit(place: Place, wishes: HostSettings) -> Place:
    limit = wishes.memory_of(place.key)
    if limit is None or limit >= place.budget:
        return place
    return replace(place, budget=limit, reserve=place.reserve + place.budget - limit)


def _card(gpu: Gpu, machine: Machine, speeds: Mapping[Precision, Speed], wishes: HostSettings) -> Place:
    free = machine.available_bytes // 2 if gpu.shares_memory else gpu.free_bytes or 0
    reserve = machine.available_bytes - free if gpu.shares_memory else _reserve(gpu)
    runtime = RUNTIME[gpu.vendor]
    place = Place(
        key=gpu.key,
        device=gpu.device,
        name=gpu.name or said("graphics card {number}", number=gpu.index + 1),
        precision=_wanted_native(wishes) or _native_of_card(gpu, speeds),
        budget=free if gpu.shares_memory else max(0, free - reserve),
        reserve=min(reserve, free) if not gpu.shares_memory else reserve,
        runtime=runtime,
        resting=0
        if gpu.shares_memory
        else machine.available_bytes // RESTING_SHARE // max(1, len(machine.gpus)),
        speeds=speeds,
        threads=wishes.threads,
        is_main_memory=gpu.shares_memory,
        captures=gpu.vendor is Vendor.NVIDIA,
        fuses_attention=gpu.vendor is Vendor.NVIDIA,
        holder=_holder(gpu),
    )
    return replace(place, refusal=_refusal(gpu, place, free))


def _beyond_torch(place: Place) -> Place:
    reason = said(
        "The installed PyTorch cannot compute on {device}: run the installer again to get one that can.",
        device=place.name,
    )
    return replace(place, refusal=reason)


def _reserve(gpu: Gpu) -> int:
    return DESKTOP_RESERVE if gpu.drives_display is not False else BARE_RESERVE


def _refusal(gpu: Gpu, place: Place, free: int) -> str | None:
    if gpu.free_bytes is None and not gpu.shares_memory:
        return said(
            "{device} does not say how much of its memory is free, so it is left alone.", device=place.name
        )
    if place.room > 0:
        return None
    if gpu.total_bytes is None:
        return said(
            "Only {free:bytes} are free on {device}, which is less than the desktop and {runtime:bytes} of "
            "libraries need: close other programs.",
            free=free,
            device=place.name_and_holder,
            runtime=place.runtime,
        )
    return said(
        "Only {free:bytes} of {total:bytes} are free on {device}, which is less than the desktop and "
        "{runtime:bytes} of libraries need: close other programs.",
        free=free,
        total=gpu.total_bytes,
        device=place.name_and_holder,
        runtime=place.runtime,
    )


def _holder(gpu: Gpu) -> str:
    large = [process for process in gpu.processes or () if (process.used_bytes or 0) >= DESKTOP_RESERVE]
    if not large:
        return ""
    most = max(large, key=lambda process: process.used_bytes or 0)
    program = most.name or said("process {pid}", pid=most.pid)
    return said("{program} holds {used:bytes}", program=program, used=most.used_bytes or 0)


def _native_of_card(gpu: Gpu, speeds: Mapping[Precision, Speed]) -> Native:
    """bfloat16 where the card is fast in it: it holds all numbers that float32 does."""
    fine, coarse = speeds.get("bfloat16"), speeds.get("float16")
    if fine is None or coarse is None:
        knows = fine is not None or (gpu.capability is not None and gpu.capability >= _MODERN)
        return "bfloat16" if knows else "float16"
    return "bfloat16" if fine.flops_per_s >= FAST * coarse.flops_per_s else "float16"


def _cpu(machine: Machine, known: Speeds, wishes: HostSettings) -> Place:
    speeds = known.of.get(CPU, {})
    threads = wishes.threads or known.threads or threads_for(machine.cpu)
    half = machine.available_bytes // 2
    native = _wanted_native(wishes) or _native_of_cpu(speeds)
    return Place(
        key=CPU,
        device="cpu",
        name=counted("CPU, {n} thread", "CPU, {n} threads", threads),
        precision=native,
        budget=half,
        reserve=machine.available_bytes - half,
        runtime=RUNTIME[None],
        speeds=speeds,
        threads=threads,
        is_main_memory=True,
        fuses_attention=native == "float32",
    )


def _native_of_cpu(speeds: Mapping[Precision, Speed]) -> Native:
    """float32, unless bfloat16 was measured and is the faster one: few CPUs multiply it themselves."""
    fine, coarse = speeds.get("float32"), speeds.get("bfloat16")
    if fine is None or coarse is None or not (fine.measured and coarse.measured):
        return "float32"
    reads_faster = coarse.bytes_per_s / 2 > fine.bytes_per_s / 4
    return "bfloat16" if reads_faster and coarse.flops_per_s > fine.flops_per_s else "float32"


def _wanted_native(wishes: HostSettings) -> Native | None:
    return next((native for native in NATIVES if native == wishes.precision), None)
