"""`python -m tests.bench.mending [--rounds N]`: how long a model lacks layers after a server was killed.

Three computers that plan for themselves serve the starter model, with room for 16 of its 30 layers each, at
the pace of a real engine. One without which the model is not whole is killed, and comes back when another one
has taken its place. Seconds since the kill, medians.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from engine.api.schema import DonationOrder
from engine.private_swarm import PrivateSwarm
from engine.settings import Paths, ReplanSettings
from engine.supervisor.decide import Stage
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore
from tests.swarm.volunteers import Volunteer, until, volunteers

LAYERS = 16
LOOK_SECONDS = 0.05
STEPS = ("known to be gone", "told to leave", "has left", "whole again")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mending", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    args = parser.parse_args()
    store = LayerStore(Paths.from_environment().layer_store)
    print(json.dumps(asyncio.run(_measure(store, args.rounds)), indent=2))


async def _measure(store: LayerStore, rounds: int) -> dict[str, object]:
    with TemporaryDirectory() as folder:
        async with (
            PrivateSwarm.open(store, import_starter(store)) as swarm,
            volunteers(Path(folder), swarm, ReplanSettings()) as people,
        ):
            wishes = await people.wishes_for(LAYERS)
            everybody = [people.one(wishes) for _ in range(3)]
            for one in everybody:
                await one.start()
                await one.online()
            await until(lambda: _is_whole(everybody))
            found = [await _round(swarm, everybody) for _ in range(rounds)]
    return {
        step: [round(median(times), 1), [round(each, 1) for each in times]]
        for step, times in zip(STEPS, zip(*found, strict=True), strict=True)
    }


async def _round(swarm: PrivateSwarm, everybody: list[Volunteer]) -> list[float]:
    lost = next(one for one in everybody if not _is_whole([each for each in everybody if each is not one]))
    left = [one for one in everybody if one is not lost]
    [server] = lost.servers
    pids = {one: one.servers[0].pid for one in left}
    began = time.monotonic()
    await lost.vanish()
    watching = asyncio.create_task(_forgotten(swarm, server.peer_id))
    times = []
    for holds in (
        lambda: any(post.view.state.stage is Stage.DRAINING for one in left for post in one.giving._posts),
        lambda: any(not one.servers or one.servers[0].pid != pids[one] for one in left),
        lambda: all(one.serves for one in left) and _is_whole(left),
    ):
        await until(holds)
        times.append(time.monotonic() - began)
    await watching
    await lost.giving.order(DonationOrder(action="start"))
    await until(lambda: all(one.serves for one in everybody))
    return [watching.result() - began, *times]


async def _forgotten(swarm: PrivateSwarm, peer: str) -> float:
    """When the directory knows nothing of this peer any more."""
    while any(record.peer == peer for record in await swarm.directory.models()):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()


def _is_whole(serving: list[Volunteer]) -> bool:
    spans = sorted(one.span for one in serving if one.servers)
    reached = 0
    for start, end in spans:
        if start > reached:
            return False
        reached = max(reached, end)
    return reached >= 30


if __name__ == "__main__":
    main()
