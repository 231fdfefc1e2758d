"""`potluck-engine soak`: whether answers stay right while servers come, go and fail."""

import argparse
import asyncio
import logging
import sys
from typing import Any

from engine.cli.arguments import between
from engine.cli.commands import add_command
from engine.settings import Paths


def add_soak(commands: Any) -> None:
    soak = add_command(
        commands,
        "soak",
        _soak,
        "Kill, stop and slow down servers of a private swarm of this computer while clients chat.",
    )
    soak.add_argument("--minutes", type=_minutes, default=3.0, metavar="N", help="how long; by default 3")
    soak.add_argument("--seed", type=_seed, default=0, metavar="S", help="of what happens when")
    soak.add_argument("--servers", type=_servers, default=4, metavar="K", help="block server processes")
    soak.add_argument("--chats", type=_chats, default=3, metavar="C", help="at once")
    soak.add_argument("--verbose", action="store_true", help="say what happens while it happens")


def _soak(args: argparse.Namespace) -> int:
    """Exit status 0 only if no token was wrong, no reply was lost, and nothing leaked or was left."""
    import torch

    from engine.soak.settings import SoakSettings
    from engine.soak.soak import soak
    from engine.weights.starter import import_starter
    from engine.weights.store.layer_store import LayerStore

    level = logging.INFO if args.verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    torch.set_num_threads(1)  # of this process; the servers need the other cores
    store = LayerStore(Paths.from_environment().layer_store)
    print(
        f"This takes {args.minutes:g} min after some preparation, longer where the computer is busy.",
        file=sys.stderr,
    )
    settings = SoakSettings(args.minutes, args.seed, args.servers, args.chats)
    report = asyncio.run(soak(settings, store, import_starter(store)))
    print(report.as_json() if args.json else report.as_text())
    return 0 if report.is_clean else 1


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 1 <= minutes <= 24 * 60:
        raise argparse.ArgumentTypeError(f"“{text}” is no time for a soak: write 1 to 1440 minutes")
    return minutes


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"“{text}” is no seed: write a number of at most 9 digits")
    return int(text)


def _servers(text: str) -> int:
    return between(text, 3, 16, "servers")


def _chats(text: str) -> int:
    return between(text, 1, 64, "chats")
