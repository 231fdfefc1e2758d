"""What somebody who helps needs to know, as text to be copied: no chat, no key, no invite link."""

import platform
from collections.abc import Iterable, Iterator, Sequence

from engine.api.log_lines import LogLine, without_secrets
from engine.api.plan_schema import CardFacts, MachineReport
from engine.api.preferences_schema import SettingsReport
from engine.api.schema import Snapshot
from engine.byte_sizes import size_in_words

LAST_LINES = 200


def diagnostics(
    version: str,
    condition: str,
    snapshot: Snapshot | None,
    machine: MachineReport | None,
    settings: SettingsReport | None,
    lines: Sequence[LogLine],
) -> str:
    """Version, system, machine, what it does, what was set, and the last lines of the log."""
    parts = (
        _program(version),
        list(_machine(machine)) if machine else ["Machine: not known"],
        [f"Condition: {condition}", *(_doing(snapshot) if snapshot else ())],
        list(_set(settings)) if settings else [],
        ["Log:", *map(str, lines[-LAST_LINES:])],
    )
    return _text_of(parts)


def crash_report(
    version: str, sentence: str, printed: str, lines: Sequence[LogLine], secrets: Sequence[str] = ()
) -> str:
    """What is known of a crash: what was said, what was printed last, and the last lines of the log."""
    parts = (
        _program(version),
        [sentence],
        ["Printed last:", printed.strip()] if printed.strip() else [],
        ["Log:", *map(str, lines[-LAST_LINES:])] if lines else [],
    )
    return _text_of(parts, secrets)


def _text_of(parts: Iterable[Sequence[str]], secrets: Sequence[str] = ()) -> str:
    text = "\n\n".join("\n".join(part) for part in parts if part)
    return without_secrets(text, secrets) + "\n"


def _program(version: str) -> list[str]:
    return [f"Potluck {version}", f"{platform.platform()}, Python {platform.python_version()}"]


def _machine(machine: MachineReport) -> Iterator[str]:
    cpu = machine.cpu
    units = ", ".join(cpu.vector_units) or "–"
    yield (
        f"Processor: {cpu.name or 'unknown'}, {cpu.physical_cores} cores, {units}; "
        f"memory {size_in_words(cpu.memory_bytes)}, {size_in_words(cpu.available_bytes)} available"
    )
    yield from map(_card, machine.cards)


def _card(card: CardFacts) -> str:
    memory = size_in_words(card.memory_bytes) if card.memory_bytes is not None else "unknown memory"
    driver = f", driver {card.driver}" if card.driver else ""
    usable = "" if card.usable else ", not driven by the installed torch"
    return f"Card: {card.name or card.vendor}, {memory}{driver}{usable}"


def _doing(snapshot: Snapshot) -> Iterator[str]:
    swarm = snapshot.swarm
    kind = "private, by invitation" if swarm.name else "this computer alone" if swarm.private else "public"
    yield f"Swarm: {kind}, {swarm.peers} peers"
    for server in snapshot.servers:
        yield (
            f"Server on {server.device}: {server.phase}, layers {server.start + 1}–{server.end} of "
            f"{server.n_layers} of {server.model}, {server.layer_precisions or server.precision}"
        )


def _set(settings: SettingsReport) -> Iterator[str]:
    """Only what is not as at the first start; names of programs, peers and cards stay with their owner."""
    for setting in settings.settings:
        if setting.source != "default":
            shown = (
                f"{len(setting.value)} entries" if isinstance(setting.value, tuple | dict) else setting.value
            )
            yield f"{setting.key} = {shown} ({setting.source})"
