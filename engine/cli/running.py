"""`potluck-engine run`: the engine itself, in this process."""

import argparse
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from engine.cli.arguments import layers, listen_address, peer_address, port, rate
from engine.cli.commands import add_command
from engine.machine.plan import BYTES_OF
from engine.settings import ApiSettings, ExchangeSettings, HostSettings, Settings, SwarmSettings

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
    run.add_argument("--model", metavar="NAME", help="to serve; by default what the swarm serves")
    run.add_argument("--layers", type=layers, metavar="A-B", help="to serve, counted from 1, e.g. 1-15")
    run.add_argument("--precision", choices=tuple(BYTES_OF), help="to compute in")
    speed: dict[str, Any] = {"type": rate, "metavar": "RATE"}
    run.add_argument("--upload", help="of layers to other computers at most, e.g. 5MB a second", **speed)
    run.add_argument("--download", help="of layers from other computers at most", **speed)
    run.add_argument("--end-with-stdin", action="store_true", help="quit when standard input ends")


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
        host=HostSettings(args.model, args.layers, args.precision),
        exchange=ExchangeSettings(args.upload, args.download),
        start_donating=args.donate,
    )


def _quit_when_stdin_ends() -> None:
    import signal

    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
