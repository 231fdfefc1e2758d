"""The words that the engine and its clients share: plain pydantic types, no torch, no sockets.

Two doors: `/v1` speaks the OpenAI API; `/potluck/v1` is Potluck's own:

    GET  /potluck/v1/status                 -> Snapshot
    GET  /potluck/v1/events                 -> server-sent events: one `snapshot`, then `delta`s (see `Event`)
    POST /potluck/v1/donation  DonationOrder -> Snapshot
    POST /potluck/v1/quit                   -> 202
    GET  /v1/models                         -> ModelList
    POST /v1/chat/completions  ChatRequest  -> ChatCompletion, or a stream of ChatChunk then `[DONE]`
    POST /v1/embeddings   EmbeddingRequest  -> EmbeddingList (see `embedding_schema`)

What lies under `/potluck/v1/store` is in `store_schema`.
Every route wants `Authorization: Bearer <key>`. Errors are `ErrorBody`, in OpenAI's form.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from engine.api.base import Schema
from engine.api.content import MAX_IMAGES, MAX_TEXT, ChatImage, in_order, joined_parts, split_parts
from engine.api.store_schema import StoredModel, Transfer
from engine.layer_ranges import gaps

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
    STARTING = "starting"
    PREPARING_MODEL = "preparing_model"
    FETCHING_LAYERS = "fetching_layers"
    LAYERS_UNAVAILABLE = "layers_unavailable"
    LOADING = "loading"
    MISSING_LAYERS = "missing_layers"
    FINISHING = "finishing"
    RESTARTING = "restarting"
    PAUSED_BY_OWNER = "paused_by_owner"
    PAUSED_UNTIL = "paused_until"
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
    Reason.STARTING: Activity.WAITING,
    Reason.PREPARING_MODEL: Activity.WAITING,
    Reason.FETCHING_LAYERS: Activity.WAITING,
    Reason.LAYERS_UNAVAILABLE: Activity.WAITING,
    Reason.LOADING: Activity.WAITING,
    Reason.MISSING_LAYERS: Activity.WAITING,
    Reason.FINISHING: Activity.DONATING,
    Reason.RESTARTING: Activity.WAITING,
    Reason.PAUSED_BY_OWNER: Activity.PAUSED,
    Reason.PAUSED_UNTIL: Activity.PAUSED,
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
    Reason.STARTING: "Starting",
    Reason.PREPARING_MODEL: "Preparing {model}: {percent} %",
    Reason.FETCHING_LAYERS: "Getting layers {first}–{last} of {n_layers} of {model}: {percent} %",
    Reason.LAYERS_UNAVAILABLE: "Waiting: {detail}",
    Reason.LOADING: "Loading layers {first}–{last} of {n_layers} of {model}",
    Reason.MISSING_LAYERS: "Waiting: {model} still needs {missing} of its {n_layers} layers ({ranges})",
    Reason.FINISHING: "Finishing: {sessions} in use, then pausing",
    Reason.RESTARTING: "Restarting in {seconds} s: the block server stopped unexpectedly",
    Reason.PAUSED_BY_OWNER: "Paused until you resume",
    Reason.PAUSED_UNTIL: "Paused until {until}",
    Reason.NEVER_STARTED: "Not giving yet: press Start",
    Reason.CRASHED_TOO_OFTEN: "Stopped: the block server crashed {crashes} times in a row ({detail})",
    Reason.DISK_FULL: "Stopped: {detail}",
    Reason.MODEL_BROKEN: "Stopped: {detail}",
    Reason.NOT_ENOUGH_MEMORY: "Stopped: {detail}",
    Reason.SWARM_UNREACHABLE: "Waiting: {detail}",
    Reason.ENGINE_UNREACHABLE: "Potluck's engine does not answer: {detail}",
}


class Condition(Schema):
    """A reason with the values that its sentence names. Clients may translate; `sentence` is English."""

    reason: Reason
    values: dict[str, str | int] = Field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        return ACTIVITY_OF[self.reason]

    @property
    def sentence(self) -> str:
        return SENTENCE_OF[self.reason].format(**self.values)


class ServerPhase(StrEnum):
    STARTING = "starting"
    LOADING = "loading"
    ONLINE = "online"
    DRAINING = "draining"


class ServerStatus(Schema):
    """The block server process of this computer."""

    pid: int
    phase: ServerPhase
    model: str
    start: int  # served layers are the half-open range [start, end)
    end: int
    n_layers: int
    precision: str
    device: str  # e.g. "NVIDIA RTX 4090" or "CPU, 8 threads"
    peer_id: str = ""  # as which it is known in the swarm
    why: str = ""  # why this span and precision were chosen, one sentence
    sessions: int = 0
    tokens_per_s: float = 0.0
    weights_bytes: int = 0
    cache_used_bytes: int = 0
    cache_budget_bytes: int = 0
    shared_bytes: int = 0  # of layers passed on to other computers, since it started


class ModelInfo(Schema):
    name: str
    digest: str  # of the manifest: the model's identity in the swarm
    n_layers: int
    context: int  # tokens
    local: bool  # the manifest and the shell are in this computer's store
    covered: tuple[tuple[int, int], ...] = ()  # layer ranges that online servers serve now
    servers: int = 0

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


class Given(Schema):
    """What the block server gave. One layer-token is one token through one layer."""

    layer_tokens: int = 0
    tokens: int = 0
    seconds_online: float = 0.0


class Snapshot(Schema):
    """Everything a window shows about the engine."""

    version: str
    api_version: int = API_VERSION
    condition: Condition
    paused_until: float | None = None  # Unix time, seconds
    server: ServerStatus | None = None
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


# --- OpenAI's words, as far as Potluck speaks them ---------------------------------------------------------


class ChatMessage(Schema):
    """One turn. `content` is all of its text, joined; `images` are its pictures, in order.

    Over the wire a turn with pictures is OpenAI's list of parts: `text`, and `image_url` with a data URL.
    A reader of text alone uses `content`; one that sees uses `parts`, where text and pictures alternate as
    they were sent. Only the user's turns may hold pictures. A model that cannot see must refuse a request
    whose `images` are not empty.
    """

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=MAX_TEXT)
    images: tuple[ChatImage, ...] = ()

    @property
    def parts(self) -> tuple[str | ChatImage, ...]:
        """Text and pictures in the order in which they were sent; without empty texts."""
        return in_order(self.content, self.images)

    @field_validator("role", mode="before")
    @classmethod
    def _developer_is_system(cls, value: Any) -> Any:
        return "system" if value == "developer" else value

    @model_validator(mode="before")
    @classmethod
    def _split_parts(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value.get("content"), (list, tuple)):
            return value
        content, images = split_parts(value["content"])
        return {**value, "content": content, "images": images}

    @model_validator(mode="after")
    def _only_users_show(self) -> Self:
        if self.images and self.role != "user":
            raise ValueError("only the user's messages may hold pictures")
        places = [image.at for image in self.images]
        if places != sorted(places) or (places and places[-1] > len(self.content)):
            raise ValueError("the pictures' places lie outside of the text")
        return self

    @model_serializer(mode="wrap")
    def _as_sent(self, standard: SerializerFunctionWrapHandler) -> dict[str, Any]:
        if not self.images:
            return {"role": self.role, "content": self.content}
        return {"role": self.role, "content": joined_parts(self.content, self.images)}


class StreamOptions(Schema):
    include_usage: bool = False


class ChatRequest(Schema):
    model: str = Field(max_length=200)
    messages: tuple[ChatMessage, ...] = Field(min_length=1, max_length=2_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    stop: str | tuple[str, ...] | None = None
    seed: int | None = Field(default=None, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _bounded_images(self) -> Self:
        if len(self.images) > MAX_IMAGES:
            raise ValueError(f"a request holds at most {MAX_IMAGES} pictures: send fewer")
        return self

    @property
    def images(self) -> tuple[ChatImage, ...]:
        """Every picture of the conversation, in order."""
        return tuple(image for message in self.messages for image in message.images)

    @property
    def token_limit(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def stop_strings(self) -> tuple[str, ...]:
        if self.stop is None:
            return ()
        return (self.stop,) if isinstance(self.stop, str) else self.stop


class Usage(Schema):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class HopReport(Schema):
    """One server's share of an answer."""

    peer: str
    start: int
    end: int
    steps: int = 0
    seconds: float = 0.0  # waited for by the client
    compute_seconds: float = 0.0  # of which the server computed


class AnswerReport(Schema):
    """How an answer came about. Travels as `potluck` beside OpenAI's fields."""

    tokens_per_s: float = 0.0
    seconds_to_first_token: float = 0.0
    trips: int = 0  # walks through the whole chain
    replayed_spans: int = 0  # spans that were rebuilt on another server after a failure
    reused_prompt_tokens: int = 0  # prompt tokens that an earlier turn had already sent
    hops: tuple[HopReport, ...] = ()


FinishReason = Literal["stop", "length"]


class AssistantMessage(Schema):
    role: Literal["assistant"] = "assistant"
    content: str


class Choice(Schema):
    index: int = 0
    message: AssistantMessage
    finish_reason: FinishReason


class ChatCompletion(Schema):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    potluck: AnswerReport | None = None


class Delta(Schema):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Schema):
    index: int = 0
    delta: Delta
    finish_reason: FinishReason | None = None


class ChatChunk(Schema):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | None = None
    potluck: AnswerReport | None = None  # on the chunk that carries finish_reason


class ModelCard(Schema):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "swarm"
    potluck: ModelInfo | None = None


class ModelList(Schema):
    object: Literal["list"] = "list"
    data: tuple[ModelCard, ...]


class ListedModel(ModelCard):
    """A model as the command line lists it: what the swarm has of it, and what this computer stores."""

    digest: str
    stored: StoredModel | None = None


class ModelListing(Schema):
    object: Literal["list"] = "list"
    data: tuple[ListedModel, ...]
    engine_runs: bool  # else nobody was asked what the swarm serves


class ErrorDetail(Schema):
    message: str
    type: str
    code: str
    param: str | None = None


class ErrorBody(Schema):
    """Also sent inside a stream, as `data: {"error": …}`, when an answer breaks off."""

    error: ErrorDetail
