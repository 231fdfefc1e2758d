"""What this computer would serve, as lines for people: pure."""

from collections.abc import Sequence

from engine.api.plan_schema import (
    CardFacts,
    CpuFacts,
    DevicePlan,
    DeviceSpeed,
    MachineReport,
    PlanAlternative,
    PlannedMemory,
    PlannedServer,
    PlanReport,
)
from engine.byte_sizes import size_in_words
from engine.cli.wording import table
from engine.layer_ranges import in_words

MOST_ALTERNATIVES = 4  # that are shown of each device
TELLING_UNITS = {"avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8", "asimd", "sve"}
UNASKED = "The swarm was not asked: this is planned from what is on this computer alone."
NO_EFFECT = "Nothing was started, written or announced."


def plan_text(report: PlanReport) -> str:
    machine = [machine_text(report.machine)]
    devices = map(device_text, report.devices)
    end = NO_EFFECT if report.swarm_asked else f"{UNASKED} {NO_EFFECT}"
    return "\n\n".join([*machine, *devices, end])


# --- the machine


def machine_text(machine: MachineReport) -> str:
    lines = ["This computer", *(f"  {line}" for line in _device_lines(machine))]
    if speeds := _speed_rows(machine):
        lines += [f"  {row}" for row in table(speeds).splitlines()]
    return "\n".join([*lines, *(f"  {line}" for line in _rate_lines(machine))])


def _device_lines(machine: MachineReport) -> list[str]:
    return [_cpu_line(machine.cpu), *map(_card_line, machine.cards)]


def _cpu_line(cpu: CpuFacts) -> str:
    cores = f"{cpu.physical_cores} {'core' if cpu.physical_cores == 1 else 'cores'}"
    units = "".join(f", {unit}" for unit in cpu.vector_units if unit in TELLING_UNITS)
    memory = f"{size_in_words(cpu.memory_bytes)} of memory, {size_in_words(cpu.available_bytes)} free"
    return f"cpu: {cpu.name or 'CPU'}, {cores}{units}; {memory}"


def _card_line(card: CardFacts) -> str:
    name = card.name or f"a card of {card.vendor}"
    facts = [
        *([size_in_words(card.memory_bytes)] if card.memory_bytes is not None else []),
        *([f"{size_in_words(card.free_bytes)} free"] if card.free_bytes is not None else []),
        *(["memory shared with the CPU"] if card.shares_memory else []),
        *([f"driver {card.driver}"] if card.driver else []),
        *([] if card.usable else ["the installed torch cannot use it"]),
    ]
    return f"{card.key}: {', '.join([name, *facts])}"


def _speed_rows(machine: MachineReport) -> list[list[str]]:
    known = [("cpu", machine.cpu.speeds), *((card.key, card.speeds) for card in machine.cards)]
    rows = [_speed_row(key, speed) for key, speeds in known for speed in speeds]
    return [["DEVICE", "WEIGHTS IN", "COMPUTES", "READS", ""], *rows] if rows else []


def _speed_row(key: str, speed: DeviceSpeed) -> list[str]:
    how = "measured" if speed.measured else "estimated"
    reads = f"{size_in_words(speed.bytes_per_s)}/s"
    return [key, speed.precision, f"{speed.flops_per_s / 1e9:,.0f} GFLOP/s", reads, how]


def _rate_lines(machine: MachineReport) -> list[str]:
    rates = [
        ("disk", machine.disk_bytes_per_s),
        ("upload", machine.upload_bytes_per_s),
        ("download", machine.download_bytes_per_s),
    ]
    known = [f"{name} {size_in_words(rate)}/s" for name, rate in rates if rate is not None]
    return [", ".join(known)] if known else []


# --- what each device would do


def device_text(found: DevicePlan) -> str:
    lines = [f"Serves nothing. {found.regret or ''}".rstrip()]
    if found.server is not None:
        lines = _server_lines(found.server)
    more = _alternative_lines(found.alternatives)
    title = f"{found.device_name}, as it does now" if found.serves_it else found.device_name
    return "\n".join([title, *(f"  {line}" for line in (*lines, *more))])


def _server_lines(server: PlannedServer) -> list[str]:
    cache = f"cache for {server.cache_tokens:,} tokens, {size_in_words(server.memory.cache)}"
    speed = f"about {server.tokens_per_s:,.1f} tokens/s of many sessions together"
    return [server.why, f"Computes in {server.precision}; {cache}; {speed}", _memory_line(server.memory)]


def _memory_line(memory: PlannedMemory) -> str:
    parts = [
        ("weights", memory.weights),
        ("cache", memory.cache),
        ("computing", memory.activations),
        ("loading", memory.loading),
        ("libraries", memory.runtime),
    ]
    listed = ", ".join(f"{name} {size_in_words(size)}" for name, size in parts)
    most = f"{size_in_words(memory.total)} at most of {size_in_words(memory.budget)} that may be used"
    left = f"{size_in_words(memory.reserve)} are left to other programs"
    rest = f"; {size_in_words(memory.resting)} of main memory for chats that rest" if memory.resting else ""
    return f"Memory: {listed}; {most}, {left}{rest}"


def _alternative_lines(alternatives: Sequence[PlanAlternative]) -> list[str]:
    lines = [f"Instead {_alternative(one)}" for one in alternatives[:MOST_ALTERNATIVES]]
    more = len(alternatives) - MOST_ALTERNATIVES
    return [*lines, *([f"{more} more {'is' if more == 1 else 'are'} in --json"] if more > 0 else [])]


def _alternative(one: PlanAlternative) -> str:
    noun = "layer" if one.end - one.start == 1 else "layers"
    what = f"{noun} {in_words([(one.start, one.end)])} of {one.model_name} in {one.precisions}"
    return f"{what}? {one.why_not}"
