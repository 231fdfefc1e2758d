"""`python -m tests.weights.store_worker ROOT SEED STEPS`: one of several processes that use a store at once.

Does whatever comes, and complains by an exit code other than 0 when the store gives anything but what was put
there or a failure that it may name. Not a test by itself.
"""

import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from time import sleep

from engine.errors import DiskFull, PartBusy, PartMissing
from engine.weights.content_hash import CHUNK_BYTES, chunk_hashes, chunk_range, content_name
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore

LIMIT = 6 << 20  # bytes
SMALL = [random.Random(n).randbytes(100_000 + 20_000 * n) for n in range(16)]
LARGE = [random.Random(n).randbytes(2 * CHUNK_BYTES + n) for n in range(100, 103)]
CONTENTS = {Part(content_name(data), len(data)): data for data in SMALL + LARGE}


class Worker:
    def __init__(self, store: LayerStore, seed: int) -> None:
        self._store = store
        self._random = random.Random(seed)
        self._moves: list[Callable[[], object]] = [
            *[self.put] * 6,
            *[self.read] * 6,
            *[self.build] * 4,
            *[self.read_chunk] * 2,
            self.use,
            self.save_model,
            self.keep_model,
            store.usage,
            store.sweep,
            lambda: store.set_limit(LIMIT),
        ]

    def step(self) -> None:
        with suppress(PartMissing, DiskFull, PartBusy):
            self._random.choice(self._moves)()

    def put(self) -> None:
        self._store.put(self._random.choice(SMALL))

    def read(self) -> None:
        part = self._part()
        check(self._store.read(part) == CONTENTS[part])

    def read_chunk(self) -> None:
        part = self._part()
        start, end = chunk_range(0, part.size)
        check(self._store.read_chunk(part, 0) == CONTENTS[part][start:end])

    def build(self) -> None:
        data = self._random.choice(LARGE)
        with self._store.assembly(Part(content_name(data), len(data)), chunk_hashes(data)) as assembly:
            for index in self._random.sample(assembly.missing, len(assembly.missing)):
                start, end = chunk_range(index, len(data))
                assembly.write(index, data[start:end])
            assembly.finish()

    def use(self) -> None:
        part = self._part()
        with self._store.in_use([part]):
            if self._store.has(part):
                self.step()
                check(self._store.has(part))

    def save_model(self) -> None:
        shell, layer = self._random.sample(list(CONTENTS), 2)
        self._store.save_manifest(model_of(shell, layer))

    def keep_model(self) -> None:
        for manifest in self._store.manifests()[:1]:
            self._store.keep(manifest.digest, self._random.random() < 0.5)

    def _part(self) -> Part:
        return self._random.choice(list(CONTENTS))


def model_of(shell: Part, layer: Part) -> Manifest:
    return Manifest(
        name="Small",
        config={"model_type": "llama"},
        context=64,
        stack_path="model.layers",
        files={},
        shell=shell,
        layers=(layer,),
        cache_values=(8,),
        matrix_values=(0,),
        matrix_rows=(0,),
        dtype="float32",
    )


def check(right: bool) -> None:
    if not right:
        raise SystemExit("the store gave wrong bytes, or lost a part that was in use")


def use_a_slow_disk() -> None:
    """Most of the time goes into writing then, and most kills fall into it."""
    write = os.write

    def write_slowly(descriptor: int, data: memoryview) -> int:
        sleep(0.0005)
        return write(descriptor, data[: 32 << 10])

    os.write = write_slowly


def main() -> None:
    use_a_slow_disk()
    root, seed, steps = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    worker = Worker(LayerStore(root), seed)
    print("ready", flush=True)
    for _ in islice(count(), steps or None):
        worker.step()


if __name__ == "__main__":
    main()
