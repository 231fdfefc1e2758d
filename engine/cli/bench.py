"""`potluck-engine bench`: what a swarm costs and gains on this computer."""

import argparse
import asyncio
import json
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.arguments import between
from engine.cli.commands import add_command
from engine.settings import Paths

if TYPE_CHECKING:
    from engine.bench.figures import Failure, Figure
    from engine.bench.llama_server import Llama
    from engine.bench.page import Made
    from engine.bench.settings import BenchSettings
    from engine.weights.manifest import Manifest
    from engine.weights.store.layer_store import LayerStore

NO_LLAMA = "llama.cpp's server was not found on this computer"
SCENARIOS = {
    "one": "one answer through 1, 2 and 3 servers, beside the local model",
    "many": "up to 32 answers at once",
    "prompts": "time to the first token of prompts of 16 to 4,096 tokens",
    "beside": "8 chats beside a long prompt",
    "far": "lines with delays of 0, 20 and 100 ms there and back, with and without drafts",
    "memory": "of a block server and of a client",
    "start": "how long a block server takes to start and to end",
    "llama": "the same questions to llama.cpp's server, where it is installed",
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
    bench.add_argument("--page", type=Path, metavar="FOLDER", help="write the results there, with pictures")
    bench.add_argument(
        "--llama-server", type=Path, metavar="PROGRAM", help="llama.cpp's; by default the one on PATH"
    )
    bench.add_argument(
        "--gguf", type=Path, metavar="FILE", help="that it loads; by default the starter model in float32"
    )


def _bench(args: argparse.Namespace) -> int:
    from engine.bench.figures import as_json, as_text
    from engine.bench.page import write_page
    from engine.bench.settings import BenchSettings
    from engine.weights.starter import import_starter
    from engine.weights.store.layer_store import LayerStore

    scenarios = args.only or tuple(SCENARIOS)
    with _llama(args, scenarios) as llama:
        store = LayerStore(Paths.from_environment().layer_store)
        manifest = import_starter(store)
        print("This takes many minutes; nothing else should run meanwhile.", file=sys.stderr)
        settings = BenchSettings(tokens=args.tokens, rounds=args.rounds)
        figures, failures = asyncio.run(_measured(settings, scenarios, store, manifest, llama))
    if args.page is not None:
        write_page(args.page, _made(args, manifest.name), figures, _missing(scenarios, llama), failures)
    print(json.dumps(as_json(figures), indent=2) if args.json else as_text(figures))
    for one in failures:
        print(f"{one.scenario} failed: {one.why}", file=sys.stderr)
    return 1 if failures else 0


async def _measured(
    settings: "BenchSettings",
    scenarios: Collection[str],
    store: "LayerStore",
    manifest: "Manifest",
    llama: "Llama | None",
) -> "tuple[list[Figure], list[Failure]]":
    from engine.bench.figures import Failure
    from engine.bench.run import measure

    figures, failures = [], []
    async for one in measure(settings, scenarios, store, manifest, llama):
        if isinstance(one, Failure):
            failures.append(one)
        else:
            print(f"{one.scenario}: {one.name}", file=sys.stderr)
            figures.append(one)
    return figures, failures


@contextmanager
def _llama(args: argparse.Namespace, scenarios: Collection[str]) -> "Iterator[Llama | None]":
    """None where it is not asked for or not there."""
    from engine.bench.llama_gguf import prepared
    from engine.bench.llama_server import find

    command = find(args.llama_server) if "llama" in scenarios else None
    if command is None:
        if "llama" in scenarios:
            print(f"{NO_LLAMA}: name it with --llama-server.", file=sys.stderr)
        yield None
        return
    with prepared(command, args.gguf, Paths.from_environment().cache / "bench") as llama:
        yield llama


def _missing(scenarios: Collection[str], llama: "Llama | None") -> dict[str, str]:
    """What a run left out, and what or why."""
    left_out = {name: what for name, what in SCENARIOS.items() if name not in scenarios}
    return left_out if llama is not None or "llama" in left_out else {**left_out, "llama": NO_LLAMA}


def _made(args: argparse.Namespace, model: str) -> "Made":
    from engine.bench.page import Made
    from engine.machine.sources import this_computer

    asked = this_computer()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers"))
    return Made(_command(args), model, asked.cores().physical, asked.memory().total, libraries)


def _command(args: argparse.Namespace) -> str:
    only = [f"--only {name}" for name in args.only or ()]
    numbers = [f"--tokens {args.tokens}", f"--rounds {args.rounds}"]
    beside = ["--llama-server PROGRAM"] if args.llama_server else []
    beside += ["--gguf FILE"] if args.gguf else []
    return " ".join(["potluck-engine bench", *only, *numbers, *beside, "--page FOLDER"])


def _tokens(text: str) -> int:
    return between(text, 16, 2048, "tokens")


def _rounds(text: str) -> int:
    return between(text, 1, 100, "rounds")
