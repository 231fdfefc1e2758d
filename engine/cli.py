"""`potluck-engine …`: runs the engine, and is a client of its local API for everything else."""

import argparse
import asyncio
import ipaddress
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from engine.api.client import EngineClient
from engine.api.run_file import RunFile, read_run_file
from engine.api.schema import DonationOrder, ModelList, Snapshot
from engine.errors import EngineError, PotluckError
from engine.machine.plan import BYTES_OF
from engine.settings import ApiSettings, HostSettings, Settings, SwarmSettings, is_loopback

if TYPE_CHECKING:
    from engine.main import Parts

QUIT_PATIENCE = 10.0  # seconds
ALL_INTERFACES = "/ip4/0.0.0.0/tcp/0"

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    command: Command = args.command
    try:
        status = command(args)
        sys.stdout.flush()
        return status
    except PotluckError as error:
        print(f"potluck-engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    return _parser().parse_args(argv)


def seconds(text: str) -> float:
    """A duration such as 1h, 30m, 90s or 1h30m. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text.strip().lower())
    total = (
        sum(int(n or 0) * unit for n, unit in zip(match.groups(), (3600, 60, 1), strict=True)) if match else 0
    )
    if not 0 < total <= 31 * 24 * 3600:
        raise argparse.ArgumentTypeError(f"“{text}” is no duration up to 31 days: write 1h, 30m or 90s")
    return float(total)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: write a number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of tokens: write 1 or more")
    return int(text)


def _listen_address(text: str) -> str:
    match = re.fullmatch(r"/(ip[46])/([^/]+)/tcp/(\d{1,5})", text)
    if not match or not _is_ip(match[1], match[2]) or int(match[3]) > 65535:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no address to listen on: write one like /ip4/0.0.0.0/tcp/31337"
        )
    return text


def _peer_address(text: str) -> str:
    """As `status` prints it on the other computer."""
    match = re.fullmatch(r"/(ip[46]|dns[46]?)/([^/]+)(/[a-z0-9-]+)*/p2p/[1-9A-HJ-NP-Za-km-z]{40,}", text)
    if not match or (match[1].startswith("ip") and not _is_ip(match[1], match[2])):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no peer's address: write one as `potluck-engine status` prints it there, "
            "/ip4/…/tcp/…/p2p/…"
        )
    return text


def _is_ip(version: str, text: str) -> bool:
    try:
        return f"ip{ipaddress.ip_address(text).version}" == version
    except ValueError:
        return False


def _layers(text: str) -> tuple[int, int]:
    """Layers A-B, counted from 1, as the half-open range from 0. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,6})[-–](\d{1,6})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no range of layers: write the first and the last, as in 1-15"
        )
    return int(match[1]) - 1, int(match[2])


# --- the arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="potluck-engine", description="Give layers of language models, and chat."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_steering(commands)
    _add_chat(commands)
    _add_demo(commands)
    return parser


def _add(commands: Any, name: str, command: Command, text: str, json: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command)
    if json:
        parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_run(commands: Any) -> None:
    run = _add(commands, "run", _run, "Run the engine until it is told to quit.", json=False)
    run.add_argument("--port", type=_port, default=0, help="of the local API; 0 takes any free one")
    run.add_argument("--donate", action="store_true", help="give in this run, whatever was said before")
    join = {"metavar": "MULTIADDR", "action": "append", "default": []}
    run.add_argument("--peer", type=_peer_address, help="join the swarm of this peer; repeatable", **join)
    run.add_argument("--listen", type=_listen_address, help="where peers reach this one; repeatable", **join)
    run.add_argument("--model", metavar="NAME", help="to serve; by default the starter model")
    run.add_argument("--layers", type=_layers, metavar="A-B", help="to serve, counted from 1, e.g. 1-15")
    run.add_argument("--precision", choices=tuple(BYTES_OF), help="to compute in")
    run.add_argument("--end-with-stdin", action="store_true", help="quit when standard input ends")


def _add_steering(commands: Any) -> None:
    _add(commands, "status", _status, "Say what the engine is doing.")
    _add(commands, "start", _order, "Start giving.").set_defaults(action="start")
    pause = _add(commands, "pause", _order, "Stop giving now.")
    pause.set_defaults(action="pause")
    pause.add_argument("--for", type=seconds, dest="for_seconds", metavar="TIME", help="e.g. 1h, 30m, 90s")
    _add(commands, "finish", _order, "Serve who is being served, then pause.").set_defaults(action="finish")
    _add(commands, "quit", _quit, "End the engine.", json=False)
    _add(commands, "models", _models, "List the models that can be asked for.")


def _add_chat(commands: Any) -> None:
    chat = _add(commands, "chat", _chat, "Talk to a model.", json=False)
    chat.add_argument("prompt", nargs="?", metavar="PROMPT", help="ask this, print the answer and end")
    chat.add_argument("--model", help="the model's name; by default the first that can answer")
    chat.add_argument("--with-engine", action="store_true", help="start an engine for this chat if none runs")
    chat.add_argument("--max-tokens", type=_count, metavar="N", help="end each answer after so many tokens")
    chat.add_argument("--temperature", type=float, help="0 for the most likely words; up to 2")


def _add_demo(commands: Any) -> None:
    demo = _add(commands, "demo", _demo, "Let a private swarm on this computer answer, and check its answer.")
    demo.add_argument("--servers", type=int, default=2, metavar="N", help="block server processes")
    demo.add_argument("--prompt", default="Why do people bring food to a potluck?")
    demo.add_argument("--max-tokens", type=_count, default=64, metavar="N")
    demo.add_argument("--model", metavar="ID", help="name or digest; by default the starter model")


# --- run


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
    """What `run` was told. Whoever joins others can be reached by them, unless told where to listen."""
    listen = args.listen or ([ALL_INTERFACES] if args.peer else SwarmSettings().listen)
    return Settings(
        api=ApiSettings(port=args.port),
        swarm=SwarmSettings(tuple(args.peer), tuple(listen)),
        host=HostSettings(args.model, args.layers, args.precision),
        start_donating=args.donate,
    )


def _quit_when_stdin_ends() -> None:
    import signal

    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# --- steering


def _with_client(work: Callable[[EngineClient], Coroutine[Any, Any, Any]]) -> Any:
    async def call() -> Any:
        async with EngineClient.from_run_file(Settings().paths.run_file) as client:
            return await work(client)

    return asyncio.run(call())


def _status(args: argparse.Namespace) -> int:
    snapshot: Snapshot = _with_client(lambda client: client.status())
    print(snapshot.model_dump_json(indent=2) if args.json else status_text(snapshot))
    return 0


def _order(args: argparse.Namespace) -> int:
    order = DonationOrder(action=args.action, for_seconds=getattr(args, "for_seconds", None))
    snapshot: Snapshot = _with_client(lambda client: client.donate(order))
    print(snapshot.model_dump_json(indent=2) if args.json else snapshot.condition.sentence)
    return 0


def _models(args: argparse.Namespace) -> int:
    models: ModelList = _with_client(lambda client: client.models())
    print(models.model_dump_json(indent=2) if args.json else models_text(models))
    return 0


def _quit(_: argparse.Namespace) -> int:
    found = read_run_file(Settings().paths.run_file)
    _with_client(lambda client: client.quit())
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
    lines = [snapshot.condition.sentence]
    if server := snapshot.server:
        lines.append(
            f"Serving on {server.device} in {server.precision}: layers {server.start + 1}–{server.end} "
            f"of {server.n_layers} of {server.model}, {server.tokens_per_s:.1f} tokens/s"
        )
        lines.append(server.why)
    lines.extend(_invitations(snapshot.swarm.addresses))
    given = snapshot.given_total
    lines.append(f"Given in all: {given.tokens} tokens, {given.seconds_online / 3600:.1f} h online")
    return "\n".join(line for line in lines if line)


def _invitations(addresses: Sequence[str]) -> list[str]:
    """How to join this engine's swarm: from other computers, or else from this one."""
    if outward := [address for address in addresses if not is_loopback(address)]:
        return [f"Other computers join with --peer {address}" for address in outward]
    return [f"Only this computer can join, with --peer {address}" for address in addresses]


def models_text(models: ModelList) -> str:
    if not models.data:
        return "No model is known yet."
    return "\n".join(_model_line(card.id, card) for card in models.data)


def _model_line(name: str, card: Any) -> str:
    info = card.potluck
    if info is None:
        return name
    servers = f"{info.servers} {'server' if info.servers == 1 else 'servers'}"
    if info.complete:
        return f"{name}: can answer, {info.n_layers} layers on {servers}"
    missing = sum(end - start for start, end in info.gaps)
    return f"{name}: {missing} of {info.n_layers} layers are missing"


# --- the rest


def _chat(args: argparse.Namespace) -> int:
    from engine.terminal_chat import chat

    return chat(args, Settings().paths)


def _demo(args: argparse.Namespace) -> int:
    from engine import demo

    return demo.main(args)


if __name__ == "__main__":
    sys.exit(main())
