"""Several processes at one store, killed at any moment."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import torch
from safetensors.torch import save

from engine.errors import DiskFull, PartMissing
from engine.weights.store.layer_store import LayerStore
from tests.weights.store_worker import CONTENTS, LIMIT, SMALL, Worker

ENDLESS = 0
ROUNDS, VICTIMS = 13, 2


@contextmanager
def workers(store: LayerStore, seeds: list[int], steps: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are at work; none is left behind."""
    command = [sys.executable, "-m", "tests.weights.store_worker", str(store.root)]
    started = [
        subprocess.Popen([*command, str(seed), str(steps)], stdout=subprocess.PIPE, text=True)
        for seed in seeds
    ]
    try:
        for process in started:
            assert process.stdout.readline() == "ready\n"
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def held(store: LayerStore) -> int:
    usage = store.usage()
    return usage.total_bytes + usage.partial_bytes


def test_a_store_whose_users_are_killed_stays_right(store):
    store.set_limit(LIMIT)
    chance = random.Random(3)
    for turn in range(ROUNDS):
        with workers(store, [2 * turn, 2 * turn + 1], ENDLESS) as victims:
            for victim in victims:
                sleep(chance.uniform(0.0, 0.12))
                assert victim.poll() is None
                victim.kill()
        fresh = LayerStore(store.root)
        assert fresh.verify().damaged == ()
        assert held(fresh) <= LIMIT
        assert all(fresh.read(part) == CONTENTS[part] for part in CONTENTS if fresh.has(part))
        for manifest in fresh.manifests():  # what the victims said to keep may fill the store
            fresh.keep(manifest.digest, False)
        assert fresh.read(fresh.put(SMALL[0])) == SMALL[0]
        Worker(fresh, turn).build()


def test_what_killed_users_leave_is_swept(store):
    store.set_limit(LIMIT)
    for turn in range(3):
        with workers(store, [50 + turn], ENDLESS):
            sleep(0.1)
    for manifest in store.manifests():
        store.keep(manifest.digest, False)
    store.sweep()
    store.clear()
    assert list((store.root / "pins").glob("*")) == []
    assert [path for path in (store.root / "partial").glob("*")] == []
    assert {path.name for path in store.root.glob("*.json*")} <= {"limit.json", "kept.json"}
    assert held(store) == 0


def test_many_processes_at_once_keep_to_the_limit_and_to_the_truth(store):
    store.set_limit(LIMIT)
    with workers(store, [7, 8], steps=150) as others:
        mine = Worker(store, 9)
        for _ in range(150):
            mine.step()
        assert [process.wait(timeout=60) for process in others] == [0, 0]
    assert held(store) <= LIMIT
    assert store.verify().damaged == ()


def test_tensors_are_right_or_missing_while_others_evict(store):
    store.set_limit(LIMIT)
    tensors = [torch.full((200_000 + n,), float(n)) for n in range(8)]
    with workers(store, [21], ENDLESS):
        seen = 0
        for turn in range(80):
            wanted = tensors[turn % 8]
            try:
                part = store.put(save({"w": wanted}))
                (read,) = store.tensors_of([part])
            except (PartMissing, DiskFull):
                continue
            assert torch.equal(read["w"], wanted)
            seen += 1
    assert seen > 0
