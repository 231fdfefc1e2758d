"""A block server that only speaks its lines. Its first argument says how it behaves."""

import asyncio
import os
import signal
import sys

from engine.api.schema import ServerPhase
from engine.host.orders import HostConfig, Order, Report, ToldLine


def say(phase: ServerPhase, **fields) -> None:
    sys.stdout.buffer.write(Report(phase=phase, **fields).to_line())
    sys.stdout.buffer.flush()


async def main(manner: str) -> int:
    lines = await stdin()
    config = await final_config(lines)
    if config is None:
        return 0
    print(f"serving layers {config.start} to {config.end}", file=sys.stderr, flush=True)
    say(ServerPhase.LOADING)
    if manner == "crash":
        return 3
    if manner == "disk_full":
        say(ServerPhase.LOADING, failure="The disk is full: free some space.", failure_code="disk_full")
        return 1
    if manner == "damaged_once" and (mark := config.store / "damaged").exists():
        mark.unlink()
        say(ServerPhase.LOADING, failure="Layer 2 was damaged on disk.", failure_code="wrong_hash")
        return 1
    if manner == "orphan":  # leaves a child behind that holds the pipes open
        child = await asyncio.create_subprocess_exec("sleep", "600")
        say(ServerPhase.LOADING, peer_id=str(child.pid))
        os.kill(os.getpid(), signal.SIGKILL)
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("this is no report", flush=True)
    say(ServerPhase.ONLINE, sessions=1, tokens=5, layer_tokens=10, capacity_tokens_per_s=20.0)
    return await obey(lines, manner)


async def final_config(lines: asyncio.StreamReader) -> HostConfig | None:
    """None: told to leave before."""
    while line := await lines.readline():
        config = ToldLine.validate_json(line)
        if not isinstance(config, HostConfig):
            return None
        if config.intent == "serving":
            return config
        say(ServerPhase(config.intent))
    return None


async def obey(lines: asyncio.StreamReader, manner: str) -> int:
    while line := await lines.readline():
        order = Order.model_validate_json(line)
        if manner == "stubborn":
            continue
        if order.order == "stop":
            return 0
        if order.order == "intend" and manner == "announces_nothing":
            continue
        if order.order == "intend":
            say(ServerPhase.ONLINE, sessions=1, capacity_tokens_per_s=20.0, moves_to=order.moves_to)
            continue
        say(ServerPhase.DRAINING, sessions=1, moves_to=order.moves_to)
        if manner != "drains_for_ever":
            await asyncio.sleep(0.2)
            return 0
    return 0


async def stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "good")))
