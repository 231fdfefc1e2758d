"""What the first run says of this computer. Pure."""

from PySide6.QtCore import QCoreApplication

from desktop.sentences import in_words
from desktop.sharing.wording import bytes_in_words
from engine.api.plan_schema import DevicePlan, MachineReport, PlanReport
from engine.api.store_schema import StoreStatus

translate = QCoreApplication.translate


def machine_in_words(machine: MachineReport) -> str:
    """The cards that can be used, the processor and the memory."""
    cards = [
        translate("FirstRun", "{name} with {memory}").format(
            name=card.name or card.vendor, memory=bytes_in_words(card.memory_bytes or 0)
        )
        for card in machine.cards
        if card.usable
    ]
    cpu = translate("FirstRun", "{name}, {cores} cores, {memory} of memory").format(
        name=machine.cpu.name or translate("FirstRun", "A processor"),
        cores=machine.cpu.physical_cores,
        memory=bytes_in_words(machine.cpu.memory_bytes),
    )
    return "\n".join((*cards, cpu))


def proposals(plan: PlanReport) -> tuple[str, ...]:
    """What each device that is of use would serve, and why; else why there is none."""
    useful = [device for device in plan.devices if device.server is not None]
    return tuple(map(_proposal, useful or plan.devices))


def _proposal(device: DevicePlan) -> str:
    server = device.server
    if server is None:
        return translate("FirstRun", "{device}: {why}").format(
            device=in_words(device.device_name), why=in_words(device.regret or "")
        )
    whole = server.end - server.start == server.n_layers
    what = (
        translate("FirstRun", "all {n} layers of {model}")
        if whole
        else translate("FirstRun", "layers {first}–{last} of {n} of {model}")
    ).format(first=server.start + 1, last=server.end, n=server.n_layers, model=server.model_name)
    return translate(
        "FirstRun", "{device}: {what}, in {precision}, with {memory} of its memory. {why}"
    ).format(
        device=in_words(device.device_name),
        what=what,
        precision=in_words(server.precision_words),
        memory=bytes_in_words(server.memory.total),
        why=in_words(server.why),
    )


def disk_in_words(store: StoreStatus) -> str:
    return translate(
        "FirstRun",
        "Layers are kept on the disk, up to {limit}: {free} are free. All of this can be changed later.",
    ).format(limit=bytes_in_words(store.limit), free=bytes_in_words(store.free_size))
