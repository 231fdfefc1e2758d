"""The kinds of long work that a process of its own does, and the sentence that each ends with."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.api.sentences import counted, joined, listed, said
from engine.api.store_schema import ModelDigest, ModelName, Revision, SourceText
from engine.errors import PartMissing
from engine.layer_ranges import in_words, ranges_of
from engine.weights.imports.progress import Cancelled, Progress, Watch
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.moving import StoreCopy
from engine.weights.store.origins import origin_of
from engine.weights.store.verification import Loss, VerifyResult
from engine.wire.records import MAX_LAYERS


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImportJob(_Job):
    kind: Literal["import"] = "import"
    source: SourceText
    name: ModelName | None = None
    revision: Revision | None = None

    @property
    def text(self) -> str:
        """As `open_source` takes it."""
        if self.revision is None:
            return self.source
        return f"hub:{self.source.removeprefix('hub:')}@{self.revision}"


class StarterJob(_Job):
    """Import the small model that comes with Potluck."""

    kind: Literal["starter"] = "starter"


class RefillJob(_Job):
    """Import these parts of a model once more, and files that are missing, from where it came."""

    kind: Literal["refill"] = "refill"
    model: ModelDigest
    layers: tuple[Annotated[int, Field(ge=0, lt=MAX_LAYERS)], ...] = ()  # indices
    shell: bool = False


class VerifyJob(_Job):
    kind: Literal["verify"] = "verify"
    model: ModelDigest | None = None  # None: the whole store


class ExportJob(_Job):
    kind: Literal["export"] = "export"
    model: ModelDigest
    folder: SourceText


class MoveJob(_Job):
    """Copy the whole store to this folder; see `engine.weights.store.moving`."""

    kind: Literal["move"] = "move"
    folder: SourceText


Job = ImportJob | StarterJob | RefillJob | VerifyJob | ExportJob | MoveJob
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="kind")])


def perform(job: Job, store: LayerStore, progress: Progress, cancelled: Cancelled) -> str:
    """What came of it. Raises a PotluckError; Stopped when it was cancelled."""
    if isinstance(job, VerifyJob):
        return verified(verify(job, store, progress, cancelled))
    if isinstance(job, RefillJob):
        return imported(refill_model(job, store, progress, cancelled))
    if isinstance(job, StarterJob):
        return imported(import_starter(store, progress, cancelled))
    if isinstance(job, ExportJob):
        return export(job, store, progress, cancelled)
    if isinstance(job, MoveJob):
        return move(job, store, progress, cancelled)
    return imported(import_model(job, store, progress, cancelled))


def verify(job: VerifyJob, store: LayerStore, progress: Progress, cancelled: Cancelled) -> VerifyResult:
    """Raises a PotluckError; Stopped when it was cancelled."""
    return store.verify(lambda done, total: progress("reading", done, total), cancelled, job.model)


def import_model(job: ImportJob, store: LayerStore, progress: Progress, cancelled: Cancelled) -> Manifest:
    """Raises a PotluckError; Stopped when it was cancelled."""
    progress("opening", 0, 0)
    from engine.weights.imports.importing import import_from  # torch and transformers: seconds

    return import_from(job.text, store, job.name, Watch(progress, cancelled))


def refill_model(job: RefillJob, store: LayerStore, progress: Progress, cancelled: Cancelled) -> Manifest:
    """What is here by now is not read again.

    Raises a PotluckError; PartMissing if it is not known where the model came from.
    """
    from engine.weights.imports.importing import refill  # torch and transformers: seconds
    from engine.weights.imports.layerwise import SHELL

    manifest = store.manifest(job.model)
    origin = origin_of(store, manifest.digest)
    if origin is None:
        raise PartMissing(
            said("It is not known here where {model} came from: import it again.", model=manifest.name)
        )
    missing = [index for index in job.layers if not store.has(manifest.layers[index])]
    shell = [SHELL] if job.shell and not store.has(manifest.shell) else []
    refill(manifest, origin, store, [*shell, *missing], Watch(progress, cancelled))
    return manifest


def export(job: ExportJob, store: LayerStore, progress: Progress, cancelled: Cancelled) -> str:
    """Raises a PotluckError; Stopped when it was cancelled."""
    progress("opening", 0, 0)
    from engine.weights.imports.exporting import export_model  # torch and transformers: seconds

    manifest = store.manifest(job.model)
    export_model(manifest, store, Path(job.folder), progress, cancelled)
    return said("{model} is in {folder}.", model=manifest.name, folder=job.folder)


def move(job: MoveJob, store: LayerStore, progress: Progress, cancelled: Cancelled) -> str:
    """Raises a PotluckError; Stopped when it was cancelled."""
    copy = StoreCopy(store.root, Path(job.folder))
    parts, size = copy.make(lambda done, total: progress("copying", done, total), cancelled)
    return counted(
        "All layers are copied to {folder} and checked ({n} part, {size:bytes}): the engine's next start "
        "uses them.",
        "All layers are copied to {folder} and checked ({n} parts, {size:bytes}): the engine's next start "
        "uses them.",
        parts,
        folder=job.folder,
        size=size,
    )


def imported(manifest: Manifest) -> str:
    size = sum(part.size for part in dict.fromkeys(manifest.parts()))
    return counted(
        "{model} is in the layer store: {n} layer, {size:bytes}.",
        "{model} is in the layer store: {n} layers, {size:bytes}.",
        manifest.n_layers,
        model=manifest.name,
        size=size,
    )


def verified(result: VerifyResult) -> str:
    if not result.damaged:
        return counted(
            "Nothing is damaged: {n} part, {size:bytes}.",
            "Nothing is damaged: {n} parts, {size:bytes}.",
            result.checked,
            size=result.checked_bytes,
        )
    removed = counted(
        "{n} of {parts} was damaged and is removed.",
        "{n} of {parts} were damaged and are removed.",
        len(result.damaged),
        parts=counted("{n} part", "{n} parts", result.checked),
    )
    if not result.losses:
        return removed
    losses = [said("{model} lacks {what} now", model=loss.name, what=lost(loss)) for loss in result.losses]
    return said(
        "{removed} {losses}: import it again, or let the swarm bring it.",
        removed=removed,
        losses=joined(losses, "; "),
    )


def lost(loss: Loss) -> str:
    """What a model lost, in words."""
    ranges = in_words(ranges_of(loss.layers))
    layers = counted("layer {ranges}", "layers {ranges}", len(loss.layers), ranges=ranges)
    return listed(
        [*([layers] if loss.layers else ()), *([said("its shell")] if loss.shell else ()), *loss.files]
    )
