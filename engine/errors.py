"""Every failure that Potluck names, as one tree.

Leaves carry one sentence for people that says what to do; callers catch branches.

PotluckError
├── BadRequest               the caller can mend it: says how
│   ├── PromptTooLong
│   ├── UnknownModel
│   ├── BadModelFile         a model file or folder that cannot be imported
│   ├── UnsupportedModel     a model that cannot be cut into layers
│   ├── UnknownTransfer      no such long work is under way
│   ├── BadInvite            not a usable invite link
│   └── DoorClosed           the local API refuses the request before it reads it
│       ├── WrongKey
│       ├── ForeignCaller    not a program of this computer that asks for this address
│       ├── BodyTooLarge
│       └── NoSuchRoute
├── SwarmError               other computers
│   ├── SwarmUnreachable     no bootstrap peer answers
│   ├── PeerUnreachable      one peer cannot be dialled, or its stream broke
│   ├── PeerRefused          a peer answered and said no
│   ├── ProtocolViolation    a peer's message breaks the protocol
│   ├── SessionLost          an earlier failure has ended this session
│   ├── MissingLayers        no chain of servers covers the model
│   ├── TooCoarse            one does, but only in coarser weights than were asked for
│   └── PartsMissing         nobody has these layers to pass them on
├── HubError                 a model hub on the internet
│   ├── HubUnreachable       no answer, switched off here, or the connection keeps breaking
│   ├── HubAccessDenied      the repository is gated or private, or the token is not accepted
│   └── HubEntryMissing      no such repository, revision or file
├── StoreError               this computer's layer store
│   ├── PartMissing
│   ├── WrongHash
│   ├── PartBusy             somebody else is fetching this part at the moment
│   └── DiskFull
├── EngineError              the engine as a process
│   ├── AlreadyRunning
│   ├── NotRunning
│   │   ├── NoSuchComputer   the name of the computer where it should run is known to nobody
│   │   ├── NotAnswering     its process lives and says nothing
│   │   └── NotUnderstood    another version, or no engine of Potluck at all
│   ├── NotReady             still starting: ask again in a moment
│   ├── PortInUse
│   ├── NotEnoughMemory      the plan finds no room for a single layer
│   ├── MembershipUnreadable the file with the private swarm's key is damaged
│   ├── MembershipUnwritable that file cannot be written or removed
│   ├── NotInSwarm           this computer belongs to no private swarm
│   ├── SettingsUnwritable   the file of settings cannot be written
│   └── BlockServerFailed
└── Stopped                  the caller asked for it; not a fault
"""

from collections.abc import Iterator, Sequence

from engine.api.sentences import counted, either, said
from engine.layer_ranges import in_words


class PotluckError(Exception):
    """Base of everything Potluck raises on purpose. `str(error)` is one sentence for people.

    It is raised with what `engine.api.sentences.said` makes, so that a window can say it in another language.
    """

    code = "potluck_error"
    http_status = 500
    exit_status = 1  # of a process that ends by it


class BadRequest(PotluckError):
    code = "bad_request"
    http_status = 400


class PromptTooLong(BadRequest):
    code = "context_length_exceeded"

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(
            said(
                "The conversation is {tokens} tokens long, but the model reads at most {context}: shorten it "
                "or start a new one.",
                tokens=prompt_tokens,
                context=context,
            )
        )
        self.prompt_tokens = prompt_tokens
        self.context = context


class UnknownModel(BadRequest):
    code = "model_not_found"
    http_status = 404

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        super().__init__(_no_such_model(name, ", ".join(known)))
        self.name = name


def _no_such_model(name: str, known: str) -> str:
    if not known:
        return said("There is no model called “{name}” here. No model is known yet.", name=name)
    return said("There is no model called “{name}” here. Known models: {known}.", name=name, known=known)


class BadModelFile(BadRequest):
    code = "bad_model_file"


class UnsupportedModel(BadRequest):
    code = "unsupported_model"


class UnknownTransfer(BadRequest):
    code = "transfer_not_found"
    http_status = 404


class BadInvite(BadRequest):
    code = "bad_invite"


class DoorClosed(BadRequest):
    code = "door_closed"


class WrongKey(DoorClosed):
    code = "invalid_api_key"
    http_status = 401


class ForeignCaller(DoorClosed):
    code = "foreign_caller"
    http_status = 403


class BodyTooLarge(DoorClosed):
    code = "body_too_large"
    http_status = 413


class NoSuchRoute(DoorClosed):
    code = "not_found"
    http_status = 404


class SwarmError(PotluckError):
    code = "swarm_error"
    http_status = 502


class SwarmUnreachable(SwarmError):
    code = "swarm_unreachable"


class PeerUnreachable(SwarmError):
    code = "peer_unreachable"


class PeerRefused(SwarmError):
    """`refusal` is the wire's word for why."""

    code = "peer_refused"

    def __init__(self, sentence: str, refusal: str = "") -> None:
        super().__init__(sentence)
        self.refusal = refusal


class ProtocolViolation(SwarmError):
    code = "protocol_violation"


class SessionLost(SwarmError):
    code = "session_lost"


class MissingLayers(SwarmError):
    """No chain covers the model. `gaps` are half-open layer ranges that nobody serves."""

    code = "missing_layers"
    http_status = 503

    def __init__(self, model: str, gaps: Sequence[tuple[int, int]], n_layers: int) -> None:
        super().__init__(
            counted(
                "{model} cannot answer now: nobody serves layer {ranges} of {n_layers}; press Start to share "
                "it here, or wait for a computer that does.",
                "{model} cannot answer now: nobody serves layers {ranges} of {n_layers}; press Start to "
                "share them here, or wait for a computer that does.",
                n=sum(b - a for a, b in gaps),
                model=model,
                ranges=in_words(gaps),
                n_layers=n_layers,
            )
        )
        self.gaps = tuple(gaps)
        self.n_layers = n_layers


class TooCoarse(SwarmError):
    """`parts` are half-open layer ranges that are served, but in coarser weights than were asked for."""

    code = "too_coarse"
    http_status = 503

    def __init__(
        self, model: str, parts: Sequence[tuple[int, int]], n_layers: int, served: Sequence[str], floor: str
    ) -> None:
        super().__init__(
            counted(
                "{model} cannot answer now: layer {ranges} of {n_layers} is served here only in {served}, "
                "and you asked for {floor} or better; ask for less, or wait for somebody who serves better.",
                "{model} cannot answer now: layers {ranges} of {n_layers} are served here only in {served}, "
                "and you asked for {floor} or better; ask for less, or wait for somebody who serves better.",
                n=sum(b - a for a, b in parts),
                model=model,
                ranges=in_words(parts),
                n_layers=n_layers,
                served=either(served),
                floor=floor,
            )
        )
        self.parts = tuple(parts)


class HubError(PotluckError):
    code = "hub_error"
    http_status = 502


class HubUnreachable(HubError):
    code = "hub_unreachable"


class HubAccessDenied(HubError):
    code = "hub_access_denied"
    http_status = 403


class HubEntryMissing(HubError):
    code = "hub_entry_missing"
    http_status = 404


class PartsMissing(SwarmError):
    """Nobody who can be reached has them; the sentence names the layers."""

    code = "parts_missing"
    http_status = 503


class StoreError(PotluckError):
    code = "store_error"


class PartMissing(StoreError):
    code = "part_missing"


class WrongHash(StoreError):
    code = "wrong_hash"


class PartBusy(StoreError):
    code = "part_busy"
    http_status = 503


class DiskFull(StoreError):
    code = "disk_full"
    http_status = 507


class EngineError(PotluckError):
    code = "engine_error"


class AlreadyRunning(EngineError):
    code = "already_running"
    exit_status = 4


class NotRunning(EngineError):
    code = "not_running"


class NoSuchComputer(NotRunning):
    code = "no_such_computer"


class NotAnswering(NotRunning):
    code = "not_answering"


class NotUnderstood(NotRunning):
    """`version` of the engine that answered; empty where nobody said one."""

    code = "not_understood"
    version = ""

    def __init__(self, sentence: str, version: str = "") -> None:
        super().__init__(sentence)
        self.version = version


class NotReady(EngineError):
    code = "not_ready"
    http_status = 503


class NotEnoughMemory(EngineError):
    code = "not_enough_memory"


class MembershipUnreadable(EngineError):
    code = "membership_unreadable"


class MembershipUnwritable(EngineError):
    code = "membership_unwritable"


class NotInSwarm(EngineError):
    code = "not_in_swarm"


class SettingsUnwritable(EngineError):
    code = "settings_unwritable"


class PortInUse(EngineError):
    code = "port_in_use"
    exit_status = 3


class BlockServerFailed(EngineError):
    code = "block_server_failed"


class Stopped(PotluckError):
    code = "stopped"
    http_status = 499


def error_named(code: str, message: str) -> PotluckError:
    """An error that came from another process: its class by its code, and its sentence.

    Values beside the sentence (`gaps`, `context`, …) do not travel.
    """
    kind = next((kind for kind in _family(PotluckError) if kind.code == code), PotluckError)
    return kind.__new__(kind, message)


def reason_of(error: OSError) -> str:
    """In the system's words; what comes from a library may have none."""
    return error.strerror or type(error).__name__


def _family(kind: type[PotluckError]) -> Iterator[type[PotluckError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)
