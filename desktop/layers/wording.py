"""What the Layers page says of the store, its models and its work. Pure."""

from PySide6.QtCore import QCoreApplication

from desktop.chat.wording import layers_in_words
from desktop.figures import bytes_in_words
from desktop.sentences import in_words
from desktop.sharing.wording import name_of
from engine.api.store_schema import StoredModel, StoreStatus, Transfer, TransferKind, TransferState
from engine.layer_ranges import ranges_of

translate = QCoreApplication.translate

DAY = 24 * 3600.0


def held_in_words(status: StoreStatus) -> str:
    limit = bytes_in_words(status.limit)
    if not status.limit_chosen:
        limit = translate("Layers", "{limit} (half of the free disk)").format(limit=limit)
    return translate("Layers", "{held} of layers here · at most {limit} · {free} free on the disk").format(
        held=bytes_in_words(status.held_size), limit=limit, free=bytes_in_words(status.free_size)
    )


def model_in_words(model: StoredModel, now: float) -> str:
    """Size, last use, and why it stays. `now`: Unix time."""
    parts = [_here(model)]
    if model.in_use:
        parts.append(translate("Layers", "in use now"))
    elif model.last_used is not None:
        parts.append(translate("Layers", "last used {when}").format(when=ago(now - model.last_used)))
    if model.kept:
        parts.append(translate("Layers", "kept"))
    return " · ".join(parts)


def _here(model: StoredModel) -> str:
    present = sum(layer.present for layer in model.layers)
    if model.complete:
        return translate("Layers", "all {count} layers, {size}").format(
            count=len(model.layers), size=bytes_in_words(model.size)
        )
    if not model.present_size:
        return translate("Layers", "none of {count} layers here").format(count=len(model.layers))
    return translate("Layers", "{present} of {count} layers, {here} of {size}").format(
        present=present,
        count=len(model.layers),
        here=bytes_in_words(model.present_size),
        size=bytes_in_words(model.size),
    )


def layer_in_words(model: StoredModel, layer: int, now: float) -> str:
    """One layer, for its tooltip."""
    stored = model.layers[layer]
    head = translate("Layers", "Layer {number}: {size}").format(
        number=layer + 1, size=bytes_in_words(stored.size)
    )
    if not stored.present:
        return translate("Layers", "{layer}, not here").format(layer=head)
    if stored.in_use:
        return translate("Layers", "{layer}, in use now").format(layer=head)
    if stored.last_used is None:
        return head
    return translate("Layers", "{layer}, last used {when}").format(
        layer=head, when=ago(now - stored.last_used)
    )


def strip_in_words(model: StoredModel) -> str:
    """What the strip shows, for a screen reader."""
    here = ranges_of(i for i, layer in enumerate(model.layers) if layer.present)
    used = ranges_of(i for i, layer in enumerate(model.layers) if layer.in_use)
    said = translate("Layers", "Here: layers {ranges}").format(ranges=layers_in_words(here))
    if not here:
        return translate("Layers", "No layer is here")
    if used:
        said += "; " + translate("Layers", "in use: {ranges}").format(ranges=layers_in_words(used))
    return said


def ago(seconds: float) -> str:
    if seconds < 3600:
        return translate("Layers", "within the hour")
    if seconds < DAY:
        return translate("Layers", "today")
    if seconds < 2 * DAY:
        return translate("Layers", "yesterday")
    if seconds < 60 * DAY:
        return translate("Layers", "{count} days ago").format(count=int(seconds // DAY))
    return translate("Layers", "{count} months ago").format(count=int(seconds // (30 * DAY)))


def shared_in_words(size: int) -> str:
    """Empty while nothing was passed on."""
    if not size:
        return ""
    return translate("Layers", "{size} passed on to other computers since giving began").format(
        size=bytes_in_words(size)
    )


def removal_in_words(model: StoredModel, servers: int) -> str:
    """What is lost when the model is removed. `servers` of the swarm serve layers of it."""
    lost = translate("Layers", "{size} of layers leave this disk.").format(
        size=bytes_in_words(model.present_size)
    )
    if model.in_use:
        lost += " " + translate("Layers", "It is in use now: pause giving before you remove it.")
    if servers:
        return lost + " " + translate("Layers", "They can be fetched again: computers of the swarm serve it.")
    return (
        lost
        + " "
        + translate(
            "Layers",
            "Nobody in the swarm serves it now: to have it again, you would have to import it again.",
        )
    )


def clearing_in_words(status: StoreStatus) -> str:
    """What goes when the store is cleared."""
    going = sum(
        layer.size
        for model in status.models
        if not model.kept
        for layer in model.layers
        if layer.present and not layer.in_use
    )
    return translate(
        "Layers",
        "About {size} leave this disk. Layers that are in use or kept stay; the others have to be fetched or "
        "imported again when they are needed.",
    ).format(size=bytes_in_words(going))


def shrinking_in_words(status: StoreStatus, limit: int) -> str:
    """What a lower limit removes at once; empty if nothing."""
    if limit >= status.held_size:
        return ""
    return translate(
        "Layers", "{size} of the least used layers leave this disk, except what is in use or kept."
    ).format(size=bytes_in_words(status.held_size - limit))


def ended_in_words(transfer: Transfer) -> str:
    """What came of it. Without a sentence of the engine's, its own."""
    name = name_of(transfer)
    if transfer.state is TransferState.CANCELLED and transfer.kind is TransferKind.IMPORT:
        return translate(
            "Layers", "Cancelled: {model}. What was read stays, and an import goes on from there."
        ).format(model=name)
    if transfer.state is TransferState.CANCELLED:
        return translate("Layers", "Cancelled")
    if not transfer.failure:
        return in_words(transfer.outcome)
    failure = in_words(transfer.failure)
    if not name or name in failure:
        return failure
    return translate("Layers", "{model}: {failure}").format(model=name, failure=failure)


def tone_of_end(transfer: Transfer) -> str:
    if transfer.state is TransferState.FAILED:
        return "problem"
    return "giving" if transfer.state is TransferState.DONE else "muted"
