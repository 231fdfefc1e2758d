"""What the daemon and a block server process say to each other: JSON lines on stdin and stdout.

The daemon starts `python -m engine.host`, writes one `HostConfig` line, then `Order` lines. Until the config
says that layers are to be loaded, another one may follow and takes its place: see `Intent`.
The block server writes `Report` lines. End of stdin means that the daemon is gone: the block server ends
itself. Exit status 0 after a `stop`, or after a `drain` that ran dry; anything else is a crash.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.api.schema import ServerPhase
from engine.api.sentences import WITH_TEMPLATES, Said
from engine.membership.key import KeyField
from engine.precision import Native, Runs
from engine.wire.records import ModelSpan, PeerIdText

# What a block server does with its layers: says that it may take them, and that somebody else need not;
# that it will take them, once they are in the store; or loads and serves them.
Intent = Literal["choosing", "joining", "serving"]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def to_line(self) -> bytes:
        return self.model_dump_json(context=WITH_TEMPLATES).encode() + b"\n"


class HostConfig(_Line):
    """All that a block server process needs to know."""

    store: Path  # root of the layer store
    manifest: str  # digest
    start: int
    end: int
    intent: Intent = "serving"
    precision: Native = "float32"  # to compute in
    layer_precisions: Runs = ()  # to keep each layer's matrices in; empty: as it computes
    device: str = "cpu"  # a torch device
    threads: int | None = Field(default=None, ge=1)
    cache_bytes: int = Field(default=1 << 30, gt=0)
    resting_bytes: int = Field(default=0, ge=0)  # of main memory, for sessions that rest
    graph_bytes: int = Field(default=0, ge=0)  # of the device, for decode ticks that it runs without Python
    initial_peers: tuple[str, ...] = ()
    listen: tuple[str, ...] = ("/ip4/127.0.0.1/tcp/0",)
    announce: tuple[str, ...] = ()  # to peers, instead of where it listens
    identity: Path | None = None  # None: a new one that is kept nowhere
    port_file: Path | None = None  # keeps the port; None: another one at each start
    swarm_key: KeyField | None = None  # of a private swarm; None: the public one
    public_name: str = ""
    tokens_per_s: float = Field(
        default=0.0, ge=0
    )  # what many sessions together may get, until work shows it; 0: unknown
    upload_bytes_per_s: int | None = Field(default=None, gt=0)  # of layers, to other computers
    duty: float = Field(default=1.0, gt=0, le=1)  # share of the time in which the device may compute


class Order(_Line):
    """`drain`: take no new sessions, end when the last one has ended. `stop`: end now, politely.

    `intend`: go on, and tell others what may be served instead, or that it will not be.
    """

    order: Literal["intend", "drain", "stop"]
    moves_to: ModelSpan | None = None  # what will be served instead; None: nothing


ToldLine: TypeAdapter[HostConfig | Order] = TypeAdapter(HostConfig | Order)


class Report(_Line):
    """How the block server is doing; sent on every change of phase, and about once a second while online."""

    phase: ServerPhase
    peer_id: str = ""
    addresses: tuple[str, ...] = ()  # where peers reach it
    moves_to: ModelSpan | None = None  # as others have been told
    silent: tuple[PeerIdText, ...] = ()  # peers that do not answer, while others do
    sessions: int = 0
    tokens: int = 0  # through the whole span, since start
    layer_tokens: int = 0  # tokens times layers, since start
    tokens_per_s: float = 0.0  # over the last seconds
    busy: float = 0.0  # share of the last minute that the device computed
    capacity_tokens_per_s: float = 0.0  # of many sessions together, as work shows; 0: too little work yet
    upload_bytes_per_s: float = 0.0  # of this computer, as its peers received it; 0: not measured
    weights_bytes: int = 0
    cache_used_bytes: int = 0
    cache_budget_bytes: int = 0
    shared_bytes: int = 0  # of layers passed on to other computers, since start
    sent_bytes: int = 0  # to other computers, since start
    received_bytes: int = 0
    failure: Said | None = None  # one sentence, when the process is about to end because of it
    failure_code: str | None = None  # `code` of the PotluckError behind it
