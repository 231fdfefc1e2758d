"""`potluck-engine models …`: what can be asked for, what is stored here; models in and out of the store."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.api.client import EngineClient
from engine.api.openai_schema import ListedModel, ModelCard, ModelListing
from engine.api.schema import ModelInfo
from engine.api.store_schema import Freed, StoredModel
from engine.byte_sizes import size_in_words
from engine.cli.choice import chosen
from engine.cli.commands import add_command, add_group, with_client
from engine.cli.progress import watched
from engine.cli.verifying import verify
from engine.cli.wording import KnownModel, known_models, models_text
from engine.errors import BadRequest, NotRunning, Stopped
from engine.settings import Settings
from engine.transfers.jobs import ImportJob, import_model, imported
from engine.transfers.status import stored_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore


def add_models(commands: Any) -> None:
    text = "Show the models that are known, and bring models into this computer's store."
    models = add_group(commands, "models", _list, text)
    add_command(models, "list", _list, "List what is stored here, and what the swarm serves.")
    _add_import(models)
    export = add_command(models, "export", _export, "Write a model as a folder that other programs read.")
    _add_model(export)
    export.add_argument("folder", type=Path, metavar="FOLDER", help="new, or empty")
    _add_model(add_command(models, "remove", _remove, "Forget a model and free its space."))
    check = add_command(models, "verify", verify, "Read every stored byte, and remove what is damaged.")
    check.add_argument("model", nargs="?", metavar="MODEL", help="name or digest; by default all models")
    keep = add_command(models, "keep", _keep, "Never let this model make room for others.")
    release = add_command(models, "release", _keep, "Let this model make room for others again.")
    for command, kept in ((keep, True), (release, False)):
        command.set_defaults(kept=kept)
        _add_model(command)


def _add_import(models: Any) -> None:
    text = "Bring a model into the store, layer by layer. An import that was stopped goes on where it was."
    bring = add_command(models, "import", _import, text)
    bring.add_argument(
        "source",
        metavar="PATH-or-ID",
        help="a folder of safetensors, a GGUF file, package:NAME, or a hub's owner/name",
    )
    bring.add_argument("--name", help="to call it by; by default as its source does")
    bring.add_argument("--revision", metavar="REV", help="of a hub's repository: a branch, tag or commit")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="MODEL", help="its name or digest, as `models list` shows them")


def open_store() -> LayerStore:
    return LayerStore(Settings().paths.layer_store)


# --- list


def _list(args: argparse.Namespace) -> int:
    swarm = _swarm_models()
    models = known_models([stored_model(model) for model in open_store().usage().models], swarm or ())
    if args.json:
        listing = ModelListing(data=tuple(map(_listed, models)), engine_runs=swarm is not None)
        print(listing.model_dump_json(indent=2))
    else:
        print(models_text(models, swarm is not None))
    return 0


def _swarm_models() -> Sequence[ModelInfo] | None:
    """What the running engine knows; None: no engine runs."""

    async def ask(client: EngineClient) -> tuple[ModelCard, ...]:
        return (await client.models()).data

    try:
        cards = with_client(ask)
    except NotRunning:
        return None
    return [card.potluck for card in cards if card.potluck is not None]


def _listed(model: KnownModel) -> ListedModel:
    return ListedModel(id=model.name, digest=model.digest, potluck=model.swarm, stored=model.stored)


# --- in and out


def _import(args: argparse.Namespace) -> int:
    job = _import_job(args)
    store = open_store()
    names = {known.digest: known.name for known in store.manifests()}
    try:
        with watched(f"Importing {args.name or args.source}") as (progress, stopped):
            manifest = import_model(job, store, progress, stopped)
    except Stopped:
        raise Stopped("Stopped: the same command goes on from here.") from None
    if args.json:
        print(_stored(store, manifest).model_dump_json(indent=2))
    else:
        former = names.get(manifest.digest, manifest.name)
        renamed = "" if former == manifest.name else f" It is the model that was called {former} here."
        print(f"{imported(manifest)}{renamed}")
    return 0


def _import_job(args: argparse.Namespace) -> ImportJob:
    """Raises BadRequest."""
    try:
        return ImportJob(source=args.source, name=args.name, revision=args.revision)
    except ValidationError as error:
        wrong = error.errors()[0]["loc"][0]
        raise BadRequest(f"“{getattr(args, str(wrong))}” is no model's {wrong}: write another.") from None


def _export(args: argparse.Namespace) -> int:
    store = open_store()
    manifest = chosen(args.model, store.manifests())
    with watched(f"Exporting {manifest.name}") as (progress, stopped):
        progress("opening", 0, 0)
        from engine.weights.imports.exporting import export_model  # torch and transformers: seconds

        export_model(manifest, store, args.folder, progress, stopped)
    if args.json:
        print(_stored(store, manifest).model_dump_json(indent=2))
    else:
        print(f"{manifest.name} is in {args.folder}.")
    return 0


def _remove(args: argparse.Namespace) -> int:
    store = open_store()
    manifest = chosen(args.model, store.manifests())
    freed = store.remove(manifest.digest)
    if args.json:
        print(Freed(size=freed).model_dump_json())
    else:
        print(f"{manifest.name} is removed: {size_in_words(freed)} are free again.")
    return 0


def _keep(args: argparse.Namespace) -> int:
    store = open_store()
    manifest = chosen(args.model, store.manifests())
    store.keep(manifest.digest, args.kept)
    if args.json:
        print(_stored(store, manifest).model_dump_json(indent=2))
    elif args.kept:
        print(f"{manifest.name} is kept: it never makes room for other models.")
    else:
        print(f"{manifest.name} may make room for other models again.")
    return 0


def _stored(store: LayerStore, manifest: Manifest) -> StoredModel:
    return next(stored_model(m) for m in store.usage().models if m.digest == manifest.digest)
