"""The program `potluck-engine`: its commands, and how a failure ends it."""

import argparse
import os
import sys
from collections.abc import Sequence

from engine.cli.bench import add_bench
from engine.cli.commands import Command
from engine.cli.doctor import add_doctor
from engine.cli.layers import add_layers
from engine.cli.models import add_models
from engine.cli.plan import add_plan
from engine.cli.running import add_run
from engine.cli.settings import add_settings
from engine.cli.simulate import add_simulate
from engine.cli.soak import add_soak
from engine.cli.steering import add_steering
from engine.cli.swarm import add_swarm
from engine.cli.talking import add_chat, add_demo
from engine.errors import PotluckError, Stopped

INTERRUPTED = 130  # as shells say of a program that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    command: Command = args.command
    try:
        status = command(args)
        sys.stdout.flush()
        return status
    except Stopped as error:
        print(f"potluck-engine: {error}", file=sys.stderr)
        return INTERRUPTED
    except PotluckError as error:
        print(f"potluck-engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        print(f"potluck-engine: {error}: see that Potluck may read and write there.", file=sys.stderr)
        return 1


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Ends the program, with the usage of the command that was meant, where it cannot be understood."""
    parser = _parser()
    args, unknown = parser.parse_known_args(argv)
    if "command" not in args:
        parser.print_help(sys.stderr)
        parser.exit(2)
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="potluck-engine", description="Give layers of language models, and chat."
    )
    parser.set_defaults(json=False)  # here, so that a command of commands does not set it back
    commands = parser.add_subparsers(metavar="COMMAND")
    add_run(commands)
    add_steering(commands)
    add_swarm(commands)
    add_doctor(commands)
    add_plan(commands)
    add_settings(commands)
    add_models(commands)
    add_layers(commands)
    add_chat(commands)
    add_demo(commands)
    add_soak(commands)
    add_simulate(commands)
    add_bench(commands)
    return parser
