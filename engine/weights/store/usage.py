"""What the store holds, as plain data."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.weights.manifest import Kind, Manifest, Part
from engine.weights.store.eviction import PartUse, Space


@dataclass(frozen=True)
class PartUsage:
    """One part: what a model needs it for, and whether it is here."""

    digest: str
    size: int  # bytes
    present: bool
    last_used: float | None  # Unix time, seconds; None: not here
    in_use: bool  # by a living process: not evicted
    kept: bool  # by the owner's wish: not evicted
    layers: tuple[int, ...] = ()  # indices of the layers that it holds
    shell: bool = False
    files: tuple[str, ...] = ()  # names of the tokenizer's and processor's files that it holds


@dataclass(frozen=True)
class ModelUsage:
    digest: str
    name: str
    kind: Kind
    n_layers: int
    kept: bool
    size: int  # bytes of all its parts, each counted once
    present_bytes: int
    parts: tuple[PartUsage, ...]  # in the order files, shell, layers; each once


@dataclass(frozen=True)
class StoreUsage:
    total_bytes: int  # of parts, shared ones counted once
    partial_bytes: int  # of parts that are being written
    limit_bytes: int
    limit_is_default: bool
    free_disk: int  # bytes that the store may still take from the disk; 0 when others need it
    models: tuple[ModelUsage, ...]  # the newest first
    orphan_bytes: int  # of parts that belong to no known model


@dataclass(frozen=True)
class Protected:
    """What is never evicted; digests."""

    in_use: Collection[str]  # parts
    kept: Collection[str]  # parts
    kept_models: Collection[str]


def store_usage(
    space: Space,
    limit_is_default: bool,
    manifests: Iterable[Manifest],
    here: Sequence[PartUse],
    protected: Protected,
) -> StoreUsage:
    by_digest = {use.digest: use for use in here}
    models = tuple(_model_usage(manifest, by_digest, protected) for manifest in manifests)
    needed = {part.digest for model in models for part in model.parts}
    total = sum(use.size for use in here)
    return StoreUsage(
        total_bytes=total,
        partial_bytes=max(0, space.held - total),
        limit_bytes=space.limit,
        limit_is_default=limit_is_default,
        free_disk=max(0, space.free),
        models=models,
        orphan_bytes=sum(use.size for use in here if use.digest not in needed),
    )


def _model_usage(manifest: Manifest, here: Mapping[str, PartUse], protected: Protected) -> ModelUsage:
    parts = tuple(
        _part_usage(part, here.get(part.digest), protected, manifest)
        for part in dict.fromkeys(manifest.parts())
    )
    return ModelUsage(
        digest=manifest.digest,
        name=manifest.name,
        kind=manifest.kind,
        n_layers=manifest.n_layers,
        kept=manifest.digest in protected.kept_models,
        size=sum(part.size for part in parts),
        present_bytes=sum(part.size for part in parts if part.present),
        parts=parts,
    )


def _part_usage(part: Part, use: PartUse | None, protected: Protected, manifest: Manifest) -> PartUsage:
    return PartUsage(
        digest=part.digest,
        size=part.size,
        present=use is not None,
        last_used=use.last_used if use else None,
        in_use=part.digest in protected.in_use,
        kept=part.digest in protected.kept,
        layers=tuple(i for i, layer in enumerate(manifest.layers) if layer == part),
        shell=manifest.shell == part,
        files=tuple(name for name, file in manifest.files.items() if file == part),
    )
