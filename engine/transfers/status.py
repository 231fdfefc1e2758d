"""What the store holds, in the local API's words."""

from pathlib import Path

from engine.api.store_schema import StoredLayer, StoredModel, StoreStatus, Transfer
from engine.weights.store.usage import ModelUsage, PartUsage, StoreUsage


def store_status(root: Path, usage: StoreUsage, transfers: tuple[Transfer, ...] = ()) -> StoreStatus:
    return StoreStatus(
        path=str(root),
        held_size=usage.total_bytes + usage.partial_bytes,
        orphan_size=usage.orphan_bytes,
        limit=usage.limit_bytes,
        limit_chosen=not usage.limit_is_default,
        free_size=usage.free_disk,
        models=tuple(map(stored_model, usage.models)),
        transfers=transfers,
    )


def stored_model(model: ModelUsage) -> StoredModel:
    layers = {index: part for part in model.parts for index in part.layers}
    shell = [part for part in model.parts if part.shell or part.files]
    uses = [part.last_used for part in model.parts if part.last_used is not None]
    return StoredModel(
        name=model.name,
        digest=model.digest,
        kind=model.kind,
        size=model.size,
        present_size=model.present_bytes,
        last_used=max(uses, default=None),
        kept=model.kept,
        in_use=any(part.in_use for part in model.parts),
        shell_size=sum(part.size for part in shell),
        shell_present=all(part.present for part in shell),
        layers=tuple(_layer(layers[index]) for index in range(model.n_layers)),
    )


def _layer(part: PartUsage) -> StoredLayer:
    return StoredLayer(size=part.size, present=part.present, last_used=part.last_used, in_use=part.in_use)
