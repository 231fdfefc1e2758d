"""The part of a fake engine that the pages Models and Layers ask: plain data that a test sets."""

import asyncio
import time
from pathlib import Path

from engine.api.catalogue_schema import CataloguedModel, CatalogueList
from engine.api.schema import ModelInfo, Snapshot
from engine.api.store_schema import (
    Freed,
    ImportOrder,
    StoredLayer,
    StoredModel,
    StoreStatus,
    Transfer,
    TransferKind,
    TransferState,
)
from engine.errors import PotluckError
from tests.desktop.told import GATED, UNDAMAGED

DAY = 24 * 3600.0
GB = 1_000_000_000
KNOWN = (
    CataloguedModel(
        source="meta-llama/Llama-3.1-8B*",
        parameters=8_030_261_248,
        licence="Llama 3.1 Community License",
        floor="nf4",
    ),
    CataloguedModel(
        source="meta-llama/Llama-3.3-70B*",
        parameters=70_553_706_496,
        licence="Llama 3.3 Community License",
        floor="nf4",
    ),
    CataloguedModel(
        source="HuggingFaceTB/SmolLM2-135M*", parameters=134_515_008, licence="Apache-2.0", floor="int8"
    ),
)


def stored(
    name: str,
    digest: str,
    n_layers: int,
    layer_size: int,
    here: tuple[tuple[int, int], ...] = (),
    used: tuple[int, int] = (0, 0),
    days_ago: float = 3.0,
    kept: bool = False,
) -> StoredModel:
    """`here` and `used`: half-open ranges of layers."""
    then = time.time() - days_ago * DAY

    def layer(at: int) -> StoredLayer:
        present = any(start <= at < end for start, end in here)
        in_use = used[0] <= at < used[1]
        return StoredLayer(
            size=layer_size, present=present, in_use=in_use, last_used=then if present else None
        )

    layers = tuple(map(layer, range(n_layers)))
    present_size = sum(layer.size for layer in layers if layer.present) + GB // 5 * bool(here)
    return StoredModel(
        name=name,
        digest=digest,
        kind="causal",
        size=n_layers * layer_size + GB // 5,
        present_size=present_size,
        last_used=then if here else None,
        kept=kept,
        in_use=used[1] > used[0],
        shell_size=GB // 5,
        shell_present=bool(here),
        layers=layers,
    )


TINY_STORED = stored("tiny-chat", "d1", 30, 9_000_000, here=((0, 30),), used=(8, 16), days_ago=0)
WIDE_STORED = stored("wide-chat", "d2", 32, 480_000_000, here=((0, 4), (20, 27)), days_ago=5)
OLD_STORED = stored("Old-Favourite-126L", "d3", 126, 3_400_000_000, here=((40, 52),), days_ago=90, kept=True)
STORE = StoreStatus(
    path="/home/ada/.cache/potluck/layers",
    held_size=TINY_STORED.present_size + WIDE_STORED.present_size + OLD_STORED.present_size,
    limit=180 * GB,
    limit_chosen=False,
    free_size=312 * GB,
    models=(TINY_STORED, WIDE_STORED, OLD_STORED),
)
DEEP = ModelInfo(
    name="Llama-3.3-70B-Instruct",
    digest="d4",
    n_layers=80,
    context=0,
    local=False,
    covered=((0, 80),),
    servers=14,
    depth=((0, 30, 3), (30, 60, 5), (60, 80, 4)),
)
THIN = ModelInfo(
    name="Mistral-Nemo-12B",
    digest="d5",
    n_layers=40,
    context=131072,
    local=False,
    covered=((0, 34),),
    servers=3,
    depth=((0, 12, 2), (12, 34, 1), (34, 40, 0)),
)
WORKING = (
    Transfer(
        id="t1",
        kind=TransferKind.IMPORT,
        model="/data/Mistral-Nemo",
        done_bytes=7 * GB,
        total_bytes=24 * GB,
        bytes_per_s=310_000_000,
        cancellable=True,
    ),
    Transfer(
        id="t2",
        kind=TransferKind.FETCH,
        model="wide-chat",
        layers=(4, 8),
        done_bytes=400_000_000,
        total_bytes=1_920_000_000,
        bytes_per_s=11_400_000,
        peers=3,
    ),
    Transfer(
        id="t3",
        kind=TransferKind.VERIFY,
        model="",
        state=TransferState.DONE,
        outcome=UNDAMAGED,
    ),
    Transfer(
        id="t4",
        kind=TransferKind.IMPORT,
        model="hub:someone/private",
        state=TransferState.FAILED,
        failure=GATED,
    ),
)
MOVING = Transfer(
    id="m1",
    kind=TransferKind.MOVE,
    model="",
    done_bytes=30 * GB,
    total_bytes=94 * GB,
    bytes_per_s=160_000_000,
    cancellable=True,
)


def with_transfers(snapshot: Snapshot, *transfers: Transfer) -> Snapshot:
    return snapshot.model_copy(update={"transfers": transfers})


class StorePagesFake:
    """What was asked is in `asked`; `store_failure` is raised by the next order."""

    def __init__(self) -> None:
        self.store_status = STORE
        self.known = KNOWN
        self.asked: list[tuple[object, ...]] = []
        self.looks = 0  # at the store
        self.store_failure: PotluckError | None = None
        self.silent = False  # never answer how the store is

    async def store(self) -> StoreStatus:
        self.looks += 1
        if self.silent:
            await asyncio.Event().wait()
        return self.store_status

    async def catalogue(self) -> CatalogueList:
        return CatalogueList(models=self.known)

    async def set_store_limit(self, limit: int | None) -> StoreStatus:
        self._ask("limit", limit)
        self._become(limit=180 * GB if limit is None else limit, limit_chosen=limit is not None)
        return self.store_status

    async def keep_model(self, digest: str, kept: bool) -> StoreStatus:
        self._ask("keep", digest, kept)
        models = (
            model.model_copy(update={"kept": kept}) if model.digest == digest else model
            for model in self.store_status.models
        )
        self._become(models=tuple(models))
        return self.store_status

    async def remove_model(self, digest: str) -> Freed:
        self._ask("remove", digest)
        gone = sum(model.present_size for model in self.store_status.models if model.digest == digest)
        self._become(models=tuple(model for model in self.store_status.models if model.digest != digest))
        return Freed(size=gone)

    async def clear_store(self) -> Freed:
        self._ask("clear")
        return Freed(size=0)

    async def import_model(self, order: ImportOrder) -> Transfer:
        self._ask("import", order)
        return Transfer(id="new", kind=TransferKind.IMPORT, model=order.name or order.source)

    async def fetch_model(self, digest: str, name: str | None = None) -> Transfer:
        self._ask("fetch", digest, name)
        return Transfer(id="fetch", kind=TransferKind.FETCH, model=name or digest)

    async def export_model(self, digest: str, folder: Path) -> Transfer:
        self._ask("export", digest, folder)
        return Transfer(id="export", kind=TransferKind.EXPORT, model=digest)

    async def verify_store(self, model: str | None = None) -> Transfer:
        self._ask("verify", model)
        return Transfer(id="verify", kind=TransferKind.VERIFY, model=model or "")

    async def cancel_transfer(self, transfer_id: str) -> Transfer:
        self._ask("cancel", transfer_id)
        return Transfer(id=transfer_id, kind=TransferKind.IMPORT, model="")

    async def move_store(self, folder: Path) -> Transfer:
        self._ask("move", folder)
        return MOVING

    async def keep_store_here(self) -> StoreStatus:
        self._ask("stay")
        self._become(next_path="", begun_path="")
        return self.store_status

    def _ask(self, *what: object) -> None:
        if self.store_failure is not None:
            failure, self.store_failure = self.store_failure, None
            raise failure
        self.asked.append(what)

    def _become(self, **fields: object) -> None:
        self.store_status = self.store_status.model_copy(update=fields)
