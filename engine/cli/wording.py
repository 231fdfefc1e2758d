"""Models and layers of the store as lines for people: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.api.schema import ModelInfo
from engine.api.store_schema import StoredLayer, StoredModel, StoreStatus, Transfer, TransferKind
from engine.byte_sizes import size_in_words
from engine.cli.choice import SHORT_DIGEST
from engine.cli.progress import figures
from engine.layer_ranges import in_words, ranges_of

_DOING = {
    TransferKind.IMPORT: "Importing",
    TransferKind.FETCH: "Fetching",
    TransferKind.VERIFY: "Checking",
    TransferKind.EXPORT: "Exporting",
    TransferKind.MOVE: "Moving",
}


_DOES = {"causal": "writes", "image_text": "writes, sees", "encoder": "embeds"}


@dataclass(frozen=True)
class KnownModel:
    """What is known of one model; `swarm` is None where nobody has been asked or nobody serves it."""

    name: str
    digest: str
    n_layers: int
    stored: StoredModel | None
    swarm: ModelInfo | None


def known_models(stored: Sequence[StoredModel], swarm: Sequence[ModelInfo]) -> tuple[KnownModel, ...]:
    """Those of this computer first."""
    served = {info.digest: info for info in swarm}
    here = [KnownModel(m.name, m.digest, len(m.layers), m, served.pop(m.digest, None)) for m in stored]
    there = [KnownModel(info.name, info.digest, info.n_layers, None, info) for info in served.values()]
    return (*here, *there)


def models_text(models: Sequence[KnownModel], engine_runs: bool) -> str:
    if not models:
        return "No model is known yet: `potluck-engine models import PATH-or-ID` brings one."
    names = [model.name for model in models]
    rows = [["MODEL", "DOES", "LAYERS", "ON THIS COMPUTER", "IN THE SWARM"]]
    for model in models:
        name = f"{model.name} ({model.digest[:SHORT_DIGEST]})" if names.count(model.name) > 1 else model.name
        rows.append([name, does(model.stored), str(model.n_layers), here(model.stored), there(model.swarm)])
    if engine_runs:
        return table(rows)
    note = "What the swarm serves is not known: Potluck's engine is not running."
    return f"{table([row[:-1] for row in rows])}\n\n{note}"


def does(model: StoredModel | None) -> str:
    return "–" if model is None else _DOES[model.kind]


def here(model: StoredModel | None) -> str:
    if model is None:
        return "–"
    notes = [*(["kept"] if model.kept else []), *(["in use"] if model.in_use else [])]
    return ", ".join([_presence(model), *notes])


def _presence(model: StoredModel) -> str:
    present = [index for index, layer in enumerate(model.layers) if layer.present]
    if model.complete:
        return size_in_words(model.size)
    if not present:
        what = "no layers"
    elif len(present) == len(model.layers):
        what = "all layers, not its shell"
    else:
        what = f"{'layer' if len(present) == 1 else 'layers'} {in_words(ranges_of(present))}"
    return f"{what}, {size_in_words(model.present_size)} of {size_in_words(model.size)}"


def there(model: ModelInfo | None) -> str:
    if model is None or not model.servers:
        return "nobody serves it"
    servers = f"{model.servers} {'server' if model.servers == 1 else 'servers'}"
    if model.complete:
        return f"can answer, {servers}"
    return f"lacks {in_words(model.gaps)}, {servers}"


# --- layers


def store_text(status: StoreStatus, now: float) -> str:
    whose = "your limit" if status.limit_chosen else "half of what the disk has free"
    lines = [
        f"Layer store: {status.path}",
        f"It holds {size_in_words(status.held_size)} and may hold {size_in_words(status.limit)}, {whose}.",
    ]
    if status.orphan_size:
        size = size_in_words(status.orphan_size)
        lines.append(f"{size} of it belong to no model here, and go first where room is needed.")
    for model in status.models:
        notes = ", kept" if model.kept else ""
        lines += ["", f"{model.name}, {size_in_words(model.size)}{notes}", _layer_table(model, now)]
    going = [transfer_text(transfer) for transfer in status.transfers if not transfer.ended]
    return "\n".join([*lines, *(["", *going] if going else [])])


def _layer_table(model: StoredModel, now: float) -> str:
    """Neighbouring layers that are alike share a line."""
    rows = [["shell", size_in_words(model.shell_size), "here" if model.shell_present else "missing", ""]]
    at = 0
    for (state, age), group in groupby(model.layers, lambda layer: (_state(layer), _age(layer, now))):
        layers = list(group)
        name = "layer" if len(layers) == 1 else "layers"
        size = size_in_words(sum(layer.size for layer in layers))
        rows.append([f"{name} {in_words([(at, at + len(layers))])}", size, state, age])
        at += len(layers)
    return table([["", *row] for row in rows])


def _state(layer: StoredLayer) -> str:
    if not layer.present:
        return "missing"
    return "in use" if layer.in_use else "here"


def _age(layer: StoredLayer, now: float) -> str:
    if layer.last_used is None:
        return ""
    days = int((now - layer.last_used) // 86400)
    if days < 1:
        return "used today"
    return f"used {days} {'day' if days == 1 else 'days'} ago"


def transfer_text(transfer: Transfer) -> str:
    what = f"{_DOING[transfer.kind]} {transfer.model or 'everything'}"
    if transfer.layers is not None:
        what = f"{what}, layers {in_words([transfer.layers])}"
    if transfer.total_bytes == 0:
        return f"{what}: {transfer.state}"
    return f"{what}: {figures(transfer.done_bytes, transfer.total_bytes, transfer.bytes_per_s)}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
