"""What the Settings page says of each device. Pure."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from desktop.figures import bytes_in_words
from desktop.sentences import in_words
from desktop.settings.controls import Known
from desktop.settings.wording import declared_text, state_of, value_in_words
from engine.api.plan_schema import MachineReport, PlanReport
from engine.api.preferences_schema import Setting, Value

translate = QCoreApplication.translate
CPU = "cpu"


def devices_in(plan: PlanReport) -> tuple[tuple[str, str], ...]:
    """Keys and names of this computer's devices, also of those that may not be used."""
    planned = {device.device: in_words(device.device_name) for device in plan.devices}
    here = [(card.key, card.name or card.vendor) for card in plan.machine.cards]
    cpu = plan.machine.cpu.name or translate("Settings", "Processor")
    return tuple((key, planned.get(key, name)) for key, name in (*here, (CPU, cpu)))


def devices_of(known: Known, values: Iterable[Value]) -> tuple[tuple[str, str], ...]:
    """Keys and names, also of those of which something is set and that are not here now."""
    here = {key for key, _ in known.devices}
    named = [key for value in values if isinstance(value, tuple | dict) for key in value]
    return (*known.devices, *((key, key) for key in dict.fromkeys(named) if key not in here))


def as_for_all(common: Setting) -> str:
    return translate("Settings", "as for all ({value})").format(value=value_in_words(common, common.value))


def memory_of(device: str, known: Known) -> str:
    """How much of its memory is in use, as far as that is known."""
    if known.devices and all(device != key for key, _ in known.devices):
        return translate("Settings", "not in this computer now")
    used, every = _read(device, known) or _planned_with(device, known.machine)
    if every is None:
        return ""
    if used is None:
        return bytes_in_words(every)
    return translate("Settings", "{used} of {all} in use").format(
        used=bytes_in_words(used), all=bytes_in_words(every)
    )


def state_of_devices(setting: Setting) -> str:
    says = state_of(setting)
    if not says:
        return ""
    return translate("Settings", "{what}: {value}").format(what=declared_text(setting.short), value=says)


def _read(device: str, known: Known) -> tuple[int | None, int | None] | None:
    """Used, and all of it, as of a moment ago; None: nobody has looked."""
    reading = next((reading for reading in known.readings if reading.place == device), None)
    if reading is None or reading.memory_bytes is None:
        return None
    return reading.memory_used_bytes, reading.memory_bytes


def _planned_with(device: str, machine: MachineReport | None) -> tuple[int | None, int | None]:
    if machine is None:
        return None, None
    if device == CPU:
        return machine.cpu.memory_bytes - machine.cpu.available_bytes, machine.cpu.memory_bytes
    card = next((card for card in machine.cards if card.key == device), None)
    if card is None or card.memory_bytes is None:
        return None, None
    return None if card.free_bytes is None else card.memory_bytes - card.free_bytes, card.memory_bytes
