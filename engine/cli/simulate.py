"""`potluck-engine simulate`: how a swarm of made-up computers fares under Potluck's decisions, and others."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.commands import add_command

if TYPE_CHECKING:
    from engine.simulation.run import Outcome
    from engine.simulation.settings import SimulationSettings

LEAST_PEERS, MAX_PEERS = 10, 10_000
LEAST_FOR = {"8b": 10, "70b": 60, "405b": 600}  # computers
PARTS = (30, 10, 3)  # of a swarm: sizes that a page compares it with
MODELS = ("8b", "32b", "70b", "405b")
RULES = ("potluck", "random", "weakest-first")
ANYWHERE = "potluck-anywhere"  # minds not where servers are


def add_simulate(commands: Any) -> None:
    simulate = add_command(
        commands,
        "simulate",
        _simulate,
        "Try the decisions on which layers to serve on a swarm of made-up computers, in virtual time.",
    )
    simulate.add_argument(
        "--peers", type=_peers, default=300, metavar="N", help="that are on, on average; by default 300"
    )
    simulate.add_argument(
        "--hours", type=_hours, default=24.0, metavar="H", help="of virtual time; by default 24"
    )
    simulate.add_argument("--seed", type=_seed, default=0, metavar="S", help="of all that is drawn")
    simulate.add_argument(
        "--models",
        type=_models,
        metavar="A,B",
        help=f"the most wanted first, of {', '.join(MODELS)}; by default as many as can be held",
    )
    simulate.add_argument(
        "--rule",
        choices=(*RULES, ANYWHERE),
        action="append",
        help=f"by which computers choose; repeatable, by default {', '.join(RULES)}",
    )
    simulate.add_argument(
        "--page", type=Path, metavar="FOLDER", help="write the results there, with pictures"
    )


def _simulate(args: argparse.Namespace) -> int:
    from engine.simulation.report import as_text, summary
    from engine.simulation.settings import SimulationSettings

    settings = SimulationSettings(args.peers, args.hours, args.seed, args.models or models_for(args.peers))
    outcomes = [_simulated(settings, rule) for rule in args.rule or RULES]
    if args.page is not None:
        _write_page(args, outcomes)
    summaries = [summary(outcome) for outcome in outcomes]
    print(json.dumps([one.as_json() for one in summaries], indent=2) if args.json else as_text(summaries))
    return 0


def _simulated(settings: "SimulationSettings", rule: str) -> "Outcome":
    from engine.simulation.run import simulate

    print(f"{rule}: {settings.hours:g} hours of {settings.peers:,} computers …", file=sys.stderr)
    return simulate(settings, rule)


def models_for(peers: int) -> tuple[str, ...]:
    """That so many computers can hold with some to spare."""
    return tuple(name for name, least in LEAST_FOR.items() if peers >= least)


def _write_page(args: argparse.Namespace, outcomes: "Sequence[Outcome]") -> None:
    """With runs of smaller swarms under the first rule."""
    from engine.simulation.page import write_page

    full = outcomes[0]
    sizes = dict.fromkeys(max(args.peers // part, LEAST_PEERS) for part in PARTS)
    smaller = [replace(full.settings, peers=size, models=args.models or models_for(size)) for size in sizes]
    growth = [*(_simulated(settings, full.rule) for settings in smaller), full]
    write_page(args.page, _command(args), outcomes, growth)


def _command(args: argparse.Namespace) -> str:
    words = [
        "potluck-engine simulate",
        f"--peers {args.peers}",
        f"--hours {args.hours:g}",
        f"--seed {args.seed}",
    ]
    words += [f"--models {','.join(args.models)}"] if args.models else []
    return " ".join([*words, *(f"--rule {rule}" for rule in args.rule or ()), "--page FOLDER"])


def _peers(text: str) -> int:
    if not text.isdecimal() or not LEAST_PEERS <= int(text) <= MAX_PEERS:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no number of computers: write {LEAST_PEERS} to {MAX_PEERS}"
        )
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 1 <= hours <= 24 * 30:
        raise argparse.ArgumentTypeError(f"“{text}” is no time for a simulation: write 1 to 720 hours")
    return hours


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"“{text}” is no seed: write a number of at most 9 digits")
    return int(text)


def _models(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(","))
    if not set(names) <= set(MODELS) or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(
            f"“{text}” names no models that are simulated: write some of {', '.join(MODELS)}, with commas"
        )
    return names
