"""`potluck-engine layers …`: what the layer store holds, how much it may hold, and how it is emptied."""

import argparse
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from engine.api.store_schema import Freed, StoreStatus, Transfer
from engine.byte_sizes import size_in_words
from engine.cli.arguments import size_or_none
from engine.cli.asking import is_sure
from engine.cli.commands import add_command, add_group, with_client
from engine.cli.progress import watched
from engine.cli.verifying import verify
from engine.cli.wording import store_text
from engine.errors import AlreadyRunning, NotRunning, StoreError
from engine.settings import Paths, Settings
from engine.transfers.relocation import Relocation, take_up_move
from engine.transfers.status import store_status
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.moving import StoreCopy


def add_layers(commands: Any) -> None:
    text = "Show the layers that this computer stores, and say how many it may store."
    layers = add_group(commands, "layers", _list, text)
    add_command(layers, "list", _list, "List the stored layers, model by model.")
    add_command(layers, "verify", verify, "Read every stored byte, and remove what is damaged.")
    limit = add_command(layers, "limit", _limit, "Say how much may be stored; what is too much goes at once.")
    limit.add_argument(
        "limit",
        type=size_or_none,
        nargs="?",
        default=...,
        metavar="SIZE",
        help="such as 50GB; `none` for half of the free disk; left out, it is shown",
    )
    move = add_command(layers, "move", _move, "Move all layers to another folder; the engine must not run.")
    move.add_argument("folder", type=Path, metavar="FOLDER", help="on any disk; what is in it already stays")
    clear = add_command(layers, "clear", _clear, "Remove every layer that is neither in use nor kept.")
    clear.add_argument("--yes", action="store_true", help="do not ask")


def _open() -> LayerStore:
    return LayerStore(Settings().paths.layer_store)


def _list(args: argparse.Namespace) -> int:
    status = _status(_open())
    print(status.model_dump_json(indent=2) if args.json else store_text(status, time.time()))
    return 0


def _status(store: LayerStore) -> StoreStatus:
    return store_status(store.root, store.usage(), _transfers())


def _transfers() -> tuple[Transfer, ...]:
    """Of the running engine."""
    try:
        snapshot = with_client(lambda client: client.status())
    except NotRunning:
        return ()
    transfers: tuple[Transfer, ...] = snapshot.transfers
    return transfers


def _limit(args: argparse.Namespace) -> int:
    store = _open()
    before = store.usage().total_bytes
    if args.limit is not ...:
        store.set_limit(args.limit)
    status = store_status(store.root, store.usage())
    if args.json:
        print(status.model_dump_json(indent=2))
        return 0
    if removed := before - store.usage().total_bytes:
        print(f"{size_in_words(removed)} of the least used layers were removed.")
    print(_limit_text(status))
    return 0


def _limit_text(status: StoreStatus) -> str:
    held, limit = size_in_words(status.held_size), size_in_words(status.limit)
    default = "" if status.limit_chosen else ", half of what the disk has free"
    if status.held_size > status.limit:
        return f"The store may hold {limit}{default}, and holds {held}: what is in use or kept stays."
    return f"The store holds {held} and may hold {limit}{default}."


def _move(args: argparse.Namespace) -> int:
    """Copied and checked, then taken up, then removed where it was."""
    from engine.main import single_instance

    paths = Settings().paths
    try:
        with single_instance(paths.lock_file):
            status = _moved(paths, args.folder.expanduser().absolute())
    except AlreadyRunning:
        raise AlreadyRunning(
            "Potluck's engine is running: move the layers on the Layers page, or end it first with "
            "`potluck-engine quit`."
        ) from None
    print(status.model_dump_json(indent=2) if args.json else f"The layers are in {status.path} now.")
    return 0


def _moved(paths: Paths, chosen: Path) -> StoreStatus:
    relocation = Relocation(paths.store_place, paths.layer_store)
    folder = relocation.folder_for(chosen)
    with watched(f"Moving the layers to {folder}") as (progress, stopped):
        StoreCopy(paths.layer_store, folder).make(partial(progress, "copying"), stopped)
    relocation.copied(folder)
    store = LayerStore(take_up_move(paths))
    if store.root != folder:
        raise StoreError(f"{folder} cannot be taken up now: the next start of the engine tries again.")
    Relocation(paths.store_place, store.root).tidy_up()
    return store_status(store.root, store.usage())


def _clear(args: argparse.Namespace) -> int:
    store = _open()
    if not args.yes and sys.stdin.isatty() and not _may_clear(store):
        print("Nothing was removed.")
        return 1
    freed = store.clear()
    print(Freed(size=freed).model_dump_json() if args.json else f"{size_in_words(freed)} are free again.")
    return 0


def _may_clear(store: LayerStore) -> bool:
    held = size_in_words(store.usage().total_bytes)
    return is_sure(f"Remove {held} of layers, except what is in use or kept? They have to be fetched again.")
