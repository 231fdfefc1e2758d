"""What processes hold of main memory once they have answered: a block server, and a client."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator

import psutil

from engine.bench.client import PROMPT, Held
from engine.bench.figures import Figure, figure
from engine.bench.prompts import of_length
from engine.bench.settings import Bench
from engine.bench.swarms import near
from engine.bench.timing import through_swarm
from engine.byte_sizes import MB
from engine.errors import BlockServerFailed
from engine.model.kept import kept_bytes
from engine.private_swarm import PrivateSwarm, ServerProcess
from engine.supervisor.process import ProcessGroup

BESIDE_WEIGHTS = 400 * MB  # that a block server may take for all but weights and cache
CLIENT_SECONDS = 240.0
CLIENT = (sys.executable, "-m", "engine.bench.client")
SCENARIO = "Memory"


async def memory(bench: Bench) -> AsyncIterator[Figure]:
    """Of a block server with all layers, and of a client that has it alone."""
    shell = bench.shell
    async with near(bench.store, shell.manifest, 1) as swarm:
        await through_swarm(swarm, shell, of_length(shell, PROMPT), bench.settings.tokens)
        [server] = swarm.servers
        yield _of_server(server)
        weights = sum(kept_bytes(weight) for weight in shell.model.parameters())
        held = await _held_by_client(bench, swarm)
        why = "its embedding and head alone"
        yield figure(SCENARIO, "a client, resident", [held / weights], "of its weights", [1.0], why)


def _of_server(server: ServerProcess) -> Figure:
    held = psutil.Process(server.pid).memory_info().rss
    report = server.report
    allowed = 1.1 * report.weights_bytes + report.cache_budget_bytes + BESIDE_WEIGHTS
    limit = [allowed / report.weights_bytes]
    why = "its weights × 1.1, the cache's budget and 400 MB"
    ratio = [held / report.weights_bytes]
    return figure(SCENARIO, "a block server, resident", ratio, "of its weights", limit, why)


async def _held_by_client(bench: Bench, swarm: PrivateSwarm) -> int:
    """Bytes. Raises BlockServerFailed where it does not answer."""
    lines: deque[bytes] = deque(maxlen=1)
    complaints: deque[bytes] = deque(maxlen=1)
    told = (str(bench.store.root), swarm.manifest.digest, str(bench.settings.tokens), *swarm.node.addresses)
    process = await ProcessGroup.start((*CLIENT, *told), lines.append, complaints.append)
    try:
        async with asyncio.timeout(CLIENT_SECONDS):
            status = await process.wait()
    finally:
        process.kill()
        await process.wait()
    if status != 0 or not lines:
        last = b" ".join(complaints).decode(errors="replace")
        raise BlockServerFailed(f"The client of the benchmark did not answer: {last[:300]}")
    return Held.model_validate_json(lines[0]).resident_bytes
