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

What lies under `/potluck/v1/store` is in `store_schema`.
Every route wants `Authorization: Bearer <key>`. Errors are `openai_schema.ErrorBody`, in OpenAI's form.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from engine.api.base import Schema
from engine.api.sentences import Said, Sentence, filled
from engine.api.store_schema import Transfer
from engine.layer_ranges import Depth, gaps
from engine.precision import Runs, in_words, per_layer

API_VERSION = 1


# --- what the engine is doing -------------------------------------------------------------------------------


class Activity(StrEnum):
    """What the tray icon shows."""

    DONATING = "donating"
    IDLE = "idle"  # ready, no work
    WAITING = "waiting"
    PAUSED = "paused"
    PROBLEM = "problem"


class Reason(StrEnum):
    """Why the engine does what it does. One enum feeds tray, window, command line and logs."""

    SERVING = "serving"
    READY = "ready"
    SERVING_SEVERAL = "serving_several"  # devices
    READY_SEVERAL = "ready_several"
    GIVING_PARTLY = "giving_partly"  # with some of the devices, the others are on their way
    FAILING_PARTLY = "failing_partly"  # one of them needs its owner
    STARTING = "starting"
    PREPARING_MODEL = "preparing_model"
    FETCHING_LAYERS = "fetching_layers"
    LAYERS_UNAVAILABLE = "layers_unavailable"
    CHOOSING = "choosing"
    LOADING = "loading"
    MOVING = "moving"
    MISSING_LAYERS = "missing_layers"
    FINISHING = "finishing"
    RESTARTING = "restarting"
    PAUSED_BY_OWNER = "paused_by_owner"
    PAUSED_UNTIL = "paused_until"
    PAUSED_IN_USE = "paused_in_use"
    PAUSED_APP_RUNNING = "paused_app_running"
    PAUSED_FULL_SCREEN = "paused_full_screen"
    PAUSED_GPU_BUSY = "paused_gpu_busy"
    PAUSED_TOO_HOT = "paused_too_hot"
    PAUSED_ON_BATTERY = "paused_on_battery"
    PAUSED_METERED = "paused_metered"
    PAUSED_TRAFFIC_USED_UP = "paused_traffic_used_up"
    PAUSED_DISK_LOW = "paused_disk_low"
    PAUSED_OUT_OF_SCHEDULE = "paused_out_of_schedule"
    PAUSED_UNCERTAIN = "paused_uncertain"
    NEVER_STARTED = "never_started"
    CRASHED_TOO_OFTEN = "crashed_too_often"
    DISK_FULL = "disk_full"
    MODEL_BROKEN = "model_broken"
    NOT_ENOUGH_MEMORY = "not_enough_memory"
    SWARM_UNREACHABLE = "swarm_unreachable"
    ENGINE_UNREACHABLE = "engine_unreachable"  # said by a client about an engine that does not answer


ACTIVITY_OF: dict[Reason, Activity] = {
    Reason.SERVING: Activity.DONATING,
    Reason.READY: Activity.IDLE,
    Reason.SERVING_SEVERAL: Activity.DONATING,
    Reason.READY_SEVERAL: Activity.IDLE,
    Reason.GIVING_PARTLY: Activity.DONATING,
    Reason.FAILING_PARTLY: Activity.WAITING,  # and not a problem: the rest gives, and may be paused
    Reason.STARTING: Activity.WAITING,
    Reason.PREPARING_MODEL: Activity.WAITING,
    Reason.FETCHING_LAYERS: Activity.WAITING,
    Reason.LAYERS_UNAVAILABLE: Activity.WAITING,
    Reason.CHOOSING: Activity.WAITING,
    Reason.LOADING: Activity.WAITING,
    Reason.MOVING: Activity.DONATING,
    Reason.MISSING_LAYERS: Activity.WAITING,
    Reason.FINISHING: Activity.DONATING,
    Reason.RESTARTING: Activity.WAITING,
    Reason.PAUSED_BY_OWNER: Activity.PAUSED,
    Reason.PAUSED_UNTIL: Activity.PAUSED,
    Reason.PAUSED_IN_USE: Activity.PAUSED,
    Reason.PAUSED_APP_RUNNING: Activity.PAUSED,
    Reason.PAUSED_FULL_SCREEN: Activity.PAUSED,
    Reason.PAUSED_GPU_BUSY: Activity.PAUSED,
    Reason.PAUSED_TOO_HOT: Activity.PAUSED,
    Reason.PAUSED_ON_BATTERY: Activity.PAUSED,
    Reason.PAUSED_METERED: Activity.PAUSED,
    Reason.PAUSED_TRAFFIC_USED_UP: Activity.PAUSED,
    Reason.PAUSED_DISK_LOW: Activity.PAUSED,
    Reason.PAUSED_OUT_OF_SCHEDULE: Activity.PAUSED,
    Reason.PAUSED_UNCERTAIN: Activity.PAUSED,
    Reason.NEVER_STARTED: Activity.PAUSED,
    Reason.CRASHED_TOO_OFTEN: Activity.PROBLEM,
    Reason.DISK_FULL: Activity.PROBLEM,
    Reason.MODEL_BROKEN: Activity.PROBLEM,
    Reason.NOT_ENOUGH_MEMORY: Activity.PROBLEM,
    Reason.SWARM_UNREACHABLE: Activity.WAITING,
    Reason.ENGINE_UNREACHABLE: Activity.PROBLEM,
}

SENTENCE_OF: dict[Reason, str] = {
    Reason.SERVING: "Giving: layers {first}–{last} of {n_layers} of {model}, {sessions} in use now",
    Reason.READY: "Ready: layers {first}–{last} of {n_layers} of {model}, nobody needs them right now",
    Reason.SERVING_SEVERAL: "Giving: {layers} layers with {devices} devices, {sessions} in use now",
    Reason.READY_SEVERAL: "Ready: {layers} layers with {devices} devices, nobody needs them right now",
    Reason.GIVING_PARTLY: "Giving with {giving} of {devices} devices; {device} – {what:continued}",
    Reason.FAILING_PARTLY: "Giving with {giving} of {devices} devices; {device} – {what:continued}",
    Reason.STARTING: "Starting",
    Reason.PREPARING_MODEL: "Preparing {model}: {percent} %",
    Reason.FETCHING_LAYERS: "Getting layers {first}–{last} of {n_layers} of {model}: {percent} %",
    Reason.LAYERS_UNAVAILABLE: "Waiting: {detail:clause}",
    Reason.CHOOSING: "Seeing what others take before it takes layers {first}–{last} of {n_layers} of {model}",
    Reason.LOADING: "Loading layers {first}–{last} of {n_layers} of {model}",
    Reason.MOVING: "Moving to layers {first}–{last} of {n_layers} of {model}: {why:continued}",
    Reason.MISSING_LAYERS: "Waiting: {model} still needs {missing} of its {n_layers} layers ({ranges})",
    Reason.FINISHING: "Finishing: {sessions} in use, then pausing",
    Reason.RESTARTING: "Restarting in {seconds} s: the block server stopped unexpectedly",
    Reason.PAUSED_BY_OWNER: "Paused until you resume",
    Reason.PAUSED_UNTIL: "Paused until {until}",
    Reason.PAUSED_IN_USE: "Paused: this computer is in use",
    Reason.PAUSED_APP_RUNNING: "Paused: {app} is running",
    Reason.PAUSED_FULL_SCREEN: "Paused: an application fills the screen",
    Reason.PAUSED_GPU_BUSY: "Paused: other programs use {card}",
    Reason.PAUSED_TOO_HOT: "Paused: {card} is too hot ({celsius} °C)",
    Reason.PAUSED_ON_BATTERY: "Paused: on battery",
    Reason.PAUSED_METERED: "Paused: on a metered connection",
    Reason.PAUSED_TRAFFIC_USED_UP: "Paused: this month's {limit:bytes} of traffic are used up",
    Reason.PAUSED_DISK_LOW: "Paused: less than {limit:bytes} of the disk are free",
    Reason.PAUSED_OUT_OF_SCHEDULE: "Paused until {until:clock}, as scheduled",
    Reason.PAUSED_UNCERTAIN: "Paused: {detail:clause}",
    Reason.NEVER_STARTED: "Not giving yet: press Start",
    Reason.CRASHED_TOO_OFTEN: "Stopped: the block server crashed {crashes} times in a row ({detail:clause})",
    Reason.DISK_FULL: "Stopped: {detail:clause}",
    Reason.MODEL_BROKEN: "Stopped: {detail:clause}",
    Reason.NOT_ENOUGH_MEMORY: "Stopped: {detail:clause}",
    Reason.SWARM_UNREACHABLE: "Waiting: {detail:clause}",
    Reason.ENGINE_UNREACHABLE: "Potluck's engine does not answer: {detail:clause}",
}


BY_RULES = frozenset(
    {
        Reason.PAUSED_IN_USE,
        Reason.PAUSED_APP_RUNNING,
        Reason.PAUSED_FULL_SCREEN,
        Reason.PAUSED_GPU_BUSY,
        Reason.PAUSED_TOO_HOT,
        Reason.PAUSED_ON_BATTERY,
        Reason.PAUSED_METERED,
        Reason.PAUSED_TRAFFIC_USED_UP,
        Reason.PAUSED_DISK_LOW,
        Reason.PAUSED_OUT_OF_SCHEDULE,
        Reason.PAUSED_UNCERTAIN,
    }
)  # the owner wants to give, and goes on giving when the owner's rules allow it again


class Condition(Schema):
    """A reason with the values that its sentence names. Clients may translate; `sentence` is English."""

    reason: Reason
    values: dict[str, Said | int] = Field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        return ACTIVITY_OF[self.reason]

    @property
    def by_rules(self) -> bool:
        """Paused, though the owner wants to give: it goes on by itself."""
        return self.reason in BY_RULES

    @property
    def sentence(self) -> Sentence:
        return filled(SENTENCE_OF[self.reason], self.values)


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
