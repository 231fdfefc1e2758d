"""Plans of recorded computers for large models: `python -m tests.planning.table` writes `plans.txt`."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from engine.byte_sizes import size_in_words
from engine.machine.estimates import estimated
from engine.machine.facts import Gpu, Machine
from engine.placement.view import ModelView, Server, SwarmView
from engine.planning.models import ModelShape
from engine.planning.planner import plan
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from tests.machine.recorded_machines import NAMES, recorded
from tests.planning.shapes import LARGE_MODELS

FILE = Path(__file__).with_name("plans.txt")
WIDTH = 110
SWARMS = ("alone", "half")  # nobody else is there; others serve the first half of the model, each layer twice

_HEAD = """
What Potluck plans for recorded computers (tests/machine/recorded), with estimated speeds and all layers at
hand: a slow line may make fewer layers worth more, because they are here sooner.
Made by `python -m tests.planning.table`; a test holds it to be up to date.
"""
_TITLES = {
    "alone": "Alone in the swarm: the model's first layers, as many as fit",
    "half": "Two other computers serve the first half of the model: what they do not",
}


def swarm(kind: str, shape: ModelShape) -> SwarmView:
    half = shape.n_layers // 2
    others = tuple(Server(f"other {at}", 0, half, 100.0 * half) for at in range(2))
    servers = others if kind == "half" else ()
    return SwarmView({shape.digest: ModelView(shape.digest, shape.name, shape.n_layers, servers)})


def situation(machine: Machine, shape: ModelShape, kind: str) -> Situation:
    held = {shape.digest: frozenset(range(shape.n_layers))}
    return Situation(machine, estimated(machine), (shape,), swarm=swarm(kind, shape), held=held)


def plans(machine: Machine, shape: ModelShape, kind: str) -> tuple[PlacePlan, ...]:
    return plan(situation(machine, shape, kind))


def text() -> str:
    machines = {name: recorded(name) for name in NAMES}
    lines = [_HEAD.strip()]
    for kind in SWARMS:
        lines += ["", "", _TITLES[kind], "=" * len(_TITLES[kind])]
        for name, machine in machines.items():
            lines += ["", *_section(name, machine, kind)]
    return "\n".join(lines) + "\n"


def _section(name: str, machine: Machine, kind: str) -> Iterator[str]:
    yield f"{name}: {_in_words(machine)}"
    for shape in LARGE_MODELS:
        found = plans(machine, shape, kind)
        for one in [one for one in found if one.plan] or found:
            yield from _lines(one)


def _in_words(machine: Machine) -> str:
    cards = [_card(gpu) for gpu in (*machine.gpus, *machine.beyond_torch)]
    memory = (
        f"{size_in_words(machine.available_bytes)} of {size_in_words(machine.memory_bytes)} main memory free"
    )
    return "; ".join([*cards, f"{machine.cpu.physical_cores} cores, {memory}"])


def _card(gpu: Gpu) -> str:
    if gpu.shares_memory or gpu.free_bytes is None or gpu.total_bytes is None:
        return gpu.name or gpu.key
    return f"{gpu.name}, {size_in_words(gpu.free_bytes)} of {size_in_words(gpu.total_bytes)} free"


def _lines(found: PlacePlan) -> Iterator[str]:
    if found.plan is None:
        yield from _wrapped(f"– {found.regret}")
        return
    yield from _wrapped(f"+ {found.plan.why}")
    yield from _wrapped(_figures(found.plan), "    ")


def _figures(plan: HostPlan) -> str:
    memory = plan.memory
    return (
        f"{size_in_words(memory.weights)} weights, {size_in_words(memory.cache)} cache "
        f"({plan.cache_tokens:,} tokens), {size_in_words(memory.activations)} activations, "
        f"{size_in_words(memory.loading)} loading, {size_in_words(memory.runtime)} libraries: "
        f"{size_in_words(memory.total)} of {size_in_words(memory.budget)}; "
        f"computed in {plan.precision}, about {_rate(plan.tokens_per_s)} tokens/s"
    )


def _rate(tokens_per_s: float) -> str:
    return f"{tokens_per_s:,.0f}" if tokens_per_s >= 10 else f"{tokens_per_s:.2g}"


def _wrapped(sentence: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=indent, subsequent_indent="    ")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
