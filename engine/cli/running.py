"""`potluck-engine run`: the engine itself, in this process."""

import argparse
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from engine.cli.arguments import (
    device,
    layers,
    listen_address,
    peer_address,
    port,
    rate,
    share,
    size,
    threads,
)
from engine.cli.commands import add_command
from engine.precision import PRECISIONS
from engine.settings import (
    AnswerSettings,
    ApiSettings,
    AuditSettings,
    ExchangeSettings,
    HostSettings,
    Settings,
    SwarmSettings,
)

if TYPE_CHECKING:
    from engine.main import Parts


def add_run(commands: Any) -> None:
    run = add_command(commands, "run", _run, "Run the engine until it is told to quit.", json=False)
    run.add_argument("--port", type=port, default=0, help="of the local API; 0 takes any free one")
    run.add_argument("--donate", action="store_true", help="give in this run, whatever was said before")
    join: dict[str, Any] = {"metavar": "MULTIADDR", "action": "append", "default": []}
    run.add_argument("--peer", type=peer_address, help="join the swarm of this peer; repeatable", **join)
    run.add_argument("--lan", action="store_true", help="join who is found in the local network")
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
    run.add_argument("--end-with-stdin", action="store_true", help="quit when standard input ends")


def add_wishes(parser: argparse.ArgumentParser) -> None:
    """What may be decided instead of Potluck. Read with `wishes_of`."""
    add = parser.add_argument_group("instead of what Potluck would choose").add_argument
    add("--model", metavar="NAME", help="to serve")
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
    status = daemon.run(settings, parts)
    sys.stdout.flush()
    logging.shutdown()
    os._exit(status)


def settings_of(args: argparse.Namespace) -> Settings:
    """What `run` was told."""
    return Settings(
        api=ApiSettings(port=args.port),
        swarm=SwarmSettings(tuple(args.peer), tuple(args.listen), lan=args.lan),
        host=wishes_of(args),
        exchange=ExchangeSettings(args.upload, args.download),
        audit=AuditSettings() if args.audit_share is None else AuditSettings(args.audit_share),
        answers=AnswerSettings(args.min_precision or PRECISIONS[0]),
        start_donating=args.donate,
    )


def _quit_when_stdin_ends() -> None:
    import signal

    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
