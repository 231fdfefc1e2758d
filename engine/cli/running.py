"""`potluck-engine run`: the engine itself, in this process."""

import argparse
import contextlib
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from engine.api.openai_schema import ErrorBody, ErrorDetail
from engine.api.preferences_schema import Value
from engine.api.sentences import WITH_TEMPLATES
from engine.cli.arguments import (
    device,
    layers,
    listen_address,
    model_name,
    peer_address,
    port,
    rate,
    share,
    size,
    threads,
)
from engine.cli.commands import add_command
from engine.cli.narration import Narrator
from engine.errors import PotluckError
from engine.precision import PRECISIONS
from engine.preferences.values import settings_with
from engine.settings import HostSettings, Settings

if TYPE_CHECKING:
    from engine.daemon import Parts


def add_run(commands: Any) -> None:
    run = add_command(commands, "run", _run, "Run the engine until it is told to quit.", json=False)
    run.add_argument("--port", type=port, help="of the local API; 0 takes any free one")
    gives = run.add_mutually_exclusive_group()
    gives.add_argument("--donate", action="store_true", help="give in this run, whatever was said before")
    gives.add_argument("--paused", action="store_true", help="give nothing in this run until told to")
    join: dict[str, Any] = {"metavar": "MULTIADDR", "action": "append", "default": []}
    run.add_argument("--peer", type=peer_address, help="join the swarm of this peer; repeatable", **join)
    lan = argparse.BooleanOptionalAction
    run.add_argument("--lan", action=lan, help="join who is found in the local network")
    run.add_argument("--listen", type=listen_address, help="where peers reach this one; repeatable", **join)
    add_wishes(run)
    run.add_argument(
        "--min-precision",
        choices=PRECISIONS,
        help="of what serves this computer; a request may differ",
    )
    run.add_argument(
        "--audit-share", type=share, metavar="PERCENT", help="of other computers' work to do again, e.g. 3%%"
    )
    speed: dict[str, Any] = {"type": rate, "metavar": "RATE"}
    run.add_argument("--upload", help="of layers to other computers at most, e.g. 5MB a second", **speed)
    run.add_argument("--download", help="of layers from other computers at most", **speed)
    run.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="say why it fails as JSON"
    )
    run.add_argument("--end-with-stdin", action="store_true", help="quit when standard input ends")


def add_wishes(parser: argparse.ArgumentParser) -> None:
    """What may be decided instead of Potluck. Read with `wishes_of`."""
    add = parser.add_argument_group("instead of what Potluck would choose").add_argument
    add("--model", type=model_name, metavar="NAME", help="to serve")
    add("--layers", type=layers, metavar="A-B", help="to serve, counted from 1, e.g. 1-15")
    add("--precision", choices=PRECISIONS, help="to keep the layers' matrices in")
    add("--cache", type=size, metavar="SIZE", help="for keys and values, on each device, e.g. 2GB")
    add("--threads", type=threads, metavar="N", help="to compute with on the CPU")
    help_of_device = "to serve with: cpu, or a card as `potluck-engine plan` shows it; repeatable"
    add("--device", type=device, action="append", default=[], metavar="NAME", help=help_of_device)
    add("--memory", type=size, metavar="SIZE", help="to use at most, on each device, e.g. 8GB")


def wishes_of(args: argparse.Namespace) -> HostSettings:
    return HostSettings(
        model=args.model,
        layers=args.layers,
        precision=args.precision,
        threads=args.threads,
        cache_bytes=args.cache,
        devices=tuple(args.device) or None,
        memory_bytes=args.memory,
    )


def _run(args: argparse.Namespace) -> int:
    return run_engine(args)


def run_engine(args: argparse.Namespace, parts: "Parts | None" = None) -> NoReturn:
    """Run the engine, then end this process at once: threads that load a model are not waited for."""
    from engine import main as daemon

    settings = settings_of(args)
    if args.end_with_stdin:
        threading.Thread(target=_quit_when_stdin_ends, daemon=True).start()
    complain = _complain_as_json if args.json else daemon.complain
    status = daemon.run(settings, parts, Narrator(_say).hear, complain)
    logging.shutdown()
    os._exit(status)


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        print(sentence, flush=True)


def _complain_as_json(error: PotluckError) -> None:
    """One line that a window can say in its owner's language."""
    print(ErrorBody(error=ErrorDetail.of(error)).model_dump_json(context=WITH_TEMPLATES), file=sys.stderr)


def settings_of(args: argparse.Namespace) -> Settings:
    """What `run` was told."""
    told = told_of(args)
    asked = Settings(
        host=HostSettings(layers=args.layers), start_donating=args.donate, start_paused=args.paused, told=told
    )
    return settings_with(asked, told)


def told_of(args: argparse.Namespace) -> dict[str, Value]:
    """Values of settings by key: what the command line says wins over the file."""
    audited = None if args.audit_share is None else 100 * args.audit_share
    said: dict[str, Value] = {
        "api.port": args.port,
        "swarm.lan": args.lan,
        "swarm.peers": tuple(args.peer) or None,
        "swarm.listen": tuple(args.listen) or None,
        "answers.min_precision": args.min_precision,
        "answers.audit_share": audited,
        "give.upload": args.upload,
        "give.download": args.download,
        **wishes_by_key(args),
    }
    return {key: value for key, value in said.items() if value is not None}


def wishes_by_key(args: argparse.Namespace) -> dict[str, Value]:
    """What `add_wishes` reads, by the keys of settings; None: nothing was said."""
    return {
        "devices.model": args.model,
        "devices.precision": args.precision,
        "devices.cache": args.cache,
        "devices.threads": args.threads,
        "devices.use": tuple(args.device) or None,
        "give.memory": args.memory,
        "devices.memory": None if args.memory is None else {},  # on each device
    }


def _quit_when_stdin_ends() -> None:
    import signal

    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
