"""Read everything that the store holds, and drop what is damaged."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.api.sentences import said
from engine.errors import PartMissing, Stopped, WrongHash
from engine.weights.manifest import Manifest, Part
from engine.weights.store.part_files import PartFiles

OnProgress = Callable[[int, int], None]  # done, total; bytes
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Loss:
    """What a model lost."""

    model: str  # digest
    name: str
    layers: tuple[int, ...]  # indices
    shell: bool
    files: tuple[str, ...]


@dataclass(frozen=True)
class VerifyResult:
    checked: int  # parts
    checked_bytes: int
    damaged: tuple[str, ...]  # digests of parts that were dropped
    losses: tuple[Loss, ...]  # by model


def verify(
    parts: PartFiles,
    manifests: Sequence[Manifest],
    on_progress: OnProgress,
    cancelled: Cancelled,
    wanted: Callable[[str], bool],
) -> VerifyResult:
    """Of the parts whose digests are `wanted`.

    Raises Stopped when it was cancelled; what was found damaged until then is dropped.
    """
    here = [Part(use.digest, use.size) for use in parts.all() if wanted(use.digest)]
    total, done, damaged = sum(part.size for part in here), 0, set[str]()
    on_progress(0, total)
    for part in here:
        if cancelled():
            raise Stopped(said("Checking the layer store was stopped."))
        if not _is_good(parts, part):
            damaged.add(part.digest)
        done += part.size
        on_progress(done, total)
    return VerifyResult(len(here), total, tuple(sorted(damaged)), _losses(manifests, damaged))


def _is_good(parts: PartFiles, part: Part) -> bool:
    """A part that was evicted meanwhile is not damaged."""
    with suppress(PartMissing):
        try:
            parts.check(part)
        except WrongHash:
            return False
    return True


def _losses(manifests: Sequence[Manifest], damaged: set[str]) -> tuple[Loss, ...]:
    losses = (
        Loss(
            model=manifest.digest,
            name=manifest.name,
            layers=tuple(i for i, part in enumerate(manifest.layers) if part.digest in damaged),
            shell=manifest.shell.digest in damaged,
            files=tuple(name for name, part in manifest.files.items() if part.digest in damaged),
        )
        for manifest in manifests
    )
    return tuple(loss for loss in losses if loss.layers or loss.shell or loss.files)
