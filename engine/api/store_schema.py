"""Words about this computer's layer store, and about long work on it. Sizes in bytes, times in Unix seconds.

    GET    /potluck/v1/store                          -> StoreStatus
    PUT    /potluck/v1/store/limit     LimitOrder     -> StoreStatus
    POST   /potluck/v1/store/import    ImportOrder    -> Transfer
    POST   /potluck/v1/store/verify    VerifyOrder    -> Transfer
    POST   /potluck/v1/store/fetch     FetchOrder     -> Transfer
    POST   /potluck/v1/store/export    ExportOrder    -> Transfer
    POST   /potluck/v1/store/move      MoveOrder      -> Transfer
    DELETE /potluck/v1/store/move                     -> StoreStatus: stay where it is after all
    POST   /potluck/v1/store/clear                    -> Freed
    DELETE /potluck/v1/store/models/{digest}          -> Freed
    PUT    /potluck/v1/store/models/{digest}/kept  KeptOrder -> StoreStatus
    POST   /potluck/v1/store/transfers/{id}/cancel    -> Transfer

What begins a transfer answers at once; its way is seen in the snapshot's `transfers`.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from engine.api.base import Schema
from engine.api.sentences import Said, said

MAX_SIZE = 1 << 60  # bytes

Size = Annotated[int, Field(ge=0, le=MAX_SIZE)]
ModelDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Printable = r"^[^\x00-\x1f\x7f]+$"
ModelName = Annotated[str, StringConstraints(pattern=_Printable, max_length=200)]
SourceText = Annotated[str, StringConstraints(pattern=_Printable, max_length=4096)]
Revision = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./\-]*$", max_length=200)]


# --- long work


class TransferKind(StrEnum):
    IMPORT = "import"  # from a folder, a file, a package or a hub into the store
    FETCH = "fetch"  # from other computers
    VERIFY = "verify"  # every stored byte read and compared with its name
    EXPORT = "export"  # out of the store, into a folder that other programs read
    MOVE = "move"  # the whole store, to another disk


class TransferState(StrEnum):
    WAITING = "waiting"  # for an earlier one to end
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Transfer(Schema):
    """Long work on the layer store. Stays in the list for a while after its end."""

    id: str
    kind: TransferKind
    model: str  # its name, or what was asked for while the name is unknown; empty: the whole store
    layers: tuple[int, int] | None = None  # half-open; None: all
    state: TransferState = TransferState.RUNNING
    done_bytes: int = 0
    total_bytes: int = 0  # 0: not known yet
    bytes_per_s: float = 0.0
    peers: int = 0  # other computers that take part
    failure: Said = ""  # one sentence
    outcome: Said = ""  # one sentence, once it is done
    cancellable: bool = False  # by the owner, while it is under way

    @property
    def seconds_left(self) -> float | None:
        if self.bytes_per_s <= 0 or self.total_bytes <= 0:
            return None
        return max(0, self.total_bytes - self.done_bytes) / self.bytes_per_s

    @property
    def ended(self) -> bool:
        return self.state not in (TransferState.WAITING, TransferState.RUNNING)


# --- what the store holds


class StoredLayer(Schema):
    size: int
    present: bool
    last_used: float | None = None
    in_use: bool = False  # by a process of this computer, now


class StoredModel(Schema):
    """A model that the store knows, whether or not all of it is here."""

    name: str
    digest: str
    kind: Literal["causal", "encoder", "image_text"]
    size: int  # of the whole model
    present_size: int
    last_used: float | None = None
    kept: bool = False  # never evicted, because the owner said so
    in_use: bool = False
    shell_size: int  # embeddings, head, tokenizer: what is no layer
    shell_present: bool  # with it, this computer can chat through the swarm
    layers: tuple[StoredLayer, ...]

    @property
    def complete(self) -> bool:
        return self.present_size == self.size


class StoreStatus(Schema):
    path: str
    held_size: int
    orphan_size: int = 0  # of it, of no model that is known here: what goes first where room is needed
    limit: int
    limit_chosen: bool  # by the owner; else the store's own default
    free_size: int  # on its disk
    next_path: str = ""  # a whole copy is there, which takes its place when the engine starts next
    begun_path: str = ""  # a copy there is not whole, and nobody works on it now
    absent_path: str = ""  # where it belongs, on a disk that is not here now
    models: tuple[StoredModel, ...]
    transfers: tuple[Transfer, ...] = ()


class Freed(Schema):
    size: int


class LossReport(Schema):
    """What a model lost because it was damaged."""

    model: ModelDigest
    name: str
    layers: tuple[int, ...]
    shell: bool


class VerifyReport(Schema):
    parts: int  # that were read
    size: int
    damaged: int  # parts that were removed
    losses: tuple[LossReport, ...]


# --- orders


class LimitOrder(Schema):
    limit: Size | None = None  # None: the store's own default


class ImportOrder(Schema):
    """A path on this computer, or a repository's id on the hub; never an address."""

    source: SourceText
    name: ModelName | None = None
    revision: Revision | None = None

    @field_validator("source")
    @classmethod
    def _is_no_address(cls, value: str) -> str:
        if "://" in value:
            raise ValueError(said("addresses are not opened: name a folder, a file, or a hub's owner/name"))
        return value


class VerifyOrder(Schema):
    model: ModelDigest | None = None  # None: the whole store


class KeptOrder(Schema):
    kept: bool


class FetchOrder(Schema):
    """All that is not here yet of a model of the swarm; it is kept from then on."""

    model: ModelDigest
    name: ModelName | None = None  # to show while it is on its way


class ExportOrder(Schema):
    model: ModelDigest
    folder: SourceText  # a whole path; new, or empty


class MoveOrder(Schema):
    folder: SourceText  # a whole path; what is in it already stays
