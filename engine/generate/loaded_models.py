"""What this process has loaded of the models that it talks to."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

Loaded = TypeVar("Loaded")


class LoadedModels(Generic[Loaded]):
    """Loads a model when it is first asked for; keeps the latest `limit`."""

    def __init__(
        self, load: Callable[[Manifest, LayerStore], Loaded], store: LayerStore, limit: int = 2
    ) -> None:
        self._load = load
        self._store = store
        self._limit = limit
        self._loaded: OrderedDict[str, asyncio.Future[Loaded]] = OrderedDict()

    async def get(self, manifest: Manifest) -> Loaded:
        digest = manifest.digest
        if digest not in self._loaded:
            self._loaded[digest] = asyncio.ensure_future(asyncio.to_thread(self._load, manifest, self._store))
        self._loaded.move_to_end(digest)
        while len(self._loaded) > self._limit:
            self._loaded.popitem(last=False)
        try:
            return await asyncio.shield(self._loaded[digest])
        except Exception:
            self._loaded.pop(digest, None)
            raise
