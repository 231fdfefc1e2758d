"""`potluck-engine status | start | pause | finish | quit`: the running engine, through its local API."""

import argparse
import json
import time
from typing import Any

from engine.api.run_file import RunFile, read_run_file
from engine.api.schema import DonationOrder, ServerPhase, ServerStatus, Snapshot, SwarmStatus
from engine.cli.arguments import seconds
from engine.cli.commands import add_command, with_client
from engine.cli.narration import sentence
from engine.errors import EngineError
from engine.settings import Settings, is_loopback

QUIT_PATIENCE = 10.0  # seconds


def add_steering(commands: Any) -> None:
    add_command(commands, "status", _status, "Say what the engine is doing.")
    add_command(commands, "start", _order, "Start giving.").set_defaults(action="start")
    pause = add_command(commands, "pause", _order, "Stop giving now.")
    pause.set_defaults(action="pause")
    pause.add_argument("--for", type=seconds, dest="for_seconds", metavar="TIME", help="e.g. 1h, 30m, 90s")
    add_command(commands, "finish", _order, "Serve who is being served, then pause.").set_defaults(
        action="finish"
    )
    add_command(commands, "quit", _quit, "End the engine.", json=False)


def _status(args: argparse.Namespace) -> int:
    snapshot: Snapshot = with_client(lambda client: client.status())
    door = read_run_file(Settings().paths.run_file)
    if args.json:
        shown = snapshot.model_dump(mode="json") | {
            "local_api": {"base_url": _base_url(door), "key": door.key}
        }
        print(json.dumps(shown, indent=2))
    else:
        print(f"{status_text(snapshot)}\nLocal API: {_base_url(door)}, key {door.key}")
    return 0


def _base_url(door: RunFile) -> str:
    """Where OpenAI's clients ask."""
    return f"{door.address}/v1"


def _order(args: argparse.Namespace) -> int:
    order = DonationOrder(action=args.action, for_seconds=getattr(args, "for_seconds", None))
    snapshot: Snapshot = with_client(lambda client: client.donate(order))
    print(snapshot.model_dump_json(indent=2) if args.json else sentence(snapshot.condition))
    return 0


def _quit(_: argparse.Namespace) -> int:
    found = read_run_file(Settings().paths.run_file)
    with_client(lambda client: client.quit())
    _wait_until_gone(found)
    return 0


def _wait_until_gone(engine: RunFile) -> None:
    """Raises EngineError if the engine is still there after a while."""
    patience_ends = time.monotonic() + QUIT_PATIENCE
    while not is_gone(engine.pid):
        if time.monotonic() > patience_ends:
            raise EngineError(
                f"The engine has not ended after {QUIT_PATIENCE:.0f} s: end process {engine.pid}."
            )
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def status_text(snapshot: Snapshot) -> str:
    lines = [sentence(snapshot.condition)]
    for server in snapshot.servers:
        lines.append(
            f"{_doing(server)} on {server.device} in {_precisions(server)}: layers "
            f"{server.start + 1}–{server.end} of {server.n_layers} of {server.model}, "
            f"{server.tokens_per_s:.1f} tokens/s"
        )
        lines.append(server.why)
    lines.extend(_invitations(snapshot.swarm))
    given = snapshot.given_total
    lines.append(f"Given in all: {given.tokens} tokens, {given.seconds_online / 3600:.1f} h online")
    return "\n".join(line for line in lines if line)


def _doing(server: ServerStatus) -> str:
    does = {
        ServerPhase.CHOOSING: "Choosing, perhaps to serve",
        ServerPhase.ONLINE: "Serving",
        ServerPhase.DRAINING: "Finishing",
    }
    return does.get(server.phase, "Will serve")


def _precisions(server: ServerStatus) -> str:
    kept, computes = server.layer_precisions, server.precision
    return computes if kept in ("", computes) else f"{kept}, computing in {computes}"


def _invitations(swarm: SwarmStatus) -> list[str]:
    """How to join this engine's swarm: from other computers, or else from this one."""
    addresses = swarm.addresses
    if swarm.name:
        return [f"Others join “{swarm.name}” with the link that `potluck-engine swarm invite` prints"]
    if outward := [address for address in addresses if not is_loopback(address)]:
        return [f"Other computers join with --peer {address}" for address in outward]
    return [f"Only this computer can join, with --peer {address}" for address in addresses]
