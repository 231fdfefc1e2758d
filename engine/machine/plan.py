"""What the block server of this computer should serve: pure, from plain data to plain data.

A card that can hold at least one layer is used before the CPU; of several, the one with most free memory.
On a card: as many layers as fit into its free memory after a gigabyte for the desktop and the cache; bfloat16
from compute capability 8.0 on, float16 before. On the CPU: float32, as many layers as fit into half of the
available memory, and one core left alone. Layers are taken from the model's start. The owner's settings win.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.byte_sizes import GB, size_in_words
from engine.errors import BadRequest, NotEnoughMemory
from engine.machine.facts import Gpu, Machine
from engine.settings import HostSettings

BYTES_OF = {"float32": 4, "bfloat16": 2, "float16": 2}
MIB, GIB = 1 << 20, 1 << 30
DESKTOP_RESERVE = GB  # on a card: windows, and what CUDA takes for itself
CACHE_SHARE = 10  # a tenth of the memory that is free
CACHE_BOUNDS = (64 * MIB, 4 * GIB)


@dataclass(frozen=True)
class ModelSize:
    name: str
    layers: tuple[int, ...]  # parameters of each layer

    @property
    def n_layers(self) -> int:
        return len(self.layers)


@dataclass(frozen=True)
class HostPlan:
    """Layers [start, end) of a model, and what to run them with."""

    start: int
    end: int
    precision: str
    device: str  # of torch
    device_name: str  # for people
    threads: int | None  # None: torch decides
    cache_bytes: int
    why: str  # one sentence


@dataclass(frozen=True)
class _Place:
    """Somewhere that layers may live."""

    device: str
    name: str
    precision: str
    threads: int | None
    budget: int  # bytes for weights and cache together
    free: int
    free_name: str  # what `budget` was taken from, for people


def plan(machine: Machine, model: ModelSize, wishes: HostSettings) -> HostPlan:
    """Raises NotEnoughMemory if no place holds a layer (or the wanted ones), BadRequest for wrong wishes."""
    _check(model, wishes)
    places = [*_cards(machine.gpus, wishes), _cpu(machine, wishes)]
    plans = (_plan_for(place, model, wishes) for place in places)
    found = next((p for p in plans if p is not None), None)
    if found is None:
        raise NotEnoughMemory(_regret(places, model, wishes))
    return found


def _check(model: ModelSize, wishes: HostSettings) -> None:
    if wishes.precision is not None and wishes.precision not in BYTES_OF:
        raise BadRequest(f"Precision “{wishes.precision}” is unknown: choose one of {', '.join(BYTES_OF)}.")
    if wishes.layers is not None and not 0 <= wishes.layers[0] < wishes.layers[1] <= model.n_layers:
        raise BadRequest(f"{model.name} has layers 1 to {model.n_layers}: choose a range of these.")


def _cards(gpus: Sequence[Gpu], wishes: HostSettings) -> list[_Place]:
    known = sorted((g for g in gpus if g.free_bytes), key=lambda g: g.free_bytes or 0, reverse=True)
    return [_card(gpu, gpu.free_bytes or 0, wishes) for gpu in known]


def _card(gpu: Gpu, free: int, wishes: HostSettings) -> _Place:
    modern = gpu.capability is not None and gpu.capability >= (8, 0)
    return _Place(
        device=f"cuda:{gpu.index}",
        name=gpu.name or f"graphics card {gpu.index + 1}",
        precision=wishes.precision or ("bfloat16" if modern else "float16"),
        threads=wishes.threads,
        budget=free - DESKTOP_RESERVE,
        free=free,
        free_name="free memory less 1 GB for the desktop",
    )


def _cpu(machine: Machine, wishes: HostSettings) -> _Place:
    threads = wishes.threads or max(1, machine.cpu.physical_cores - 1)
    return _Place(
        device="cpu",
        name=f"CPU, {threads} {'thread' if threads == 1 else 'threads'}",
        precision=wishes.precision or "float32",
        threads=threads,
        budget=machine.available_bytes // 2,
        free=machine.available_bytes,
        free_name="half of the available memory",
    )


def _plan_for(place: _Place, model: ModelSize, wishes: HostSettings) -> HostPlan | None:
    cache = _cache(place, wishes)
    start, end = _span(place, model, wishes, place.budget - cache)
    if start == end:
        return None
    return HostPlan(
        start=start,
        end=end,
        precision=place.precision,
        device=place.device,
        device_name=place.name,
        threads=place.threads,
        cache_bytes=cache,
        why=_why(place, model, wishes, start, end),
    )


def _cache(place: _Place, wishes: HostSettings) -> int:
    least, most = CACHE_BOUNDS
    return wishes.cache_bytes or min(max(place.free // CACHE_SHARE, least), most)


def _span(place: _Place, model: ModelSize, wishes: HostSettings, room: int) -> tuple[int, int]:
    """The layers that fit into `room` bytes; an empty span if none do, or not all that the owner wants."""
    start, last = wishes.layers or (0, model.n_layers)
    end, size = start, BYTES_OF[place.precision]
    while end < last and model.layers[end] * size <= room:
        room -= model.layers[end] * size
        end += 1
    return (start, start) if wishes.layers and end < last else (start, end)


def _why(place: _Place, model: ModelSize, wishes: HostSettings, start: int, end: int) -> str:
    size = size_in_words(sum(model.layers[start:end]) * BYTES_OF[place.precision])
    if wishes.layers:
        return f"You chose these layers; they take {size} in {place.precision} on {place.name}."
    room = f"{place.free_name} ({size_in_words(place.budget)}) on {place.name}"
    if end - start == model.n_layers:
        return f"The whole model takes {size} in {place.precision}, which fits into {room}."
    return f"These {end - start} layers take {size} in {place.precision}; no more fit into {room}."


def _regret(places: Sequence[_Place], model: ModelSize, wishes: HostSettings) -> str:
    most = max(places, key=lambda place: place.budget)
    what = "The layers you chose do not fit" if wishes.layers else f"Not even one layer of {model.name} fits"
    start, end = wishes.layers or (0, 1)
    need = size_in_words(sum(model.layers[start:end]) * BYTES_OF[most.precision] + _cache(most, wishes))
    have = size_in_words(max(0, most.budget))
    return f"{what} into memory: {need} needed, {have} may be used; close other programs."
