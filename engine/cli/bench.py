"""`potluck-engine bench`: what a swarm costs and gains on this computer."""

import argparse
import asyncio
import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.arguments import between
from engine.cli.commands import add_command
from engine.settings import Paths

if TYPE_CHECKING:
    from engine.bench.figures import Figure
    from engine.bench.scenarios import BenchSettings
    from engine.weights.manifest import Manifest
    from engine.weights.store.layer_store import LayerStore

SCENARIOS = {
    "one": "one answer through 1, 2 and 3 servers, beside the local model",
    "many": "up to 32 answers at once",
    "prompts": "time to the first token of prompts of 16 to 4,096 tokens",
    "beside": "8 chats beside a long prompt",
    "far": "lines with delays of 20 and 100 ms there and back",
    "memory": "of a block server",
    "start": "how long a block server takes to start and to end",
}


def add_bench(commands: Any) -> None:
    bench = add_command(
        commands, "bench", _bench, "Measure a swarm of this computer alone, as ratios beside their limits."
    )
    listed = "; ".join(f"{name}: {what}" for name, what in SCENARIOS.items())
    bench.add_argument(
        "--only", action="append", choices=tuple(SCENARIOS), metavar="SCENARIO", help=f"repeatable; {listed}"
    )
    bench.add_argument("--tokens", type=_tokens, default=48, metavar="N", help="new tokens of each answer")
    bench.add_argument("--rounds", type=_rounds, default=3, metavar="N", help="medians are shown")
    bench.add_argument("--page", type=Path, metavar="FILE", help="write a page of results there, too")


def _bench(args: argparse.Namespace) -> int:
    from engine.bench.figures import as_json, as_text
    from engine.bench.page import write_page
    from engine.bench.scenarios import BenchSettings
    from engine.weights.starter import import_starter
    from engine.weights.store.layer_store import LayerStore

    store = LayerStore(Paths.from_environment().layer_store)
    manifest = import_starter(store)
    settings = BenchSettings(tokens=args.tokens, rounds=args.rounds)
    print("This takes many minutes; nothing else should run meanwhile.", file=sys.stderr)
    figures = asyncio.run(_measured(settings, args.only or SCENARIOS, store, manifest))
    if args.page is not None:
        write_page(args.page, _command(args), manifest.name, figures)
    print(json.dumps(as_json(figures), indent=2) if args.json else as_text(figures))
    return 0


async def _measured(
    settings: "BenchSettings", scenarios: Collection[str], store: "LayerStore", manifest: "Manifest"
) -> "list[Figure]":
    from engine.bench.run import measure

    figures = []
    async for one in measure(settings, scenarios, store, manifest):
        print(f"{one.scenario}: {one.name}", file=sys.stderr)
        figures.append(one)
    return figures


def _command(args: argparse.Namespace) -> str:
    only = [f"--only {name}" for name in args.only or ()]
    return " ".join(["potluck-engine bench", *only, f"--tokens {args.tokens}", f"--rounds {args.rounds}"])


def _tokens(text: str) -> int:
    return between(text, 16, 2048, "tokens")


def _rounds(text: str) -> int:
    return between(text, 1, 100, "rounds")
