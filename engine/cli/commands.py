"""What all commands share: how one is declared, and how one asks the running engine."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from engine.api.client import EngineClient
from engine.settings import Settings

Command = Callable[[argparse.Namespace], int]  # gives the exit status


def add_command(
    commands: Any, name: str, command: Command, text: str, json: bool = True
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command, parser=parser)
    if json:
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    return parser


def add_group(commands: Any, name: str, default: Command, text: str) -> Any:
    """A command with commands of its own; by itself it is `default`. Gives where to add them."""
    group = add_command(commands, name, default, text)
    return group.add_subparsers(metavar="COMMAND")


def with_client(work: Callable[[EngineClient], Coroutine[Any, Any, Any]]) -> Any:
    async def call() -> Any:
        async with EngineClient.from_run_file(Settings().paths.run_file) as client:
            return await work(client)

    return asyncio.run(call())
