"""The words that the engine and its clients share: plain pydantic types, no torch, no sockets.

Two doors: `/v1` speaks the OpenAI API (see `openai_schema`); `/potluck/v1` is Potluck's own:

    GET  /potluck/v1/status                 -> Snapshot
    GET  /potluck/v1/events                 -> server-sent events: one `snapshot`, then `delta`s (see `Event`)
    POST /potluck/v1/donation  DonationOrder -> Snapshot
    POST /potluck/v1/swarm/membership       -> Snapshot: what the file of the private swarm says takes effect
    GET  /potluck/v1/doctor                 -> doctor_schema.Diagnosis
    GET  /potluck/v1/plan                   -> plan_schema.PlanReport
    GET  /potluck/v1/history?by=hour|day|month -> history_schema.History
    GET  /potluck/v1/swarm/map              -> map_schema.SwarmMap
    POST /potluck/v1/quit                   -> 202

What lies under `/potluck/v1/store` is in `store_schema`, reasons and their sentences in `condition_schema`.
Every route wants `Authorization: Bearer <key>`. Errors are `openai_schema.ErrorBody`, in OpenAI's form.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from engine.api.base import Schema
from engine.api.condition_schema import Activity as Activity
from engine.api.condition_schema import Condition as Condition
from engine.api.condition_schema import Reason as Reason
from engine.api.sentences import Said
from engine.api.store_schema import Transfer
from engine.layer_ranges import Depth, gaps
from engine.precision import Runs, in_words, per_layer

API_VERSION = 1


# --- what the engine is doing -------------------------------------------------------------------------------


class ServerPhase(StrEnum):
    STARTING = "starting"
    CHOOSING = "choosing"  # tells the swarm which layers it may take, and sees which ones others take
    JOINING = "joining"  # has chosen; its layers are on their way
    LOADING = "loading"
    ONLINE = "online"
    DRAINING = "draining"


class ServerStatus(Schema):
    """A block server process of this computer: one for each device that gives."""

    pid: int
    place: str  # key of the device
    phase: ServerPhase
    model: str
    start: int  # served layers are the half-open range [start, end)
    end: int
    n_layers: int
    precision: str  # that it computes in
    layer_precisions: Said = ""  # that its layers are kept in: “nf4 (12 layers) and bfloat16 (4)”
    device: Said  # e.g. "NVIDIA RTX 4090" or "CPU, 8 threads"
    peer_id: str = ""  # as which it is known in the swarm
    addresses: tuple[str, ...] = ()  # where it is reached there
    why: Said = ""  # why this span and precision were chosen, one sentence
    sessions: int = 0
    tokens_per_s: float = 0.0
    busy: float = 0.0  # share of the last minute that the device computed, 0 … 1
    weights_bytes: int = 0
    cache_used_bytes: int = 0
    cache_budget_bytes: int = 0
    cache_tokens: int = 0  # that fit into it, of all sessions together
    shared_bytes: int = 0  # of layers passed on to other computers, since it started

    @property
    def serves(self) -> bool:
        """Whether anybody is answered with its layers. Before that they are a plan."""
        return self.phase in (ServerPhase.ONLINE, ServerPhase.DRAINING)


class DeviceReading(Schema):
    """Of a card that gives, as it was a moment ago. None: it does not tell."""

    place: str  # its key, as in ServerStatus
    celsius: int | None = None
    memory_bytes: int | None = None  # all of it
    memory_used_bytes: int | None = None  # by every program together


class ModelInfo(Schema):
    name: str
    digest: str  # of the manifest: the model's identity in the swarm
    n_layers: int
    context: int  # tokens
    kind: Literal["causal", "encoder", "image_text"] | None = None  # None: its manifest is not here yet
    local: bool  # the manifest and the shell are in this computer's store
    covered: tuple[tuple[int, int], ...] = ()  # layer ranges that online servers serve now
    servers: int = 0
    depth: Depth = ()  # how many of them serve each layer, in runs that follow each other

    @property
    def thinnest(self) -> int:
        """How many servers the layer has that has fewest."""
        return min((servers for _, _, servers in self.depth), default=0)

    @property
    def complete(self) -> bool:
        return not self.gaps

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Layer ranges, half-open, that nobody serves."""
        return gaps(self.covered, 0, self.n_layers)


class SwarmStatus(Schema):
    peer_id: str = ""
    addresses: tuple[str, ...] = ()
    peers: int = 0
    private: bool = True  # only this computer
    name: str = ""  # of the private swarm that this computer belongs to; empty: it belongs to none


class Given(Schema):
    """What the block servers gave. One layer-token is one token through one layer."""

    layer_tokens: int = 0
    tokens: int = 0
    seconds_online: float = 0.0
    sent_bytes: int = 0  # to other computers: hidden states, and layers passed on
    received_bytes: int = 0
    watt_hours: float = 0.0  # by the devices that served, while they served
    watt_hours_estimated: float = 0.0  # of which nobody measured


class Snapshot(Schema):
    """Everything a window shows about the engine."""

    version: str
    api_version: int = API_VERSION
    condition: Condition
    paused_until: float | None = None  # Unix time, seconds
    servers: tuple[ServerStatus, ...] = ()  # of this computer
    readings: tuple[DeviceReading, ...] = ()  # of the cards that these run on
    swarm: SwarmStatus = SwarmStatus()
    models: tuple[ModelInfo, ...] = ()
    given_today: Given = Given()
    given_total: Given = Given()
    transfers: tuple[Transfer, ...] = ()  # long work on the layer store: under way, or ended lately


class Event(Schema):
    """One server-sent event. `delta` holds the top-level fields of Snapshot that changed, in JSON form."""

    seq: int
    type: Literal["snapshot", "delta"]
    data: dict[str, Any]


class DonationOrder(Schema):
    """Start, pause now, or finish: serve the sessions in use to their end, take no new ones, then pause."""

    action: Literal["start", "pause", "finish"]
    for_seconds: float | None = Field(
        default=None, gt=0, le=31 * 24 * 3600
    )  # pause only; None: until resumed


# --- how an answer comes about ------------------------------------------------------------------------------


class HopReport(Schema):
    """One server's share of an answer."""

    peer: str
    start: int
    end: int
    steps: int = 0
    seconds: float = 0.0  # waited for by the client
    compute_seconds: float = 0.0  # of which the server computed
    precisions: Runs = ()  # that its layers are kept in or computed in, whichever is coarser: as announced

    @property
    def precision_words(self) -> str:
        """“nf4 (12 layers) and bfloat16 (4)”; empty where nothing is known."""
        return in_words(per_layer(self.precisions)) if self.precisions else ""


class AnswerStatus(Schema):
    """What an answer waits for. Travels as `potluck_status` beside OpenAI's fields, when it was asked for."""

    repairing: tuple[tuple[int, int], ...]  # layers that another server takes over; empty: it goes on


class AnswerReport(Schema):
    """How an answer came about. Travels as `potluck` beside OpenAI's fields."""

    tokens: int = 0  # that were written
    tokens_per_s: float = 0.0
    seconds_to_first_token: float = 0.0
    trips: int = 0  # walks through the whole chain
    replayed_spans: int = 0  # spans that were rebuilt on another server after a failure
    reused_prompt_tokens: int = 0  # prompt tokens that an earlier turn had already sent
    drafted: int = 0  # tokens that were sent before they were chosen
    accepted: int = 0  # of these, those that were chosen then
    left_out: int = 0  # oldest messages, after the system's, that the model's context had no room for
    liars: tuple[
        str, ...
    ] = ()  # peers whose results were found wrong: text from before that may be wrong, too
    hops: tuple[HopReport, ...] = ()
